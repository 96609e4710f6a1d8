"""Files that commands write are complete, their owner's alone, and no link is followed."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from dataset_store.errors import DatasetError
from dataset_store.new_files import new_file


def write(path: Path, content: bytes = b"new") -> None:
    with new_file(path) as sink:
        sink.write(content)


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o000], ids=oct)
@pytest.mark.parametrize("before", [None, 0o644, 0o400], ids=str)
def test_a_file_is_its_owners_alone(before: int | None, umask: int, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    if before is not None:
        path.write_bytes(b"old")
        path.chmod(before)
    set_before = os.umask(umask)
    try:
        write(path)
    finally:
        os.umask(set_before)

    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_half_is_never_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    with new_file(path) as sink:
        sink.write(b"half")
        sink.flush()
        assert path.read_bytes() == b"old"
        (part,) = set(tmp_path.iterdir()) - {path}
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert path.read_bytes() == b"half"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, OSError, DatasetError])
@pytest.mark.parametrize("before", [b"old", None])
def test_after_an_error_all_is_as_before(
    before: bytes | None, error: type[BaseException], tmp_path: Path
) -> None:
    path = tmp_path / "out.csv"
    if before:
        path.write_bytes(before)

    def fail() -> None:
        with new_file(path) as sink:
            sink.write(b"half")
            raise error

    with pytest.raises(error):
        fail()

    assert [found.read_bytes() for found in tmp_path.iterdir()] == ([before] if before else [])


@pytest.mark.parametrize("target", ["there", "nowhere", "out.csv"])
def test_a_link_is_not_followed(target: str, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"old")
    path = tmp_path / "out.csv"
    path.symlink_to(tmp_path / target)
    with pytest.raises(DatasetError, match=r"out\.csv: it is a symbolic link, .*not followed"):
        write(path)

    assert path.is_symlink()
    assert (tmp_path / "there").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_link_that_appears_meanwhile_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"old")
    path = tmp_path / "out.csv"
    with new_file(path) as sink:
        sink.write(b"new")
        path.symlink_to(tmp_path / "there")

    assert (tmp_path / "there").read_bytes() == b"old"
    assert (path.read_bytes(), path.is_symlink()) == (b"new", False)


def test_links_to_folders_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link" / "out.csv")

    assert (tmp_path / "real" / "out.csv").read_bytes() == b"new"


def test_a_pipe_is_refused_without_waiting_for_a_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "out.csv")
    with pytest.raises(DatasetError, match=r"a pipe or a device; .* - for CSV"):
        write(tmp_path / "out.csv")


@pytest.mark.parametrize(("path", "said"), [("/dev/null", "a device"), ("/tmp", "a folder")])
def test_what_is_no_file_is_refused(path: str, said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        write(Path(path))


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    write(tmp_path / ("n" * 255))

    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["nowhere/out.csv", "n" * 256, "file/out.csv"])
def test_a_place_that_cannot_be_written_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError) as told:  # noqa: PT011 - the file says which
        write(tmp_path / name)
    assert told.value.filename == str(tmp_path / name)
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_a_signal_right_after_the_file_was_made_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def interrupted(*arguments: Any) -> int:
        os.close(real(*arguments))
        raise SystemExit(143)

    monkeypatch.setattr("dataset_store.new_files.os.open", interrupted)
    with pytest.raises(SystemExit), new_file(tmp_path / "a.csv"):
        pytest.fail("the block began")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
