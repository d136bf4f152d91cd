"""Speaks the rows of a table: one file a row (16 kHz, mono, 16 bit), and a manifest of them.

For `chartscribe evaluate`: the manifest has the columns `file`, `set`, `reference`, `terms`
and, where the table has them, `slots`.

    pip install hibari-tts==0.2.1          (and the sox program with FLAC)
    python tests/data/speak_table.py tests/data/critical-slots.tsv FOLDER
"""

import csv
import pathlib
import sys

# The reports' script knows how letters and dictated marks are said.
sys.path.insert(0, str(pathlib.Path(__file__).parent / "reports"))
import speak  # noqa: E402

PLAIN = dict(delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")


def speak_table(voice, table, folder):
    folder.mkdir(parents=True, exist_ok=True)
    with open(table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, **PLAIN))
    with open(folder / "manifest.tsv", "w", encoding="utf-8", newline="") as file:
        manifest = csv.writer(file, **PLAIN)
        manifest.writerow(["file", "set", "reference", "terms", "slots"])
        for number, row in enumerate(rows, 1):
            script = folder / f"{number:03}.spoken.txt"
            script.write_text(row["spoken"] + "\n", encoding="utf-8")
            speak.speak(voice, str(script))
            script.unlink()
            name = f"{number:03}.flac"
            slots = row.get("slots") or ""
            manifest.writerow([name, row["category"], row["written"], "", slots])


if __name__ == "__main__":
    speak_table(speak.Hibari(), sys.argv[1], pathlib.Path(sys.argv[2]))
