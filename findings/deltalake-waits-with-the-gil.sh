#!/usr/bin/env bash
# deltalake 1.6.6: all threads of Python stand still while history() or a file of deltalake.fs waits for a server.
#
# DeltaTable.history() and the files of deltalake.fs.DeltaStorageHandler hold the interpreter's lock during their
# requests; opening a table releases it. So a slow answer of the object storage stops everything else in the process:
# other workers, progress, and the handling of signals. A server in a thread of the same process, as tests like to
# have one, can never answer.
# The script keeps a table in a server of its own process that takes a second for each answer, and counts how often
# another thread gets its turn, 100 times a second, meanwhile.
#
# Seen on Python 3.11.7, deltalake 1.6.6, pyarrow 26.0.1, moto 5.2.5, Linux x86-64:
#   opening the table: the other thread had 92% of its turns
#   history(): 0%
#   open_input_file of deltalake.fs: 1%
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1 'moto[server]==5.2.5'
cat > "$folder/slow_server.py" <<'PYTHON'
import time
from threading import Thread

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

application = DomainDispatcherApplication(create_backend_app)
slow = False


def delayed(environ, start_response):
    if slow:
        time.sleep(1)
    return application(environ, start_response)


server = make_server("127.0.0.1", 0, delayed, threaded=True)
Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
input()
slow = True
print("slow", flush=True)
input()
PYTHON
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import subprocess
import sys
import threading
import time
import urllib.request

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.fs import DeltaStorageHandler

server = subprocess.Popen(
    [sys.executable, "slow_server.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    stderr=subprocess.DEVNULL, text=True,
)
endpoint = f"http://127.0.0.1:{server.stdout.readline().strip()}"
urllib.request.urlopen(urllib.request.Request(f"{endpoint}/data", method="PUT")).close()
options = {
    "aws_endpoint": endpoint, "aws_access_key_id": "k", "aws_secret_access_key": "s",
    "aws_region": "us-east-1", "allow_http": "true",
}
write_deltalake("s3://data/table", pa.table({"n": [1]}), storage_options=options)
table = DeltaTable("s3://data/table", storage_options=options)
path = table.file_uris()[0].rpartition("/")[2]
server.stdin.write("\n")
server.stdin.flush()
server.stdout.readline()

turns = 0


def tick():
    global turns
    while True:
        time.sleep(0.01)
        turns += 1


threading.Thread(target=tick, daemon=True).start()


def share(work):
    """The turns that the other thread had during some work, of those it could have."""
    before, begun = turns, time.perf_counter()
    work()
    took = time.perf_counter() - begun
    assert took > 0.9, took
    return min(1.0, (turns - before) / (took * 100))


try:
    opening = share(lambda: DeltaTable("s3://data/table", storage_options=options))
    history = share(table.history)
    file = share(lambda: DeltaStorageHandler("s3://data/table", options).open_input_file(path).close())
finally:
    server.kill()
print(f"opening the table: the other thread had {opening:.0%} of its turns")
print(f"history(): {history:.0%}")
print(f"open_input_file of deltalake.fs: {file:.0%}")
assert opening > 0.3
assert history < 0.1
assert file < 0.1
PYTHON
