"""Writes what is to be spoken: texts.py --notes FILE --wordnet FOLDER --avoid MANIFEST --out FILE

Each line of the output is one clip: `text` as the recogniser shall write it, `spoken` as it is
read out, the medical terms in it, its kind and whether it is for training or for choosing.
Nothing of the recordings that the program is measured on is in it: sentences that share five
words in a row with one of them are left out, and so is every name of `unseen-medicines.txt`.
"""

import argparse
import csv
import json
import pathlib
import random
import re

import generated
import lexicon

SHARED_WORDS = 5
WORDS = (5, 34)
# After how many words a passage may end; long ones teach to hear on to the end of a chunk.
SHORT, LONG = (8, 14, 20, 26), (40, 52)
LONG_WORDS = (36, 62)
UNITS = {
    "mg": "milligrams", "mcg": "micrograms", "g": "grams", "kg": "kilograms", "mL": "milliliters",
    "ml": "milliliters", "cc": "c c", "cm": "centimeters", "mm": "millimeters",
}
STRANGE = re.compile(
    r"[^A-Za-z0-9 ,.:;'%?\-]|\b[A-Z]{6,}\b|\b[a-z]\.[a-z]\.|\d-\d|\d:\d|\b\d+[a-z]|\b[a-z]+\d"
    r"|\.\.|--|\b(q|qd|bid|tid|prn|po|w|c|s|pt|hx|yo|y)\b"
)
NUMBERED = re.compile(r"^\s*\d+\.\s+")


def words(text):
    return re.findall(r"[a-z0-9']+", text.lower())


def spoken(text):
    """As a voice that knows no units can read it."""
    for unit, name in UNITS.items():
        text = re.sub(rf"(?<=\d) ?{unit}\b", f" {name}", text)
    text = text.replace("%", " percent").replace("Dr.", "Doctor")
    return re.sub(r"\b1 (milligram|gram|milliliter|centimeter|millimeter)s\b", r"1 \1", text)


class Avoided:
    """What no text may hold."""

    def __init__(self, manifest, unseen):
        self.runs = set()
        if manifest:
            with open(manifest, encoding="utf-8") as file:
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                    self.runs |= self.of(words(row["reference"]))
        self.names = {name.lower() for name in unseen}

    @staticmethod
    def of(listed):
        count = len(listed) - SHARED_WORDS + 1
        return {tuple(listed[at:at + SHARED_WORDS]) for at in range(count)}

    def holds(self, text):
        listed = words(text)
        return bool(self.names & set(listed)) or bool(self.runs & self.of(listed))


def sentences(path, lengths):
    """Sentences of the notes that a voice can read as they stand."""
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        line = NUMBERED.sub("", line.strip())
        kept = []
        for sentence in re.split(r"(?<=[.?])\s+(?=[A-Z])", line):
            if STRANGE.search(sentence) or not sentence.endswith((".", "?")):
                kept = []
                continue
            kept.append(sentence)
            if len(words(" ".join(kept))) >= random.choice(lengths):
                yield " ".join(kept)
                kept = []
        if kept:
            yield " ".join(kept)


def note_clips(path, avoided, terms_of, lengths, limits, wanted):
    """Passages of the notes, those with more medical terms first."""
    found = {}
    for text in sentences(path, lengths):
        if limits[0] <= len(words(text)) <= limits[1] and not avoided.holds(text):
            found[text] = terms_of(text)
    ranked = sorted(found, key=lambda text: (-min(len(found[text]), 3), lexicon.order(text)))
    for text in ranked[:wanted]:
        yield {"kind": "note", "text": text, "terms": found[text]}


def examples(folder):
    """Sentences of ordinary English: the usage examples of WordNet."""
    found = []
    for name in ("verb", "adj", "adv", "noun"):
        data = (pathlib.Path(folder) / f"data.{name}").read_text(encoding="utf-8")
        for quote in re.findall(r'"([^"\n]+)"', data):
            plain = re.fullmatch(r"[A-Za-z ,'\-]+[.!?]?", quote)
            if plain and len(quote.split()) >= 6 and not re.search(r"\b[A-Z]{2,}", quote):
                found.append(quote[0].upper() + quote[1:].rstrip(".!?") + ".")
    return sorted(set(found), key=lexicon.order)


def general_clips(folder, avoided, wanted):
    ready = [text for text in examples(folder) if not avoided.holds(text)]
    for at in range(wanted):
        count = 1 + at % 3
        text = " ".join(ready.pop() for _ in range(count))
        yield {"kind": "general", "text": text, "terms": []}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--notes")
    options.add_argument("--wordnet", required=True)
    options.add_argument("--avoid")
    options.add_argument("--out", required=True)
    options.add_argument("--count", type=int, nargs=6,
                         default=(1900, 1100, 220, 450, 400, 450),
                         metavar=("NOTES", "GENERATED", "COMMANDS", "GENERAL", "LONG", "EVERYDAY"))
    given = options.parse_args()
    random.seed(9)
    avoided = Avoided(given.avoid, lexicon.UNSEEN.read_text(encoding="utf-8").split())
    terms_of = generated.Terms().of
    clips = []
    if given.notes:
        clips += note_clips(given.notes, avoided, terms_of, SHORT, WORDS, given.count[0])
    makers = ((generated.medical, given.count[1]), (generated.commands, given.count[2]))
    for maker, wanted in makers:
        clips += [clip for clip in maker(random, wanted) if not avoided.holds(clip["text"])]
    clips += general_clips(given.wordnet, avoided, given.count[3])
    chance = random.Random(9)
    clips += [clip for clip in generated.everyday(chance, given.count[5])
              if not avoided.holds(clip["text"])]
    if given.notes:
        long = note_clips(given.notes, avoided, terms_of, LONG, LONG_WORDS, given.count[4])
        clips += [clip | {"kind": "long"} for clip in long]
    alike = generated.Alike()
    for clip in clips:
        clip["offers"] = alike.offers(random, clip["terms"])
    clips += generated.unseen(random, lexicon.UNSEEN.read_text(encoding="utf-8").split())
    with open(given.out, "w", encoding="utf-8") as out:
        for clip in clips:
            if clip["kind"] in ("note", "general", "command", "long", "everyday"):
                clip["split"] = lexicon.split(lexicon.order(clip["text"]))
            else:
                clip["split"] = "dev" if clip["kind"] == "unseen" else "train"
            clip.setdefault("spoken", clip["text"])
            clip["spoken"] = spoken(clip["spoken"])
            # Without the prompt that asks for them, marks are written as base writes them; so are
            # everyday numbers.
            clip["own"] = clip["kind"] == "everyday" or (
                clip["kind"] == "command" and clip["split"] == "train"
                and lexicon.order(clip["spoken"]) % 2 == 0)
            clip["id"] = f"{clip['kind']}-{lexicon.order(clip['text']):016x}"
            out.write(json.dumps(clip) + "\n")


if __name__ == "__main__":
    main()
