#!/usr/bin/env bash
# deltalake 1.6.6: vacuum(full=True) reports files that are long gone, and commits twice each time.
#
# The removal of a file stays in the log until a checkpoint drops it. A full vacuum takes every such removal
# for a file to delete, without looking whether it is there: each call returns the same files again, and adds
# the versions VACUUM START and VACUUM END. Hurt are those who count what was deleted, and logs that grow with
# every upkeep.
#
# Seen on Python 3.11, Linux x86-64:
#   vacuum 1: 1 file, version 1 -> 3
#   vacuum 2: 1 file, version 3 -> 5
#   vacuum 3: 1 file, version 5 -> 7
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
"$folder/venv/bin/python" - "$folder/table" <<'PYTHON'
import sys

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

location = sys.argv[1]
for _ in range(2):
    write_deltalake(location, pa.table({"id": [1]}), mode="overwrite")
for number in range(1, 4):
    before = DeltaTable(location).version()
    deleted = DeltaTable(location).vacuum(
        0, dry_run=False, enforce_retention_duration=False, full=True
    )
    after = DeltaTable(location).version()
    print(f"vacuum {number}: {len(deleted)} file, version {before} -> {after}")
    assert len(deleted) == 1
    assert after == before + 2
PYTHON
