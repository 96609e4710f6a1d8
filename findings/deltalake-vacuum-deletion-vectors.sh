#!/usr/bin/env bash
# deltalake 1.6.6: vacuum(full=True) deletes deletion vectors in use.
#
# A deletion vector lists the deleted rows of a data file, in a file of its own beside it
# (`deletion_vector_<uuid>.bin`). deltalake reads such tables. Its full vacuum deletes "files not in the
# log", and takes only the names of data files for those in the log: so it deletes the vectors of the
# newest version, after which no program can read the table. The plain vacuum leaves them alone. Hurt
# are those who tidy up tables that Spark or Databricks write, where vectors are on by default.
#
# Seen on Python 3.11, Linux x86-64:
#   rows before: 2
#   vacuum(): []
#   vacuum(full=True): ['deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin']
#   reading after it: DeltaError
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  deltalake==1.6.6 pyarrow==26.0.1 pyroaring==1.2.0
"$folder/venv/bin/python" - "$folder/table" <<'PYTHON'
import json
import struct
import sys
import zlib
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from pyroaring import BitMap64

location = Path(sys.argv[1])
write_deltalake(
    location,
    pa.table({"id": [1, 2, 3]}),
    configuration={"delta.enableDeletionVectors": "true"},
)
log = location / "_delta_log"
lines = map(json.loads, (log / f"{0:020}.json").read_text().splitlines())
added = next(line["add"] for line in lines if "add" in line)

# the first row is deleted, as Delta's protocol has it under "Deletion Vector Format"
vector = struct.pack("<I", 1681511377) + BitMap64([0]).serialize()
name = "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"
size, checksum = struct.pack(">I", len(vector)), struct.pack(">I", zlib.crc32(vector))
(location / name).write_bytes(b"\x01" + size + vector + checksum)
removed = {"path": added["path"], "dataChange": True, "deletionTimestamp": added["modificationTime"]}
descriptor = {
    "storageType": "u",
    "pathOrInlineDv": "^-aqEH.-t@S}K{vb[*k^",  # that UUID in Z85
    "offset": 1,
    "sizeInBytes": len(vector),
    "cardinality": 1,
}
actions = [{"remove": removed}, {"add": added | {"deletionVector": descriptor}}]
(log / f"{1:020}.json").write_text("\n".join(map(json.dumps, actions)))


def rows():
    return pa.table(DeltaTable(location).scan()).num_rows


def vacuum(**how):
    table = DeltaTable(location)
    return table.vacuum(0, dry_run=False, enforce_retention_duration=False, **how)


before = rows()
plain = vacuum()
full = vacuum(full=True)
try:
    after = rows()
except Exception as error:
    after = type(error).__name__
print(f"rows before: {before}")
print(f"vacuum(): {plain}")
print(f"vacuum(full=True): {full}")
print(f"reading after it: {after}")
assert before == 2
assert plain == []
assert full == [name]
assert isinstance(after, str)
PYTHON
