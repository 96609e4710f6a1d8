#!/usr/bin/env bash
# Meltano 4.4.1: with `plain_formatter` in `logging.yaml`, the reason why a run failed ends in an error of the logger.
#
# `meltano.core.logging.plain_formatter` prints what Meltano logs by structlog, and fails on every record of
# Python's own `logging`: it asks for the level of a logger that such records do not have. The error of a
# block that failed is one of them, so in its place stands `--- Logging error ---` with two tracebacks. Users
# would expect the line, as the other formatters print it. Hurt are all who choose the plain form.
#
# Seen on Python 3.11, Linux x86-64:
#   console_log_formatter: exit code 1, 'Extractor failed' in a line: True, Logging error: False
#   plain_formatter: exit code 1, 'Extractor failed' in a line: False, Logging error: True
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
tap = {"name": "tap-x", "namespace": "tap_x", "executable": "false", "capabilities": []}
target = {"name": "target-x", "namespace": "target_x", "executable": "true"}
project = {
    "send_anonymous_usage_stats": False,
    "default_environment": "dev",
    "environments": [{"name": "dev"}],
    "plugins": {"extractors": [tap], "loaders": [target]},
}
(FOLDER / "meltano.yml").write_text(json.dumps(project))  # JSON is YAML


def run(formatter):
    """How a run whose extractor fails ends: its exit code, the reason in a line, an error of logging."""
    handler = {"class": "logging.StreamHandler", "formatter": "chosen", "stream": "ext://sys.stderr"}
    logging = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": f"meltano.core.logging.{formatter}"}},
        "handlers": {"console": handler},
        "root": {"level": "ERROR", "handlers": ["console"]},
    }
    (FOLDER / "logging.yaml").write_text(json.dumps(logging))
    command = [FOLDER / "venv/bin/meltano", "run", "tap-x", "target-x"]
    environment = {"HOME": str(FOLDER), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=FOLDER, env=environment, check=False, capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("Message:")]
    told = any(line.rstrip().endswith("Extractor failed") and "RunnerError" not in line for line in lines)
    return done.returncode, told, "--- Logging error ---" in done.stderr


found = {formatter: run(formatter) for formatter in ("console_log_formatter", "plain_formatter")}
for formatter, (code, told, broken) in found.items():
    print(f"{formatter}: exit code {code}, 'Extractor failed' in a line: {told}, Logging error: {broken}")
assert found == {"console_log_formatter": (1, True, False), "plain_formatter": (1, False, True)}
PYTHON
