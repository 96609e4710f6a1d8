#!/usr/bin/env bash
# Meltano 4.4.1: a key with a dot in a setting of kind `object` gets lost, or becomes two levels.
#
# From the environment, the entry of such a key is left out without a word; from meltano.yml, it turns
# into an object in an object. Only a backslash before the dot, in both places, keeps it. Users would
# expect the value of an object to reach the plugin as they wrote it, and the same from both places.
# Hurt are settings by stream or table, since many of their names have a schema: `public.posts`.
#
# Seen on Python 3.11, Linux x86-64:
#   environment {"public.posts": {"name": "p"}, "users": {"name": "u"}}: {"users": {"name": "u"}}
#   meltano.yml {"public.posts": {"name": "p"}, "users": {"name": "u"}}: {"public": {"posts": {"name": "p"}}, "users": {"name": "u"}}
#   environment {"public\\.posts": {"name": "p"}}: {"public.posts": {"name": "p"}}
#   meltano.yml {"public\\.posts": {"name": "p"}}: {"public.posts": {"name": "p"}}
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
LOADER = {"name": "target-x", "namespace": "target_x", "executable": "cat"}
SETTINGS = {"settings": [{"name": "datasets", "kind": "object"}]}
PLAIN = {"public.posts": {"name": "p"}, "users": {"name": "u"}}
ESCAPED = {r"public\.posts": {"name": "p"}}


def taken(place, value):
    """What Meltano hands to the plugin for an object that is given in this place."""
    from_file = {"config": {"datasets": value}} if place == "meltano.yml" else {}
    plugins = {"loaders": [LOADER | SETTINGS | from_file]}
    project = {"send_anonymous_usage_stats": False, "plugins": plugins}
    (FOLDER / "meltano.yml").write_text(json.dumps(project))  # JSON is YAML
    environment = {"HOME": str(FOLDER)}
    if place == "environment":
        environment["TARGET_X_DATASETS"] = json.dumps(value)
    command = [FOLDER / "venv/bin/meltano", "config", "print", "target-x"]
    done = subprocess.run(command, cwd=FOLDER, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["datasets"]


found = []
for value in (PLAIN, ESCAPED):
    for place in ("environment", "meltano.yml"):
        found.append(taken(place, value))
        print(f"{place} {json.dumps(value)}: {json.dumps(found[-1])}")
assert found == [
    {"users": {"name": "u"}},
    {"public": {"posts": {"name": "p"}}, "users": {"name": "u"}},
    {"public.posts": {"name": "p"}},
    {"public.posts": {"name": "p"}},
]
PYTHON
