#!/usr/bin/env bash
# pyspark-client 4.2.0: to import its Spark Connect session ends the interpreter if there is no script.
#
# In `python -c`, and in workers such as those of pytest-xdist, the module `__main__` has no `__file__`.
# The client takes that for a run of its own doctests, looks for a Spark home that the package does not
# have, prints advice about installing PySpark, and calls `sys.exit(-1)`. `except ImportError` does not
# catch that. The same lines in a file are fine.
#
# Seen on Python 3.11, Linux x86-64:
#   in a file: ends with 0, prints "imported"
#   in python -c: ends with 255, prints "Could not find valid SPARK_HOME ..."
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  pyspark-client==4.2.0 pandas==2.3.3 pyarrow==25.0.1
unset SPARK_HOME
lines='from pyspark.sql.connect.session import SparkSession; print("imported")'

echo "$lines" > "$folder/script.py"
found=$("$folder/venv/bin/python" "$folder/script.py" 2>&1)
echo "in a file: ends with $?, prints \"$found\""
[ "$found" = imported ]

code=0
found=$("$folder/venv/bin/python" -c "$lines" 2>&1) || code=$?
echo "in python -c: ends with $code, prints \"${found:0:31} ...\""
[ "$code" = 255 ]
[[ "$found" == "Could not find valid SPARK_HOME"* ]]
