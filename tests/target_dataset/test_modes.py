"""Who may read what a run leaves: a new store is its owner's alone, an older one stays as it is."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from support.file_modes import UMASKS, masking, mode, too_open
from support.singer_messages import record, state
from target_command import POSTS, Command, Run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
@pytest.mark.parametrize(
    ("existing", "options", "most"),
    [
        (None, {}, 0o700),
        (None, {"private": False}, 0o777),
        (0o755, {}, 0o755),
        (0o750, {"private": True}, 0o750),
    ],
    ids=["new", "shared", "755", "750"],
)
def test_modes_after_each_run(
    umask: int,
    existing: int | None,
    options: dict[str, Any],
    most: int,
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(waiting))
    store = tmp_path / "store"
    if existing:
        store.mkdir()
        store.chmod(existing)
    with masking(umask):
        for method in ("upsert", "append-only", "overwrite", "upsert"):
            messages = [
                POSTS,
                *(record("posts", id=str(each)) for each in range(3)),
                state({"n": 1}),
            ]
            config = {"store": "store", "store_options": {**options, "compact_after_commits": 2}}
            run = command(*messages, load_method=method, batch_size_rows=1, **config)
            assert run == Run(0, '{"n": 1}\n', []), method
            assert mode(store) == (most if existing else most & ~umask), method
            assert too_open(store, umask) == {}, method
            assert {mode(each) for each in waiting.iterdir()} <= {0o700}, method
