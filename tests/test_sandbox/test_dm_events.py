"""Direct messages, against the rules of X's pages and against what the world holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from test_sandbox.reading import ids, pages, whole

from sandbox.credentials import CITY, FOUNDER, NEWS, OWNER, SECOND_USER

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox
    from sandbox.credentials import UserToken

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
FROZEN: dict[str, Any] = {"clock_start": NOW, "clock_ticking": False, "limit_scale": 10}
ALL = "/2/dm_events"
EVERY_FIELD = ",".join(
    (
        "attachments,created_at,dm_conversation_id,entities,event_type,id,participant_ids",
        "referenced_tweets,sender_id,text",
    )
)
SCOPES = "dm.read tweet.read users.read"


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return FROZEN


def test_the_whole_box_is_read_newest_first(sandbox: Sandbox, owner: Ask) -> None:
    read = whole(owner, ALL, dm_event_fields=EVERY_FIELD)
    truth = list(sandbox.world.mailbox(OWNER.user_id))
    assert len(truth) > 4000
    assert read == truth
    assert ids(read) == sorted(set(ids(read)), key=int, reverse=True)
    oldest = datetime.fromisoformat(read[-1]["created_at"])
    assert timedelta(days=29) < NOW - oldest <= timedelta(days=30)
    requests = -(-len(truth) // 100)
    assert len(sandbox.requests) == requests
    assert float(sandbox.bill.total.net_usd) == pytest.approx(0.01 * len(truth))


def test_only_the_default_fields_come_unasked(owner: Ask) -> None:
    shapes = {event["event_type"]: set(event) for event in whole(owner, ALL)}
    assert shapes == {
        "MessageCreate": {"id", "event_type", "text"},
        "ParticipantsJoin": {"id", "event_type", "participant_ids"},
        "ParticipantsLeave": {"id", "event_type", "participant_ids"},
    }


def test_every_event_has_what_its_type_has(owner: Ask) -> None:
    for event in whole(owner, ALL, dm_event_fields=EVERY_FIELD):
        is_message = event["event_type"] == "MessageCreate"
        assert ("participant_ids" in event) is not is_message
        assert ("text" in event) is is_message
        assert ("sender_id" in event) is (event["event_type"] != "ParticipantsLeave")
        low, _, high = event["dm_conversation_id"].partition("-")
        if high:
            assert is_message
            assert int(low) <= int(high)
            assert OWNER.user_id in {low, high}
            assert event["sender_id"] in {low, high}
        else:
            assert 15 <= len(low) <= 19


def test_both_sides_read_the_same_message(sandbox: Sandbox, asking: Asking) -> None:
    pair = "-".join(sorted((OWNER.user_id, FOUNDER.user_id), key=int))
    boxes = [
        whole(asking.user(sandbox, token), ALL, dm_event_fields=EVERY_FIELD)
        for token in (OWNER, FOUNDER)
    ]
    between = [[e for e in box if e["dm_conversation_id"] == pair] for box in boxes]
    assert between[0] == between[1]
    assert {event["sender_id"] for event in between[0]} == {OWNER.user_id, FOUNDER.user_id}


def test_types_can_be_chosen_and_cost_nothing_otherwise(sandbox: Sandbox, owner: Ask) -> None:
    read = whole(owner, ALL, event_types="ParticipantsJoin,ParticipantsLeave")
    truth = sandbox.world.messages.of(OWNER.user_id)
    assert ids(read) == [str(event.id) for event in truth if event.type != "MessageCreate"]
    assert 0 < len(read) < 100
    assert sandbox.bill.total.gross_objects == len(read)


def test_a_conversation_is_read_by_its_id_or_its_other_side(sandbox: Sandbox, owner: Ask) -> None:
    truth = list(sandbox.world.mailbox(OWNER.user_id))
    pair = next(e["dm_conversation_id"] for e in truth if "-" in e["dm_conversation_id"])
    group = next(e["dm_conversation_id"] for e in truth if "-" not in e["dm_conversation_id"])
    for conversation in (pair, group):
        expected = ids([e for e in truth if e["dm_conversation_id"] == conversation])
        assert ids(whole(owner, f"/2/dm_conversations/{conversation}/dm_events")) == expected
    other = next(each for each in pair.split("-") if each != OWNER.user_id)
    by_other = whole(owner, f"/2/dm_conversations/with/{other}/dm_events")
    assert ids(by_other) == ids([e for e in truth if e["dm_conversation_id"] == pair])


def test_a_conversation_of_others_is_empty(sandbox: Sandbox, owner: Ask) -> None:
    pair = "-".join(sorted((CITY.user_id, FOUNDER.user_id), key=int))
    assert any(e.conversation.id == pair for e in sandbox.world.messages.of(CITY.user_id))
    assert owner(f"/2/dm_conversations/{pair}/dm_events").json() == {"meta": {"result_count": 0}}


def test_a_conversation_may_go_further_back(start: Start, asking: Asking) -> None:
    path = f"/2/dm_conversations/with/{FOUNDER.user_id}/dm_events"
    lengths = [
        len(whole(asking.user(start(**FROZEN, dm_conversation_days=days)), path))
        for days in (30, 90)
    ]
    assert lengths[0] < lengths[1]


def test_one_event_is_read_by_its_id(sandbox: Sandbox, owner: Ask) -> None:
    newest = next(sandbox.world.mailbox(OWNER.user_id))
    found = owner(f"/2/dm_events/{newest['id']}", dm_event_fields=EVERY_FIELD).json()
    assert found == {"data": newest}
    assert owner("/2/dm_events/1").status_code == 404


def test_expansions_lead_to_senders_members_and_media(sandbox: Sandbox, owner: Ask) -> None:
    asked = {
        "dm_event_fields": EVERY_FIELD,
        "expansions": "sender_id,participant_ids,attachments.media_keys",
        "user_fields": "username",
        "media_fields": "type,url",
    }
    seen = set()
    for page in pages(owner, ALL, **asked):
        users = {user["id"] for user in page["includes"]["users"]}
        gone = {error["value"] for error in page.get("errors", [])}
        media = {found["media_key"] for found in page["includes"].get("media", [])}
        for event in page["data"]:
            people = {
                *event.get("participant_ids", []),
                *([event["sender_id"]] if "sender_id" in event else []),
            }
            assert people <= users | gone
            assert set(event.get("attachments", {}).get("media_keys", [])) == media & set(
                event.get("attachments", {}).get("media_keys", [])
            )
            seen |= event.keys()
        assert users.isdisjoint(gone)
    assert seen >= {"attachments", "entities", "participant_ids", "sender_id"}


def test_a_post_in_a_message_can_be_included(sandbox: Sandbox, owner: Ask) -> None:
    asked = {"dm_event_fields": "referenced_tweets", "expansions": "referenced_tweets.id"}
    referring = 0
    for page in pages(owner, ALL, **asked):
        included = {post["id"] for post in page.get("includes", {}).get("tweets", [])}
        gone = {error["value"] for error in page.get("errors", [])}
        for event in page["data"]:
            for reference in event.get("referenced_tweets", []):
                assert reference["id"] in included | gone
                referring += 1
    assert referring > 20


def test_the_newer_vocabulary_gives_ids_through_expansions(sandbox: Sandbox, owner: Ask) -> None:
    fields = "attachments,created_at,dm_conversation_id,entities,event_type,id,text"
    expansions = "sender_id,participant_ids,referenced_posts"
    new = whole(owner, ALL, dm_event_fields=fields, expansions=expansions)
    for event in new:
        if "referenced_posts" in event:
            event["referenced_tweets"] = event.pop("referenced_posts")
    assert new == list(sandbox.world.mailbox(OWNER.user_id))


@pytest.mark.parametrize("included", ["billed", "free"])
def test_included_senders_are_charged_or_not(start: Start, asking: Asking, included: str) -> None:
    sandbox = start(**FROZEN, bill_includes=included == "billed")
    body = asking.user(sandbox)(ALL, expansions="sender_id").json()
    users = len(body["includes"]["users"]) if included == "billed" else 0
    assert float(sandbox.bill.total.net_usd) == pytest.approx(0.01 * (100 + users))


def test_messages_arrive_between_pages_and_are_found_at_the_front(
    sandbox: Sandbox, owner: Ask
) -> None:
    before = ids(list(sandbox.world.mailbox(OWNER.user_id)))
    reading = pages(owner, ALL)
    read = ids(next(reading)["data"])
    sandbox.clock.advance(5)
    sent = sandbox.world.messages.send(FOUNDER.user_id, [OWNER.user_id], "Still open?")
    for page in reading:
        read += ids(page.get("data", []))
    assert read == before[: len(read)]
    (newest,) = owner(ALL, max_results="1").json()["data"]
    assert (newest["id"], newest["text"]) == (str(sent), "Still open?")


def test_what_is_sent_reaches_everybody_in_the_conversation(
    sandbox: Sandbox, asking: Asking
) -> None:
    sent = {
        sandbox.world.messages.send(OWNER.user_id, [OWNER.user_id], "Buy milk."): {"owner"},
        sandbox.world.messages.send(OWNER.user_id, [FOUNDER.user_id], "Hello."): {
            "owner",
            "founder",
        },
        sandbox.world.messages.send(
            CITY.user_id, [OWNER.user_id, FOUNDER.user_id], "All of you."
        ): {
            "owner",
            "founder",
            "city",
        },
    }
    sandbox.clock.advance(1)
    tokens = {"owner": OWNER, "founder": FOUNDER, "city": CITY}
    reached = {
        name: {int(e["id"]) for e in asking.user(sandbox, token)(ALL).json()["data"]}
        for name, token in tokens.items()
    }
    for event_id, expected in sent.items():
        assert {name for name, seen in reached.items() if event_id in seen} == expected


@pytest.mark.parametrize(
    ("token", "status"),
    [(OWNER, 200), (FOUNDER, 200), (NEWS, 403), (SECOND_USER, 403)],
    ids=["owner", "messages", "read-write", "read"],
)
def test_signed_requests_need_the_permission_for_messages(
    sandbox: Sandbox, asking: Asking, token: UserToken, status: int
) -> None:
    answer = asking.user(sandbox, token)(ALL)
    assert answer.status_code == status
    if status == 403:
        assert [error["code"] for error in answer.json()["errors"]] == [93]


@pytest.mark.parametrize("missing", SCOPES.split())
def test_granted_scopes_are_needed_all(sandbox: Sandbox, asking: Asking, missing: str) -> None:
    assert asking.granted(sandbox, SCOPES)(ALL).status_code == 200
    fewer = " ".join(scope for scope in SCOPES.split() if scope != missing)
    assert asking.granted(sandbox, fewer)(ALL).status_code == 403


def test_the_apps_own_token_reads_no_messages(sandbox: Sandbox, asking: Asking) -> None:
    answer = asking.app(sandbox)(ALL)
    assert (answer.status_code, answer.json()["title"]) == (403, "Unsupported Authentication")


def test_fifteen_requests_make_a_window(start: Start, asking: Asking) -> None:
    sandbox = start(clock_start=NOW, clock_ticking=False)
    ask = asking.user(sandbox)
    answers = [ask(ALL) for _ in range(16)]
    assert [answer.status_code for answer in answers] == [200] * 15 + [429]
    assert answers[0].headers["x-rate-limit-limit"] == "15"
    assert asking.user(sandbox, FOUNDER)(ALL).status_code == 200


REFUSED = {
    "none": ({"max_results": "0"}, "is not between 1 and 100"),
    "too-many": ({"max_results": "101"}, "is not between 1 and 100"),
    "type": ({"event_types": "MessageDelete"}, "is not one of [MessageCreate,"),
    "short-token": ({"pagination_token": "abc"}, "does not match"),
    "dead-token": ({"pagination_token": "a" * 20}, "is not valid"),
    "time": ({"start_time": "2026-01-01T00:00:00Z"}, "[start_time] is not one of"),
    "poll": ({"poll_fields": "id"}, "[poll.fields] is not one of"),
}


@pytest.mark.parametrize(("params", "message"), REFUSED.values(), ids=REFUSED)
def test_parameters_that_x_refuses(owner: Ask, params: dict[str, str], message: str) -> None:
    answer = owner(ALL, **params)
    assert answer.status_code == 400
    assert message in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "path",
    ["/2/dm_conversations/12/dm_events", "/2/dm_conversations/x-1/dm_events",
     "/2/dm_conversations/with/x/dm_events", "/2/dm_events/x"],
)  # fmt: skip
def test_paths_that_hold_no_id_are_refused(owner: Ask, path: str) -> None:
    assert owner(path).status_code == 400


def test_tokens_are_opaque_and_long(owner: Ask) -> None:
    token = owner(ALL).json()["meta"]["next_token"]
    assert re.fullmatch("[0-9a-v]{16,}", token)
