#!/usr/bin/env bash
# deltalake 1.6.6: a filter or a max() over a decimal column gives wrong answers, without an error.
#
# The writer puts the least and greatest value of a decimal column into the log as doubles. Beyond 15
# digits they are rounded, and every reader that trusts them skips the file that holds the value.
# deltalake's own SQL also answers a max() with a condition from them: with a value that no row has.
#
# Seen on Python 3.11, Linux x86-64:
#   the log says: 9007199254740994.00
#   stored: 9007199254740993.00, rows that x = 9007199254740993.00 finds: SQL 0, PyArrow 0, Polars 0
#   max(x) where x > 0 by SQL: 9007199254740994.00
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1 polars==2.1.0
"$folder/venv/bin/python" - "$folder/table" <<'PYTHON'
import sys
from decimal import Decimal

import polars
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, QueryBuilder, write_deltalake

location = sys.argv[1]
value = Decimal("9007199254740993.00")
write_deltalake(location, pa.table({"x": pa.array([value], pa.decimal128(18, 2))}))
table = DeltaTable(location)


def sql(query):
    return pa.table(QueryBuilder().register("t", table).execute(query).read_all()).to_pylist()


logged = table.get_add_actions(flatten=False)
greatest = pa.table(logged).column("max")[0].as_py()
found = {
    "SQL": len(sql(f"select x from t where x = cast('{value}' as decimal(18, 2))")),
    "PyArrow": table.to_pyarrow_dataset().to_table(filter=pc.field("x") == value).num_rows,
    "Polars": polars.scan_delta(location).filter(polars.col("x") == value).collect().height,
}
(maximum,) = (row["m"] for row in sql("select max(x) as m from t where x > 0"))
(stored,) = table.to_pyarrow_dataset().to_table().column("x").to_pylist()
print(f"the log says: {greatest['x']}")
print(f"stored: {stored}, rows that x = {value} finds:", ", ".join(f"{k} {n}" for k, n in found.items()))
print(f"max(x) where x > 0 by SQL: {maximum}")
assert stored == value
assert set(found.values()) == {0}
assert maximum != value
PYTHON
