#!/usr/bin/env bash
# Meltano 4.4.1: `meltano add --from-ref` drops `select` of a plugin definition.
#
# The definition's settings, capabilities and commands reach meltano.yml, `select` does not, though it is
# part of the Hub's schema for extractors: every stream is selected. Users would expect the streams that
# the definition names. Hurt are taps whose streams cost money or time, such as those of billed APIs.
#
# Seen on Python 3.11, Linux x86-64:
#   definition ['users.*']
#   meltano.yml None
#   meltano select: *.*
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check meltano==4.4.1 pyyaml
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

FOLDER = Path(sys.argv[1])
TAP = FOLDER / "tap-x"
STREAMS = [
    {"tap_stream_id": name, "stream": name, "schema": {"properties": {"id": {"type": "string"}}}, "metadata": []}
    for name in ("users", "posts")
]
TAP.write_text(f"#!/bin/sh\necho '{json.dumps({'streams': STREAMS})}'\n")
TAP.chmod(0o700)
DEFINITION = {
    "name": "tap-x", "variant": "v", "namespace": "tap_x", "executable": str(TAP),
    "capabilities": ["catalog", "discover"], "select": ["users.*"],
}  # fmt: skip
(FOLDER / "tap-x.yml").write_text(yaml.safe_dump(DEFINITION))
(FOLDER / "meltano.yml").write_text("send_anonymous_usage_stats: false\n")


def meltano(*words):
    command = [FOLDER / "venv/bin/meltano", "--log-level=warning", *words]
    environment = {"HOME": str(FOLDER), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=FOLDER, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


meltano("add", "--no-install", "--from-ref", "tap-x.yml", "tap-x")
(added,) = yaml.safe_load((FOLDER / "meltano.yml").read_text())["plugins"]["extractors"]
print("definition", DEFINITION["select"])
print("meltano.yml", added.get("select"))
listed = meltano("select", "tap-x", "--list").splitlines()
patterns = listed[listed.index("Enabled patterns:") + 1].strip()
print("meltano select:", patterns)
assert added["capabilities"] == ["catalog", "discover"]
assert added.get("select") is None
assert patterns == "*.*"
PYTHON
