#!/usr/bin/env bash
# singer-sdk 0.54.9: a SIGTERM that strikes while a plugin writes a line of its log is lost, and the run goes on.
#
# The SDK's handler of signals logs "Gracefully shutting down..." before it exits. If the signal interrupts the writing
# of another line, Python refuses to write into the same buffer ("reentrant call"), also the report of that error, and
# the RuntimeError leaves the handler before its sys.exit(). The interrupted logging call swallows it. An orchestrator
# that ends a tap as soon as it reads a certain line, such as one about a long wait, hits that moment often.
# The script raises the signal inside of the raw file below the log, which is where a real one has its effect.
#
# Seen on Python 3.11.7, singer-sdk 0.54.9, Linux x86-64:
#   a signal between two lines: the tap exits with 0
#   a signal while a line is written: the tap goes on
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check singer-sdk==0.54.9
"$folder/venv/bin/python" - <<'PYTHON'
import io
import logging
import signal
import sys

from singer_sdk import Tap


class Quiet(Tap):
    name = "tap-quiet"
    config_jsonschema = {"properties": {}}

    def discover_streams(self):
        return []


class Raw(io.RawIOBase):
    """A file in which the signal strikes once."""

    strikes = False

    def writable(self):
        return True

    def write(self, data):
        if self.strikes:
            self.strikes = False
            signal.raise_signal(signal.SIGTERM)
        return len(data)


raw = Raw()
screen, sys.stderr = sys.stderr, io.TextIOWrapper(io.BufferedWriter(raw), write_through=True)
tap = Quiet(config={}, setup_mapper=False)
logger = tap.logger
logger.handlers = [logging.StreamHandler(sys.stderr)]
logger.propagate = False
logger.setLevel(logging.INFO)


def outcome(strike):
    try:
        strike()
    except SystemExit as end:
        return f"the tap exits with {end.code}"
    return "the tap goes on"


def while_written():
    raw.strikes = True
    logger.warning("waiting for 600 s")


between = outcome(lambda: signal.raise_signal(signal.SIGTERM))
inside = outcome(while_written)
sys.stderr = screen
print("a signal between two lines:", between)
print("a signal while a line is written:", inside)
assert between == "the tap exits with 0"
assert inside == "the tap goes on"
PYTHON
