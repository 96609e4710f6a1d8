"""Which files a BATCH message may name, and how it names them."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from target_dataset.errors import InputError
from target_dataset.local_files import open_local

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["part.jsonl", "a b.jsonl", "50%.jsonl", "a%20b.jsonl", "ä#1?.jsonl"]


def content(address: str) -> bytes:
    with open_local(address) as file:
        return file.read()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "form", ["path", "relative", "relative url", "url", "one slash", "host", "capitals", "raw"]
)
def test_a_local_file_may_be_named_in_many_ways(form: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"found")
    address = {
        "path": str(path),
        "relative": f"./{name}",
        "relative url": f"file://./{quote(name)}",
        "url": path.as_uri(),
        "one slash": path.as_uri().replace("///", "/"),
        "host": path.as_uri().replace("///", "//localhost/"),
        "capitals": path.as_uri().replace("file", "FILE", 1),
        "raw": f"file://{path}",
    }[form]
    with contextlib.chdir(tmp_path):
        assert content(address) == b"found"


def test_what_a_url_says_comes_before_what_it_looks_like(tmp_path: Path) -> None:
    (tmp_path / "a b").write_bytes(b"meant")
    (tmp_path / "a%20b").write_bytes(b"written")
    assert content(f"file://{tmp_path}/a%20b") == b"meant"
    assert content(str(tmp_path / "a%20b")) == b"written"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("s3://bucket/part", "it is not on this machine"),
        ("http://127.0.0.1/part", "it is not on this machine"),
        ("memory://part", "it is not on this machine"),
        ("file://elsewhere/part", "it names another machine; a file URL has three slashes"),
        ("simplecache::file:///part", "No such file or directory"),
        ("nowhere", "No such file or directory"),
        ("", "it is a folder"),
        ("pipe", "it is a pipe"),
        ("socket", "it is a socket"),
        ("/dev/zero", "it is a device"),
        ("file:///dev/zero", "it is a device"),
        ("link", "it is a pipe"),
        ("loop", "Too many levels of symbolic links"),
        ("a\0b", "embedded null byte"),
        ("a" * 300, "File name too long"),
    ],
    ids=lambda text: text[:20].replace("\0", "NUL"),
)
def test_what_is_no_local_file_is_refused_at_once(
    address: str, reason: str, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    (tmp_path / "loop").symlink_to("loop")
    with contextlib.chdir(tmp_path), socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        with pytest.raises(InputError) as caught:
            open_local(address)
    message = f"A file of a BATCH message cannot be read ({reason}): {address}"
    assert str(caught.value) == message


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "part").touch(0o000)
    with pytest.raises(InputError, match="Permission denied"):
        open_local(str(tmp_path / "part"))
