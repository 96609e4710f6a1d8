"""Direct messages from end to end: kills, the chain with the lookup, and what a dataset holds."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from support.commands import MeltanoProject, Pipe
from support.harness import auth_of, rows, tap_config
from support.inboxes import RECEIVED, SENT, asked, truth

from dataset_store import dataset_id, writeback_id
from sandbox import running
from sandbox.credentials import FOUNDER, OWNER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sandbox import Sandbox
    from sandbox.credentials import UserToken

pytestmark = pytest.mark.pipeline

WORLD: dict[str, Any] = {"clock_ticking": False, "limit_scale": 100}
CATALOG = {
    "streams": [
        {
            "tap_stream_id": name,
            "stream": name,
            "schema": {"type": "object", "properties": {}},
            "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
        }
        for name in (RECEIVED, SENT)
    ]
}


class MessagePipe(Pipe):
    """The pipe with a catalog that selects the messages."""

    def _options(self, *names: str) -> list[str]:
        catalog = self.folder / "catalog.json"
        catalog.write_text(json.dumps(CATALOG))
        return [*super()._options(*names), "--catalog", str(catalog)]


def new_pipe(sandbox: Sandbox, folder: Path, token: UserToken) -> MessagePipe:
    folder.mkdir(exist_ok=True)
    store = folder / "datasets"
    return MessagePipe(
        folder,
        tap_config(sandbox, store, auth=auth_of(token)),
        {"store": str(store), "idle_flush_seconds": 0.05},
    )


def stored(folder: Path) -> list[str]:
    """The ids in the datasets of both streams."""
    return [
        row["id"]
        for name in (RECEIVED, SENT)
        for row in rows(folder / "datasets", dataset_id(name), ignore=())
    ]


def after_request(sandbox: Sandbox, number: int) -> Callable[[], bool]:
    return lambda: len(asked(sandbox)) >= number


VICTIMS: Sequence[Sequence[str]] = (("tap",), ("target",), ("tap", "target"))


def kill_and_finish(sandbox: Sandbox, pipe: Pipe, pages: Sequence[int], seed: int) -> None:
    """Kill a backfill as soon as some pages were asked for; each costs a page at most."""
    chance, kills = random.Random(seed), 0
    for page in pages:
        kills += pipe.run(after_request(sandbox, page + kills), chance.choice(VICTIMS)) != (0, 0)
    assert pipe.run() == (0, 0)
    token = str(pipe.tap["auth"]["access_token"])
    events = truth(sandbox, token.partition("-")[0])
    ids = stored(pipe.folder)
    assert len(ids) == len(set(ids))
    assert set(map(int, ids)) == events
    # what came in since a read was broken off takes one event that is known to find out
    assert sandbox.bill.total.gross_objects <= len(events) + 100 * kills + 1


@pytest.mark.torture
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.timeout(300)
def test_a_backfill_that_is_killed(tmp_path: Path, seed: int) -> None:
    with running(latency_ms=50, **WORLD) as sandbox:
        pages = sorted(random.Random(seed).sample(range(1, 45), 3))
        kill_and_finish(sandbox, new_pipe(sandbox, tmp_path, OWNER), pages, seed)


@pytest.mark.torture
@pytest.mark.timeout(1800)
def test_a_backfill_of_more_than_4000_messages_that_is_killed_at_every_page(
    tmp_path: Path,
) -> None:
    with running(latency_ms=50, **WORLD) as sandbox:
        assert len(truth(sandbox, OWNER.user_id)) > 4_000
        kill_and_finish(sandbox, new_pipe(sandbox, tmp_path, OWNER), range(1, 45), 0)


def test_days_in_a_dataset_are_those_of_one_sync(tmp_path: Path) -> None:
    with running(**WORLD) as sandbox:
        daily = new_pipe(sandbox, tmp_path / "daily", FOUNDER)
        assert daily.run() == (0, 0)
        first = set(stored(daily.folder))
        sandbox.clock.advance(2 * 86_400)
        assert daily.run() == (0, 0)
        once = new_pipe(sandbox, tmp_path / "once", FOUNDER)
        assert once.run() == (0, 0)
        assert set(stored(daily.folder)) == first | set(stored(once.folder))


@pytest.mark.xdist_group("meltano")
def test_meltano_reads_messages_and_looks_up_who_wrote_them(
    meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = tmp_path / "datasets"
    variables = {
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_STORE": str(store),
        "TAP_TWITTER_USERS_LOOKUP_INPUT_DATASET_ID": json.dumps([RECEIVED, SENT]),
        "TARGET_DATASET_STORE": str(store),
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
    }
    done = meltano.run("run", "messages", "lookup", **variables)
    assert done.returncode == 0, done.stderr
    messages = {name: rows(store, dataset_id(name), ignore=()) for name in (RECEIVED, SENT)}
    assert [len(found) for found in messages.values()] == [20, 20]
    for name, found in messages.items():
        wanted = {row[side] for row in found for side in ("sender_id", "recipient_id")} - {None}
        users = rows(store, writeback_id("users_lookup", dataset_id(name)))
        assert {row["requested_id"] for row in users} == wanted
        assert all(row["id"] == row["requested_id"] for row in users if row["id"])
    again = meltano.run("run", "messages", **variables)
    assert again.returncode == 0, again.stderr
    assert len(rows(store, dataset_id(SENT), ignore=())) == 20
