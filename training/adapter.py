"""A low-rank adapter of the decoder: making, writing and reading it.

In the file each changed variable of the CTranslate2 model has two matrices, `NAME.down` (rank by
columns) and `NAME.up` (rows by rank), in 16 bits; `up x down` is added to the weights. The share
of an adapter that is used is multiplied into `up`, so that a reader has only to add.
"""

import math

import torch
from safetensors import safe_open
from safetensors.torch import save_file

import whisper


def fresh(model, rank, places, seed):
    """One that changes nothing yet."""
    numbers = torch.Generator().manual_seed(seed)
    made = {}
    for layer in range(model.layers):
        for place in places:
            for part in whisper.PLACES[place]:
                name = f"decoder/layer_{layer}/{part}"
                rows, columns = model.variables[f"{name}/weight"].shape
                down = torch.randn(rank, columns, generator=numbers) / math.sqrt(columns)
                made[name] = (down, torch.zeros(rows, rank))
    return {name: tuple(torch.nn.Parameter(m.to(model.device)) for m in pair)
            for name, pair in made.items()}


def write(path, adapter, share=1.0, **about):
    tensors = {}
    for name, (down, up) in adapter.items():
        tensors[f"{name}/weight.down"] = down.detach().half().cpu().contiguous()
        tensors[f"{name}/weight.up"] = (share * up.detach()).half().cpu().contiguous()
    save_file(tensors, path, {key: str(value) for key, value in about.items()})


def read(path, share=1.0, device="cpu"):
    with safe_open(path, "pt") as file:
        names = sorted(name.removesuffix("/weight.down") for name in file.keys()
                       if name.endswith(".down"))
        return {name: (file.get_tensor(f"{name}/weight.down").float().to(device),
                       share * file.get_tensor(f"{name}/weight.up").float().to(device))
                for name in names}
