#!/usr/bin/env bash
# Meltano 4.4.1: `state merge` reports success, and from then on the state cannot be read any more.
#
# If the stored state has null where the merged one has an object, the merge is stored unchecked and
# done whenever the state is read: it descends into the null and fails. The other way around works.
# A Singer state may be any JSON, and a cursor that is null before the first page and an object after it
# is common. Users would expect the newer value to replace the null, as it does for numbers and text, or
# at least a refusal before anything is stored. Hurt are all who read this state, until it is set anew.
#
# Seen on Python 3.11, Linux x86-64:
#   {"cursor": null} and then {"cursor": 7}: merge ends with 0, get with 0: {"cursor": 7}
#   {"cursor": {"page": 7}} and then {"cursor": null}: merge ends with 0, get with 0: {"cursor": null}
#   {"cursor": null} and then {"cursor": {"page": 7}}: merge ends with 0, get with 1: TypeError: 'NoneType' object does not support item assignment
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check meltano==4.4.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])
(FOLDER / "meltano.yml").write_text("send_anonymous_usage_stats: false\n")
NULL, NUMBER, OBJECT = ({"cursor": value} for value in (None, 7, {"page": 7}))


def meltano(*arguments):
    command = [FOLDER / "venv/bin/meltano", "state", *arguments]
    environment = {"HOME": str(FOLDER), "COLUMNS": "200"}
    return subprocess.run(command, cwd=FOLDER, env=environment, check=False, capture_output=True, text=True)


def merged(name, stored, newer):
    """How the merge ends, how reading ends after it, and what it gives."""
    as_state = [json.dumps({"singer_state": state}) for state in (stored, newer)]
    meltano("set", "--force", name, as_state[0]).check_returncode()
    merge, get = meltano("merge", name, as_state[1]), meltano("get", name)
    if get.returncode:
        (seen,) = {line for line in get.stderr.splitlines() if line.startswith("TypeError: ")}
    else:
        seen = json.dumps(json.loads(get.stdout)["singer_state"])
    print(f"{json.dumps(stored)} and then {json.dumps(newer)}:", end=" ")
    print(f"merge ends with {merge.returncode}, get with {get.returncode}: {seen}")
    return merge.returncode, get.returncode, seen


assert merged("number", NULL, NUMBER) == (0, 0, json.dumps(NUMBER))
assert merged("null", OBJECT, NULL) == (0, 0, json.dumps(NULL))
assert merged("object", NULL, OBJECT) == (0, 1, "TypeError: 'NoneType' object does not support item assignment")
PYTHON
