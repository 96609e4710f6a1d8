"""The progress of a load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.singer_messages import lines, record
from target_command import POSTS

from dataset_store.progress import displays
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Any:
    """The lines of progress of a load, which come at once."""
    monkeypatch.setattr(displays, "FIRST_LINE_SECONDS", 0)

    def lines_of() -> list[str]:
        return [each for each in caplog.messages if each.startswith("Progress of")]

    return lines_of


def test_a_load_of_a_file_says_how_much_of_it_is_read(
    tmp_path: Path, told: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    path = tmp_path / "input.jsonl"
    path.write_text(lines([POSTS, *(record("posts", id=str(each)) for each in range(1000))]))
    config = type("Config", (), {"config": {"store": str(tmp_path)}, "parse_env": False})()
    with path.open() as file:
        TargetDataset.invoke(config=config, file_input=file)
    size = path.stat().st_size
    (line,) = told()
    assert f" of {size:,} bytes (" in line
    assert "1,000 rows read, 0 committed" in line
