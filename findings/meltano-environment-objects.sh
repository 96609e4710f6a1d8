#!/usr/bin/env bash
# Meltano 4.4.1: plugins inherit objects that their parent has under `plugins`, but none that it has in an environment.
#
# With `inherit_from`, the settings of the parent hold for the child, also those of the parent in the active
# environment, if they are texts or lists. An object of the environment reaches the parent alone: the child gets
# nothing, with `kind: object` an empty object, without a warning. Users would expect the same for all values and
# both places. Hurt are those who remove a column by `stream_maps` of the parent: the child loads it.
#
# Seen on Python 3.11, Linux x86-64:
#   object under plugins: parent {'a': {'b': 'c'}}, child {'a': {'b': 'c'}}
#   object in an environment: parent {'a': {'b': 'c'}}, child None
#   the same of kind object: parent {'a': {'b': 'c'}}, child {}
#   text in an environment: parent '{"a": {"b": "c"}}', child '{"a": {"b": "c"}}'
#   list in an environment: parent [1], child [1]
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
OBJECT = {"a": {"b": "c"}}


def received(value, kind=None, *, environment=True):
    """What the parent and the child get of a setting of the parent."""
    setting = {"name": "maps"} | ({"kind": kind} if kind else {})
    parent = {"name": "tap-x", "namespace": "tap_x", "executable": "cat", "settings": [setting]}
    config = {"config": {"maps": value}}
    inner = {"extractors": [{"name": "tap-x"} | config]} if environment else {}
    project = {
        "send_anonymous_usage_stats": False,
        "environments": [{"name": "dev", "config": {"plugins": inner}}],
        "plugins": {
            "extractors": [
                parent | ({} if environment else config),
                {"name": "child", "inherit_from": "tap-x"},
            ]
        },
    }
    (FOLDER / "meltano.yml").write_text(json.dumps(project))  # JSON is YAML
    configs = []
    for name in ("tap-x", "child"):
        command = [FOLDER / "venv/bin/meltano", "--environment=dev", "config", "print", name]
        done = subprocess.run(
            command, cwd=FOLDER, env={"HOME": str(FOLDER)}, check=True, capture_output=True, text=True
        )
        configs.append(json.loads(done.stdout).get("maps"))
    return configs


TEXT = json.dumps(OBJECT)
cases = {
    "object under plugins": (received(OBJECT, environment=False), [OBJECT, OBJECT]),
    "object in an environment": (received(OBJECT), [OBJECT, None]),
    "the same of kind object": (received(OBJECT, "object"), [OBJECT, {}]),
    "text in an environment": (received(TEXT), [TEXT, TEXT]),
    "list in an environment": (received([1]), [[1], [1]]),
}
for name, (found, _) in cases.items():
    print(f"{name}: parent {found[0]!r}, child {found[1]!r}")
assert all(found == expected for found, expected in cases.values())
PYTHON
