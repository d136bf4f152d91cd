"""Recordings of people for the replay: people.py --game FILE --out FOLDER --texts FILE

The spoken lines of Flight of the Amazon Queen, an adventure game that Debian carries as free:
more than four hours of actors of several accents, no medicine. What they say is not learnt:
base's own hearing of them is the target, so that the adapter stays with base where people speak.
Lines that follow one another are joined, to about as much as a person says in one breath or three.
"""

import argparse
import io
import json
import pathlib
import random
import struct

import numpy as np
import soundfile

import generated
import lexicon
import speak
import voices

# Seconds of a clip: short ones as well, whose end is most easily missed.
SECONDS = ((1.5, 4), (4, 16))
# Lines shorter than this are mostly cries.
SHORTEST_LINE = 0.8
# Of the clips, those that are heard in another room or through another line.
NOISY = 0.4
# Where the number of the game's files stands, and the table of them: name, bundle, start, bytes.
COUNT_AT, TABLE_AT, ENTRY = 13, 15, ">12sBII"


def spoken_lines(game):
    """One file a line (MPEG layer 3), in the order of the scenes."""
    data = pathlib.Path(game).read_bytes()
    (count,) = struct.unpack_from(">H", data, COUNT_AT)
    for at in range(count):
        place = TABLE_AT + struct.calcsize(ENTRY) * at
        name, _, start, size = struct.unpack_from(ENTRY, data, place)
        if name.split(b"\0")[0].endswith(b".SB"):
            try:
                line = io.BytesIO(data[start:start + size])
                samples, rate = soundfile.read(line, dtype="float32")
            except soundfile.LibsndfileError:
                continue
            yield voices.to_rate(samples, rate)


def joined(lines, chance):
    """Clips of several lines each, with the pauses of somebody who speaks on."""
    parts, wanted = [], chance.uniform(*chance.choice(SECONDS))
    for line in lines:
        if len(line) < SHORTEST_LINE * voices.RATE or len(line) > speak.LONGEST:
            continue
        if parts and sum(map(len, parts)) + len(line) > wanted * voices.RATE:
            yield np.concatenate(parts)
            parts, wanted = [], chance.uniform(*chance.choice(SECONDS))
        parts += [line, np.zeros(int(chance.uniform(0.1, 0.6) * voices.RATE), np.float32)]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--game", required=True)
    options.add_argument("--out", required=True)
    options.add_argument("--texts", required=True)
    options.add_argument("--count", type=int, default=1000)
    given = options.parse_args()
    out = pathlib.Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    chance = random.Random(9)
    clips = list(joined(spoken_lines(given.game), chance))
    alike, drawn = generated.Alike(), random.Random(9)
    part = pathlib.Path(given.texts + ".part")
    with open(part, "w", encoding="utf-8") as texts:
        for at in sorted(chance.sample(range(len(clips)), min(len(clips), given.count))):
            number = lexicon.order(f"queen {at}")
            clip = {"kind": "human", "id": f"human-{number:016x}", "own": True,
                    "text": "", "terms": [], "split": lexicon.split(number),
                    "offers": alike.offers(drawn, [])}
            texts.write(json.dumps(clip) + "\n")
            samples = clips[at]
            if chance.random() < NOISY:
                samples = speak.recorded(samples, chance, np.random.default_rng(number))
            path = out / f"{clip['id']}.actors.flac"
            soundfile.write(path, samples[:speak.LONGEST], voices.RATE, format="FLAC")
    part.rename(given.texts)


if __name__ == "__main__":
    main()
