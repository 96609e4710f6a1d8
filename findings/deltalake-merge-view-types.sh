#!/usr/bin/env bash
# deltalake 1.6.6: after a merge, an update or a delete, some readers refuse the table.
#
# These three write text columns as Arrow's string_view into the schema that each Parquet file
# carries, while appends write string. Delta has one type for both. Daft 0.7.26 cannot read such a
# file at all; PyArrow 25 reads it, but not with a filter on a text column; a compaction that finds
# nothing to join leaves it as it is. DuckDB and Polars do not mind.
#
# Seen on Python 3.11, Linux x86-64:
#   append: string, merge: string_view, update: string_view, delete: string_view
#   compaction of one such file: string_view
#   Daft: DaftCoreException: DaftError::ValueError Unsupported Arrow DataType: Utf8View
#   PyArrow: ArrowNotImplementedError: Function 'equal' has no kernel matching input types (string, string_view)
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==25.0.1 daft==0.7.26
export DO_NOT_TRACK=1 DAFT_ANALYTICS_ENABLED=0 DAFT_PROGRESS_BAR=0
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path

import daft
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

ROWS = pa.table({"id": ["1", "2"], "text": ["a", "b"]})


def merge(table):
    new = pa.table({"id": ["2"], "text": ["c"]})
    merged = table.merge(new, "t.id = s.id", source_alias="s", target_alias="t")
    merged.when_matched_update_all().execute()


WRITES = {
    "append": lambda table: None,
    "merge": merge,
    "update": lambda table: table.update(updates={"text": "'c'"}, predicate="id = '2'"),
    "delete": lambda table: table.delete("id = '2'"),
}


def text_type(location):
    (path,) = DeltaTable(location).to_pyarrow_dataset().files
    return str(pq.read_schema(Path(location, Path(path).name)).field("text").type)


def refusal(read):
    try:
        return f"none, {read()} rows"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


types = {}
for name, write in WRITES.items():
    location = str(Path(sys.argv[1], name))
    write_deltalake(location, ROWS)
    write(DeltaTable(location))
    types[name] = text_type(location)
print(", ".join(f"{name}: {kind}" for name, kind in types.items()))
location = str(Path(sys.argv[1], "merge"))
DeltaTable(location).optimize.compact()
compacted = text_type(location)
print(f"compaction of one such file: {compacted}")
by_daft = refusal(lambda: len(daft.read_deltalake(location).to_pylist()))
dataset = DeltaTable(location).to_pyarrow_dataset()
by_pyarrow = refusal(lambda: dataset.to_table(filter=pc.field("text") == "c").num_rows)
print(f"Daft: {by_daft}")
print(f"PyArrow: {by_pyarrow}")
views = dict.fromkeys(("merge", "update", "delete"), "string_view")
assert types == {"append": "string", **views}
assert compacted == "string_view"
assert "Utf8View" in by_daft
assert "string_view" in by_pyarrow
PYTHON
