#!/usr/bin/env bash
# asyncio (Python 3.11 and 3.13): Nagle's algorithm stays on for servers that are given a socket.
#
# asyncio sets TCP_NODELAY on connections of the sockets that it makes itself, but only where a socket
# names its protocol, and those of socket.create_server() do not. A server that is handed such a socket,
# as uvicorn lets one do in order to know the port, sends the head of an answer, and keeps its body back
# until the client acknowledges the head: 40 ms later, on every connection that is used again.
# The script serves the same application by uvicorn on a socket of either kind, and takes the least of 20
# requests on one connection.
#
# Seen on Python 3.11.7 and 3.13.0, uvicorn 0.54.0, Linux x86-64:
#   socket.create_server(): 41.6 ms a request
#   the same with TCP_NODELAY: 0.1 ms
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvicorn==0.54.0 h11==0.16.0
"$folder/venv/bin/python" - <<'PYTHON'
import http.client
import socket
import threading
import time

import uvicorn


async def application(scope, receive, send):
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hi"})


def least_milliseconds(no_delay):
    """The quickest of 20 requests on one connection, without the first."""
    listener = socket.create_server(("127.0.0.1", 0))
    if no_delay:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(application, http="h11", lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    connection = http.client.HTTPConnection(*listener.getsockname())
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        connection.request("GET", "/")
        connection.getresponse().read()
        took.append(time.perf_counter() - begun)
    connection.close()
    server.should_exit = True
    thread.join()
    listener.close()
    return min(took[1:]) * 1000


kept, sent = least_milliseconds(False), least_milliseconds(True)
print(f"socket.create_server(): {kept:.1f} ms a request")
print(f"the same with TCP_NODELAY: {sent:.1f} ms")
assert kept > 35
assert sent < 20
PYTHON
