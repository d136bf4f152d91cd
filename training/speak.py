"""Speaks the texts: speak.py --texts FILE --out FOLDER [--kokoro FOLDER]
[--only kokoro|others|strangers]

Which voice reads a clip, how fast, in which room and through which line depends on its text
alone, so an interrupted run goes on where it stopped, and several can run side by side. Kokoro
takes as long as the clip, on one core, the others a small part of that. The strangers read the
passages that are kept back, into a folder of their own: for measuring, never for training.
"""

import argparse
import json
import pathlib
import random

import numpy as np
import scipy.signal
import soundfile

import lexicon
import voices

# Shares of the clips; what is left is `heart` as she is.
FLITE_SHARE, MORPH_SHARE = 0.25, 0.35
# Of the clips of the voices that are given sounds, those that say them by other rules.
OTHER_RULES = 0.4
# Behind the name of the voice of such a clip.
OTHERWISE = "-otherwise"
LONGEST = 27 * voices.RATE


class Cast:
    """Who reads which clip."""

    def __init__(self, kokoro, share, only=None):
        self.kokoro, self.share, self.only = kokoro, share if kokoro else 0.0, only
        self.named = voices.kokoro_names(kokoro) if kokoro else []
        self.made = {}

    def reads(self, clip):
        """Whether the clip is spoken at all."""
        return True

    def is_asked(self, name):
        """Whether this voice is to speak in this run."""
        return self.only is None or (name in self.named) == (self.only == "kokoro")

    def choose(self, clip, chance):
        if clip["kind"] == "unseen":
            return "heart"
        drawn = chance.random()
        if drawn < self.share:
            return chance.choice(self.named)
        if drawn < self.share + FLITE_SHARE:
            return chance.choice(voices.FLITE)
        return "morph" if drawn < self.share + FLITE_SHARE + MORPH_SHARE else "heart"

    def voice(self, name):
        if name not in self.made:
            if name == "heart":
                self.made[name] = voices.Hibari()
            elif name == "morph":
                self.made[name] = voices.Morph(self.voice("heart"))
            elif name in voices.FLITE:
                self.made[name] = voices.Flite(name)
            else:
                self.made[name] = voices.Kokoro(name, self.kokoro)
        return self.made[name]

    def given(self, name, clip, is_otherwise):
        """What the voice is given: letters, or sounds by one set of rules or another."""
        if name in voices.FLITE:
            return clip["spoken"]
        if is_otherwise:
            return voices.by_other_rules(clip["spoken"])
        return self.voice("heart").phonemes(clip["spoken"])


class Strangers(Cast):
    """Voices that no training hears read passages that were kept back."""

    def reads(self, clip):
        return clip["split"] == "dev" and clip["kind"] in ("note", "long")

    def is_asked(self, name):
        return True

    def choose(self, clip, chance):
        return chance.choice(voices.STRANGERS)


def coloured_noise(count, tilt, numbers):
    spectrum = np.fft.rfft(numbers.standard_normal(count))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1.0) ** tilt
    noise = np.fft.irfft(spectrum, count)
    return noise / (np.sqrt(np.mean(noise**2)) + 1e-12)


def in_room(samples, numbers):
    seconds = numbers.uniform(0.15, 0.5)
    at = np.arange(int(seconds * voices.RATE)) / voices.RATE
    tail = numbers.standard_normal(len(at)) * np.exp(-6.9 * at / seconds)
    tail *= numbers.uniform(0.3, 0.9) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return scipy.signal.fftconvolve(samples, tail)[: len(samples) + len(tail) // 2]


def over_telephone(samples):
    narrow = scipy.signal.resample_poly(samples, 1, 2)
    band = scipy.signal.butter(4, (300, 3400), "bandpass", fs=voices.RATE // 2, output="sos")
    narrow = scipy.signal.sosfilt(band, narrow)
    narrow /= np.max(np.abs(narrow)) + 1e-9
    law = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    law = np.round(law * 127) / 127
    narrow = np.sign(law) * np.expm1(np.abs(law) * np.log(256)) / 255
    return scipy.signal.resample_poly(narrow, 2, 1)


def recorded(samples, chance, numbers):
    """The voice as a microphone somewhere hears it."""
    if chance.random() < 0.5:  # somebody smaller or larger
        share = chance.uniform(0.88, 1.14)
        samples = scipy.signal.resample_poly(samples, 100, round(100 * share))
    quiet = np.zeros(int(chance.uniform(0.05, 0.5) * voices.RATE))
    samples = np.concatenate((quiet, samples, quiet))
    if chance.random() < 0.25:
        samples = in_room(samples, numbers)
    power = np.mean(samples**2) + 1e-9
    if chance.random() < 0.4:
        level = np.sqrt(power * 10 ** (-chance.uniform(8, 30) / 10))
        samples = samples + level * coloured_noise(len(samples), chance.uniform(0, 1), numbers)
    if chance.random() < 0.2:
        samples = over_telephone(samples)
    peak = 10 ** (-chance.uniform(1, 20) / 20)
    return (samples / (np.max(np.abs(samples)) + 1e-9) * peak).astype(np.float32)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--texts", required=True)
    options.add_argument("--out", required=True)
    options.add_argument("--kokoro", help="folder with part1.bin to part4.bin, vocab.json, voices/")
    options.add_argument("--share", type=float, default=0.12, help="of the clips, for Kokoro")
    options.add_argument("--only", choices=("kokoro", "others", "strangers"))
    given = options.parse_args()
    out = pathlib.Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    cast = (Strangers if given.only == "strangers" else Cast)(
        given.kokoro, given.share, given.only)
    with open(given.texts, encoding="utf-8") as file:
        clips = sorted(filter(cast.reads, map(json.loads, file)),
                       key=lambda clip: (clip["split"], lexicon.order(clip["id"])))
    for clip in clips:
        seed = lexicon.order(clip["id"] + clip["text"])
        chance, numbers = random.Random(seed), np.random.default_rng(seed)
        name = cast.choose(clip, chance)
        if not cast.is_asked(name):
            continue
        speed = chance.uniform(0.9, 1.25)
        is_otherwise = (name not in voices.FLITE and clip["kind"] != "unseen"
                        and random.Random(seed + 1).random() < OTHER_RULES)
        path = out / f"{clip['id']}.{name}{OTHERWISE * is_otherwise}.flac"
        if path.exists():
            continue
        samples = cast.voice(name)(cast.given(name, clip, is_otherwise), speed, chance)
        samples = recorded(samples, chance, numbers)[:LONGEST + 1]
        if len(samples) > LONGEST:
            continue
        part = path.with_suffix(".part")
        soundfile.write(part, samples, voices.RATE, format="FLAC")
        part.rename(path)


if __name__ == "__main__":
    main()
