"""Speaks the rows of a table: one WAV file a row, and a manifest of them.

For `chartscribe evaluate`: the manifest has the columns `file`, `set`, `reference`, `terms`
and `slots`, the last one empty where the table has none.

    pip install hibari-tts==0.2.1
    python tests/data/speak_table.py tests/data/critical-slots.tsv FOLDER
"""

import csv
import pathlib
import sys
import wave

import numpy

# The reports' script knows how letters and dictated marks are said.
sys.path.insert(0, str(pathlib.Path(__file__).parent / "reports"))
import speak  # noqa: E402

PLAIN = dict(delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")
# Peak of the recording, -16 dB of full scale as in the reports.
PEAK = 10 ** (-16 / 20)
TAIL_SECONDS = 0.5


def say(voice, line, path):
    sound = voice(speak.breathed(speak.letter_by_letter(line)), speed=speak.SPEED, seed=1)
    tail = numpy.zeros(int(TAIL_SECONDS * speak.RATE), numpy.float32)
    sound = numpy.concatenate([sound, tail]) * (PEAK / max(float(numpy.abs(sound).max()), 1e-6))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(speak.RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())


def speak_table(voice, table, folder):
    folder.mkdir(parents=True, exist_ok=True)
    with open(table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, **PLAIN))
    with open(folder / "manifest.tsv", "w", encoding="utf-8", newline="") as file:
        manifest = csv.writer(file, **PLAIN)
        manifest.writerow(["file", "set", "reference", "terms", "slots"])
        for number, row in enumerate(rows, 1):
            name = f"{number:03}.wav"
            say(voice, row["spoken"], folder / name)
            slots = row.get("slots") or ""
            manifest.writerow([name, row["category"], row["written"], "", slots])
    print(f"{len(rows)} sentences spoken to {folder}")


if __name__ == "__main__":
    speak_table(speak.Hibari(), sys.argv[1], pathlib.Path(sys.argv[2]))
