#!/usr/bin/env bash
# singer-sdk 0.54.9: the SCHEMA of a stream map contradicts its RECORDs.
#
# The type of a computed column goes by the first characters of its expression: `float(x) > 3` counts as
# a number since it begins with `float(`. And the columns are typed one after the other, in the schema
# that the columns before have changed: two columns that swap their names keep their old types, and a
# renamed column keeps its type only if the old name is removed after it, not before. Users
# would expect that an order without meaning in YAML or JSON has none here, and that a tap's own
# messages are valid. Hurt are typed targets, which must refuse such records, and all who rename columns.
#
# Seen on Python 3.11, Linux x86-64:
#   {'y': 'float(s) > 3'}: y is number, True
#   {'y': 'int(s) / 3'}: y is integer, 1.3333333333333333
#   {'y': 'datetime.datetime(2026, 1, 2).year'}: y is string date-time, 2026
#   {'n': 's', 's': 'n'}: n is integer, '4'; s is string, 1
#   {'new': 'n', 'n': None}: new is integer, 1
#   {'n': None, 'new': 'n'}: new is string, 1
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check singer-sdk==0.54.9
"$folder/venv/bin/python" - <<'PYTHON'
import logging

from singer_sdk import typing as th
from singer_sdk.mapper import PluginMapper

RECORD = {"n": 1, "s": "4"}
MAPS = (
    {"y": "float(s) > 3"},
    {"y": "int(s) / 3"},
    {"y": "datetime.datetime(2026, 1, 2).year"},
    {"n": "s", "s": "n"},
    {"new": "n", "n": None},
    {"n": None, "new": "n"},
)


def mapped(columns):
    """The declared type and the value of each column that the map gives."""
    schema = th.PropertiesList(th.Property("n", th.IntegerType), th.Property("s", th.StringType))
    mapper = PluginMapper({"stream_maps": {"t": columns}}, logging.getLogger())
    mapper.register_raw_stream_schema("t", schema.to_dict(), [])
    (stream,) = mapper.stream_maps["t"]
    declared = stream.transformed_schema["properties"]
    record = stream.transform(dict(RECORD))
    return {name: (kind(declared[name]), record[name]) for name in columns if name in record}


def kind(declared):
    return " ".join([declared["type"][0], *filter(None, [declared.get("format")])])


found = []
for columns in MAPS:
    found.append(mapped(columns))
    print(f"{columns}:", "; ".join(f"{name} is {typed}, {value!r}" for name, (typed, value) in found[-1].items()))
assert found == [
    {"y": ("number", True)},
    {"y": ("integer", 4 / 3)},
    {"y": ("string date-time", 2026)},
    {"n": ("integer", "4"), "s": ("string", 1)},
    {"new": ("integer", 1)},
    {"new": ("string", 1)},
]
PYTHON
