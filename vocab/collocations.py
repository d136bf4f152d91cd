#!/usr/bin/env python3
"""Counts which words stand together in medical notes, and writes collocations.tsv.

    python3 vocab/collocations.py NOTES

NOTES is a text of medical notes, a passage a line. A collocation is two or three words in a row
that stand together in several passages, and the first and last of which say something; the counts
of passages, in ten steps, become the column `common`.
Not for: terms of the lexicon, which the build adds. Words that no table or list has, such as names
of people, come into none.
"""

import argparse
import collections
import pathlib
import re

from rebuild import BY_HAND, COLUMNS, HERE, step

LENGTHS = (2, 3)
PASSAGES_MIN = 2
# Words that say nothing of what is spoken of.
FUNCTION_WORDS = set(
    """a about above after again all also am an and any are as at be because been before being below
    between both but by can could did do does during each either else for from further had has have he
    her here hers him his how i if in into is it its just may me might more most must my no nor not of
    off on once only or other our out over per she should so some such than that the their them then
    there these they this those through to too under until up upon us very was we were what when where
    which while who whom why will with within without would you your""".split()
)
# What is written so and said in full: to put it in would change the writing alone, and the text
# layer finds it only as it was said.
WRITTEN = set("dr mr mrs ms mg mcg mm cm ml cc kg".split())
MARKS = re.compile(r"[.,;:?!()\[\]\"/]|\s-+\s|--")
WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


def spellings():
    """How a word is written, by its small letters: as English has it, else as a table does."""
    known = {}
    for name in ["english", *BY_HAND, "words", "fda", "derived"]:
        lines = (HERE / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
        for word in (word for line in lines for word in line.split("\t")[0].split()):
            if name != "english" or word.islower():
                known.setdefault(word.lower(), word)
    return known


def runs(passage, known):
    """The runs of words that nothing parts, as they are written."""
    for stretch in MARKS.split(passage):
        run = []
        for word in stretch.split():
            if WORD.fullmatch(word) and word.lower() in known:
                run.append(known[word.lower()])
            else:
                yield run
                run = []
        yield run


def collocations(passages):
    """How many passages each collocation stands in."""
    known, count = spellings(), collections.Counter()
    for passage in passages:
        there = set()
        for run in runs(passage, known):
            for length in LENGTHS:
                there.update(tuple(run[at : at + length]) for at in range(len(run) - length + 1))
        count.update(there)
    says = lambda word: len(word) > 1 and word.lower() not in FUNCTION_WORDS
    return {
        " ".join(words): passages
        for words, passages in count.items()
        if passages >= PASSAGES_MIN
        and says(words[0])
        and says(words[-1])
        and not WRITTEN & {word.lower() for word in words}
    }


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("notes", type=pathlib.Path)
    found = collocations(options.parse_args().notes.read_text(encoding="utf-8").splitlines())
    with (HERE / "collocations.tsv").open("w", encoding="utf-8") as out:
        out.write("\t".join(COLUMNS) + "\n")
        for words, passages in sorted(found.items(), key=lambda row: (row[0].lower(), row[0])):
            out.write(f"{words}\tword\t{step(passages)}\t\t\n")


if __name__ == "__main__":
    main()
