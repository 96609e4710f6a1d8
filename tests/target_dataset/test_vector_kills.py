"""A target that is killed while it upserts with deletion vectors leaves whole commits alone."""

from __future__ import annotations

import json
import random
import subprocess
import time
from itertools import islice
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pytest
from support.commands import BIN
from support.forking import Popen
from support.singer_messages import lines, record, schema, state

from dataset_store import DatasetSpec, dataset_id, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from dataset_store import Dataset

GUID: Final = dataset_id("posts")
PROPERTIES = {"id": {"type": "integer"}, "n": {"type": "integer"}}
COLUMNS = pa.schema([("id", pa.int64()), ("n", pa.int64())])
OPTIONS: Final = {"deletion_vectors": True, "compact_after_commits": 5}
COMMITS: Final = 10
SECONDS: Final = 120


def stored(folder: Path, rows: int) -> Dataset:
    """A dataset of rows that all have 0, in files of which each change touches some."""
    store = open_store(str(folder / "datasets"), OPTIONS)
    made = store.create(DatasetSpec("posts", COLUMNS, keys=("id",)))
    for start in range(0, rows, rows // 4):
        ids = range(start, start + rows // 4)
        made.append(pa.table({"id": list(ids), "n": [0] * len(ids)}, COLUMNS))
    return made


def changed_ids(rows: int, count: int, chance: random.Random) -> list[int]:
    """Half of them stored, half new, in random order."""
    found = [*chance.sample(range(rows), count // 2), *range(rows, rows + count - count // 2)]
    chance.shuffle(found)
    return found


def written(path: Path, ids: list[int], first: int, each: int) -> Path:
    """The changes from one on, numbered from 1, with a STATE after each commit's."""
    with path.open("w") as file:
        file.write(lines([schema("posts", PROPERTIES, ["id"])]))
        for start in range(first, len(ids), each):
            numbered = islice(enumerate(ids, 1), start, start + each)
            file.write(lines([*(record("posts", id=id_, n=n) for n, id_ in numbered)]))
            file.write(lines([state({"n": min(start + each, len(ids))})]))
    return path


def run(folder: Path, source: Path, each: int, chance: random.Random | None) -> int | None:
    """Run the target, and kill it at a random moment if there is a chance; gives the last STATE."""
    config = {"store": str(folder / "datasets"), "store_options": OPTIONS, "batch_size_rows": each}
    (folder / "config.json").write_text(json.dumps(config))
    log = folder / "datasets" / GUID / "_delta_log"
    with (
        source.open("rb") as given,
        (folder / "output").open("wb") as output,
        Popen(
            [BIN / "target-dataset", "--config", folder / "config.json"],
            stdin=given,
            stdout=output,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        if chance:
            before, commits = entries(log), chance.randrange(COMMITS)
            while process.poll() is None and entries(log) < before + commits:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.3))
            process.kill()
        assert process.wait(SECONDS) == (-9 if chance and process.returncode else 0)
    told = (folder / "output").read_text().rpartition("\n")[0].splitlines()
    return int(json.loads(told[-1])["n"]) if told else None


def entries(log: Path) -> int:
    return sum(path.suffix == ".json" for path in log.iterdir())


def check(folder: Path, rows: int, ids: list[int], least: int, each: int) -> None:
    """The dataset holds the first changes, at least those told, and no part of a commit."""
    dataset = open_store(str(folder / "datasets")).open("posts")
    table = pa.Table.from_batches(dataset.read(), COLUMNS)
    found = dict(zip(table["id"].to_pylist(), table["n"].to_pylist(), strict=True))
    assert len(found) == table.num_rows == dataset.info().rows
    count = max(found.values())
    expected = dict.fromkeys(range(rows), 0)
    expected.update((id_, n) for n, id_ in islice(enumerate(ids, 1), count))
    assert found == expected
    assert count >= least
    assert count % each == 0


@pytest.mark.parametrize(
    ("seed", "kills", "count"),
    [
        (1, 2, 2_000),
        *(pytest.param(n, 10, 500_000, marks=pytest.mark.torture) for n in range(2, 12)),
    ],
)
@pytest.mark.timeout(1800)
def test_kills_leave_whole_commits(seed: int, kills: int, count: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    rows, each = count, count // COMMITS
    stored(tmp_path, rows)
    ids = changed_ids(rows, count, chance)
    upto = 0
    for _ in range(kills):
        source = written(tmp_path / "input", ids, upto, each)
        upto = run(tmp_path, source, each, chance) or upto
        check(tmp_path, rows, ids, upto, each)
        if upto == count:
            # the run was faster than the kill
            upto = 0
    assert run(tmp_path, written(tmp_path / "input", ids, upto, each), each, None) == count
    check(tmp_path, rows, ids, count, each)
    assert list((tmp_path / "datasets" / GUID / "_vectors").iterdir())
