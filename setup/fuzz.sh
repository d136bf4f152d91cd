#!/usr/bin/env bash
# fuzz.sh PROGRAM SCHEMATHESIS [EXAMPLES]: made-up requests for every operation of the OpenAPI
# document, in every role of a demonstration site of its own. Fails where the server does, or
# where it answers otherwise than the document says.
set -euo pipefail

program=$(realpath "$1")
schemathesis=$(realpath -s "$2")
examples=${3:-25}
scratch=$(mktemp -d)
export CHARTSCRIBE_DATA=$scratch/data CHARTSCRIBE_KEY_FILE=$scratch/key
trap 'kill "$server" 2>/dev/null || true; wait; rm -rf "$scratch"' EXIT

"$program" init 2>/dev/null
"$program" demo load >/dev/null 2>&1
"$program" serve --listen 127.0.0.1:0 --threads 1 2>"$scratch/log" &
server=$!
cd "$scratch" # where schemathesis keeps its notes
for _ in $(seq 100); do
    address=$(grep -om1 'http://127.0.0.1:[0-9]*' "$scratch/log" || true)
    [ -z "$address" ] || break
    sleep 0.2
done
[ -n "$address" ] || { cat "$scratch/log" >&2; exit 1; }

failed=0
for name in ines.hartwell mara.quill owen.pagett lena.folio petra.vance jonas.ledger admin; do
    token=$("$program" user token "$name" --scopes dictate,read,edit,audit 2>/dev/null)
    echo "fuzz: as $name"
    # The live channel never ends, and so is left out.
    "$schemathesis" run "$address/api/openapi.json" --no-color \
        --checks not_a_server_error,content_type_conformance,response_schema_conformance \
        --header "Authorization: Bearer $token" --exclude-path /api/events \
        --max-examples "$examples" --request-timeout 30 >"$scratch/said" 2>&1 ||
        { cat "$scratch/said"; failed=1; }
    grep -A1 'Test cases' "$scratch/said" || true
done
exit $failed
