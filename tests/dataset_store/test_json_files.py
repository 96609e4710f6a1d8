"""Files with a JSON object: what is wrong with one is named, with the file and the fix."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from dataset_store.json_files import JsonFileError, read_json_object

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {
    "empty": (b"", " is empty"),
    "blank": (b" \n", " is empty"),
    "byte order mark alone": (b"\xef\xbb\xbf", " is empty"),
    "not JSON": (b'{"a": 1,\n secret}', " is not JSON, from line 2, column 2"),
    "several lines": (b'{"a": 1}\n{"a": 2}\n', " holds more than one JSON value, the second in line 2"),
    "a list": (b"[]", " holds JSON, but no object"),
    "null": (b"null", " holds JSON, but no object"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), " is not UTF-8 text"),
    "a deep list": (b"[" * 100_000, " is nested too deeply"),
    "a long number": (b'{"a": ' + b"9" * 5_000 + b"}", " holds a number that is too large"),
    "a large exponent": (b'{"a": 1E9999999999999999999}', " holds a number that is too large"),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXTS)
def test_what_does_not_serve(tmp_path: Path, case: str) -> None:
    content, reason = TEXTS[case]
    file = tmp_path / "state.json"
    file.write_bytes(content)
    with pytest.raises(JsonFileError) as error:
        read_json_object("--state", file, "mend it", Decimal)
    assert str(error.value) == f"--state: file {file}{reason}; mend it"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("gone.json", "No such file or directory"), ("folder", "Is a directory")],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(JsonFileError, match=rf"^--state: file .*{name}: {reason}; mend it$"):
        read_json_object("--state", tmp_path / name, "mend it")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_an_object(tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "state.json").write_bytes(mark + b'{"a": 1.10}\n')
    found = read_json_object("--state", tmp_path / "state.json", "mend it", Decimal)
    assert found == {"a": Decimal("1.10")}


@pytest.mark.parametrize(
    ("text", "expected"), [(b'{"a": 1}', {"a": 1}), (b"", None)], ids=["object", "empty"]
)
def test_standard_input(
    monkeypatch: pytest.MonkeyPatch, text: bytes, expected: dict[str, int] | None
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    if expected is not None:
        assert read_json_object("--config", "-", "mend it") == expected
        return
    with pytest.raises(JsonFileError, match=r"^--config: standard input is empty; mend it$"):
        read_json_object("--config", "-", "mend it")
