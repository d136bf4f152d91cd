#!/usr/bin/env bash
# evaluate.sh PROGRAM MODEL FOLDER: error rates on FOLDER/narrative, by the program itself and,
# where it is installed, by the scorer that comes with the recordings (FOLDER/score.py).
set -euo pipefail

program=$1 model=$2 folder=$3
manifest=$folder/narrative/manifest.tsv
[ -f "$manifest" ] || { echo "evaluate: there is no $manifest; set EVAL" >&2; exit 1; }

heard=$(mktemp)
trap 'rm -f "$heard"' EXIT
"$program" evaluate "$manifest" --model "$model" --hyp "$heard"

scorer=$folder/score.py python=.tools/evaluate/bin/python
[ -f "$scorer" ] || { echo "evaluate: no independent scorer, there is no $scorer" >&2; exit 0; }
if setup/venv.sh .tools/evaluate jiwer==4.0.0 whisper-normalizer==0.1.15; then
	printf '\nthe same text before formatting, by %s:\n' "$scorer"
	"$python" "$scorer" "$manifest" "$heard"
else
	echo "evaluate: no independent scorer, its packages cannot be installed" >&2
fi
