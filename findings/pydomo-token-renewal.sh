#!/usr/bin/env bash
# pydomo 0.3.0.16: an access token that is no JWT is renewed before every request, whatever `expires_in` says.
#
# RFC 6749 has `expires_in` for the lifetime of a token and leaves its form to the server. pydomo reads
# the lifetime from the claim `exp` inside of the token instead. If the token is opaque, it takes 0 for
# that claim, and the token for expired.
# The script serves tokens that live for an hour, opaque and as JWT, and counts how often pydomo asks for
# one while it lists datasets five times.
#
# Seen with pydomo 0.3.0.16, pandas 3.1.1, Python 3.11.7, Linux x86-64:
#   opaque tokens: 6 for 5 requests
#   JWT: 1 for 5 requests
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydomo==0.3.0.16
"$folder/venv/bin/python" - <<'PYTHON'
import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydomo import Domo

REQUESTS = 5


def jwt():
    parts = ({"alg": "none"}, {"exp": int(time.time()) + 3600})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "signature"])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer([])

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.tokens += 1
        self.answer({"access_token": self.server.token, "token_type": "bearer", "expires_in": 3600})

    def answer(self, body):
        sent = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_):
        pass


def tokens_for(token):
    """How many tokens pydomo gets for some requests."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.token, server.tokens = token, 0
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    domo = Domo("client", "secret", api_host=f"127.0.0.1:{server.server_port}", use_https=False)
    for _ in range(REQUESTS):
        list(domo.ds_list(df_output=False))
    server.shutdown()
    thread.join()
    server.server_close()
    return server.tokens


opaque, signed = tokens_for("opaque-token"), tokens_for(jwt())
print(f"opaque tokens: {opaque} for {REQUESTS} requests")
print(f"JWT: {signed} for {REQUESTS} requests")
assert opaque == REQUESTS + 1
assert signed == 1
PYTHON
