"""The vocabulary tables of the program, as the training texts use them."""

import csv
import hashlib
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[1]
VOCAB = ROOT / "vocab"
UNSEEN = pathlib.Path(__file__).resolve().parent / "unseen-medicines.txt"
UNSEEN_COUNT = 200
# Terms of these tables, and how often a term of each is said in the generated sentences.
SUBJECTS = {
    "findings": "finding",
    "procedures": "procedure",
    "devices": "device",
    "anatomy": "anatomy",
    "organisms": "organism",
    "labs": "lab",
    "imaging": "imaging",
}
# One clip in this many is kept back.
KEPT_BACK = 20


def rows(name):
    with open(VOCAB / f"{name}.tsv", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def commonness(row):
    return int(row["common"]) if (row.get("common") or "").isdigit() else 0


def order(text):
    """A number that depends on the text alone: choices by it are the same everywhere."""
    return int.from_bytes(hashlib.sha256(text.lower().encode()).digest()[:8], "big")


def split(number):
    """Whether the clip with this number is learnt or kept back for choosing among adapters."""
    return "dev" if number % KEPT_BACK == 0 else "train"


def medicines():
    """Name, generic, commonness of every generic and brand written by hand."""
    kept = [row for row in rows("drugs") if row["subject"] in ("generic", "brand")]
    return [(row["term"], row["of"] or row["term"], commonness(row)) for row in kept]


def doses():
    return {row["generic"]: row for row in rows("doses")}


def unseen_medicines():
    """The names that no training text may hold: by hash among those whose forms are known, the
    very common ones left out, so that the adapter keeps what is said daily."""
    known = {row["term"].lower() for row in rows("fda")} | set(doses())
    pool = [
        name
        for name, generic, common in medicines()
        if 1 <= common <= 5 and name.isalpha() and len(name) > 5
        and {name.lower(), generic.lower()} & known
    ]
    return sorted(sorted(pool, key=order)[:UNSEEN_COUNT], key=str.lower)


def english_words(level):
    return {row["word"].lower() for row in rows("english") if int(row["level"]) <= level}


if __name__ == "__main__":
    UNSEEN.write_text("\n".join(unseen_medicines()) + "\n", encoding="utf-8")
