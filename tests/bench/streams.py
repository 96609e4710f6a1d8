"""What the streams are given by X, over the least that X's rules let it be."""

from __future__ import annotations

import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import requests
from support.commands import SelectingPipe
from support.harness import tap_config

from bench.measure import Figure, single
from bench.processes import CommandError
from sandbox import moments, running
from sandbox.ads.accounts import NORTHWIND
from sandbox.credentials import OWNER, SECOND_USER
from sandbox.lists import TEA_PEOPLE
from tap_twitter.dates import months_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bench.workshop import Workshop
    from sandbox import Sandbox

WITHOUT_LIMITS: Final = 100_000.0
"""A factor on X's allowances."""

DAYS: Final = 3
DAY: Final = timedelta(days=1)
SECONDS_A_DAY: Final = 86_400
EVENTS_A_PAGE: Final = 100

WEEK: Final = timedelta(days=7)
"""The tap's lookback unless set; it counts it from the machine's time."""

DEPTH: Final = 3200


@dataclass(frozen=True)
class Objects:
    """What a stream was given in all of its runs.

    Attributes:
        given: Objects, repeated ones too.
        least: As many as X's rules make X give at least.
        in_vain: Those among the least that the reader had been given before.
    """

    given: int
    least: int
    in_vain: int


def gross_excess(shop: Workshop) -> Figure:
    """Objects over the least, in a first run and one on each of the days after it."""
    with shop.scratch() as folder:
        parts = {
            "direct_messages": messages(folder / "messages"),
            "insights": insights(folder / "insights"),
            "snapshots": snapshots(folder / "snapshots"),
            "mentions": mentions(folder / "mentions"),
            "searches": searches(folder / "searches"),
            "report": report(folder / "report"),
        }
    excess = sum(part.given - part.least for part in parts.values())
    details: dict[str, Any] = {name: asdict(part) for name, part in parts.items()}
    return single(excess, **details)


def messages(folder: Path) -> Objects:
    """Both streams of direct messages of an account with thousands of them.

    X knows no *since* for them: how much is new, a reader learns only by being given an event that
    it knows, and X allows few requests. The least is that of a reader who bounds what it is given in
    vain by what is new: pages of one event, and then of as many as all pages before, up to X's most.
    """
    given = least = in_vain = 0
    with running(limit_scale=WITHOUT_LIMITS, clock_ticking=False) as sandbox:
        pipe = _pipe(folder, sandbox, "direct_messages", "direct_messages_sent")
        known: set[int] = set()
        for day in range(1 + DAYS):
            sandbox.bill.reset()
            _run(pipe)
            new = len(_events(sandbox) - known)
            needed = _until_known(new) if day else new
            given += sandbox.bill.total.gross_objects
            least += needed
            in_vain += needed - new
            known |= _events(sandbox)
            sandbox.clock.advance(SECONDS_A_DAY)
    return Objects(given, least, in_vain)


def insights(folder: Path) -> Objects:
    """Two accounts with all their posts, whose last week is read again every day.

    X takes an id to read down to, and gives 3,200 posts at most: the least is what lies above the
    older of the newest post of the day before and the week, and a user a day for each account.
    """
    given = least = 0
    accounts = (OWNER.user_id, SECOND_USER.user_id)
    floors = dict.fromkeys(accounts, 0)
    with running(limit_scale=WITHOUT_LIMITS, clock_ticking=False) as sandbox:
        pipe = _pipe(folder, sandbox, "account_insights", "tweet_insights")
        pipe.tap = {**pipe.tap, "accounts": [{"id": each} for each in accounts]}
        for _ in range(1 + DAYS):
            sandbox.bill.reset()
            week_ago = moments.snowflake(datetime.now(UTC) - WEEK, 0)
            _run(pipe)
            given += sandbox.bill.total.gross_objects
            for account, floor in floors.items():
                posts = islice(sandbox.world.timelines.of(account), DEPTH)
                ids = [sandbox.world.timelines.newest(post) for post in posts]
                least += 1 + sum(each > min(floor, week_ago) for each in ids)
                floors[account] = ids[0]
            sandbox.clock.advance(SECONDS_A_DAY)
    return Objects(given, least, in_vain=0)


def snapshots(folder: Path) -> Objects:
    """Followers, followed accounts and members of a list, a snapshot a day.

    X gives whole lists alone: the least is each list, once a day. The tap takes days from the machine's
    time, so every snapshot in the state is dated back.
    """
    given = least = 0
    streams = ("followers", "following", "list_members")
    with running(limit_scale=WITHOUT_LIMITS, clock_ticking=False) as sandbox:
        pipe = _pipe(folder, sandbox, *streams)
        limits = {"budget": {"max_cost_usd": WITHOUT_LIMITS}}
        pipe.tap = {**pipe.tap, **limits, "list_members": {"lists": [TEA_PEOPLE]}}
        follows, lists = sandbox.world.follows, sandbox.world.lists
        for _ in range(1 + DAYS):
            sandbox.bill.reset()
            _run(pipe)
            given += sandbox.bill.total.gross_objects
            circles = (
                follows.followers(OWNER.user_id),
                follows.following(OWNER.user_id),
                lists.members(TEA_PEOPLE),
            )
            least += sum(map(len, circles))
            for stream in streams:
                for partition in pipe.state["bookmarks"][stream]["partitions"]:
                    partition["cursor"]["date"] = "2025-01-01"
            sandbox.clock.advance(SECONDS_A_DAY)
    return Objects(given, least, in_vain=0)


def report(folder: Path) -> Objects:
    """The daily numbers of an ads account's posts, which X gives for 20 posts at a time.

    The least is each post once for each 90 days of the timeframe, which jobs cover, once more for its
    newest 30 days, and on later days once for each 7 of the days that are read again. The tap takes
    days from the machine's time, so the bookmark is dated back.
    """
    given = least = 0
    with running(limit_scale=WITHOUT_LIMITS, clock_ticking=False) as sandbox:
        pipe = _pipe(folder, sandbox, "organic_tweet_report")
        organic = {"sync_mode": "SpecificAccounts", "accounts": [NORTHWIND.id]}
        pipe.tap = {**pipe.tap, "organic": organic}
        today = NORTHWIND.calendar().day(sandbox.clock.now())
        start = months_before(today, 3)
        spans = [(today - 30 * DAY, today), (start, today - 30 * DAY)]
        for _ in range(1 + DAYS):
            sandbox.requests.clear()
            _run(pipe)
            given += sum(
                len(each.params["entity_ids"].split(","))
                for each in sandbox.requests
                if "entity_ids" in each.params
            )
            least += sum(_published_before(sandbox, end) for _, end in spans)
            (partition,) = pipe.state["bookmarks"]["organic_tweet_report"]["partitions"]
            partition["cursor"]["to"] = (today - DAY).isoformat()
            first = today - 16 * DAY
            spans = [
                (max(first, end - 7 * DAY), end)
                for end in (today, today - 7 * DAY, first + 2 * DAY)
            ]
    return Objects(given, least, in_vain=0)


def _published_before(sandbox: Sandbox, day: date) -> int:
    end = NORTHWIND.calendar().midnight(day)
    posts = sandbox.ads.posts.organic(
        NORTHWIND, NORTHWIND.user_id, answers=True, since_account=True
    )
    return sum(moments.snowflake_time(each.id) < end for each in posts)


def mentions(folder: Path) -> Objects:
    """The mentions of two accounts, and what X has counted, which is free.

    X takes an id to read down to, and gives 800 at most: the least is each mention once.
    """
    accounts = (OWNER.user_id, SECOND_USER.user_id)
    with running(limit_scale=WITHOUT_LIMITS, clock_ticking=False) as sandbox:
        pipe = _pipe(folder, sandbox, "mentions", "usage")
        pipe.tap = {**pipe.tap, "accounts": [{"id": each} for each in accounts]}
        pipe.tap["auth"] = {"bearer_token": sandbox.tokens.app_only()}
        lists = [(f"/2/users/{each}/mentions", dict[str, str]()) for each in accounts]
        return _each_once(sandbox, pipe, lists)


def searches(folder: Path) -> Objects:
    """Two searches, and their counts.

    X takes an id to read down to: the least is each post once for each search, and a count a day.
    """
    queries = {"tea": "#tea OR tea", "stock": "stock"}
    with running(limit_scale=WITHOUT_LIMITS, clock_ticking=False) as sandbox:
        pipe = _pipe(folder, sandbox, "recent_search", "tweet_counts")
        named = [{"name": name, "query": query} for name, query in queries.items()]
        auth = {"bearer_token": sandbox.tokens.app_only()}
        pipe.tap = {**pipe.tap, "auth": auth, "queries": named}
        lists = [("/2/tweets/search/recent", {"query": each}) for each in queries.values()]
        return _each_once(sandbox, pipe, lists, others=len(queries))


def _each_once(
    sandbox: Sandbox,
    pipe: SelectingPipe,
    lists: Sequence[tuple[str, Mapping[str, str]]],
    others: int = 0,
) -> Objects:
    """A run a day, of which the least is each post of some lists once.

    Args:
        sandbox: X.
        pipe: The tap and the target.
        lists: Paths and parameters.
        others: Objects of other kinds that a run buys at least.
    """
    given = least = 0
    known: set[tuple[int, str]] = set()
    for _ in range(1 + DAYS):
        sandbox.bill.reset()
        _run(pipe)
        given += sandbox.bill.total.gross_objects
        found = {
            (at, post)
            for at, (path, params) in enumerate(lists)
            for post in _listed(sandbox, path, params)
        }
        least += len(found - known) + others
        known |= found
        sandbox.clock.advance(SECONDS_A_DAY)
    return Objects(given, least, in_vain=0)


def _listed(sandbox: Sandbox, path: str, params: Mapping[str, str]) -> Iterator[str]:
    """The ids of all posts that X gives, page by page."""
    headers = {"Authorization": f"Bearer {sandbox.tokens.app_only()}"}
    query: dict[str, str] = {**params, "max_results": "100"}
    while query:
        answer = requests.get(f"{sandbox.url}{path}", query, headers=headers, timeout=60)
        answer.raise_for_status()
        body = answer.json()
        yield from (each["id"] for each in body.get("data", ()))
        token = body["meta"].get("next_token")
        query = {**query, "pagination_token": token} if token else {}


def _pipe(folder: Path, sandbox: Sandbox, *streams: str) -> SelectingPipe:
    store = folder / "datasets"
    store.mkdir(parents=True)
    pipe = SelectingPipe(
        folder, tap_config(sandbox, store), {"store": str(store)}, start=subprocess.Popen
    )
    pipe.streams = streams
    return pipe


def _run(pipe: SelectingPipe) -> None:
    if pipe.run() != (0, 0):
        msg = "tap-twitter or target-dataset has failed; see its log"
        raise CommandError(msg)


def _events(sandbox: Sandbox) -> set[int]:
    return {event.id for event in sandbox.world.messages.of(OWNER.user_id)}


def _until_known(new: int) -> int:
    """Events on pages that double what was read, until one of them is not new."""
    read = 0
    while read <= new:
        read += min(max(read, 1), EVENTS_A_PAGE)
    return read
