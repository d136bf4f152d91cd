"""The synthetic voices of the training clips, each as samples at 16 kHz.

`heart` (hibari), the English voices of Kokoro, and those of flite. The voice `joe` of the
evaluation is none of them and may never be: it shows what a stranger's voice is worth.
"""

import json
import pathlib
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
FLITE = ("slt", "rms", "awb", "kal16")


def to_rate(samples, rate):
    step = np.gcd(rate, RATE)
    return scipy.signal.resample_poly(samples, RATE // step, rate // step).astype(np.float32)


class Hibari:
    def __init__(self):
        import hibari
        self.inner = hibari.Hibari()

    def __call__(self, text, speed):
        return to_rate(self.inner(text, speed=speed, seed=1), self.inner.sample_rate)


class Flite:
    def __init__(self, name):
        self.name = name

    def __call__(self, text, speed):
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            stretch = f"duration_stretch={1 / speed:.3f}"
            command = ["flite", "-voice", self.name, "--setf", stretch, "-t", text, "-o", file.name]
            subprocess.run(command, check=True, capture_output=True)
            samples, rate = soundfile.read(file.name, dtype="float32")
        return to_rate(samples, rate)


class Kokoro:
    """One model for all voices; `folder` holds its four parts and the voices of kokoro-js."""

    model = None

    def __init__(self, name, folder, grapheme_to_phoneme):
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
        self.phonemes = grapheme_to_phoneme

    def __call__(self, text, speed):
        spoken = []
        for phonemes in self.phonemes(text):
            ids = [self.vocab[mark] for mark in phonemes if mark in self.vocab]
            style = self.style[min(len(ids), len(self.style) - 1)]
            inputs = {"style": style, "speed": np.array([speed], np.float32)}
            names = [entry.name for entry in Kokoro.model.get_inputs()]
            tokens = next(name for name in names if name not in inputs)
            inputs[tokens] = np.array([[0, *ids, 0]], np.int64)
            spoken.append(Kokoro.model.run(None, inputs)[0].reshape(-1))
        return to_rate(np.concatenate(spoken), KOKORO_RATE)


def kokoro_names(folder):
    names = sorted(path.stem for path in (pathlib.Path(folder) / "voices").glob("*.bin"))
    return [name for name in names if name.startswith(ENGLISH) and name not in KOKORO_OUT]
