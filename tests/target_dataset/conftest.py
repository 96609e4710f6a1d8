from __future__ import annotations

import contextlib
import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from support.help_addresses import without_help
from support.singer_messages import Loaded, Message, lines
from target_command import Command, Run

from dataset_store import open_store
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Loaded]:
    """Run the target over messages, with settings as keywords; runs of a test share a store."""

    def run(*messages: Message | str, **config: Any) -> Loaded:
        store = config.setdefault("store", str(tmp_path / "datasets"))
        capsys.readouterr()
        TargetDataset(config=config).listen(io.StringIO(lines(messages)))
        states = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return Loaded(open_store(store), states)

    return run


@pytest.fixture
def command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[Command]:
    """Run the command in this process, which is quicker, in the folder of the test."""

    def run(*messages: Message | str, **config: Any) -> Run:
        (tmp_path / "config.json").write_text(json.dumps(config))
        (tmp_path / "input.jsonl").write_text(lines(messages))
        with contextlib.chdir(tmp_path), pytest.raises(SystemExit) as ended:
            TargetDataset.get_singer_command().main(
                ["--config", "config.json", "--input", "input.jsonl"]
            )
        problems = [found for found in caplog.records if found.levelno > logging.INFO]
        assert not any(found.exc_info for found in problems)
        code = ended.value.code
        assert isinstance(code, int)
        return Run(
            code, capsys.readouterr().out, [without_help(found.getMessage()) for found in problems]
        )

    yield run
    logging.captureWarnings(capture=False)
