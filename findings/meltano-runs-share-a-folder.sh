#!/usr/bin/env bash
# Meltano 4.4.1: two runs at once of one pair of plugins, with different state suffixes, get each other's state.
#
# `--state-id-suffix` gives each run a state of its own, and Meltano refuses two runs of the same state id, but not these two. Both
# put the state for the tap into one file, .meltano/run/<plugin>/state.json, the catalog into tap.properties.json beside it, and the
# file is read when the tap has started, seconds later. The first run continues from the bookmarks of the second, and stores them
# as its own; nothing is logged, and the exit codes are 0. Hurt are all who split one job by parameters and suffix.
# The same for the catalog is known: https://github.com/meltano/meltano/issues/8763
#
# Seen on Python 3.11, Linux x86-64:
#   first: stored {"of": "first"}, the tap was given {"of": "second"}, stored afterwards {"of": "second"}
#   second: stored {"of": "second"}, the tap was given {"of": "second"}, stored afterwards {"of": "second"}
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check meltano==4.4.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import os
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(sys.argv[1])
(FOLDER / "meltano.yml").write_text("""
send_anonymous_usage_stats: false
default_environment: dev
environments: [{name: dev}]
plugins:
  extractors:
  - {name: tap-echo, namespace: tap_echo, executable: ./tap, capabilities: [catalog, discover, state]}
  loaders:
  - {name: target-echo, namespace: target_echo, executable: ./target}
""")
# A tap that gives back the state it was given. It reads it once both taps run: most take as long to import their modules.
TAP = """
import json, os, sys, time
from pathlib import Path
if "--discover" in sys.argv:
    print('{"streams": []}')
    sys.exit()
name = os.environ["NAME"]
Path(name + ".started").touch()
while not (Path("first.started").exists() and Path("second.started").exists()):
    time.sleep(0.05)
state = json.loads(Path(sys.argv[sys.argv.index("--state") + 1]).read_text())
Path(name + ".given").write_text(json.dumps(state))
print(json.dumps({"type": "STATE", "value": state}))
"""
TARGET = """
import json, sys
for line in sys.stdin:
    print(json.dumps(json.loads(line)["value"]), flush=True)
"""
for name, program in (("tap", TAP), ("target", TARGET)):
    (FOLDER / name).write_text(f"#!{sys.executable}\n{program}")
    (FOLDER / name).chmod(0o755)


def meltano(*arguments, **options):
    environment = {"HOME": str(FOLDER), "PATH": os.environ["PATH"], "NAME": options.pop("name", "")}
    command = [FOLDER / "venv/bin/meltano", "--log-level=error", *arguments]
    return subprocess.Popen(command, cwd=FOLDER, env=environment, text=True, stdout=subprocess.PIPE)


def state_id(name):
    return f"dev:tap-echo-to-target-echo:{name}"


for name in ("first", "second"):
    state = json.dumps({"singer_state": {"of": name}})
    assert meltano("state", "set", "--force", state_id(name), state).wait() == 0
runs = []
for name in ("first", "second"):
    runs.append(meltano("run", f"--state-id-suffix={name}", "tap-echo", "target-echo", name=name))
    while name == "first" and not (FOLDER / "first.started").exists():
        time.sleep(0.05)
assert [run.wait(60) for run in runs] == [0, 0]
seen = {}
for name in ("first", "second"):
    given = json.loads((FOLDER / f"{name}.given").read_text())
    stored = json.loads(meltano("state", "get", state_id(name)).communicate()[0])["singer_state"]
    print(f'{name}: stored {{"of": "{name}"}}, the tap was given {json.dumps(given)}, stored afterwards {json.dumps(stored)}')
    seen[name] = (given["of"], stored["of"])
assert seen == {"first": ("second", "second"), "second": ("second", "second")}
PYTHON
