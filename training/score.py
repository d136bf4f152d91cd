"""Scores adapters on the clips kept back: score.py --texts FILE --clips FOLDER [ADAPTER[@SHARE]...]

Greedy decoding without anything of the program around it, for choosing among runs quickly. The
figures that count are those of `chartscribe evaluate`. `base` stands for no adapter.
"""

import argparse
import collections
import random

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

import adapter as adapters
import train
import whisper

SIZE = 8


def heard(model, found, prompts):
    """Clip and text, for every clip; `prompts` offers terms as the program would."""
    by_length, chance = {}, random.Random(1)
    for clip in found:
        by_length.setdefault(clip.positions, []).append(clip)
    for group in by_length.values():
        size = 1 if prompts else SIZE
        for at in range(0, len(group), size):
            some = group[at:at + size]
            batch = train.Batch(some, model, None, chance, timed=False)
            prompt = prompts.of(some[0], chance) if prompts else ()
            yield from zip(some, model.greedy(batch.encodings, prompt))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--texts", required=True, nargs="+")
    options.add_argument("--clips", required=True)
    options.add_argument("--offered", action="store_true", help="with terms in the prompt")
    options.add_argument("--kinds", default="note,long,general,command")
    options.add_argument("--threads", type=int)
    options.add_argument("--show", action="store_true")
    options.add_argument("adapters", nargs="+")
    given = options.parse_args()
    model = whisper.Whisper.ready(given.threads)
    found = [clip for clip in train.clips(given.texts, given.clips)
             if clip.about["split"] == "dev" and clip.about["kind"] in given.kinds.split(",")]
    normal = EnglishTextNormalizer()
    prompts = train.Prompts(model.tokenizer, 1.0) if given.offered else None
    for name in given.adapters:
        path, _, share = name.partition("@")
        model.adapter = {} if path == "base" else {
            key: tuple(m.to(model.dtype) for m in pair)
            for key, pair in adapters.read(path, float(share or 1), model.device).items()}
        references, texts = collections.defaultdict(list), collections.defaultdict(list)
        terms = collections.defaultdict(lambda: [0, 0])
        for clip, text in heard(model, found, prompts):
            kind = clip.about["kind"]
            reference, said = normal(clip.about["text"]), normal(text)
            references[kind].append(reference)
            texts[kind].append(said)
            for term in clip.about["terms"]:
                terms[kind][0] += f" {normal(term)} " in f" {said} "
                terms[kind][1] += 1
            if given.show and reference != said:
                print(f"  {kind}\n    {reference}\n    {said}")
        line = [f"{kind} {100 * jiwer.wer(references[kind], texts[kind]):.2f} %"
                + (f" ({terms[kind][0]} of {terms[kind][1]})" if terms[kind][1] else "")
                for kind in sorted(references)]
        print(f"{name}: {', '.join(line)}", flush=True)


if __name__ == "__main__":
    main()
