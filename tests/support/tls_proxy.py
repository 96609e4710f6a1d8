"""A proxy of a company: it opens TLS with certificates of its own and leads X's hosts to a sandbox."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOSTS = ("ads-api.x.com", "api.x.com")


class TlsProxy(ThreadingHTTPServer):
    """A proxy on loopback.

    Args:
        sandbox_url: Where the sandbox listens.
        folder: Takes the certificates.

    Attributes:
        asked: The hosts and ports to which clients wanted a tunnel.
        authority: The certificate that clients have to trust.
    """

    def __init__(self, sandbox_url: str, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.sandbox = urlsplit(sandbox_url).netloc
        self.authority, chain, key = _certificates(folder)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(chain, key)

    @property
    def url(self) -> str:
        """The value of `HTTPS_PROXY`."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: TlsProxy

    def do_CONNECT(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        try:
            self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        except OSError:  # the client does not trust the certificate
            self.close_connection = True
            self.connection.close()
            return
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def do_GET(self) -> None:
        with closing(http.client.HTTPConnection(self.server.sandbox, timeout=20)) as sandbox:
            sandbox.putrequest("GET", self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in [*self.headers.items(), ("X-Forwarded-Proto", "https")]:
                sandbox.putheader(name, value)
            sandbox.endheaders()
            answer = sandbox.getresponse()
            body = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Nothing: tests read what the proxy was asked."""


@contextmanager
def proxying(sandbox_url: str, folder: Path) -> Iterator[TlsProxy]:
    """Run a proxy."""
    with TlsProxy(sandbox_url, folder) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


def _certificates(folder: Path) -> tuple[Path, Path, Path]:
    """The certificate of an authority, and one that it has issued for X's hosts, with its key."""
    names = ",".join(f"DNS:{host}" for host in HOSTS)
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    common = [*new, "-days", "2"]
    _openssl(folder, *common, "-subj", "/CN=Company", "-keyout", "ca.key", "-out", "ca.pem",
             "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    _openssl(folder, *common, "-subj", "/CN=Proxy", "-keyout", "proxy.key", "-out", "proxy.pem",
             "-CA", "ca.pem", "-CAkey", "ca.key", "-addext", f"subjectAltName={names}",
             "-addext", "basicConstraints=critical,CA:FALSE")  # fmt: skip
    return folder / "ca.pem", folder / "proxy.pem", folder / "proxy.key"


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
