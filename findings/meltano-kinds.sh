#!/usr/bin/env bash
# Meltano 4.4.1: a word that is no boolean is false without a word; a wrong object is quoted in a traceback.
#
# A setting of kind `boolean` takes `true`, `1`, `yes` and `on` for true and everything else for false, a
# slip such as `treu` and the empty text included. A setting of kind `object` whose text is no JSON ends in
# a traceback with the text in it, though the setting is `sensitive`. Users would expect one line with the
# name of the setting for both, and no secret in a log. Hurt are all who set plugins by the environment.
#
# Seen on Python 3.11, Linux x86-64:
#   boolean 'true': True; 'treu': False; '': False
#   object '{"password": "sesame-5309": }': exit code 1, Traceback: True, value quoted: True
#   the same without a kind: handed on as it stands
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
BROKEN = '{"password": "sesame-5309": }'


def config(kind, text):
    """How `meltano config print` ends for a text in the environment, with the settings it prints."""
    kinds = {"boolean": {"kind": kind}, "object": {"kind": kind, "sensitive": True}, None: {}}
    setting = {"name": "options"} | kinds[kind]
    loader = {"name": "target-x", "namespace": "target_x", "executable": "cat", "settings": [setting]}
    project = {"send_anonymous_usage_stats": False, "plugins": {"loaders": [loader]}}
    (FOLDER / "meltano.yml").write_text(json.dumps(project))  # JSON is YAML
    command = [FOLDER / "venv/bin/meltano", "config", "print", "target-x"]
    environment = {"HOME": str(FOLDER), "TARGET_X_OPTIONS": text}
    done = subprocess.run(command, cwd=FOLDER, env=environment, check=False, capture_output=True, text=True)
    return done, json.loads(done.stdout)["options"] if done.returncode == 0 else None


words = {word: config("boolean", word)[1] for word in ("true", "treu", "")}
print("boolean " + "; ".join(f"{word!r}: {value}" for word, value in words.items()))
ended, _ = config("object", BROKEN)
found = ended.returncode, "Traceback" in ended.stderr, "sesame-5309" in ended.stderr
print(f"object {BROKEN!r}: exit code {found[0]}, Traceback: {found[1]}, value quoted: {found[2]}")
_, handed = config(None, BROKEN)
print(f"the same without a kind: {'handed on as it stands' if handed == BROKEN else handed}")
assert words == {"true": True, "treu": False, "": False}
assert found == (1, True, True)
assert handed == BROKEN
PYTHON
