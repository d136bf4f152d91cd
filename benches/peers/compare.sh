#!/usr/bin/env bash
# compare.sh PROGRAM MANIFEST [--python PYTHON] [--threads N] [--every N] [--rounds N]
#
# Seconds of `chartscribe evaluate --plain` and of faster-whisper (int8, beam 1) with the same
# weights of the model base, over the same recordings in the same order. Model loading is left
# out; runs alternate; medians and their ratio are printed.
# Without --python, faster-whisper is installed into .tools/peers; with it, PYTHON has it already.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
# A virtual environment's python is a link that must not be followed.
absolute() { case $1 in */*) echo "$(cd "$(dirname "$1")" && pwd)/${1##*/}" ;; *) echo "$1" ;; esac; }
program=$(realpath "$1") manifest=$(realpath "$2")
shift 2
cd "$(dirname "$0")/../.."
python=
rest=()
while [ $# -gt 0 ]; do
	case $1 in
	--python) python=$(absolute "${2:?--python needs a value}"); shift 2 ;;
	*) rest+=("$1"); shift ;;
	esac
done
if [ -z "$python" ]; then
	setup/venv.sh .tools/peers faster-whisper==1.2.1
	python=.tools/peers/bin/python
fi
exec "$python" benches/peers/compare.py "$program" "$manifest" "${rest[@]}"
