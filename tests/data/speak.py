"""Speaks the dictations of the demonstration and of the tests: reads NAME.txt, writes NAME.flac.

    pip install hibari-tts==0.2.1          (and the flac program)
    python tests/data/speak.py src/demo/dictation.txt tests/data/short.txt tests/data/medium.txt
"""

import subprocess
import sys

import numpy
from hibari import Hibari

RATE = 24_000
PAUSE_SECONDS = 0.7  # between lines, as a clinician draws breath
# Names that the voice's own dictionary stresses wrongly.
SPOKEN = {
    "apixaban": "əpˈɪksəbˌæn",
    "lisinopril": "lIsˈɪnəpɹˌɪl",
    "metoprolol": "mətˈOpɹəlˌɔl",
    "ceftriaxone": "sˌɛftɹIˈæksˌOn",
    "azithromycin": "əzˌɪθɹOmˈIsɪn",
}


def speak(voice, path):
    lines = open(path, encoding="utf-8").read().splitlines()
    sound = []
    for line in lines:
        for word, phonemes in SPOKEN.items():
            line = line.replace(word, f"[{word}](/{phonemes}/)")
        sound += [voice(line, seed=1), numpy.zeros(int(PAUSE_SECONDS * RATE), numpy.float32)]
    samples = (numpy.clip(numpy.concatenate(sound), -1, 1) * 32767).astype("<i2").tobytes()
    form = "--force-raw-format --endian=little --channels=1 --bps=16 --sign=signed"
    command = ["flac", "-s", "-f", "-8", "--no-padding", *form.split(), f"--sample-rate={RATE}"]
    target = path.removesuffix(".txt") + ".flac"
    subprocess.run([*command, "-o", target, "-"], input=samples, check=True)
    print(f"{target}: {len(samples) / 2 / RATE:.1f} s")


if __name__ == "__main__":
    voice = Hibari()
    for path in sys.argv[1:]:
        speak(voice, path)
