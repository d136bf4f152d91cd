"""Clips of a site's own signed reports: signed.py --url URL --out FOLDER --texts FILE

The API token of a person who may read the reports and has no clearance for sensitive ones stands
in CHARTSCRIBE_TOKEN. Everything stays in FOLDER and FILE, which hold what patients' reports hold
and are to be kept and destroyed like them; so is an adapter that was made of them.

A dictation is cut at pauses. The text of a clip is what was heard, with the words that the
vocabulary or a person put right and the author signed. Where a person changed more than words
(struck out, added, changed a number), what was said is not known, and the clip is left out.
"""

import argparse
import difflib
import io
import json
import os
import pathlib
import random
import re
import urllib.error
import urllib.request

import soundfile

import generated
import lexicon
import voices

LONGEST_MS, SHORTEST_MS = 24_000, 2_000
# Where a dictation may be cut, and how much is left before the first word and behind the last.
PAUSE_MS, MARGIN_MS = 250, 200
# At most so many words of one place may be other words in the report.
MOST_CHANGED = 4
# The share of the letters that a misheard word has of the right one, at least.
ALIKE = 0.5
# Rules of the evidence that put other words in; all others write the same words otherwise.
WORD_RULES = ("LEXICON", "expected")


class Site:
    def __init__(self, url, token):
        self.url, self.token = url.rstrip("/"), token

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers)
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def json(self, path, body=None):
        return json.loads(self.ask(path, body))

    def signed(self):
        """Every signed report that the person may read, the newest first."""
        until, seen = None, set()
        while True:
            found = self.json("/api/worklist/search",
                              {"among": "done"} | ({"until": until} if until else {}))
            fresh = [row for row in found["rows"] if row["report"] not in seen]
            for row in fresh:
                seen.add(row["report"])
                yield self.json(f"/api/reports/{row['report']}")
            if not found["more"] or not fresh:
                return
            until = min(row["created_at"] for row in fresh)


def plain(word):
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def kept_as_heard(evidence):
    """Stretches of heard words that were only written in another way ("milligrams": "mg")."""
    changes = [change for change in evidence["changes"] if change["rule"] not in WORD_RULES]
    return {" ".join(map(plain, change["heard"].split())) for change in changes}


def is_put_right(heard, signed):
    """Whether the signed words are what was said in the place of these: an author who changes what
    they said ("left" to "right") rarely changes it to what sounds like it."""
    few = max(len(heard), len(signed)) <= MOST_CHANGED
    alike = difflib.SequenceMatcher(None, plain("".join(heard)), plain("".join(signed))).ratio()
    return few and alike >= ALIKE and not re.search(r"\d", " ".join([*heard, *signed]))


def said(heard, report, evidence):
    """What was said at each heard word: words, "" where they stand with the word before, or None
    where it is not known."""
    texts, signed = [word["text"] for word in heard], report["text"].split()
    formatted = kept_as_heard(evidence)
    matched = difflib.SequenceMatcher(
        None, list(map(plain, texts)), list(map(plain, signed)), autojunk=False)
    found = list(texts)
    for kind, start, end, start_signed, end_signed in matched.get_opcodes():
        if kind == "equal" or " ".join(map(plain, texts[start:end])) in formatted:
            continue
        others = signed[start_signed:end_signed]
        if kind == "insert":
            # Words nobody heard: neither side of the gap is sure.
            found[max(start - 1, 0):start + 1] = [None] * len(found[max(start - 1, 0):start + 1])
            continue
        if kind == "replace" and is_put_right(texts[start:end], others):
            mark = re.search(r"[,.;:?!]*$", texts[end - 1]).group()
            right = " ".join(others).rstrip(",.;:?!") + mark
            found[start:end] = [right] + [""] * (end - start - 1)
        else:
            found[start:end] = [None] * (end - start)
    return found


def cuts(heard):
    """Ranges of heard words, each as long as may be, that end at a pause."""
    start, last_pause = 0, None
    for at in range(1, len(heard) + 1):
        ended = at == len(heard)
        if not ended and heard[at]["start_ms"] - heard[at - 1]["end_ms"] >= PAUSE_MS:
            last_pause = at
        if ended or heard[at]["end_ms"] - heard[start]["start_ms"] > LONGEST_MS:
            end = at if ended else last_pause
            if end is not None and end > start:
                yield start, end
            # Without a pause the words up to here are left out.
            start, last_pause = (end or at), None


def clips(samples, rate, heard, texts):
    """Samples and text of each stretch in which all that was said is known."""
    for start, end in cuts(heard):
        if None in texts[start:end]:
            continue
        begin = max(heard[start]["start_ms"] - MARGIN_MS, 0)
        if start:
            begin = max(begin, heard[start - 1]["end_ms"])
        finish = heard[end - 1]["end_ms"] + MARGIN_MS
        if end < len(heard):
            finish = min(finish, heard[end]["start_ms"])
        if SHORTEST_MS <= finish - begin <= LONGEST_MS + 2 * MARGIN_MS:
            part = samples[begin * rate // 1000:finish * rate // 1000]
            yield voices.to_rate(part, rate), " ".join(filter(None, texts[start:end]))


def of_report(site, report):
    """The clips of a report: of none that is sensitive, joined, unsigned or was typed."""
    is_whole = report["dictation"] and report["signatures"] and not report["joined"]
    if not is_whole or report["labels"]:
        return
    dictation = f"/api/dictations/{report['dictation']}"
    heard = site.json(f"{dictation}/transcript")["words"]
    evidence = site.json(f"/api/reports/{report['id']}/evidence")
    recording = io.BytesIO(site.ask(f"{dictation}/audio"))
    samples, rate = soundfile.read(recording, dtype="float32", always_2d=True)
    yield from clips(samples.mean(1), rate, heard, said(heard, report, evidence))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--url", required=True)
    options.add_argument("--out", required=True)
    options.add_argument("--texts", required=True)
    given = options.parse_args()
    token = os.environ.get("CHARTSCRIBE_TOKEN")
    if not token:
        raise SystemExit("signed: the API token is missing: set CHARTSCRIBE_TOKEN")
    os.umask(0o077)
    site, out = Site(given.url, token), pathlib.Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    terms_of, alike, chance = generated.Terms().of, generated.Alike(), random.Random(9)
    reports = left_out = written = 0
    with open(given.texts, "w", encoding="utf-8") as listing:
        for report in site.signed():
            reports += 1
            try:
                found = list(of_report(site, report))
            except (urllib.error.HTTPError, soundfile.LibsndfileError):
                found = []
            left_out += not found
            for samples, text in found:
                number = lexicon.order(f"{report['id']} {text}")
                terms = terms_of(text)
                clip = {"kind": "note", "id": f"site-{number:016x}", "text": text, "own": False,
                        "split": lexicon.split(number),
                        "terms": terms, "offers": alike.offers(chance, terms)}
                listing.write(json.dumps(clip) + "\n")
                soundfile.write(out / f"{clip['id']}.site.flac", samples, voices.RATE,
                                format="FLAC")
                written += 1
    print(f"{written} clips of {reports - left_out} signed reports; {left_out} gave none")


if __name__ == "__main__":
    main()
