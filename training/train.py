"""Trains an adapter on encoded clips: train.py --texts FILE --clips FOLDER --out FOLDER

Only the decoder runs. A run that was stopped goes on from its last saved step. Every few hundred
steps the adapter is written as it is then, so that the best can be chosen (`score.py`).
"""

import argparse
import dataclasses
import json
import pathlib
import random
import re
import time

import numpy as np
import torch
import torch.nn.functional as F

import adapter as adapters
import encode
import whisper

ROOT = whisper.ROOT
PROMPT_TERMS, PROMPT_TOKENS = 15, 100
SAVE_EVERY = 25
# A token that is not among those kept of the base model's distribution counts as this.
UNLIKELY = -12.0


@dataclasses.dataclass
class Clip:
    about: dict
    path: pathlib.Path
    positions: int
    tokens: list
    surprise: float

    weights: list | None = None

    def weighed(self, tokenizer, ordinary):
        """What each token of the text counts: the words of its terms wholly, others in part."""
        if self.weights is None:
            terms = {word for term in self.about["terms"] for word in plain(term).split()}
            words = []
            for token in self.tokens:
                piece = tokenizer.inner.decode([token])
                if piece.startswith(" ") or not words:
                    words.append(["", 0])
                words[-1][0] += piece
                words[-1][1] += 1
            counts = [1.0 if self.is_of_marks or terms & set(plain(word).split()) else ordinary
                      for word, _ in words]
            self.weights = [weight for weight, (_, count) in zip(counts, words)
                            for _ in range(count)]
        return self.weights

    @property
    def is_general(self):
        """Whether base is right here, whatever it says."""
        return self.about["kind"] == "general" or self.about["own"]

    @property
    def is_of_marks(self):
        return self.about["kind"] == "command" and not self.about["own"]


def clips(texts, folder):
    known, found = encode.texts(texts), []
    for path in sorted(pathlib.Path(folder).glob("*.npz")):
        about = known.get(path.name.split(".")[0])
        if about:
            with np.load(path) as data:
                positions, tokens = data["encodings"].shape[0], data["tokens"]
                is_it = data["likeliest"][:-1] == tokens[:, None]
                log_probabilities = np.where(is_it, data["log_probabilities"][:-1], 0).sum(1)
                log_probabilities[~is_it.any(1)] = UNLIKELY
                surprise = -float(log_probabilities.mean())
            found.append(Clip(about, path, positions, tokens.tolist(), surprise))
    return found


def plain(text):
    return re.sub(r"[^a-z0-9]+", " ", text.lower())


def worth_learning(found, easy, odd):
    """Leaves out medical clips that the base model writes as they are, and the few that surprise
    it most: a voice that did not say what stands there teaches to invent."""
    medical = sorted((clip for clip in found if not clip.is_general),
                     key=lambda clip: clip.surprise)
    count = len(medical)
    kept = medical[int(easy * count):count - int(odd * count)]
    return kept + [clip for clip in found if clip.is_general]


def batches(found, size, seed):
    """Batches of clips of one length, every clip once a round, without end."""
    chance = random.Random(seed)
    while True:
        by_length = {}
        for clip in chance.sample(found, len(found)):
            by_length.setdefault(clip.positions, []).append(clip)
        ready = [group[at:at + size] for group in by_length.values()
                 for at in range(0, len(group), size)]
        chance.shuffle(ready)
        yield from ready


def manner():
    """The prompt of the program for speech with dictated marks."""
    source = (ROOT / "src" / "speech" / "dictated.rs").read_text(encoding="utf-8")
    text = re.search(r'const MANNER: &str = "(.*?)";', source, re.S).group(1)
    return re.sub(r"\\\n\s*", "", text)


class Prompts:
    """What may stand before a clip in the program: offered terms, the manner of commands."""

    def __init__(self, tokenizer, share):
        self.tokenizer, self.share = tokenizer, share
        self.manner = tokenizer.tokens(manner())

    def of(self, clip, chance):
        if clip.is_of_marks:
            return self.manner
        said = [term for term in clip.about["terms"] if chance.random() < 0.7]
        offered = said + clip.about.get("offers", [])
        offered = chance.sample(offered, min(len(offered), chance.randint(3, PROMPT_TERMS)))
        if not offered:
            return []
        return self.tokenizer.tokens(f" {', '.join(offered)}.")[-PROMPT_TOKENS:]


class Strangers:
    """Encodings as if somebody else had said the same: moved as two voices differ from each other,
    and blurred."""

    CLIPS = 400
    # Of the difference of two clips, and of the spread of each number of an encoding.
    MOVED, BLURRED = 1.0, 0.3

    def __init__(self, found, share):
        self.share, self.means = share, []
        for clip in random.Random(5).sample(found, min(len(found), self.CLIPS)) if share else []:
            with np.load(clip.path) as data:
                encodings = data["encodings"].astype(np.float32)
                self.means.append((encodings.mean(0), encodings.std(0)))

    def say(self, clip, encodings, chance):
        if clip.is_general or chance.random() >= self.share:
            return encodings
        (one, _), (other, spread) = chance.sample(self.means, 2)
        numbers = np.random.default_rng(chance.getrandbits(32))
        blur = numbers.standard_normal(encodings.shape, np.float32) * spread
        moved = chance.uniform(0, self.MOVED) * (one - other)
        return (encodings + moved + chance.uniform(0, self.BLURRED) * blur).astype(np.float16)


class Batch:
    """Tokens to feed, and where each token of the texts is to be foretold."""

    def __init__(self, group, model, prompts, chance, timed, ordinary=1.0, ends=0.0,
                 strangers=None):
        t, device = model.tokenizer, model.device
        self.timed = timed
        prompted = prompts and not timed and chance.random() < prompts.share
        rows, self.rows, self.places, self.targets = [], [], [], []
        is_medical, weights = [], []
        kept = {"likeliest": [], "log_probabilities": [], "encodings": []}
        for row, clip in enumerate(group):
            asked = prompted or (prompts and clip.is_of_marks)
            prompt = prompts.of(clip, chance) if asked else []
            head = ([t.before, *prompt] if prompt else []) + (t.begin_timed if timed else t.begin)
            foretold = clip.tokens + ([] if timed else [t.end])
            rows.append(head + clip.tokens)
            self.rows += [row] * len(foretold)
            self.places += range(len(head) - 1, len(head) - 1 + len(foretold))
            self.targets += foretold
            # Where a text ends base says as well.
            is_medical += [float(not clip.is_general)] * len(clip.tokens)
            is_medical += [0.0] * (len(foretold) - len(clip.tokens))
            counts = clip.weighed(t, ordinary) + [ends] * (len(foretold) - len(clip.tokens))
            weights += [0.0 if clip.is_general else count for count in counts]
            with np.load(clip.path) as data:
                for key, parts in kept.items():
                    part = data[key]
                    if key != "encodings":
                        part = part[: len(foretold)]
                    elif strangers and not timed:
                        part = strangers.say(clip, part, chance)
                    parts.append(part)
        longest = max(map(len, rows))
        padded = [row + [t.end] * (longest - len(row)) for row in rows]
        self.feed = torch.tensor(padded, device=device)
        self.encodings = torch.from_numpy(np.stack(kept["encodings"])).to(device, model.dtype)
        self.likeliest = torch.from_numpy(np.concatenate(kept["likeliest"])).long().to(device)
        base = torch.from_numpy(np.concatenate(kept["log_probabilities"])).float()
        self.base = base.to(device)
        self.targets = torch.tensor(self.targets, device=device)
        self.is_medical = torch.tensor(is_medical, device=device)
        self.weights = torch.tensor(weights, device=device)

    def logits(self, model):
        hidden = model.decode(self.feed, model.heard(self.encodings))
        return model.logits(hidden[self.rows, self.places])


def away(batch, log_probabilities):
    """How far each place is from the base model's distribution (Kullback-Leibler, in nats)."""
    known = log_probabilities.gather(1, batch.likeliest)
    rest = (1 - batch.base.exp().sum(1)).clamp(min=1e-4)
    rest_now = (1 - known.exp().sum(1)).clamp(min=1e-4)
    of_known = (batch.base.exp() * (batch.base - known)).sum(1)
    return of_known + rest * (rest.log() - rest_now.log())


def losses(batch, model, trained):
    """Mean surprise at medical text; mean distance from base in ordinary text, where base was
    right in medical text, and of the timestamps."""
    logits = batch.logits(model)
    log_probabilities = logits.log_softmax(-1)
    surprise = -log_probabilities.gather(1, batch.targets[:, None])[:, 0]
    distance = away(batch, log_probabilities)
    general = 1 - batch.is_medical
    was_right = batch.is_medical * (batch.likeliest[:, 0] == batch.targets)
    parts = {
        "text": (surprise * batch.weights).sum() / len(batch.targets),
        "general": (distance * general).sum() / len(batch.targets),
        "kept": (distance * was_right).sum() / len(batch.targets),
        "times": torch.zeros((), device=model.device),
    }
    if batch.timed:
        first = model.tokenizer.first_time
        model.adapter = {}
        with torch.no_grad():
            base = batch.logits(model)[:, first:].log_softmax(-1)
        model.adapter = trained
        now = logits[:, first:].log_softmax(-1)
        parts["times"] = F.kl_div(now, base, reduction="batchmean", log_target=True)
        parts["general"] = parts["kept"] = torch.zeros((), device=model.device)
    return parts


@torch.no_grad()
def look(model, held):
    """Surprise and distance on the clips kept back, and the distance where people speak."""
    people = [clip for clip in held if clip.about["kind"] == "human"]
    others = [clip for clip in held if clip.about["kind"] != "human"]
    return (summed(model, others, text="held_text", general="held_general")
            | summed(model, people, general="held_people"))


def summed(model, held, **names):
    sums = {"text": 0.0, "general": 0.0, "medical_places": 0.0, "general_places": 0.0}
    chance = random.Random(0)
    rounds = batches(held, 8, 0)
    seen = 0
    while seen < len(held):
        group = next(rounds)
        seen += len(group)
        batch = Batch(group, model, None, chance, timed=False)
        parts = losses(batch, model, model.adapter)
        count = len(batch.targets)
        sums["text"] += float(parts["text"]) * count
        sums["general"] += float(parts["general"]) * count
        sums["medical_places"] += float(batch.is_medical.sum())
        sums["general_places"] += count - float(batch.is_medical.sum())
    places = {"text": "medical_places", "general": "general_places"}
    return {shown: round(sums[part] / max(sums[places[part]], 1), 4)
            for part, shown in names.items()}


def options():
    asked = argparse.ArgumentParser()
    asked.add_argument("--texts", required=True, nargs="+")
    asked.add_argument("--clips", required=True)
    asked.add_argument("--out", required=True)
    asked.add_argument("--rank", type=int, default=32)
    asked.add_argument("--places", default="self,query,out,mlp")
    asked.add_argument("--steps", type=int, default=900)
    asked.add_argument("--batch", type=int, default=8)
    asked.add_argument("--rate", type=float, default=6e-4)
    asked.add_argument("--general", type=float, default=2.0, help="weight of the replay's penalty")
    asked.add_argument("--ordinary", type=float, default=1.0, help="weight of words of no term")
    asked.add_argument("--ends", type=float, default=0.0, help="weight of where a text ends")
    asked.add_argument("--kept", type=float, default=0.3, help="weight where base was right")
    asked.add_argument("--begin", help="an adapter to go on from")
    asked.add_argument("--strange", type=float, default=0.0,
                       help="share of medical clips that are heard as if others said them")
    asked.add_argument("--times", type=float, default=0.5, help="weight of the timestamps")
    asked.add_argument("--prompted", type=float, default=0.25, help="share of batches with prompts")
    asked.add_argument("--easy", type=float, default=0.35, help="share of clips left out as known")
    asked.add_argument("--odd", type=float, default=0.04, help="share left out as misread")
    asked.add_argument("--timed", type=float, default=0.1, help="share of batches with timestamps")
    asked.add_argument("--write-every", type=int, default=150)
    asked.add_argument("--minutes", type=float, default=120)
    asked.add_argument("--threads", type=int)
    return asked.parse_args()


def first(model, given):
    """The adapter before the first step: one that changes nothing, or the one to go on from."""
    fresh = adapters.fresh(model, given.rank, given.places.split(","), seed=9)
    if given.begin:
        for name, pair in adapters.read(given.begin).items():
            for parameter, value in zip(fresh[name], pair):
                parameter.data.copy_(value)
    return fresh


def rate_at(step, given):
    warm = min(1.0, (step + 1) / 30)
    return given.rate * warm * max(0.05, 1 - step / given.steps)


def main():
    given = options()
    out = pathlib.Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    model = whisper.Whisper.ready(given.threads)
    trained = first(model, given)
    model.adapter = trained
    parameters = [matrix for pair in trained.values() for matrix in pair]
    optimiser = torch.optim.AdamW(parameters, given.rate, betas=(0.9, 0.98), weight_decay=0.0)
    found = clips(given.texts, given.clips)
    learnt = [clip for clip in found if clip.about["split"] == "train"]
    learnt = worth_learning(learnt, given.easy, given.odd)
    held = [clip for clip in found if clip.about["split"] == "dev"
            and clip.about["kind"] != "unseen"]
    prompts = Prompts(model.tokenizer, given.prompted)
    strangers = Strangers(learnt, given.strange)
    state, begun = out / "state.pt", 0
    if state.exists():
        saved = torch.load(state)
        begun = saved["step"]
        optimiser.load_state_dict(saved["optimiser"])
        with torch.no_grad():
            for parameter, value in zip(parameters, saved["parameters"]):
                parameter.copy_(value)
    log = open(out / "log.jsonl", "a", encoding="utf-8")
    print(f"{len(learnt)} clips, {len(held)} kept back, "
          f"{sum(p.numel() for p in parameters)} numbers", flush=True)
    ready, started, sums = batches(learnt, given.batch, 9), time.monotonic(), {}
    for step in range(given.steps):
        group = next(ready)
        if step < begun:
            continue
        chance = random.Random(step)
        for of in optimiser.param_groups:
            of["lr"] = rate_at(step, given)
        timed = chance.random() < given.timed
        batch = Batch(group, model, prompts, chance, timed, given.ordinary, given.ends, strangers)
        parts = losses(batch, model, trained)
        loss = (parts["text"] + given.general * parts["general"]
                + given.kept * parts["kept"] + given.times * parts["times"])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        for name, value in parts.items():
            sums[name] = sums.get(name, 0.0) + value.item() / SAVE_EVERY
        done = step + 1
        is_last = done == given.steps or time.monotonic() - started > 60 * given.minutes
        if done % SAVE_EVERY == 0 or is_last:
            part = out / "state.part"
            torch.save({"step": done, "optimiser": optimiser.state_dict(),
                        "parameters": [p.detach() for p in parameters]}, part)
            part.rename(state)
            line = {"step": done, "seconds": round(time.monotonic() - started),
                    **{name: round(value, 4) for name, value in sums.items()}}
            sums = {}
            if done % given.write_every == 0 or is_last:
                line |= look(model, held)
                adapters.write(out / f"adapter-{done}.safetensors", trained,
                               rank=given.rank, places=given.places, steps=done)
            print(json.dumps(line), flush=True)
            log.write(json.dumps(line) + "\n")
            log.flush()
        if is_last:
            break


if __name__ == "__main__":
    main()
