"""Times the program's plain path against faster-whisper: see compare.sh."""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import weights

MODEL = "base"
FASTER = pathlib.Path(__file__).with_name("faster.py")


def arguments():
    parser = argparse.ArgumentParser(prog="compare.sh", allow_abbrev=False)
    parser.add_argument("program")
    parser.add_argument("manifest", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="only every Nth recording")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def taken(manifest, every, scratch):
    """A manifest of the recordings taken, and the list of their paths."""
    with open(manifest, encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))[::every]
    paths = [str((manifest.parent / row["file"]).resolve()) for row in rows]
    listing, copy = scratch / "files", scratch / "manifest.tsv"
    listing.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    with open(copy, "w", encoding="utf-8") as out:
        out.write("file\treference\tterms\n")
        for row, path in zip(rows, paths):
            out.write(f"{path}\t{row['reference']}\t{row['terms']}\n")
    return copy, listing


def ours(program, manifest, threads):
    command = [program, "evaluate", manifest, "--plain", "--format", "json"]
    command += ["--model", MODEL, "--threads", str(threads)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    whole = json.loads(done.stdout)["figures"][0]
    return whole["elapsed_s"], whole["audio_s"]


def theirs(model, listing, threads):
    command = [sys.executable, FASTER, model, str(threads), listing]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def main():
    args = arguments()
    model = weights.folder(MODEL)
    times = {"chartscribe": [], "faster-whisper": []}
    with tempfile.TemporaryDirectory() as scratch:
        manifest, listing = taken(args.manifest, args.every, pathlib.Path(scratch))
        for number in range(1, args.rounds + 1):
            times["faster-whisper"].append(theirs(model, listing, args.threads))
            seconds, audio = ours(args.program, manifest, args.threads)
            times["chartscribe"].append(seconds)
            shown = ", ".join(f"{name} {runs[-1]:.1f} s" for name, runs in times.items())
            print(f"round {number}: {shown}", flush=True)
    medians = {name: statistics.median(runs) for name, runs in times.items()}
    print(f"{MODEL}, {args.threads} threads, {audio / 60:.1f} min of speech")
    for name, median in medians.items():
        print(f"{name:15} median {median:7.1f} s, {audio / median:5.1f} times real time")
    ratio = medians["chartscribe"] / medians["faster-whisper"]
    print(f"chartscribe takes {ratio:.2f} times what faster-whisper takes")


if __name__ == "__main__":
    main()
