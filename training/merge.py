"""Merges an adapter into an installed base model, to measure it before it is shipped.

merge.py --base ggml-base-q8_0.bin --adapter FILE [--share 1.0] --out FOLDER/ggml-base-q8_0.bin

The program's own way is `chartscribe model install base-medical`; this writes the same tensors,
up to the last bit of a sum, into a copy of the file and the digest that the program looks for.
"""

import argparse
import hashlib
import pathlib
import struct

import numpy as np

import adapter as adapters
import whisper

BLOCK = 32
Q8_0 = 8
STACKED = {"self_attention/linear_0": ("attn", ("query", "key", "value")),
           "attention/linear_1": ("cross_attn", ("key", "value"))}
SINGLE = {"self_attention/linear_1": "attn.out", "attention/linear_0": "cross_attn.query",
          "attention/linear_2": "cross_attn.out", "ffn/linear_0": "mlp.0", "ffn/linear_1": "mlp.2"}


def quantised(values):
    blocks = values.astype(np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(1, keepdims=True) / np.float32(127)
    inverse = np.where(scale == 0, 0, 1 / np.where(scale == 0, 1, scale)).astype(np.float32)
    scaled = blocks * inverse
    whole = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)).astype(np.int8)
    return np.concatenate((scale.astype("<f2").view(np.uint8), whole.view(np.uint8)), 1).tobytes()


def tensors(data):
    """Name, kind and place of every tensor's bytes."""
    at = 4 + 11 * 4
    bands, bins = struct.unpack_from("<2i", data, at)
    at += 8 + bands * bins * 4
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        at += 4 + struct.unpack_from("<i", data, at)[0]
    while at < len(data):
        rank, length, kind = struct.unpack_from("<3i", data, at)
        shape = struct.unpack_from(f"<{rank}i", data, at + 12)
        at += 12 + 4 * rank
        name = bytes(data[at:at + length]).decode()
        at += length
        count = int(np.prod(shape))
        size = {0: count * 4, 1: count * 2, Q8_0: count // BLOCK * (BLOCK + 2)}[kind]
        yield name, kind, at, size
        at += size


def parts(variable, matrix):
    """The tensors of the ggml file that a variable becomes."""
    _, layer, place = variable.split("/", 2)
    block = f"decoder.blocks.{layer.removeprefix('layer_')}"
    if place in SINGLE:
        yield f"{block}.{SINGLE[place]}.weight", matrix
        return
    of, names = STACKED[place]
    for name, part in zip(names, np.split(matrix, len(names))):
        yield f"{block}.{of}.{name}.weight", part


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--base", required=True)
    options.add_argument("--adapter", required=True)
    options.add_argument("--share", type=float, default=1.0)
    options.add_argument("--out", required=True)
    given = options.parse_args()
    data = bytearray(pathlib.Path(given.base).read_bytes())
    places = {name: (kind, at, size) for name, kind, at, size in tensors(data)}
    model = whisper.Whisper()
    for variable, (down, up) in adapters.read(given.adapter, given.share).items():
        matrix = (model.variables[f"{variable}/weight"] + up @ down).numpy()
        for name, part in parts(variable, matrix):
            kind, at, size = places[name]
            made = quantised(part)
            assert kind == Q8_0 and len(made) == size, name
            data[at:at + size] = made
    out = pathlib.Path(given.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    pathlib.Path(f"{out}.sha256").write_text(f"{digest}  {out.name}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
