"""Speaks the reports: reads NAME.spoken.txt, writes NAME.flac (16 kHz, mono, 16 bit).

For the audio of the end-to-end goldens only; the short recordings are `tests/data/speak.py`'s.
A line of a script is one breath: the text is the lines joined by spaces.

    pip install hibari-tts==0.2.1          (and the sox program with FLAC)
    python tests/data/reports/speak.py tests/data/reports/*.spoken.txt
"""

import re
import subprocess
import sys

import numpy
from hibari import Hibari

RATE = 24_000
PAUSE_SECONDS = 0.5  # between lines, as a clinician draws breath
SPEED = 1.2  # dictation is brisk
# Peak of the recording: a hand-held recorder's level, and small files.
PEAK_DB = "-16"
# Letters said one by one: the voice's dictionary reads a lone "a" as the article.
LETTERS = {"a": "ˈA", "i": "ˈI"}
# Names that the voice's own dictionary stresses wrongly.
SPOKEN = {
    "lisinopril": "lIsˈɪnəpɹˌɪl",
    "metoprolol": "mətˈOpɹəlˌɔl",
    "ceftriaxone": "sˌɛftɹIˈæksˌOn",
}


def letter_by_letter(line):
    """Marks letters of an abbreviation, so that none is read as a word, and hard names."""
    words = line.split()
    lone = [len(word) == 1 for word in words]
    for i, word in enumerate(words):
        if word in SPOKEN:
            words[i] = f"[{word}](/{SPOKEN[word]}/)"
        if not lone[i]:
            continue
        beside = (i > 0 and lone[i - 1]) or (i + 1 < len(words) and lone[i + 1])
        if word not in LETTERS:
            words[i] = word.upper()
        elif beside or words[i + 1 : i + 2] == ["one"]:
            words[i] = f"[{word.upper()}](/{LETTERS[word]}/)"
    return " ".join(words)


def breathed(line):
    """Ends the voice's sentence after a dictated full stop, and pauses at a dictated comma."""
    line = re.sub(r"(?<!brief )\bperiod\b", "period.", line)
    return re.sub(r"\b(comma|semicolon|colon(?! was| cancer))\b", r"\1,", line)


def speak(voice, path):
    sound = []
    for line in open(path, encoding="utf-8").read().splitlines():
        said = voice(breathed(letter_by_letter(line)), speed=SPEED, seed=1)
        sound += [said, numpy.zeros(int(PAUSE_SECONDS * RATE), numpy.float32)]
    samples = (numpy.clip(numpy.concatenate(sound), -1, 1) * 32767).astype("<i2").tobytes()
    target = path.removesuffix(".spoken.txt") + ".flac"
    raw = f"-t raw -r {RATE} -e signed -b 16 -c 1 -L -".split()
    command = ["sox", "-D", *raw, "-C", "8", "-b", "16", target, "rate", "16k", "norm", PEAK_DB]
    subprocess.run(command, input=samples, check=True)
    print(f"{target}: {len(samples) / 2 / RATE:.1f} s")


if __name__ == "__main__":
    voice = Hibari()
    for path in sys.argv[1:]:
        speak(voice, path)
