#!/usr/bin/env bash
# venv.sh FOLDER REQUIREMENT...: a Python environment with exactly these packages; does nothing
# when FOLDER already has them.
set -euo pipefail

folder=$1
shift
[ "$(cat "$folder/installed" 2>/dev/null)" != "$*" ] || exit 0
echo "setup: installing $* into ${folder#"$PWD"/}"
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
echo "$*" >"$folder/installed"
