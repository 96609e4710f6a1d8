#!/usr/bin/env bash
# DuckDB 1.5.5, delta extension: a filter on a column whose name has a dot fails, or loses rows.
#
# delta_scan() hands the filter to its Delta kernel, which reads the column `a.b` as the field `b` of a
# column `a`. Without such a column the query fails in spite of the quotes. With one, its statistics decide
# which files are skipped: rows get lost without an error. Users would expect quotes to settle what a
# name means, as in the rest of DuckDB. Hurt are tables with flattened names such as `user.id`.
#
# Seen on Python 3.11, Linux x86-64:
#   columns a.b, c: unfiltered [1, 2], where "a.b" = 1 IOException: MissingColumnError
#   columns a.b, a: unfiltered [1, 2], where "a.b" = 1 []
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  deltalake==1.6.6 pyarrow==26.0.1 duckdb==1.5.5 duckdb-extension-delta==1.5.5
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path

import duckdb
import duckdb_extension_delta
import pyarrow as pa
from deltalake import write_deltalake

(extension,) = Path(duckdb_extension_delta.__file__).parent.rglob("delta.duckdb_extension")
duckdb.sql("set autoinstall_known_extensions = false")
duckdb.sql(f"load '{extension}'")


def rows(location, condition):
    query = f"""select "a.b" from delta_scan('{location}') {condition}"""
    try:
        return str([value for (value,) in duckdb.sql(query).fetchall()])
    except duckdb.Error as error:
        assert "MissingColumnError" in str(error), error
        return f"{type(error).__name__}: MissingColumnError"


found = {}
for other, values in {"c": [8, 9], "a": [{"b": 8}, {"b": 9}]}.items():
    location = Path(sys.argv[1], other)
    write_deltalake(str(location), pa.table({"a.b": [1, 2], other: values}))
    found[other] = rows(location, ""), rows(location, 'where "a.b" = 1')
    print(f"columns a.b, {other}: unfiltered {found[other][0]}, where \"a.b\" = 1 {found[other][1]}")
assert found == {"c": ("[1, 2]", "IOException: MissingColumnError"), "a": ("[1, 2]", "[]")}
PYTHON
