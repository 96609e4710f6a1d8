#!/usr/bin/env bash
# PyArrow 26.0.1: Python's 1.5 becomes 1 in an integer column, without an error, even with `safe=True`.
#
# array() and from_pylist() cut off the fraction of a float or a Decimal. Everything around them refuses
# to lose digits: the cast of an Arrow array to the same type, and array() with a decimal type of too
# small a scale. `safe`, "check for overflows or other unsafe conversions", is on by default and checks
# the size alone. Users would expect a schema that they give to be checked. Hurt are loaders that make
# tables from rows of JSON: if the schema is wrong, amounts are stored wrong and nobody is told.
#
# Seen on Python 3.11, Linux x86-64:
#   1.5: array [1], from_pylist [1], cast ArrowInvalid
#   -2.7: array [-2], from_pylist [-2], cast ArrowInvalid
#   Decimal('1.5'): array [1], from_pylist [1], cast ArrowInvalid
#   Decimal('1.5') as decimal128(5, 0): ArrowInvalid
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1
"$folder/venv/bin/python" - <<'PYTHON'
from decimal import Decimal

import pyarrow as pa

SCHEMA = pa.schema({"n": pa.int64()})
WAYS = {
    "array": lambda value: pa.array([value], pa.int64(), safe=True),
    "from_pylist": lambda value: pa.Table.from_pylist([{"n": value}], SCHEMA).column("n"),
    "cast": lambda value: pa.array([value]).cast(pa.int64()),
}


def outcome(convert, value):
    try:
        return str(convert(value).to_pylist())
    except pa.ArrowInvalid as error:
        return type(error).__name__


for value in (1.5, -2.7, Decimal("1.5")):
    found = {way: outcome(convert, value) for way, convert in WAYS.items()}
    print(f"{value!r}:", ", ".join(f"{way} {ended}" for way, ended in found.items()))
    cut = str([int(value)])
    assert found == {"array": cut, "from_pylist": cut, "cast": "ArrowInvalid"}
narrow = outcome(lambda value: pa.array([value], pa.decimal128(5, 0)), Decimal("1.5"))
print(f"Decimal('1.5') as decimal128(5, 0): {narrow}")
assert narrow == "ArrowInvalid"
PYTHON
