#!/usr/bin/env bash
# Polars 2.1.0: scan_delta() cannot filter by a struct column that holds a list, or by a field of it.
#
# The log has statistics of the struct's plain fields alone. Polars casts this narrower struct to the
# column's type, which it refuses. The same table is read without a filter, and filtered after it.
#
# Seen on Python 3.11, Linux x86-64:
#   a struct without a list: 1 rows
#   a struct with a list: InvalidOperationError: cast from `struct[1]` to `struct[2]` failed in column 'place'
#   the same, filtered after reading: 1 rows
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1 polars==2.1.0
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path

import polars
import pyarrow as pa
from deltalake import write_deltalake

WANTED = polars.col("place").struct.field("name") == "Oslo"


def stored(name, place):
    location = str(Path(sys.argv[1], name))
    write_deltalake(location, pa.table({"place": [place]}))
    return polars.scan_delta(location)


def outcome(frame):
    try:
        return f"{frame.collect().height} rows"
    except polars.exceptions.PolarsError as error:
        return f"{type(error).__name__}: {str(error).partition(':')[0]}"


plain = outcome(stored("plain", {"name": "Oslo"}).filter(WANTED))
with_list = stored("list", {"name": "Oslo", "codes": [1, 2]})
pushed = outcome(with_list.filter(WANTED))
after = outcome(with_list.collect().lazy().filter(WANTED))
print(f"a struct without a list: {plain}")
print(f"a struct with a list: {pushed}")
print(f"the same, filtered after reading: {after}")
assert plain == after == "1 rows"
assert pushed.startswith("InvalidOperationError: cast from `struct[1]` to `struct[2]` failed")
PYTHON
