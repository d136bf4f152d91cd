"""How long correcting a draft takes at the keyboard, against typing the report.

    python3 benches/keystrokes.py PROGRAM MODEL FOLDER [FILES]

FOLDER has a manifest.tsv as docs/evaluate.md describes it. Each recording is drafted by PROGRAM,
and the keys that make its reference of the draft are counted: the audio runs, is stopped where
something is wrong, the cursor goes there word by word, letters are taken out and typed, and the
audio runs on. Every plan is carried out on the draft, and has to give the reference.

Not for: how well somebody listens, or how long they think about what they heard.

Times are those of the keystroke-level model (Card, Moran and Newell 1980, "The keystroke-level
model for user performance time with interactive systems", CACM 23(7), table 1): a key of an
average skilled typist (55 words a minute) 0.20 s, of a good one (90) 0.12 s, and 1.35 s to prepare
mentally, once for each place that is corrected. A key that is held while another is struck is a
key. Typing is given no preparation, no stops of the audio and no slips, all of which favour it.
"""

import csv
import difflib
import json
import re
import subprocess
import sys
from pathlib import Path

KEY_S = {"average typist": 0.20, "good typist": 0.12}
PREPARE_S = 1.35
# The cursor goes along with the audio, and stopping goes back 0.8 s: until somebody has noticed
# and stopped, it is so many words behind the place (judgment: a reaction of 1.5 s at 150 words a
# minute, less the backstep).
WORDS_BEHIND = 2
# Stop and go on: F8 twice.
STOP_AND_GO = 2
# As CodeMirror moves by word: letters and digits, or marks; spaces before it go along.
GROUP = re.compile(r"\s*(?:\w+|[^\w\s]+)|\s+")
TOKEN = re.compile(r"\S+|\n")


def typed(text):
    """Keys that type a text: a capital and most marks need Shift."""
    shifted = sum(1 for letter in text if letter.isupper() or letter in '!@#$%^&*()_+{}|:"<>?~')
    return len(text) + shifted


def group_ends(text):
    return [0] + [match.end() for match in GROUP.finditer(text)]


def moves(text, start, end):
    """The fewest keys from one place to another: Ctrl is held for words, arrows are single."""
    stops = group_ends(text)
    best = abs(end - start)
    for stop in stops:
        between = sum(1 for other in stops if min(start, stop) <= other <= max(start, stop))
        jumps = max(1, between - 1) + (0 if start in stops else 1)
        best = min(best, 1 + jumps + abs(end - stop))
    return best


def trimmed(old, new):
    """What has to go and what has to come, without what both begin and end with."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, old[head : len(old) - tail], new[head : len(new) - tail]


def edits(draft, reference):
    """Places of the draft with what stands there and what should, from the last to the first."""
    words, wanted = list(TOKEN.finditer(draft)), list(TOKEN.finditer(reference))
    matcher = difflib.SequenceMatcher(
        None, [w.group() for w in words], [w.group() for w in wanted], autojunk=False
    )
    places = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        # With the space before it, so that words that come or go bring theirs.
        start = words[a - 1].end() if a > 0 else 0
        end = words[b - 1].end() if b > 0 else start
        first = wanted[c - 1].end() if c > 0 else 0
        last = wanted[d - 1].end() if d > 0 else first
        places.append((start, max(start, end), reference[first:max(first, last)]))
    return places


def correct(draft, reference):
    """Keys and places of a correction, done on the draft from its beginning to its end."""
    text, keys, places, shift = draft, 0, 0, 0
    for start, end, new in edits(draft, reference):
        start, end = start + shift, end + shift
        head, old, put = trimmed(text[start:end], new)
        if old == put:
            continue
        at = start + head + len(old)
        behind = [stop for stop in group_ends(text) if stop >= at]
        cursor = behind[min(WORDS_BEHIND, len(behind) - 1)] if behind else len(text)
        by_letter = moves(text, cursor, at) + len(old) + typed(put)
        groups = len(GROUP.findall(text[start:end]))
        by_word = moves(text, cursor, end) + 1 + groups + typed(new)
        keys += min(by_letter, by_word) + STOP_AND_GO
        places += 1
        text = text[: start + head] + put + text[at:]
        shift += len(put) - len(old)
    same = " ".join(text.split()) == " ".join(reference.split())
    assert same, "the keys of a correction give the reference"
    return keys, places


def main():
    program, model, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    most = int(sys.argv[4]) if len(sys.argv) > 4 else None
    with open(folder / "manifest.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[:most]
    seconds = draft_keys = draft_places = typing_keys = 0
    for row in rows:
        command = [program, "transcribe", "--model", model, "--format", "json"]
        answer = subprocess.run(
            [*command, str(folder / row["file"])], check=True, capture_output=True
        )
        heard = json.loads(answer.stdout)
        reference = row["reference"].replace("\\n", "\n").strip()
        keys, places = correct(heard["text"].strip(), reference)
        length = heard["audio_ms"] / 1000
        print(f"{row['file']}: {length:.0f} s, {places} places, {keys} keys, "
              f"typed {typed(reference)}")
        seconds += length
        draft_keys += keys
        draft_places += places
        typing_keys += typed(reference)
    minutes = seconds / 60
    print(f"\n{len(rows)} drafts by {model}, {minutes:.1f} minutes of audio")
    print(f"places to correct for a minute of audio: {draft_places / minutes:.1f}")
    print(f"keys for a minute of audio: {draft_keys / minutes:.0f} to correct, "
          f"{typing_keys / minutes:.0f} to type")
    for name, key_s in KEY_S.items():
        correcting = (draft_keys * key_s + draft_places * PREPARE_S) / minutes
        typing = typing_keys * key_s / minutes
        print(f"{name}: {correcting:.0f} s of correcting for a minute of audio, {typing:.0f} s of "
              f"typing; with listening {60 + correcting:.0f} s, against {max(60, typing):.0f} s")


if __name__ == "__main__":
    main()
