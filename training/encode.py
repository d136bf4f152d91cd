"""Encodes the clips once, since training does not change the encoder.

encode.py --texts FILE... --audio FOLDER --out FOLDER

For each clip a file holds the encodings in 16 bits, the tokens of its text, and what the base
model would have said at each place of that text: the likeliest tokens and their probabilities,
which the penalty on leaving the base model compares with. Of a clip that is base's `own` the
text is what base hears in it; where that is a loop or nothing, the clip is left out.
"""

import argparse
import json
import pathlib

import numpy as np
import soundfile
import torch

import whisper

BATCH = 8
# Of what base hears by itself: at least so many tokens, and so many different ones among all.
OWN_TOKENS, OWN_DIFFERENT = 4, 0.4
# Tokens of the fastest speech in a second, at 50 encodings a second; more of them are a loop.
TOKENS_A_SECOND, ENCODINGS_A_SECOND = 6, 50
# Tokens of the base model's distribution that are kept at each place; the rest is one sum.
KEPT = 64


def texts(paths):
    found = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            found |= {clip["id"]: clip for clip in map(json.loads, file)}
    return found


@torch.no_grad()
def expected(model, encodings, tokens):
    """What the base model expects at each place of the text, its end included."""
    feed = torch.tensor([model.tokenizer.begin + tokens], device=model.device)
    hidden = model.decode(feed, model.heard(encodings[None]))
    logits = model.logits(hidden[0, len(model.tokenizer.begin) - 1:])
    top = logits.log_softmax(-1).topk(KEPT)
    return top.indices.to(torch.int32).cpu().numpy(), top.values.half().cpu().numpy()


def own(model, encodings):
    """The tokens of base's own hearing of each clip; none where they cannot be right."""
    found = []
    most = 10 + TOKENS_A_SECOND * encodings.shape[1] // ENCODINGS_A_SECOND
    for text in model.greedy(encodings, most=most):
        tokens = model.tokenizer.tokens(" " + text)
        is_right = (OWN_TOKENS <= len(tokens) < most
                    and OWN_DIFFERENT * len(tokens) <= len(set(tokens)))
        found.append(tokens if is_right else None)
    return found


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--texts", required=True, nargs="+")
    options.add_argument("--audio", required=True)
    options.add_argument("--out", required=True)
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    out = pathlib.Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    model = whisper.Whisper.ready(given.threads)
    clips, waiting = texts(given.texts), {}

    def finish(batch):
        mels = torch.stack([mel for _, mel in batch])
        encoded = model.encode(mels)
        about = [clips[path.name.split(".")[0]] for path, _ in batch]
        heard = own(model, encoded) if any(clip["own"] for clip in about) else [None] * len(batch)
        for (path, _), clip, mine, encodings in zip(batch, about, heard, encoded):
            tokens = mine if clip["own"] else model.tokenizer.tokens(" " + clip["text"])
            if tokens is None:
                continue
            likeliest, log_probabilities = expected(model, encodings, tokens)
            part = out / f"{path.stem}.part.npz"
            np.savez(part, encodings=encodings.half().cpu().numpy(), tokens=np.array(tokens),
                     likeliest=likeliest, log_probabilities=log_probabilities)
            part.rename(out / f"{path.stem}.npz")

    for path in sorted(pathlib.Path(given.audio).glob("*.flac")):
        if (out / f"{path.stem}.npz").exists() or path.name.split(".")[0] not in clips:
            continue
        samples, _ = soundfile.read(path, dtype="float32")
        mel = model.mel(samples)
        batch = waiting.setdefault(mel.shape[1], [])
        batch.append((path, mel))
        if len(batch) == BATCH:
            finish(waiting.pop(mel.shape[1]))
    for batch in waiting.values():
        finish(batch)


if __name__ == "__main__":
    main()
