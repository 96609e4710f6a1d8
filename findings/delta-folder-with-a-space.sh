#!/usr/bin/env bash
# Polars 2.1.0 and Daft 0.7.26: a local Delta table is not found if its path has a space or an umlaut.
#
# deltalake gives the table's address as a URL, in which a space is %20. Both take `file://` off and
# use the rest as a path, still encoded. DuckDB 1.5 and PyArrow, through deltalake, read the table.
#
# Seen on Python 3.11, Linux x86-64:
#   .../plain: PyArrow 1 rows, Polars 1 rows, Daft 1 rows
#   .../my data: PyArrow 1 rows, Polars FileNotFoundError, Daft DaftCoreException
#   .../größe: PyArrow 1 rows, Polars FileNotFoundError, Daft DaftCoreException
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  deltalake==1.6.6 pyarrow==25.0.1 polars==2.1.0 daft==0.7.26
export DO_NOT_TRACK=1 DAFT_ANALYTICS_ENABLED=0 DAFT_PROGRESS_BAR=0
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path

import daft
import polars
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

READERS = {
    "PyArrow": lambda location: DeltaTable(location).to_pyarrow_dataset().to_table().num_rows,
    "Polars": lambda location: polars.scan_delta(location).collect().height,
    "Daft": lambda location: len(daft.read_deltalake(location).to_pylist()),
}


def outcome(read, location):
    try:
        return f"{read(location)} rows"
    except Exception as error:
        assert "No such file or directory" in str(error), error
        return type(error).__name__


for name in ("plain", "my data", "größe"):
    location = str(Path(sys.argv[1], name))
    write_deltalake(location, pa.table({"id": [1]}))
    found = {reader: outcome(read, location) for reader, read in READERS.items()}
    print(f".../{name}:", ", ".join(f"{reader} {ended}" for reader, ended in found.items()))
    good = {reader for reader, ended in found.items() if ended == "1 rows"}
    assert good == ({"PyArrow"} if name != "plain" else set(READERS))
PYTHON
