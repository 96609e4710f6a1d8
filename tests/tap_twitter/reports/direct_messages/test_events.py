"""Pages of messages as X may answer, and the docs about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.inboxes import documented_maps

from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.errors import InvalidRequestError, TransientError
from tap_twitter.reports.direct_messages.columns import COLUMNS
from tap_twitter.reports.direct_messages.events import EventsRequest, page_of, recipient_of, row_of
from tap_twitter.reports.direct_messages.names import NO_NAMES
from tap_twitter.reports.direct_messages.pages import PageSizes

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = {column.name for column in COLUMNS}
MESSAGE = {"id": "7", "event_type": "MessageCreate", "sender_id": "1"}


def answer(*events: Mapping[str, Any], **meta: Any) -> dict[str, Any]:
    return {"data": list(events), "meta": {"result_count": len(events), **meta}}


@pytest.mark.parametrize(
    ("sender", "conversation", "recipient"),
    [
        ("1", "1-22", "22"),
        ("22", "1-22", "1"),
        ("1", "1-1", "1"),
        ("1", "1500000000000000000", None),
        ("3", "1-22", None),
        (None, "1-22", None),
        ("1", None, None),
        ("1", "e-22", None),
    ],
)
def test_the_recipient_follows_from_the_conversation(
    sender: str | None, conversation: str | None, recipient: str | None
) -> None:
    assert recipient_of(sender, conversation) == recipient


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"data": []}, id="no meta"),
        pytest.param({"meta": {}, "errors": [{"title": "x"}]}, id="errors alone"),
    ],
)
def test_an_answer_that_may_hide_messages_is_tried_again(body: dict[str, Any]) -> None:
    with pytest.raises(TransientError):
        page_of(body)


def test_a_page_without_meta_is_the_last_one() -> None:
    page = page_of({"data": [MESSAGE], "errors": [{"title": "x"}]})
    assert (list(page.events), page.next_token, page.is_end_told) == ([7], None, False)


def test_messages_without_any_sender_are_told() -> None:
    nameless = {**MESSAGE, "sender_id": None}
    with pytest.raises(InvalidRequestError) as raised:
        page_of(answer(nameless))
    assert set(raised.value.refusals) == {"dm_event.fields"}
    assert list(page_of(answer(nameless, {**MESSAGE, "id": "6"})).events) == [7, 6]


def test_what_cannot_be_told_apart_is_left_out() -> None:
    page = page_of({**answer(MESSAGE, {"text": "no id"}, next_token="t"), "includes": None})
    assert (list(page.events), page.users, page.next_token) == ([7], [], "t")


def test_entities_beside_the_text_become_entities() -> None:
    links = [{"start": 0, "end": 3, "url": "https://t.co/1"}]
    assert row_of("1", {**MESSAGE, "urls": links})["entities"] == {"urls": links}


def test_odd_values_become_null() -> None:
    odd = {
        "attachments": [], "entities": "x", "participant_ids": "1", "referenced_tweets": {},
        "text": 5.5, "created_at": None,
    }  # fmt: skip
    row = row_of("1", {**MESSAGE, **odd})
    assert {name: row[name] for name in odd} == dict.fromkeys(odd)


def test_rows_have_all_columns() -> None:
    assert {**row_of("1", MESSAGE), **NO_NAMES}.keys() == NAMES


def test_the_stream_maps_of_the_docs_are_about_columns() -> None:
    for maps in documented_maps().values():
        assert maps.keys() <= NAMES


def test_a_question_asks_nothing_that_may_be_charged_unless_it_must() -> None:
    question = EventsRequest(["MessageCreate"], 5, None, with_users=False)
    assert "expansions" not in question.parameters(Vocabulary.TWEET)
    post = question.parameters(Vocabulary.POST)
    assert post["expansions"] == "participant_ids,referenced_posts,sender_id"
    assert "sender_id" not in post["dm_event.fields"]


@given(st.integers(0, 3_000))
def test_pages_read_in_vain_no_more_than_what_is_new(new: int) -> None:
    sizes, read, pages = PageSizes(1, 100), 0, 0
    while read <= new:
        read += sizes.next
        sizes.note(sizes.next)
        pages += 1
    assert read - new <= max(new, 1)
    assert read - new <= 100
    assert pages <= 8 + new // 100
