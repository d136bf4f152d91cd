"""Tables of recordings for `chartscribe evaluate`: what an adapter must not lose.

tables.py prompts SOUNDS OUT    a person's prompts of Debian's asterisk-core-sounds-en: SOUNDS is a
                                folder into which that package and its -wav sibling were unpacked
tables.py unseen WORK OUT       the medicines that no training text holds, of run.sh's folder WORK
tables.py strangers WORK OUT    passages that were kept back, as speak.py --only strangers has
                                spoken them into WORK/strangers
"""

import gzip
import json
import pathlib
import re
import sys

WORDS_MIN = 5
# Prompts that are no speech, or whose text says how they are spoken.
NOT_WORDS = re.compile(r"[\[({<*#]|sound of|beep|tone", re.I)
HEADER = "file\tset\tvoice\tterms\treference\n"


def prompts(folder):
    folder = pathlib.Path(folder)
    (listing,) = folder.rglob("core-sounds-en.txt.gz")
    recordings = folder / "usr/share/asterisk/sounds/en_US_f_Allison"
    with gzip.open(listing, "rt", encoding="utf-8", errors="replace") as file:
        for line in file:
            name, colon, text = line.strip().partition(":")
            path, text = recordings / f"{name}.wav", " ".join(text.split())
            if not colon or not path.is_file() or NOT_WORDS.search(text):
                continue
            if len(re.findall(r"[A-Za-z']+", text)) >= WORDS_MIN:
                yield path, "human", "allison", "", text


def unseen(work):
    return spoken(work, "audio", "unseen-*.flac", "unseen")


def strangers(work):
    return spoken(work, "strangers", "*.flac", "stranger")


def spoken(work, folder, files, kind):
    work = pathlib.Path(work)
    with open(work / "texts.jsonl", encoding="utf-8") as file:
        clips = {clip["id"]: clip for clip in map(json.loads, file)}
    for path in sorted((work / folder).glob(files)):
        name, voice, _ = path.name.split(".")
        clip = clips[name]
        yield path, kind, voice, " ".join(clip["terms"]).lower(), clip["text"]


def main():
    kinds = {"prompts": prompts, "unseen": unseen, "strangers": strangers}
    if len(sys.argv) != 4 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    with open(sys.argv[3], "w", encoding="utf-8") as out:
        out.write(HEADER)
        for row in kinds[sys.argv[1]](sys.argv[2]):
            out.write("\t".join(map(str, row)) + "\n")


if __name__ == "__main__":
    main()
