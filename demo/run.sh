#!/usr/bin/env bash
# The whole way offline: a CSV of ids becomes an input dataset, the lookup its writeback dataset.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=$PWD/${VENV:-.venv}/bin
ready=.sandbox/ready.json

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

say "Start the sandbox: a local X server with its own users, rate limits and bill"
mkdir -p .sandbox
rm -f "$ready"
PYTHONPATH=tests "$bin/python" -m sandbox --ready-file "$ready" &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null; wait "$sandbox" 2>/dev/null || true' EXIT
for _ in {1..100}; do
  [ -e "$ready" ] && break
  kill -0 "$sandbox" || exit 1
  sleep 0.1
done
url=$("$bin/python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["url"])' "$ready")

say "dataset import demo/people.csv --name 'Demo people'"
"$bin/dataset" import demo/people.csv --name 'Demo people' --replace

say "meltano run lookup"
TAP_TWITTER_API_BASE_URL=$url "$bin/meltano" --environment=sandbox run lookup

say "dataset list"
"$bin/dataset" list

say "dataset show 'Users lookup of Demo people'"
"$bin/dataset" show 'Users lookup of Demo people' --rows 12 \
  --columns requested_id,lookup_status,username,name,followers_count

say "dataset sql: what became of the 250 lines"
"$bin/dataset" sql 'select lookup_status, count(*) as users, min(lookup_detail) as example
  from "Users lookup of Demo people" group by lookup_status order by users desc'

say "The bill: X charges for users that are found, and nothing else"
"$bin/python" - "$url" <<'PY'
import json, sys, urllib.request

bill = json.load(urllib.request.urlopen(f"{sys.argv[1]}/sandbox/bill"))
for endpoint, line in bill["endpoints"].items():
    print(f"{endpoint}: {line['requests']} requests, {line['gross_objects']} users")
print(f"Total: {bill['total']['net_objects']} users, {bill['total']['net_usd']:.2f} USD")
PY
