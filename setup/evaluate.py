"""Error rates of the bare engine: evaluate.py PROGRAM MODEL FOLDER

FOLDER has narrative/manifest.tsv (columns file, set, voice, terms, reference), the recordings, and
score.py, which is run on what PROGRAM heard.
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile


def heard(program, model, path):
    command = [program, "transcribe", "--plain", "--format", "json", "--model", model, str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"evaluate: {' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def main(program, model, folder):
    narrative = pathlib.Path(folder) / "narrative"
    manifest = narrative / "manifest.tsv"
    audio_ms = elapsed_ms = 0
    with open(manifest, encoding="utf-8") as table, tempfile.TemporaryDirectory() as scratch:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
        hypotheses = pathlib.Path(scratch) / "heard.tsv"
        with open(hypotheses, "w", encoding="utf-8") as out:
            for number, row in enumerate(rows, 1):
                result = heard(program, model, narrative / row["file"])
                audio_ms += result["audio_ms"]
                elapsed_ms += result["elapsed_ms"]
                out.write(f"{row['file']}\t{' '.join(result['text'].split())}\n")
                print(f"\r{number} of {len(rows)} recordings", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        score = pathlib.Path(folder) / "score.py"
        subprocess.run([sys.executable, str(score), str(manifest), str(hypotheses)], check=True)
    speed = audio_ms / max(1, elapsed_ms)
    minutes, seconds = audio_ms / 60_000, elapsed_ms / 1000
    print(f"{model}: {minutes:.1f} min of speech in {seconds:.1f} s, {speed:.1f} times real time")


if __name__ == "__main__":
    main(*sys.argv[1:])
