"""Pages of the docs site as `make docs` builds it, from a server on loopback."""

from __future__ import annotations

import subprocess
import tempfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = {
    "front": "index.html",
    "quick-start": "quick-start.html",
    "diagrams": "streams.html",
    "wide-tables": "settings-tap.html",
}
"""What is pictured: the pages that everybody sees first, and the widest of each kind of content."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log no requests."""


@contextmanager
def served() -> Iterator[dict[str, str]]:
    """Build the site and serve it; gives the addresses of the pages by name."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["make", "--silent", "docs", f"SITE={folder}"], cwd=ROOT, check=True)
        with serving(Path(folder)) as address:
            yield {name: address + page for name, page in PAGES.items()}


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; gives the address of the folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, name="docs site")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
