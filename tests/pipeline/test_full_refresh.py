"""Meltano merges states: full refreshes, stopped ones, and `state merge`, for every stream."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from meltano.core.utils import merge
from support.state_jobs import ADS_ACCOUNTS, APP_ONLY, PEOPLE, STREAMS, input_store, job, kept

from sandbox import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from support.commands import MeltanoProject

    from sandbox import Sandbox

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.xdist_group("meltano"),
    pytest.mark.timeout(900),
]

ID = "sandbox:tap-twitter-to-target-dataset"
WORLD: dict[str, Any] = {"limit_scale": 1000}
"""In the machine's time, as the tap is a process of its own; nobody waits for limits."""

GROUPS = {"engagement", "followers", "following", "list_members", "organic"}
"""The groups of settings that jobs need beside those that are the same for all."""


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return WORLD


class Refreshes:
    """Runs of some streams by Meltano, with a state of their own."""

    def __init__(
        self, meltano: MeltanoProject, sandbox: Sandbox, folder: Path, streams: Sequence[str]
    ) -> None:
        self._meltano, self._folder = meltano, folder
        store = str(input_store(folder))
        config: dict[str, Any] = {}
        for stream in streams:
            config |= job(sandbox, folder, stream)
        smaller = {
            "engagement": {"number_of_tweets": 3, "engagement_metrics": ["favorites"]},
            # the user of the project's credentials has no role at the third
            "organic": {**ADS_ACCOUNTS, "accounts": ADS_ACCOUNTS["accounts"][:2]},
        }
        self.variables = {
            "MELTANO_DATABASE_URI": f"sqlite:///{folder}/meltano.db",
            "TARGET_DATASET_STORE": store,
            "TAP_TWITTER__SELECT": json.dumps([f"{stream}.*" for stream in streams]),
            "TAP_TWITTER_API_BASE_URL": sandbox.url,
            "TAP_TWITTER_API_ENGAGEMENT_URL": sandbox.url,
            "TAP_TWITTER_API_ADS_URL": sandbox.url,
            "TAP_TWITTER_STORE": store,
            "TAP_TWITTER_USERS_LOOKUP_INPUT_DATASET_ID": PEOPLE,
            "TAP_TWITTER_ACCOUNTS": json.dumps(config.get("accounts", [])[:2] or None),
            "TAP_TWITTER_DIRECT_MESSAGES_LIMIT": "5",
            "TAP_TWITTER_START_DATE": "10 days ago",
            "TAP_TWITTER_QUERIES": json.dumps(config.get("queries") or []),
            **(
                {"TAP_TWITTER_AUTH_BEARER_TOKEN": sandbox.tokens.app_only()}
                if APP_ONLY & set(streams)
                else {}
            ),
            **{
                f"TAP_TWITTER_{group}_{name}".upper(): (
                    value if isinstance(value, str) else json.dumps(value)
                )
                for group, settings in {**config, **smaller}.items()
                if group in GROUPS
                for name, value in settings.items()
            },
        }

    def meltano(self, *arguments: str, **variables: str) -> str:
        done = self._meltano.run(*arguments, **{**self.variables, **variables})
        assert done.returncode == 0, done.stderr
        assert "Failed to" not in done.stderr
        return done.stdout

    def run(self, *options: str, requests: int | None = None) -> None:
        """Run; a number of requests stops it in the middle."""
        budget = {} if requests is None else {"TAP_TWITTER_BUDGET_MAX_REQUESTS": str(requests)}
        self.meltano("run", *options, "tap-twitter", "target-dataset", **budget)

    def bookmarks(self, state_id: str = ID) -> dict[str, Any]:
        """What `state get` would print, without starting Meltano for it."""
        question = "SELECT completed_state, partial_state FROM state WHERE state_id = ?"
        with closing(sqlite3.connect(self._folder / "meltano.db")) as database:
            found = database.execute(question, (state_id,)).fetchone()
        completed, partial = (json.loads(each or "{}") for each in found)
        bookmarks: dict[str, Any] = merge(partial, completed)["singer_state"]["bookmarks"]  # type: ignore[no-untyped-call]
        return bookmarks

    def keep(self, **states: Any) -> None:
        """Let Meltano have a stored state, with what was completed and what was not."""
        path = self._folder / "states.json"
        wrapped = {name: {"singer_state": state} for name, state in states.items()}
        path.write_text(json.dumps({ID: {"completed": {}, "partial": {}, **wrapped}}))
        self.meltano("state", "import", str(path))


def cycle(refreshes: Refreshes, streams: Sequence[str], requests: int) -> None:
    """Everything that merges states, one after the other."""
    old = {stream: kept(stream) for stream in streams}
    finished = {stream: old[stream]["finished"]["bookmarks"][stream] for stream in streams}
    stopped = old[streams[0]]["stopped"]["state"]
    refreshes.keep(completed={"bookmarks": finished}, partial=stopped)
    refreshes.run("--full-refresh")
    whole = refreshes.bookmarks()
    assert set(whole) >= set(streams)
    refreshes.run("--full-refresh", requests=requests)
    refreshes.run()
    assert set(refreshes.bookmarks()) == set(whole)
    refreshes.meltano("state", "copy", "--force", ID, "other")
    refreshes.run("--full-refresh", requests=requests)
    refreshes.meltano("state", "merge", "--from-state-id", "other", ID)
    merged = refreshes.bookmarks()
    assert merged == refreshes.bookmarks("other")
    assert forgets_nothing(merged, whole)
    refreshes.run()
    printed = json.loads(refreshes.meltano("state", "get", ID))["singer_state"]["bookmarks"]
    assert printed == refreshes.bookmarks()


def partitions(bookmark: dict[str, Any]) -> set[tuple[str, ...]]:
    """The values of the partition keys in the bookmark of a stream."""
    return {tuple(each["context"].values()) for each in bookmark.get("partitions", [])}


def forgets_nothing(bookmarks: dict[str, Any], whole: dict[str, Any]) -> bool:
    """Whether every account or query that was read has its partition."""
    return all(partitions(whole[stream]) <= partitions(each) for stream, each in bookmarks.items())


@pytest.mark.torture
def test_full_refreshes_of_all_streams_end_in_a_state_to_go_on_from(
    meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    cycle(Refreshes(meltano, sandbox, tmp_path, STREAMS), STREAMS, requests=2)


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    with running(**WORLD) as sandbox:
        yield sandbox


@pytest.mark.torture
@pytest.mark.parametrize("requests", [1, 3])
@pytest.mark.parametrize("stream", STREAMS)
def test_full_refreshes_of_each_stream_stopped_anywhere(
    meltano: MeltanoProject, world: Sandbox, tmp_path: Path, stream: str, requests: int
) -> None:
    world.reset()
    cycle(Refreshes(meltano, world, tmp_path, [stream]), [stream], requests)
