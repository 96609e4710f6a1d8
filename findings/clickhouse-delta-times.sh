#!/usr/bin/env bash
# chDB 26.9.0 (ClickHouse): deltaLakeLocal takes times of a Delta Lake table without their zone.
#
# Delta Lake's type `timestamp` is a moment in UTC, and its Parquet files say so. Read as a Parquet file,
# ClickHouse gives DateTime64(6, 'UTC'). Read as a Delta Lake table, the same file gives DateTime64(6),
# which is shown, compared and put into days in the zone of the machine. Users would expect one type, and
# get counts by day that depend on the machine, without a message. With TZ=UTC both agree.
#
# Seen on Python 3.11, Linux x86-64, with TZ=America/New_York:
#   Parquet file: Nullable(DateTime64(6, 'UTC')), day 2026-11-30
#   Delta Lake table: Nullable(DateTime64(6)), day 2026-11-29
# Ends with 0 as long as that is so. The packages take 800 MB.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check chdb==4.4.0 chdb-core==26.9.0 deltalake==1.6.6 pyarrow==26.0.1
cd "$folder"
TZ=America/New_York "$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime
from pathlib import Path

import chdb
import deltalake
import pyarrow as pa

moment = datetime(2026, 11, 30, 1, tzinfo=UTC)
rows = pa.table({"t": pa.array([moment], pa.timestamp("us", "UTC"))})
deltalake.write_deltalake("table", rows)
[file] = Path("table").resolve().glob("*.parquet")


def seen(source):
    return str(chdb.query(f"select toTypeName(t), toDate(t) from {source}", "TSV")).strip().split("\t")


as_file = seen(f"file('{file}', Parquet)")
as_table = seen(f"deltaLakeLocal('{file.parent}')")
print("Parquet file: {}, day {}".format(*(each.replace("\\'", "'") for each in as_file)))
print("Delta Lake table: {}, day {}".format(*as_table))
assert as_file[1] == "2026-11-30"
assert as_table == ["Nullable(DateTime64(6))", "2026-11-29"]
PYTHON
