#!/usr/bin/env bash
# deltalake 1.6.6: after a filter, SQL shows a NaN as another number, or loses its row.
#
# NaN takes no part in the statistics of a file. deltalake's SQL trusts them all the same. In a file
# of NaN and 1.0 the least and the greatest value are both 1.0: a query with a filter takes the column
# for a constant and gives 1.0 in both rows. Its engine ranks NaN above every number, as `f > 2 as
# greater` shows; but `where f > 2` skips the file. Users would expect a filter to pick rows, never to
# change a value. Hurt are those who keep measured values and look for the ones that went wrong.
#
# Seen on Python 3.11, Linux x86-64:
#   the log says: min 1.0, max 1.0, nulls 0
#   select id, f: [(1, nan), (2, 1.0)]
#   select id, f where f > 0: [(1, 1.0), (2, 1.0)]
#   select id, f > 2 as greater: [(1, True), (2, False)]
#   select id where f > 2: []
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
"$folder/venv/bin/python" - "$folder/table" <<'PYTHON'
import math
import sys

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder, write_deltalake

location = sys.argv[1]
write_deltalake(location, pa.table({"id": [1, 2], "f": [math.nan, 1.0]}))
table = DeltaTable(location)


def sql(columns, condition="true"):
    query = f"select {columns} from t where {condition} order by id"
    rows = pa.table(QueryBuilder().register("t", table).execute(query).read_all()).to_pylist()
    return [tuple(row.values()) for row in rows]


(logged,) = pa.table(table.get_add_actions(flatten=True)).to_pylist()
everything = sql("id, f")
positive = sql("id, f", "f > 0")
compared = sql("id, f > 2 as greater")
greater = sql("id", "f > 2")
print(f"the log says: min {logged['min.f']}, max {logged['max.f']}, nulls {logged['null_count.f']}")
print(f"select id, f: {everything}")
print(f"select id, f where f > 0: {positive}")
print(f"select id, f > 2 as greater: {compared}")
print(f"select id where f > 2: {greater}")
assert math.isnan(everything[0][1])
assert positive == [(1, 1.0), (2, 1.0)]
assert compared == [(1, True), (2, False)]
assert greater == []
PYTHON
