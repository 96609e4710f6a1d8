"""Stream maps that name what is not there: private columns must not leave because of a letter."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import Messages, tap_config

from tap_twitter.errors import StreamMapError
from tap_twitter.singer.stream_map_check import check_stream_maps
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

COLUMNS = {
    "direct_messages": ["id", "text", "sender_id"],
    "direct_messages_sent": ["id", "text", "sender_id"],
    "users_lookup": ["requested_id", "name"],
}
logger = logging.getLogger("tap-twitter")


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        (
            {"direct_mesages": {"text": "__NULL__"}},
            r"has a map of 'direct_mesages', .* Did you mean 'direct_messages'\?",
        ),
        ({"Direct_Messages": None}, r"Did you mean 'direct_messages'\?"),
        (
            {"orders": {}},
            r"has a map of 'orders', which is not a stream of the tap. Nothing was read",
        ),
        ({"copy": {"__source__": "user_lookup"}}, r"map of 'user_lookup', .*'users_lookup'"),
        (
            {"direct_messages": {"txt": "__NULL__"}},
            r"'stream_maps.direct_messages' removes the column 'txt', .* Did you mean 'text'\?",
        ),
        ({"direct_messages": {"Text": None}}, r"removes the column 'Text', .* mean 'text'"),
        ({"direct_*": {"txt": None}}, r"'stream_maps.direct_\*' removes the column 'txt'"),
        ({"users_lookup": {"entities.urls": None}}, r"removes the column 'entities.urls'"),
        ({"users_lookup": {"name": "__NUL__"}}, r"has '__NUL__' for .* 'name': write __NULL__"),
    ],
    ids=str,
)
def test_a_map_of_what_is_not_there_is_refused(maps: dict[str, Any], message: str) -> None:
    with pytest.raises(StreamMapError, match=message):
        check_stream_maps(maps, COLUMNS, logger)


@pytest.mark.parametrize(
    ("maps", "warning"),
    [
        ({"direct_messages": {"txt": "md5(text)"}}, "adds a column 'txt' next to 'text'"),
        ({"direct_messages": {"TEXT": "''"}}, "adds a column 'TEXT' next to 'text'"),
        ({"*": {"senderid": "'x'"}}, "adds a column 'senderid' next to 'sender_id'"),
        ({"mentions_*": {"text": None}}, "has 'mentions_*', which matches no stream"),
        ({"direct_messages": {"text": None, "texts": "text"}}, None),
        ({"direct_messages": {"length": "len(text)", "id": "id"}}, None),
        ({"direct_messages": {"__else__": None, "id": "id", "__filter__": "text"}}, None),
        ({"direct_*": {"text": "__NULL__"}, "users_lookup": "__NULL__"}, None),
        ({"people": {"__source__": "users_lookup", "name": None}}, None),
        ({"*": {"name": None}}, None),
        ({}, None),
    ],
    ids=str,
)
def test_what_may_be_a_slip_is_warned_of(
    maps: dict[str, Any], warning: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    check_stream_maps(maps, COLUMNS, logger)
    warnings = [each for each in caplog.messages if each.startswith("The setting 'stream_maps")]
    assert len(warnings) == (warning is not None)
    assert (warning or "") in caplog.text


def test_private_text_stays_where_a_stream_is_misspelled(sandbox: Sandbox, tmp_path: Path) -> None:
    maps = {"direct_mesages": {"text": "__NULL__"}}
    config = tap_config(sandbox, tmp_path) | {"stream_maps": maps}
    with pytest.raises(StreamMapError, match="Did you mean 'direct_messages'"):
        TapTwitter(config=config, message_writer=Messages())
    assert len(sandbox.requests) == 0


def test_columns_of_the_settings_can_be_removed_as_any_other() -> None:
    config = {
        "source_default_schema": {"team": "x"},
        "stream_maps": {"users_lookup": {"team": None}},
    }
    TapTwitter(config=config, message_writer=Messages())
    with pytest.raises(StreamMapError, match=r"removes the column 'tem'.* 'team'"):
        TapTwitter(
            config=config | {"stream_maps": {"users_lookup": {"tem": None}}},
            message_writer=Messages(),
        )
