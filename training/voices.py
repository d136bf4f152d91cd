"""The synthetic voices of the training clips, each as samples at 16 kHz.

`heart` (hibari), the same in other throats (`morph`), the English voices of Kokoro, and those of
flite. The voice `joe` of the evaluation is none of them and may never be: it shows what a
stranger's voice is worth.
"""

import json
import pathlib
import re
import subprocess
import tempfile

import numpy as np
import scipy.signal
import soundfile

RATE = 16_000
KOKORO_RATE = 24_000
# Kokoro's voices whose names begin with these speak American and British English.
ENGLISH = ("af_", "am_", "bf_", "bm_")
# Kept out: hibari's `heart` was made from it, and one that whispers.
KOKORO_OUT = ("af_heart", "af_nicole")
# Kokoro's voices of other languages: they speak English too, and none is heard in training.
STRANGERS = ("ef_dora", "em_alex", "hf_beta", "hm_omega", "hm_psi", "im_nicola", "pm_alex",
             "pm_santa")
FLITE = ("slt", "rms", "awb", "kal16")


def to_rate(samples, rate):
    step = np.gcd(rate, RATE)
    return scipy.signal.resample_poly(samples, RATE // step, rate // step).astype(np.float32)


class Hibari:
    def __init__(self):
        import hibari
        self.inner = hibari.Hibari()

    def phonemes(self, text):
        return self.inner.phonemize(text)

    def __call__(self, phonemes, speed, chance):
        spoken = [self.inner.from_phonemes(part, speed, seed=1) for part in phonemes]
        return to_rate(np.concatenate(spoken), self.inner.sample_rate)


class Morph:
    """Another person's voice with the same words: `voice` with another pitch, melody and throat."""

    # Of the pitch and of the resonances: men, and other women.
    RANGES = (((0.45, 0.75), (0.80, 0.95)), ((0.80, 1.25), (0.90, 1.12)))
    MELODY = (0.6, 1.3)

    def __init__(self, voice):
        self.voice = voice

    def __call__(self, phonemes, speed, chance):
        import pyworld
        samples = self.voice(phonemes, speed, chance).astype(np.float64)
        pitches, throats = chance.choices(self.RANGES, (2, 1))[0]
        pitch, throat = chance.uniform(*pitches), chance.uniform(*throats)
        tone, at = pyworld.dio(samples, RATE)
        tone = pyworld.stonemask(samples, tone, at, RATE)
        shape = pyworld.cheaptrick(samples, tone, at, RATE)
        breath = pyworld.d4c(samples, tone, at, RATE)
        voiced = tone > 0
        if voiced.any():
            middle = np.mean(np.log(tone[voiced]))
            moved = middle + chance.uniform(*self.MELODY) * (np.log(tone[voiced]) - middle)
            tone[voiced] = pitch * np.exp(moved)
        bins = np.arange(shape.shape[1])
        from_bins = np.minimum(bins / throat, bins[-1])
        low = np.minimum(from_bins.astype(int), bins[-1] - 1)
        part = from_bins - low
        moved = [np.exp((1 - part) * np.log(some[:, low]) + part * np.log(some[:, low + 1]))
                 for some in (shape, breath)]
        made = pyworld.synthesize(tone, *map(np.ascontiguousarray, moved), RATE)
        return made.astype(np.float32)


class Flite:
    def __init__(self, name):
        self.name = name

    def __call__(self, text, speed, chance):
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            stretch = f"duration_stretch={1 / speed:.3f}"
            command = ["flite", "-voice", self.name, "--setf", stretch, "-t", text, "-o", file.name]
            subprocess.run(command, check=True, capture_output=True)
            samples, rate = soundfile.read(file.name, dtype="float32")
        return to_rate(samples, rate)


class Kokoro:
    """One model for all voices; `folder` holds its four parts and the voices of kokoro-js."""

    model = None

    def __init__(self, name, folder):
        import onnxruntime
        folder = pathlib.Path(folder)
        if Kokoro.model is None:
            joined = b"".join((folder / f"part{n}.bin").read_bytes() for n in (1, 2, 3, 4))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            Kokoro.model = onnxruntime.InferenceSession(
                joined, options, providers=["CPUExecutionProvider"])
        self.vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        style = np.fromfile(folder / "voices" / f"{name}.bin", np.float32)
        self.style = style.reshape(-1, 1, 256)

    def __call__(self, phonemes, speed, chance):
        spoken = []
        for part in phonemes:
            ids = [self.vocab[mark] for mark in part if mark in self.vocab]
            style = self.style[min(len(ids), len(self.style) - 1)]
            inputs = {"style": style, "speed": np.array([speed], np.float32)}
            names = [entry.name for entry in Kokoro.model.get_inputs()]
            tokens = next(name for name in names if name not in inputs)
            inputs[tokens] = np.array([[0, *ids, 0]], np.int64)
            spoken.append(Kokoro.model.run(None, inputs)[0].reshape(-1))
        return to_rate(np.concatenate(spoken), KOKORO_RATE)


# How espeak-ng's phonetic letters are written in the alphabet of Kokoro and hibari.
LETTERS = (
    ("tʃ", "ʧ"), ("dʒ", "ʤ"), ("eɪ", "A"), ("aɪ", "I"), ("aʊ", "W"), ("ɔɪ", "Y"), ("oʊ", "O"),
    ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("oːɹ", "ɔɹ"), ("ː", ""), ("ɐ", "ə"), ("ɾ", "T"), ("x", "k"),
    ("r", "ɹ"), ("n̩", "ən"), ("l̩", "əl"),
)


def by_other_rules(text):
    """The sounds of a text by espeak-ng's letter-to-sound rules, sentence by sentence: whoever
    meets a long name for the first time guesses at it in one of several ways."""
    sentences = []
    for sentence in re.split(r"(?<=[.?!])\s+", text.strip()):
        said = ""
        for clause, mark in re.findall(r"([^,;:.?!]+(?:\.\d+)?)([,;:.?!]*)", sentence):
            command = ["espeak-ng", "-q", "--ipa", "-v", "en-us", clause]
            heard = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            said += " " * bool(said) + " ".join(heard.split()) + mark[:1]
        for theirs, ours in LETTERS:
            said = said.replace(theirs, ours)
        if said:
            sentences.append(said)
    return sentences


def kokoro_names(folder):
    names = sorted(path.stem for path in (pathlib.Path(folder) / "voices").glob("*.bin"))
    return [name for name in names if name.startswith(ENGLISH) and name not in KOKORO_OUT]
