#!/usr/bin/env bash
# deltalake 1.6.6: two compactions of one version both succeed, without any retry, and every row is there twice.
#
# A compaction removes the files that it joins. The second one of the same version removes files that are gone
# already; it should fail. Neither changes rows, so the check for conflicts lets it pass, and its joined file comes
# beside the first one. CommitProperties(max_commit_retries=0), which makes other writes fail if another commit was
# faster, does not help: the second commit gets the next version all the same.
#
# Seen on Python 3.11.7, deltalake 1.6.6, pyarrow 26.0.1, Linux x86-64:
#   a write without retries beside a faster one: CommitFailedError
#   two compactions without retries: versions 4 and 5, 8 rows instead of 4
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

ONCE = CommitProperties(max_commit_retries=0)


def four_files(name):
    for number in range(4):
        write_deltalake(name, pa.table({"n": [number]}), mode="append")
    return name


overwritten = four_files("overwritten")
late = DeltaTable(overwritten)
write_deltalake(overwritten, pa.table({"n": [8]}), mode="overwrite")
try:
    write_deltalake(late, pa.table({"n": [9]}), mode="overwrite", commit_properties=ONCE)
except CommitFailedError as error:
    print("a write without retries beside a faster one:", type(error).__name__)
else:
    raise SystemExit("the late overwrite was committed")

compacted = four_files("compacted")
first, second = DeltaTable(compacted), DeltaTable(compacted)
for table in (first, second):
    table.optimize.compact(commit_properties=ONCE)
rows = DeltaTable(compacted).to_pyarrow_table().num_rows
print(f"two compactions without retries: versions {first.version()} and {second.version()}, {rows} rows instead of 4")
assert rows == 8
PYTHON
