"""Answers that X charges for are kept, whatever is wrong with single values in them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from support.answering import Asked, answering
from support.harness import (
    SkippingClock,
    account_of,
    make_dataset,
    run_tap,
    summary_in,
)

from sandbox.credentials import OWNER
from tap_twitter.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path

    from support.answering import AnsweringX, Reply

LOST = "�"


def users_answer(first: bytes) -> bytes:
    """Two users, of whom the first has a member as it is given."""
    return b'{"data":[{"id":"12","username":"founder",%s},{"id":"13","username":"a"}]}' % first


def lookup(x: AnsweringX, tmp_path: Path, **groups: Any) -> list[dict[str, Any]]:
    make_dataset(tmp_path, "people", {"user_id": ["12", "13"]})
    return run_tap(x.config(tmp_path, **groups), clock=SkippingClock()).records


TEXTS = {
    "half-a-pair": (rb'"name":"half \ud83d emoji"', f"half {LOST} emoji"),
    "other-half": (rb'"name":"\udE00 emoji"', f"{LOST} emoji"),
    "halves-in-another-order": (rb'"name":"\ude00\ud83d"', LOST * 2),
    "half-and-whole": (rb'"name":"\ud83d\ud83d\ude00"', f"{LOST}😀"),
    "bad-byte": (b'"name":"caf\xe9"', f"caf{LOST}"),
    "surrogate-in-utf8": (b'"name":"\xed\xa0\xbd"', LOST * 3),
    "cut-character": (b'"name":"\xf0\x9f\x98"', LOST * 3),
    "control": (b'"name":"a\x01b\tc"', "a\x01b\tc"),
}


@pytest.mark.parametrize(("member", "name"), TEXTS.values(), ids=TEXTS)
def test_a_text_with_a_broken_character_spoils_no_other(
    member: bytes, name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with answering(lambda _: (200, {}, users_answer(member))) as x:
        rows = lookup(x, tmp_path)
        assert len(x.asked) == 1
    assert [(each["id"], each["name"]) for each in rows] == [("12", name), ("13", None)]
    told = [each for each in caplog.messages if "cannot be read" in each]
    assert len(told) == (LOST in name)
    assert all("GET /2/users contains" in each and "'name' of 12." in each for each in told)
    assert "emoji" not in caplog.text


@pytest.mark.parametrize(
    "number", ["1e999", "-1e999", "NaN", "Infinity", "-Infinity", "9" * 5000, "1" + "0" * 400]
)
def test_a_number_that_is_none_is_null(
    number: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = b'"public_metrics":{"followers_count":%s,"listed_count":3}' % number.encode()
    with answering(lambda _: (200, {}, users_answer(metrics))) as x:
        first, second = lookup(x, tmp_path)
        assert len(x.asked) == 1
    assert (first["followers_count"], first["listed_count"]) == (None, 3)
    assert second["lookup_status"] == "found"
    if number != "1" + "0" * 400:  # which is a whole number, if no count
        assert "'followers_count' of 12." in caplog.text


def test_what_surrounds_the_object_is_passed_over(tmp_path: Path) -> None:
    body = b"\xef\xbb\xbf \n" + users_answer(b'"name":"n"') + b"\n\x00 trailing"
    with answering(lambda _: (200, {}, body)) as x:
        assert len(lookup(x, tmp_path)) == 2


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":[{"id":"12","name":"a "quoted" word"},{"id":"13"}]}',
        b'{"data":[{\'id\':\'12\'}, {"id":"13"}]}'.replace(b"{'", b'{"x":1,'),
        b'{"data":{"id":"12",},"meta":{}}',
    ],
    ids=["quotes", "no-quotes", "comma"],
)
def test_objects_that_cannot_be_read_are_not_bought_again(
    body: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with answering(lambda _: (200, {}, body)) as x:
        with pytest.raises(
            RunError,
            match=r"complete but is not readable JSON .* this run does not request it again",
        ):
            lookup(x, tmp_path)
        assert len(x.asked) == 1
    (stream,) = summary_in(caplog)["streams"]
    assert (stream["requests"], stream["objects"]) == (1, 0)


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"data":[{"id":"12"', b'{"data":[{"id":"12"}', b'{"da', b"", b"[]"]
)
def test_an_answer_about_nobody_or_cut_short_is_asked_for_again(
    body: bytes, tmp_path: Path
) -> None:
    def handle(asked: Asked) -> Reply:
        return 200, {}, body if asked.number == 1 else users_answer(b'"name":"n"')

    with answering(handle) as x:
        assert len(lookup(x, tmp_path)) == 2
        assert len(x.asked) == 2


HEADERS = [
    "x-rate-limit-reset",
    "x-rate-limit-remaining",
    "x-rate-limit-limit",
    "x-app-limit-24hour-reset",
    "x-user-limit-24hour-remaining",
    "x-per-minute-remaining",
    "retry-after",
]
ODD = ["9" * 400, "9" * 5000, "-1", "-" + "9" * 400, "1.5", "1e400", "soon", "١٢".encode().decode("latin-1"), "", "0x10", "nan", "+5", "1_0"]  # fmt: skip


def test_headers_that_make_no_sense_tell_nothing(tmp_path: Path) -> None:
    told = [(name, value) for name in HEADERS for value in ODD]
    ids = [str(number) for number in range(100, 100 + 100 * len(told))]
    make_dataset(tmp_path, "people", {"user_id": ids})

    def handle(asked: Asked) -> Reply:
        name, value = told[asked.number - 1]
        headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1"}
        data = [{"id": each, "username": f"u{each}"} for each in asked.query["ids"].split(",")]
        return 200, {**headers, name: value}, {"data": data}

    clock = SkippingClock()
    with answering(handle) as x:
        rows = run_tap(x.config(tmp_path), clock=clock).records
        assert len(x.asked) == len(told)
    assert len(rows) == len(ids)
    assert sum(clock.skipped) < 10


EVENT = {"event_type": "MessageCreate", "sender_id": "77", "dm_conversation_id": "12-77"}


def events(*ids: Any, **more: Any) -> dict[str, Any]:
    stamp = {"created_at": "2026-11-28T10:00:00.000Z"}
    return {
        "data": [{**EVENT, **stamp, **({} if each is None else {"id": each})} for each in ids],
        **more,
    }


def read(x: AnsweringX, tmp_path: Path, stream: str, state: Any = None) -> Any:
    config = x.config(tmp_path) | {"accounts": [account_of(OWNER)]}
    return run_tap(config, state, clock=SkippingClock(), streams=[stream])


def test_a_page_of_messages_without_meta_is_kept(tmp_path: Path) -> None:
    with answering(lambda _: (200, {}, events("1900000000000000009"))) as x:
        first = read(x, tmp_path, "direct_messages")
        again = read(x, tmp_path, "direct_messages", first.states[-1])
        assert len(x.asked) == 2
    assert [each["id"] for each in first.records] == ["1900000000000000009"]
    assert again.records == []


@pytest.mark.parametrize(
    "odd", [None, "", "abc", "9" * 5000, 1.5, {"x": 1}], ids=lambda it: str(it)[:9]
)
@pytest.mark.parametrize(
    ("stream", "path"),
    [("direct_messages", "/2/dm_events"), ("tweet_insights", "/2/users/{id}/tweets")],
)
def test_objects_without_ids_are_told_and_the_others_kept(
    odd: Any, stream: str, path: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    page = events("1900000000000000009", odd, "1900000000000000007", meta={"result_count": 3})
    with answering(lambda asked: (200, {}, page if asked.number == 1 else {"meta": {}})) as x:
        rows = read(x, tmp_path, stream).records
    assert [each["id"] for each in rows] == ["1900000000000000009", "1900000000000000007"]
    assert f"1 of 3 objects in X's response to {path} have no id" in caplog.text


@pytest.mark.parametrize(
    ("stream", "missing"),
    [("direct_messages", {"created_at"}), ("tweet_insights", {"created_at", "public_metrics"})],
)
def test_fields_that_no_object_has_are_told_once(
    stream: str, missing: set[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bare = {"sender_id": "77", "event_type": "MessageCreate"}
    pages = {
        1: {"data": [{**bare, "id": "1900000000000000009"}], "meta": {"next_token": "T" * 16}},
        2: {"data": [{**bare, "id": "1900000000000000007"}], "meta": {}},
    }
    with answering(lambda asked: (200, {}, pages.get(asked.number, {"meta": {}}))) as x:
        assert len(read(x, tmp_path, stream).records) == 2
    told = [each for each in caplog.messages if "left out" in each]
    assert len(told) == len(missing)
    assert all(any(f"'{field}'" in each for each in told) for field in missing)


def test_users_of_whom_x_leaves_out_a_field_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with answering(
        lambda _: (200, {}, users_answer(b'"public_metrics":{"followers_count":1}'))
    ) as x:
        assert len(lookup(x, tmp_path)) == 2
    assert [each for each in caplog.messages if "left out" in each] == [
        "X left out 'created_at' of all objects in a response to /2/users, although "
        "'users_lookup' requests it: the columns are empty."
    ]
