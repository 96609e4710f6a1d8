"""Pages that lead to themselves end the reading of an account, with its rows given once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.answering import Asked, answering
from support.harness import Messages, SkippingClock, account_of, selecting

from sandbox.credentials import OWNER
from tap_twitter.errors import RunError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from support.answering import AnsweringX, Reply

STAMP = "2026-11-28T10:00:00.000Z"
NEWEST = 1_900_000_000_000_002_000


def objects(low: int, count: int = 5) -> list[dict[str, Any]]:
    event = {"event_type": "MessageCreate", "sender_id": "77", "text": "t", "created_at": STAMP}
    return [
        {**event, "author_id": OWNER.user_id, "id": str(low + count - 1 - n)} for n in range(count)
    ]


def read(x: AnsweringX, tmp_path: Path, stream: str, **groups: Any) -> tuple[Messages, str]:
    config = x.config(tmp_path, **groups) | {"accounts": [account_of(OWNER)]}
    messages = Messages()
    tap = TapTwitter(config=config, catalog=selecting(config, [stream]), message_writer=messages)
    tap.run_context.clock = SkippingClock()
    with pytest.raises(RunError) as raised:
        tap.run()
    return messages, str(raised.value)


@pytest.mark.parametrize("stream", ["tweet_insights", "direct_messages"])
@pytest.mark.parametrize("token", ["SAME", None], ids=["same-token", "other-tokens"])
def test_a_page_that_repeats_is_told_and_its_rows_come_once(
    stream: str, token: str | None, tmp_path: Path
) -> None:
    def handle(asked: Asked) -> Reply:
        following = token or f"TOKEN{asked.number}"
        return 200, {}, {"data": objects(NEWEST), "meta": {"next_token": following}}

    with answering(handle) as x:
        messages, told = read(x, tmp_path, stream)
        assert len(x.asked) <= 4
    assert "repeatedly, and nothing below it" in told
    assert "empty" not in told
    assert len(messages.records) == 5


def test_recent_posts_that_repeat_are_told_before_engagement_is_asked_for(tmp_path: Path) -> None:
    def handle(asked: Asked) -> Reply:
        if asked.method == "POST":
            return 200, {}, {"unavailable_tweet_ids": []}
        return 200, {}, {"data": objects(NEWEST), "meta": {"next_token": "SAME"}}

    with answering(handle) as x:
        _, told = read(x, tmp_path, "engagement_totals")
        assert x.paths.count(f"/2/users/{OWNER.user_id}/tweets") == 3
    assert "repeatedly, and nothing below it" in told


@pytest.mark.parametrize("stream", ["tweet_insights", "direct_messages"])
def test_pages_without_anything_are_not_said_to_repeat(stream: str, tmp_path: Path) -> None:
    def handle(asked: Asked) -> Reply:
        return 200, {}, {"meta": {"next_token": f"TOKEN{asked.number}"}}

    with answering(handle) as x:
        _, told = read(x, tmp_path, stream)
    assert "repeatedly, and nothing below it" not in told


def test_a_page_that_repeats_once_is_passed_over(tmp_path: Path) -> None:
    pages = {1: objects(NEWEST), 2: objects(NEWEST), 3: objects(NEWEST - 5)}

    def handle(asked: Asked) -> Reply:
        meta = {"next_token": f"TOKEN{asked.number}"} if asked.number < 3 else {}
        return 200, {}, {"data": pages.get(asked.number, []), "meta": meta}

    with answering(handle) as x:
        config = x.config(tmp_path) | {"accounts": [account_of(OWNER)]}
        messages = Messages()
        catalog = selecting(config, ["tweet_insights"])
        TapTwitter(config=config, catalog=catalog, message_writer=messages).run()
    ids = [each["id"] for each in messages.records]
    assert (len(ids), len(set(ids))) == (10, 10)
