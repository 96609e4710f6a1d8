"""The streams of direct messages against the sandbox: right rows, none missing, none bought twice."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from harness import APP_AUTH, Messages, auth_of
from inboxes import BOTH, PATH, RECEIVED, SENT, Reader, asked, sizes, truth

from sandbox import running
from sandbox.credentials import CITY, FOUNDER, NEWS, OWNER, SECOND_USER
from tap_twitter.errors import AccessError, InputDatasetError, RunError, StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox import Sandbox

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ME = FOUNDER.user_id
WORLD: dict[str, Any] = {"clock_start": NOON, "clock_ticking": False}


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    """A world that stands still unless a test, or a wait of the tap, moves it."""
    return WORLD


@pytest.fixture
def reader(sandbox: Sandbox, tmp_path: Path) -> Reader:
    return Reader(sandbox, tmp_path)


def expected(sandbox: Sandbox, event: Mapping[str, Any], *, names: bool) -> dict[str, Any]:
    """The row of an event as the world knows it."""
    sender = event.get("sender_id")
    members = event["dm_conversation_id"].split("-")
    recipient = None
    if len(members) == 2 and event["event_type"] == "MessageCreate":
        recipient = next((each for each in members if each != sender), sender)
    row = {
        "account_id": ME,
        "recipient_id": recipient,
        **{
            name: event.get(name)
            for name in (
                "id", "created_at", "event_type", "dm_conversation_id", "sender_id", "text",
                "participant_ids", "entities", "attachments", "referenced_tweets",
            )
        },
    }  # fmt: skip
    for side, user_id in (("sender", sender), ("recipient", recipient)):
        user: dict[str, Any] = {}
        if names and user_id and sandbox.world.status(user_id) == "found":
            user = sandbox.world.user(user_id)
        row |= {f"{side}_{part}": user.get(part) for part in ("username", "name")}
    return row


def world_rows(sandbox: Sandbox, *, names: bool = False) -> dict[str, list[dict[str, Any]]]:
    """The rows of both streams as the world knows them, newest first."""
    events = map(sandbox.world.messages.seen, sandbox.world.messages.of(ME))
    rows = [expected(sandbox, event, names=names) for event in events]
    return {
        RECEIVED: [row for row in rows if row["sender_id"] != ME],
        SENT: [row for row in rows if row["sender_id"] == ME],
    }


def test_the_world_has_all_that_these_tests_are_about(sandbox: Sandbox) -> None:
    rows = [row for each in world_rows(sandbox).values() for row in each]
    kinds = {row["event_type"] for row in rows}
    assert kinds == {"MessageCreate", "ParticipantsJoin", "ParticipantsLeave"}
    for name in ("attachments", "referenced_tweets", "entities", "recipient_id"):
        assert any(row[name] for row in rows), name
    assert any(row["sender_id"] == row["recipient_id"] == ME for row in rows)
    assert any("-" not in row["dm_conversation_id"] for row in rows)
    assert 200 < len(rows) < 500


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_every_column_holds_what_the_world_knows(tmp_path: Path, vocabulary: Any) -> None:
    with running(**WORLD, vocabulary=vocabulary) as sandbox:
        reader = Reader(sandbox, tmp_path).run()
        assert {name: list(rows.values()) for name, rows in reader.rows.items()} == world_rows(
            sandbox
        )


def test_the_words_are_changed_where_x_does_not_know_a_field_and_passes_it_over(
    tmp_path: Path,
) -> None:
    with running(**WORLD, vocabulary="post", unknown_fields="ignore") as sandbox:
        reader = Reader(sandbox, tmp_path).run()
        assert reader.all_ids == truth(sandbox, ME)
        assert reader.ids(SENT) == {int(row["id"]) for row in world_rows(sandbox)[SENT]}


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
@pytest.mark.parametrize("bill_includes", [True, False], ids=["billed", "free"])
def test_names_come_with_expand_users(tmp_path: Path, vocabulary: Any, bill_includes: bool) -> None:
    with running(**WORLD, vocabulary=vocabulary, bill_includes=bill_includes) as sandbox:
        reader = Reader(sandbox, tmp_path)
        tap = reader.tap(RECEIVED, direct_messages={"expand_users": True})
        tap.run()
        assert reader.messages.records == world_rows(sandbox, names=True)[RECEIVED]
        bill = tap.ledger.tallies[RECEIVED]
        charged = sandbox.bill.total.gross_objects
        assert bill.objects == charged if bill_includes else bill.objects > charged


def test_both_streams_cost_what_one_does(tmp_path: Path) -> None:
    bought = {}
    for streams in (RECEIVED, SENT, BOTH):
        with running(**WORLD) as sandbox:
            reader = Reader(sandbox, tmp_path).run(streams)
            bought[streams] = [entry.params for entry in asked(sandbox)]
            assert sandbox.bill.total.gross_objects == len(truth(sandbox, ME))
            kinds = [each for each in reader.messages.all if each["type"] == "SCHEMA"]
            assert [each["stream"] for each in kinds] == streams.split()
            assert set(reader.messages.states[-1]["bookmarks"]) == set(streams.split())
    assert sizes(asked(sandbox)) == [100] * len(bought[BOTH])
    assert [len(each) for each in bought.values()] == [len(bought[BOTH])] * 3


def test_a_sync_a_day_gives_what_one_sync_on_the_third_day_gives(tmp_path: Path) -> None:
    with running(**WORLD) as sandbox:
        daily = Reader(sandbox, tmp_path).run()
        over_read = 0
        for _ in range(3):
            sandbox.clock.advance(86_400)
            before, known = sandbox.bill.total.gross_objects, daily.all_ids
            daily.run()
            new = len(truth(sandbox, ME) - known)
            bought = sandbox.bill.total.gross_objects - before
            assert bought == least_bought(new)
            over_read += bought - new
        once = Reader(sandbox, tmp_path).run()
        assert once.all_ids == truth(sandbox, ME) <= daily.all_ids
        for stream, rows in once.rows.items():
            assert {key: daily.rows[stream][key] for key in rows} == rows
        assert daily.given == len(daily.all_ids)
        assert over_read < 60


def least_bought(new: int) -> int:
    """What pages that double what was read cost until one event shows up that is known."""
    bought = 0
    while bought <= new:
        bought += min(max(bought, 1), 100)
    return bought


@pytest.mark.parametrize("new", [0, 1, 3, 40], ids=lambda new: f"{new} new")
def test_reading_in_vain_is_bounded_by_what_is_new(
    sandbox: Sandbox, reader: Reader, new: int
) -> None:
    reader.run()
    for _ in range(new):
        sandbox.world.messages.send(ME, [OWNER.user_id], "hello")
    before, given = sandbox.bill.total.gross_objects, reader.given
    reader.run()
    bought = sandbox.bill.total.gross_objects - before
    assert reader.given - given == new
    assert bought == least_bought(new) <= max(2 * new, 1)


def test_a_stream_that_is_selected_later_has_no_gap(sandbox: Sandbox, reader: Reader) -> None:
    reader.run(RECEIVED)
    sandbox.clock.advance(86_400)
    reader.run(BOTH)
    assert truth(sandbox, ME) <= reader.all_ids
    assert reader.given == len(reader.all_ids)
    assert reader.state is not None
    received, sent = (
        reader.state["bookmarks"][name]["partitions"][0]["cursor"] for name in (RECEIVED, SENT)
    )
    assert received == sent


def test_messages_that_arrive_while_a_read_is_stopped_are_not_missed(
    sandbox: Sandbox, reader: Reader
) -> None:
    runs = 0
    while runs == 0 or '"page"' in json.dumps(reader.state):
        reader.run(budget={"max_requests": 1})
        sandbox.world.messages.send(OWNER.user_id, [ME], f"between {runs}")
        runs += 1
    assert runs > 2
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    assert reader.given == len(reader.all_ids)


def test_messages_that_arrive_while_the_tap_waits_are_not_missed(tmp_path: Path) -> None:
    with running(**WORLD, limits={f"{PATH}:user": 1}) as sandbox:
        reader = Reader(sandbox, tmp_path).run()
        assert sandbox.clock.now() > NOON + timedelta(minutes=15)
        reader.run()
        assert truth(sandbox, ME) <= reader.all_ids
        assert reader.given == len(reader.all_ids)


class Dying(Messages):
    """Output that is gone after some lines, as if the process were killed."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._left = lines

    def write_message(self, message: Any) -> None:
        if not self._left:
            raise SystemExit
        self._left -= 1
        super().write_message(message)


@pytest.mark.parametrize("seed", range(3))
def test_a_tap_that_is_killed_at_any_line_loses_a_page_at_most(
    sandbox: Sandbox, reader: Reader, seed: int
) -> None:
    chance, pages = random.Random(seed), -(-len(truth(sandbox, ME)) // 100)
    deaths = 4
    for _ in range(deaths):
        with pytest.raises(SystemExit):
            reader.run(messages=Dying(chance.randint(1, 100)))
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    again = [entry for entry in asked(sandbox) if entry.params.get("pagination_token") is None]
    assert len(asked(sandbox)) <= pages + deaths + len(again)


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_a_tap_that_is_killed_in_every_page_of_a_deep_read(tmp_path: Path) -> None:
    with running(**WORLD, limit_scale=100) as sandbox:
        reader, deaths = Reader(sandbox, tmp_path, OWNER), 0
        events = truth(sandbox, OWNER.user_id)
        pages = -(-len(events) // 100)
        assert len(events) > 4_000
        for page in range(pages):
            # a STATE at the start, schemas, what is left of the page before, and half of this one
            with pytest.raises(SystemExit):
                reader.run(messages=Dying(3 + (101 if page else 0) + 50))
            deaths += 1
        reader.run()
        assert reader.all_ids == events
        assert len(asked(sandbox)) <= pages + deaths + 1


def test_a_token_that_dies_between_runs(sandbox: Sandbox, reader: Reader) -> None:
    reader.run(budget={"max_requests": 2})
    sandbox.pages.kill()
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    assert reader.given == len(reader.all_ids)


def test_tokens_that_die_faster_than_x_lets_pages_be_read_end_the_run(tmp_path: Path) -> None:
    with running(**WORLD, page_token_seconds=600, limits={f"{PATH}:user": 1}) as sandbox:
        reader = Reader(sandbox, tmp_path)
        with pytest.raises(RunError, match="pagination_token"):
            reader.run()
        assert len(asked(sandbox)) == 2


def test_empty_and_short_pages_are_no_end(sandbox: Sandbox, reader: Reader) -> None:
    sandbox.faults.add("empty_page", path=PATH, nth=2, count=3)
    sandbox.faults.add("short_page", path=PATH, nth=5)
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    assert reader.given == len(reader.all_ids)


def test_pages_that_lead_nowhere_end_the_account(sandbox: Sandbox, reader: Reader) -> None:
    sandbox.faults.add("empty_page", path=PATH, nth=2, count=None)
    with pytest.raises(RunError, match="page after page"):
        reader.run()
    sandbox.faults.clear()
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)


def test_a_message_to_oneself_is_sent_and_one_in_a_group_has_no_recipient(
    sandbox: Sandbox, reader: Reader
) -> None:
    own = sandbox.world.messages.send(ME, [ME], "note to myself")
    group = sandbox.world.messages.send(ME, [OWNER.user_id, CITY.user_id], "hello all")
    reader.run()
    to_me, to_all = (reader.rows[SENT][ME, str(each)] for each in (own, group))
    assert (to_me["sender_id"], to_me["recipient_id"]) == (ME, ME)
    assert to_all["recipient_id"] is None
    assert re.fullmatch("[0-9]{15,19}", to_all["dm_conversation_id"])


@pytest.mark.parametrize(
    "types", [["MessageCreate"], ["ParticipantsJoin", "ParticipantsLeave"]], ids=len
)
def test_event_types_that_are_left_out_are_not_bought(
    sandbox: Sandbox, reader: Reader, types: list[str]
) -> None:
    reader.run(direct_messages={"event_types": types})
    wanted = truth(sandbox, ME, lambda event: event["event_type"] in types)
    assert reader.all_ids == wanted
    assert sandbox.bill.total.gross_objects == len(wanted)


@pytest.mark.parametrize("limit", [1, 20, 150])
def test_a_limit_gives_each_stream_its_newest_rows(
    sandbox: Sandbox, reader: Reader, limit: int
) -> None:
    reader.run(direct_messages={"limit": limit})
    for stream, rows in world_rows(sandbox).items():
        assert list(reader.rows[stream].values()) == rows[:limit]
    for count in (limit, 2):
        for number in range(count):
            sandbox.world.messages.send(OWNER.user_id, [ME], f"{number}")
        given = reader.given
        reader.run(direct_messages={"limit": limit})
        assert reader.given - given == min(limit, count)


def test_a_limit_buys_little_more_than_it_gives(sandbox: Sandbox, reader: Reader) -> None:
    reader.run(RECEIVED, direct_messages={"limit": 20})
    assert sizes(asked(sandbox))[0] == 20
    assert sandbox.bill.total.gross_objects <= 80


def test_the_budget_ends_a_read_with_its_last_affordable_page(
    sandbox: Sandbox, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    reader.run(budget={"max_cost_usd": 1.5})
    assert sizes(asked(sandbox)) == [100, 50]
    assert reader.given == 150
    assert "The budget of the run is used up: 'direct_messages' has read" in caplog.text
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    assert sandbox.bill.total.gross_objects == len(reader.all_ids) + 1


def test_the_budget_counts_users_that_may_come_along(sandbox: Sandbox, reader: Reader) -> None:
    reader.run(budget={"max_cost_usd": 0.09}, direct_messages={"expand_users": True})
    assert sizes(asked(sandbox)) == [3, *sizes(asked(sandbox))[1:]]
    assert sandbox.bill.total.gross_usd <= 0.09


def test_the_plan_counts_first_pages_and_says_what_it_cannot_know(
    sandbox: Sandbox, reader: Reader
) -> None:
    plan = reader.tap().plan()
    assert {name: each.objects for name, each in plan.streams.items()} == {RECEIVED: 100, SENT: 0}
    assert any("does not tell how many direct messages" in note for note in plan.notes)
    reader.run()
    requests = len(sandbox.requests)
    plan = reader.tap(SENT).plan()
    assert {name: each.objects for name, each in plan.streams.items()} == {SENT: 1}
    assert len(sandbox.requests) == requests


def test_messages_that_x_has_dropped_meanwhile_are_told(
    sandbox: Sandbox, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    reader.run()
    sandbox.clock.advance(86_400 * 29)
    reader.run()
    assert "are lost" not in caplog.text
    sandbox.clock.advance(86_400 * 31)
    reader.run()
    assert "at 2026-03-30T12:00:00Z: X gives messages for 30 days, so those between" in caplog.text
    assert truth(sandbox, ME) <= reader.all_ids


def test_the_stream_maps_of_the_docs_let_no_text_out(sandbox: Sandbox, reader: Reader) -> None:
    docs = (Path(__file__).parents[3] / "docs/direct-messages.md").read_text()
    block = re.search(r"```yaml\n(stream_maps:.*?)```", docs, re.DOTALL)
    assert block
    event = sandbox.world.messages.send(OWNER.user_id, [ME], "the secret is out")
    sandbox.world.messages.send(ME, [OWNER.user_id], "so is the answer")
    reader.run(**yaml.safe_load(block[1]))
    written = json.dumps(reader.messages.all, default=str)
    assert "the secret is out" not in written
    assert "so is the answer" not in written
    hashed = sha256(b"the secret is out").hexdigest()
    assert reader.rows[RECEIVED][ME, str(event)]["text"] == hashed
    assert not any("text" in row for row in reader.rows[SENT].values())
    assert reader.all_ids == truth(sandbox, ME)


def test_five_accounts_of_which_some_fail(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = {"us": OWNER, "founder": FOUNDER, "city": CITY, "news": NEWS, "books": SECOND_USER}
    accounts = [{"name": name, "auth": auth_of(token)} for name, token in tokens.items()]
    reader = Reader(sandbox, tmp_path)
    settings: dict[str, Any] = {"accounts": accounts, "direct_messages": {"limit": 30}}
    sandbox.revoke(CITY.access_token)
    with pytest.raises(RunError) as raised:
        reader.run(**settings)
    assert {account for account, _ in reader.rows[RECEIVED]} == {OWNER.user_id, ME}
    lines = str(raised.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        f"Streams '{RECEIVED}', '{SENT}' failed for account '{name}'"
        for name in ("city", "news", "books")
    ]
    assert "accounts[2].auth" in lines[0]
    assert "direct messages" in lines[1].lower()
    assert reader.state is not None
    read = reader.state["bookmarks"][RECEIVED]["partitions"]
    assert [each["context"]["account_id"] for each in read if "cursor" in each] == [
        OWNER.user_id, ME,
    ]  # fmt: skip


def test_an_account_that_fails_in_the_middle_keeps_its_cursor(
    sandbox: Sandbox, reader: Reader
) -> None:
    sandbox.faults.add("credits_depleted", path=PATH, nth=3, count=None)
    with pytest.raises(RunError, match="credits"):
        reader.run()
    state = json.dumps(reader.state)
    with pytest.raises(RunError, match="credits"):
        reader.run()
    assert json.dumps(reader.state) == state
    sandbox.faults.clear()
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    assert sandbox.bill.total.gross_objects == len(reader.all_ids) + 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"store": "ftp://x"}, "'ftp://x' names no store .*'users_lookup.store'"),
        ({"store_options": {"colour": "red"}}, "colour"),
    ],
    ids=["store", "store_options"],
)
def test_a_store_that_there_is_none_of_is_told_before_anything_is_asked(
    sandbox: Sandbox, reader: Reader, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputDatasetError, match=words):
        reader.run(users_lookup={**reader.config["users_lookup"], **settings})
    assert not sandbox.requests


def test_a_damaged_cursor_is_told_before_anything_is_asked(
    sandbox: Sandbox, reader: Reader
) -> None:
    partition = {"context": {"account_id": ME}, "cursor": {"floor": "x"}}
    reader.state = {"bookmarks": {SENT: {"partitions": [partition]}}}
    with pytest.raises(StateError, match=r"bookmarks\.direct_messages_sent\.cursor"):
        reader.run()
    assert not sandbox.requests


def test_app_only_credentials_are_refused_before_anything_is_asked(
    sandbox: Sandbox, reader: Reader
) -> None:
    reader.config["auth"] = {"token_store": reader.config["auth"]["token_store"], **APP_AUTH}
    with pytest.raises((RunError, AccessError), match="Stream 'direct_messages'"):
        reader.run(accounts=[{"id": ME}])
    assert not sandbox.requests


def test_a_dry_run_reads_a_row_of_each_stream_from_small_pages(
    sandbox: Sandbox, reader: Reader
) -> None:
    tap = reader.tap()
    tap.run_sync_dry_run(1, [tap.streams[name] for name in BOTH.split()])
    written = [each["stream"] for each in reader.messages.all if each["type"] == "RECORD"]
    assert written == BOTH.split()
    assert sum(sizes(asked(sandbox))) < 40
