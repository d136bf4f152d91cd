"""Sentences that say the terms of the lexicon: medicines with doses, findings with negations,
procedures, devices, and speech with dictated marks.

Each maker yields clips: the text as it shall be written and, where it differs, as it is spoken.
"""

import re

import lexicon

TIMES = (
    "daily", "once daily", "twice daily", "twice a day", "three times a day", "four times daily",
    "every 6 hours", "every 8 hours", "every 12 hours", "at bedtime", "as needed", "once a week",
    "every other day", "in the morning", "with meals",
)
ROUTES = {"oral": "by mouth", "intravenous": "IV", "subcutaneous": "subcutaneously",
          "intramuscular": "intramuscularly", "topical": "topically"}
NEGATIONS = ("no evidence of", "negative for", "without", "no history of", "denies", "rule out",
             "no signs of", "no")
TABLET_STEPS = (0.5, 1, 2, 2.5, 5, 10, 12.5, 15, 20, 25, 30, 40, 50, 75, 80, 100, 120, 150, 200,
                240, 250, 300, 325, 400, 500, 600, 750, 800, 1000, 1500, 2000)
MEDICINE_FRAMES = (
    "He takes {m}, {m} and {m}.",
    "Current medications include {m}, {m}, {m} and {m}.",
    "She was started on {m}.",
    "Continue {m} and {m}.",
    "Discontinue {n}. Start {m}.",
    "The patient was switched from {n} to {m}.",
    "Medications are {m}, {m} and {m}.",
    "She is allergic to {n} and {n}.",
    "He was discharged on {m} and {m}.",
    "Hold {n} before surgery and resume {m} afterwards.",
    "The dose of {n} was increased. She also takes {m}.",
    "He could not tolerate {n}, so we will try {n} instead.",
    "No interaction between {n} and {n} is expected.",
    "{N} was given in the emergency room, followed by {n}.",
    "Refill {m} and {m}.",
    "She stopped taking {n} because of nausea.",
)
FINDING_FRAMES = (
    "Past medical history is significant for {f}, {f} and {f}.",
    "There is {no} {f} or {f}.",
    "Assessment is {f} with {f}.",
    "The patient presents with {f} and possible {f}.",
    "{No} {f}. There was {f} on examination.",
    "This is most likely {f}, less likely {f}.",
    "Family history is positive for {f} and {f}.",
    "Examination of the {a} and {a} shows {f}.",
    "The {a} is normal. The {a} shows {f}.",
    "{I} showed {f} of the {a}.",
    "{I} was ordered to evaluate {f}.",
    "Cultures grew {o}. She was treated with {n}.",
    "{O} was isolated, sensitive to {n} and {n}.",
    "{L} was normal. {L} was elevated.",
    "We will check {l}, {l} and {l}.",
    "Impression is {f}. Plan is {p}.",
)
PROCEDURE_FRAMES = (
    "The patient underwent {p} and {p}.",
    "She is scheduled for {p} next week.",
    "Status post {p} for {f}.",
    "{P} was performed without complications.",
    "The {d} was placed and the wound was closed with {d}.",
    "The {a} was exposed using a {d}, and the {a} was identified.",
    "Risks of {p} were explained, including {f} and {f}.",
    "A {d} was used, and {p} was completed.",
    "After {p} the {a} was irrigated.",
    "He has a {d} after {p}.",
)
COMMAND_FRAMES = (
    ("{f} comma {f} comma and {f} period",),
    ("the {a} is normal period", "no {f} period", "new paragraph"),
    ("assessment colon {f} period", "plan colon start {m} period"),
    ("next number {m} period", "next number {m} period"),
    ("she denies {f} comma {f} comma or {f} period", "new line"),
    ("{i} shows no {f} semicolon the {a} is unremarkable period",),
    ("open paren {f} close paren is improving period",
     "new paragraph plan colon continue {n} period"),
    ("he had {p} in the past comma no complications period",),
    ("question mark {f} period", "scratch that"),
    ("allergies colon {n} comma {n} period",
     "new paragraph medications colon {m} comma {m} period"),
)
COMMAND_WORDS = re.compile(
    r"\b(comma|period|colon|semicolon|new paragraph|new line|next number|open paren|close paren|"
    r"question mark|scratch that)\b"
)


class Pool:
    """Draws terms so that each comes up in turn, the common ones several times."""

    def __init__(self, random, weighted):
        self.random = random
        self.weighted = [(term, times) for term, times in weighted if times]
        self.waiting = []

    def draw(self):
        if not self.waiting:
            self.waiting = [term for term, times in self.weighted for _ in range(times)]
            self.random.shuffle(self.waiting)
        return self.waiting.pop()


def speakable(term):
    return re.fullmatch(r"[A-Za-z][A-Za-z' \-]+", term) and len(term.split()) <= 4


class Slots:
    """Fills the slots of a frame and remembers the terms."""

    def __init__(self, random):
        self.random = random
        unseen = set(lexicon.UNSEEN.read_text(encoding="utf-8").lower().split())
        self.doses = lexicon.doses()
        named = [(name, generic, common) for name, generic, common in lexicon.medicines()
                 if speakable(name) and not unseen & set(name.lower().split())]
        self.generic_of = {name: generic for name, generic, _ in named}
        self.pools = {"n": Pool(random, [(name, times(common, 3)) for name, _, common in named])}
        self.pools["m"] = self.pools["n"]
        for table, subject in lexicon.SUBJECTS.items():
            weighted = [(row["term"], times(lexicon.commonness(row), 2))
                        for row in lexicon.rows(table) if speakable(row["term"])]
            self.pools[subject[0]] = Pool(random, weighted)
        eponyms = [row for row in lexicon.rows("eponyms") if speakable(row["term"])]
        for letter, subject in (("p", "procedure"), ("f", "finding")):
            mine = [(row["term"], 1) for row in eponyms if row["subject"] == subject]
            self.pools[letter].weighted += mine

    def fill(self, frame):
        terms = []

        def put(match):
            slot = match.group(1)
            if slot.lower() == "no":
                text = self.random.choice(NEGATIONS)
            else:
                term = self.pools[slot.lower()].draw()
                terms.append(term)
                text = term + (self.dose(term) if slot in "mM" else "")
            return text[0].upper() + text[1:] if slot[0].isupper() else text

        return re.sub(r"\{(\w+)\}", put, frame), terms

    def dose(self, name):
        known = self.doses.get(self.generic_of.get(name, name))
        if not known or self.random.random() < 0.15:
            return " " + self.random.choice(TIMES)
        low, high = float(known["single_low"]), float(known["single_high"])
        fitting = [step for step in TABLET_STEPS if low <= step <= high] or [low]
        parts = ["", f"{self.random.choice(fitting):g} {known['unit']}"]
        route = ROUTES.get(self.random.choice(known["routes"].split("|")))
        if route and self.random.random() < 0.3:
            parts.append(route)
        if self.random.random() < 0.8:
            parts.append(self.random.choice(TIMES))
        return " ".join(parts)


def times(common, least):
    """How often a term comes up in one round: not at all below `least`, then more and more."""
    return 0 if common < least else 1 + (common - least) // 2


class Terms:
    """Finds the medical words of a text: those of the term tables that are no everyday words."""

    def __init__(self):
        everyday = lexicon.english_words(35)
        self.known = set()
        tables = (*lexicon.SUBJECTS, "drugs", "eponyms", "words")
        for table in tables:
            for row in lexicon.rows(table):
                self.known |= {w for w in re.findall(r"[a-z]+", row["term"].lower()) if len(w) > 4}
        self.known -= everyday

    def of(self, text):
        return sorted(set(re.findall(r"[a-z]+", text.lower())) & self.known)


class Alike:
    """Terms that look like a given one: what the program offers beside what was said."""

    NEAREST, OTHERS = 12, 6

    def __init__(self):
        unseen = set(lexicon.UNSEEN.read_text(encoding="utf-8").lower().split())
        named = [name for name, _, common in lexicon.medicines() if common]
        for table in lexicon.SUBJECTS:
            named += [row["term"] for row in lexicon.rows(table)]
        self.names = sorted({name for name in named
                             if speakable(name) and not unseen & set(name.lower().split())})
        self.having = {}
        for at, name in enumerate(self.names):
            for part in self.parts(name):
                self.having.setdefault(part, []).append(at)

    @staticmethod
    def parts(name):
        marked = f"^{name.lower()}$"
        return {marked[at:at + 3] for at in range(len(marked) - 2)}

    def offers(self, random, terms):
        found = [self.names[at] for at in random.sample(range(len(self.names)), self.OTHERS)]
        for term in terms:
            mine = self.parts(term)
            shared = {}
            for part in mine:
                for at in self.having.get(part, ()):
                    shared[at] = shared.get(at, 0) + 1
            likeness = {at: count / (len(mine) + len(self.parts(self.names[at])) - count)
                        for at, count in shared.items()}
            nearest = sorted(likeness, key=lambda at: (-likeness[at], at))[:self.NEAREST]
            found += [self.names[at] for at in random.sample(nearest, min(3, len(nearest)))]
        said = {term.lower() for term in terms}
        return sorted({name for name in found if name.lower() not in said})


def medical(random, wanted):
    slots = Slots(random)
    frames = [*MEDICINE_FRAMES] * 3 + [*FINDING_FRAMES] * 2 + [*PROCEDURE_FRAMES] * 2
    for at in range(wanted):
        if at % len(frames) == 0:
            random.shuffle(frames)
        text, terms = slots.fill(frames[at % len(frames)])
        yield {"kind": "list", "text": text, "terms": terms}


def commands(random, wanted):
    slots = Slots(random)
    for at in range(wanted):
        frames = COMMAND_FRAMES[at % len(COMMAND_FRAMES)]
        text, terms = slots.fill(" ".join(frames))
        # A pause where a person would make one.
        spoken = COMMAND_WORDS.sub(lambda match: f"{match.group(1)},", text)
        yield {"kind": "command", "text": text, "terms": terms,
               "spoken": spoken.rstrip(",") + "."}


# Ordinary sentences with numbers, and with the words that sound like numbers.
EVERYDAY = (
    "The train leaves at {t} from track {s}.", "We paid {n} dollars for {s} tickets.",
    "Take exit {n}, then turn left after {s} miles.", "She was born in {y} and moved here in {y}.",
    "Choose {s} to go on, or {s} to go back.", "It is too late for two of us to go.",
    "Wait for {s} more minutes before you open it.", "He won one of the four prizes.",
    "My room is number {n}, on the {o} floor.", "They ate at eight, and left at {t}.",
    "The meeting was moved from {t} to {t}.", "Add {s} cups of flour and {s} eggs.",
    "To open the box, turn the key {s} times to the right.",
    "It costs {n} to enter, or {n} for two.",
    "Are you here for the {o} time, or the {o}?", "Only {s} of the {n} seats are free.",
    "I have to be there by {t}.", "For more than {n} years they lived at {n} Oak Street.",
    "Please leave your name, your number, and the time you called.",
    "You can write to us or call {d} {d} {d}, {d} {d} {d} {d}.",
    "Say the {o} word again, and then press the green key.", "The score was {s} to {s}.",
    "If you want to stop, hold the button down for {s} seconds.", "Bus {n} goes to the north end.",
    "There are {s} ways to do this, and the {o} is best.", "Thank you, that is all for now.",
    "Read from page {n} to page {n}, please.", "The bill comes to {n} dollars and {n} cents.",
    "Nobody knew where to go or whom to ask.", "Come back at {t} or at {t}.",
)
SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def everyday(random, wanted):
    """Ordinary English with numbers: what base writes of it is what shall go on being written."""
    drawn = {
        "s": lambda: random.choice(SMALL), "o": lambda: random.choice(ORDINALS),
        "n": lambda: str(random.choice((random.randint(1, 20), random.randint(21, 999)))),
        "y": lambda: str(random.randint(1920, 2024)), "d": lambda: random.choice(SMALL[:9]),
        "t": lambda: f"{random.randint(1, 12)}:{random.choice(('15', '30', '45', '10', '20'))}",
    }
    for at in range(wanted):
        frames = random.sample(EVERYDAY, 1 + at % 3)
        text = re.sub(r"\{(\w)\}", lambda match: drawn[match.group(1)](), " ".join(frames))
        yield {"kind": "everyday", "text": text, "terms": []}


def unseen(random, names):
    """One sentence for each name that training must not hold; for measuring alone."""
    frames = ("He takes {} twice daily.", "She was started on {} last week.",
              "Continue {} at the same dose.", "We will stop {} and watch him closely.")
    for at, name in enumerate(names):
        yield {"kind": "unseen", "text": frames[at % len(frames)].format(name), "terms": [name]}
