#!/usr/bin/env bash
# singer-sdk 0.54.9: the standard suite for taps looks at the first column of a kind, and at no other one.
#
# `get_tap_test_class` makes a test for each column and kind, such as `is_numeric`. The tests of a kind share an
# object that keeps the values of its first column in a `cached_property`, so the others check those values again
# and pass, whatever they hold. Run alone, they fail. With pytest-xdist it depends on the worker which one is first.
# Users would expect a test named after a column to look at it. Hurt are authors of taps who trust the suite.
#
# Seen on Python 3.11, Linux x86-64, for a stream whose column `second` has a text where its schema says number:
#   both columns: first passed, second passed
#   second alone: second failed
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'singer-sdk[testing]==0.54.9' pytest==9.2.0
cat > "$folder/test_suite.py" <<'PYTHON'
from singer_sdk import Stream, Tap
from singer_sdk.testing import get_tap_test_class

NUMBER = {"type": ["number", "null"]}


class Rows(Stream):
    name = "rows"
    schema = {"properties": {"first": NUMBER, "second": NUMBER}}

    def get_records(self, context):
        yield {"first": 1.5, "second": "no number"}


class TapRows(Tap):
    name = "tap-rows"
    config_jsonschema = {"properties": {}}

    def discover_streams(self):
        return [Rows(self)]


TestRows = get_tap_test_class(TapRows, config={})
PYTHON
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])


def outcomes(chosen):
    """How the tests of numbers end whose names match, by column."""
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-k", chosen, "test_suite.py"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    found = re.findall(r"is_numeric\[rows\.(\w+)\] (PASSED|FAILED)", done.stdout)
    return {column: result.lower() for column, result in found}


both, alone = outcomes("is_numeric"), outcomes("is_numeric and second")
print("both columns: " + ", ".join(f"{column} {result}" for column, result in both.items()))
print("second alone: " + ", ".join(f"{column} {result}" for column, result in alone.items()))
assert both == {"first": "passed", "second": "passed"}
assert alone == {"second": "failed"}
PYTHON
