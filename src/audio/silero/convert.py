"""Makes weights.bin from Silero VAD's 16 kHz weights: convert.py silero_vad_16k.safetensors OUT

The input is in the Python package silero-vad 6.2.3 (MIT), as silero_vad/data/, with the SHA-256
c59271c284ae9c8335d795d60e0bfdb71aaaceec578d9bd9ffc1b8153c319ea1. Left out: the window's
transform, which is computed, and the taps that a window of 4 columns never meets. Every matrix
is turned so that the outputs of one input lie side by side, and all are half precision.
"""

import hashlib
import json
import struct
import sys

DIGEST = "c59271c284ae9c8335d795d60e0bfdb71aaaceec578d9bd9ffc1b8153c319ea1"


def tensors(data):
    length = struct.unpack("<Q", data[:8])[0]
    body = data[8 + length:]
    for name, entry in json.loads(data[8:8 + length]).items():
        begin, end = entry["data_offsets"]
        values = struct.unpack(f"<{(end - begin) // 4}f", body[begin:end])
        yield name, (entry["shape"], values)


def turned(tensor, taps):
    """Tap by tap, input by input, the weights of all outputs."""
    (outputs, inputs, kernel), values = tensor
    for tap in taps:
        for source in range(inputs):
            for out in range(outputs):
                yield values[(out * inputs + source) * kernel + tap]


def matrix(tensor):
    (outputs, inputs), values = tensor
    return turned(([outputs, inputs, 1], values), [0])


def main(source, target):
    data = open(source, "rb").read()
    assert hashlib.sha256(data).hexdigest() == DIGEST, "not the weights of silero-vad 6.2.3"
    of = dict(tensors(data))
    values = []
    for name, taps in (("conv1", [0, 1, 2]), ("conv2", [0, 1, 2]), ("conv3", [1, 2]), ("conv4", [1])):
        values += turned(of[f"{name}.weight"], taps)
        values += of[f"{name}.bias"][1]
    values += matrix(of["lstm_cell.weight_ih"])
    values += matrix(of["lstm_cell.weight_hh"])
    biases = zip(of["lstm_cell.bias_ih"][1], of["lstm_cell.bias_hh"][1])
    values += [one + other for one, other in biases]
    values += of["final_conv.weight"][1]
    values += of["final_conv.bias"][1]
    with open(target, "wb") as out:
        out.write(struct.pack(f"<{len(values)}e", *values))


main(*sys.argv[1:])
