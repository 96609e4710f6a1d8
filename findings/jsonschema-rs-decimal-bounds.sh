#!/usr/bin/env bash
# jsonschema-rs 0.60.3: a decimal that equals `minimum` is refused, one that equals `exclusiveMaximum` passes.
#
# A Decimal with a decimal point is compared with integer bounds as a double, so beyond 2^53 it moves to
# a neighbor. `const` and `multipleOf` compare the same value exactly, and `9007199254740993` without the
# point is compared exactly too. Users parse JSON with parse_float=Decimal to keep every digit, and
# would expect 1 and 1.0 to be one number, as JSON Schema says. Hurt are those who check 64-bit ids and amounts.
#
# Seen on Python 3.11, Linux x86-64, for the bound 9007199254740993:
#   9007199254740993.0: minimum False, exclusiveMaximum True, const True, multipleOf True
#   9007199254740993: minimum True, exclusiveMaximum False, const True, multipleOf True
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jsonschema-rs==0.60.3
"$folder/venv/bin/python" - <<'PYTHON'
import json
from decimal import Decimal

from jsonschema_rs import Draft202012Validator

BOUND = 9007199254740993
KEYWORDS = ("minimum", "exclusiveMaximum", "const", "multipleOf")

found = {}
for text in (f"{BOUND}.0", f"{BOUND}"):
    value = json.loads(text, parse_float=Decimal)
    assert value == BOUND
    found[text] = {word: Draft202012Validator({word: BOUND}).is_valid(value) for word in KEYWORDS}
    print(f"{text}:", ", ".join(f"{word} {valid}" for word, valid in found[text].items()))
assert list(found[f"{BOUND}.0"].values()) == [False, True, True, True]
assert list(found[f"{BOUND}"].values()) == [True, False, True, True]
PYTHON
