"""Rows on their way out: as they are, or through field selection, stream maps and flattening."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.singerlib import RecordMessage, StateMessage
from support.harness import Messages, make_dataset, tap_config
from support.state_jobs import ORGANIC

from tap_twitter.api.vocabulary import WORDS
from tap_twitter.objects.user_answers import Answers
from tap_twitter.objects.user_fields import USER_FIELDS
from tap_twitter.objects.user_references import Kind, Reference
from tap_twitter.reports.users_lookup.stream import UsersLookupStream
from tap_twitter.singer import sdk
from tap_twitter.singer.writer import MessageWriter
from tap_twitter.streams.paged import PagedStream
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox import Sandbox

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def lookup_stream(catalog: dict[str, Any] | None = None, **settings: Any) -> UsersLookupStream:
    config = {"auth": {"bearer_token": "unused"}, **settings}
    tap = TapTwitter(config=config, catalog=catalog)
    stream = tap.streams["users_lookup"]
    assert isinstance(stream, UsersLookupStream)
    return stream


UNCHANGED = lookup_stream()

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
names = st.sampled_from([*(field.name for field in USER_FIELDS), *WORDS])
users = st.dictionaries(names, values) | st.fixed_dictionaries(
    {"public_metrics": st.dictionaries(names, values)}
)


@given(users)
def test_rows_that_go_out_as_they_are_are_those_of_the_sdk(user: dict[str, Any]) -> None:
    row = Answers({"data": [{**user, "id": "1"}]}).about(Reference(Kind.ID, "1")).row()
    assert UNCHANGED.output.is_unchanged
    ways = (
        UNCHANGED.output.record_messages,
        partial(sdk.record_messages, UNCHANGED),
    )
    lines = []
    for generate in ways:
        (message,) = generate(deepcopy(row))
        message.time_extracted = NOW
        lines.append(bytes(MessageWriter().format_message(message)))
    assert lines[0] == lines[1]


def deselect(*names: str) -> Callable[[dict[str, Any]], None]:
    breadcrumb = [step for name in names for step in ("properties", name)]

    def change(catalog: dict[str, Any]) -> None:
        (stream,) = (each for each in catalog["streams"] if each["stream"] == "users_lookup")
        (found,) = (each for each in stream["metadata"] if each["breadcrumb"] == breadcrumb)
        found["metadata"]["selected"] = False

    return change


def nothing(catalog: dict[str, Any]) -> None:
    """All stays selected."""


CHANGES = [
    pytest.param({}, nothing, {}, id="nothing"),
    pytest.param({"flattening_enabled": False}, nothing, {}, id="not-flat"),
    pytest.param({"source_default_schema": {"team": "x"}}, nothing, {"team": "x"}, id="constant"),
    pytest.param({}, deselect("username"), {"username": ...}, id="deselected"),
    pytest.param(
        {}, deselect("entities", "description"), {"entities": {"url": {}}}, id="deselected-inside"
    ),
    pytest.param(
        {"stream_maps": {"users_lookup": {"username": "username.upper()"}}},
        nothing,
        {"username": "ANN"},
        id="mapped",
    ),
    pytest.param(
        {"flattening_enabled": True, "flattening_max_depth": 1},
        nothing,
        {"entities": ..., "entities__url": "{}", "entities__description": "{}"},
        id="flat",
    ),
]
"""Settings, changes of the catalog, and the values that differ then; `...` where there is none."""


@pytest.mark.parametrize(("settings", "change", "differing"), CHANGES)
def test_what_settings_and_catalog_make_of_a_row(
    settings: dict[str, Any], change: Callable[[dict[str, Any]], None], differing: dict[str, Any]
) -> None:
    catalog = deepcopy(TapTwitter(validate_config=False).catalog_dict)
    change(catalog)
    stream = lookup_stream(catalog, **settings)
    user = {"id": "1", "username": "ann", "entities": {"url": {}, "description": {}}}
    row = Answers({"data": [user]}).about(Reference(Kind.ID, "1")).row()
    (message,) = stream.output.record_messages(stream.post_process(deepcopy(row)))
    expected = {name: value for name, value in {**row, **differing}.items() if value is not ...}
    assert message.record == expected


def test_rows_say_which_partition_they_are_of() -> None:
    row = {"requested_id": "1", "username": "own"}
    partition = {"username": "partition", "lookup_status": "found", "no_column": 2}
    UNCHANGED.output.write_record(row, partition)
    assert row == {"requested_id": "1", "username": "own", "lookup_status": "found"}


class Forgetful(UsersLookupStream):
    """Asks again and again without a STATE in between."""

    def _save(self, *begun: dict[str, Any]) -> None:
        pass


class ForgetfulTap(TapTwitter):
    STREAMS = (Forgetful,)


def test_rows_are_handed_over_before_the_tap_asks_again_and_at_the_end(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(250, "found")})
    messages = Messages()
    ForgetfulTap(config=tap_config(sandbox, tmp_path), message_writer=messages).run()
    assert len(messages.records) == 250
    schema = 1
    assert {schema, schema + 100, schema + 200, len(messages.all)} <= set(messages.flushes)


def test_rows_wait_for_the_next_state_or_flush(capfd: pytest.CaptureFixture[str]) -> None:
    writer, seen = MessageWriter(), []
    record, state = RecordMessage("a", {"id": "1"}), StateMessage({"bookmarks": {}})
    for hand_over in (writer.flush, lambda: writer.write_message(state)):
        writer.write_message(record)
        seen.append(capfd.readouterr().out)
        hand_over()
        seen.append(capfd.readouterr().out)
    line = '{"type":"RECORD","stream":"a","record":{"id":"1"}}\n'
    assert seen == ["", line, "", line + '{"type":"STATE","value":{"bookmarks":{}}}\n']


def test_where_stdout_is_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    MessageWriter().write_message(StateMessage({}))
    assert capsys.readouterr().out == '{"type":"STATE","value":{}}\n'


RANGE = {"duration": "range", "start_date_type": "specific", "specific_start_date": "2026-01-01"}


@pytest.mark.parametrize(
    ("engagement", "historical"),
    [
        ({**RANGE, "group_by": ["tweet.id", "engagement.day"]}, ["date"]),
        ({**RANGE, "group_by": ["tweet.id"]}, []),
    ],
    ids=["dated", "sums"],
)
def test_streams_that_go_on_where_a_run_ended_say_so(
    engagement: dict[str, Any], historical: list[str]
) -> None:
    config = {"auth": {"bearer_token": "unused"}, "engagement": engagement}
    selected = [{"breadcrumb": [], "metadata": {"selected": True}}]
    all_streams = [
        {"tap_stream_id": name, "stream": name, "schema": {}, "metadata": selected}
        for name in TapTwitter(config=config).streams
    ]
    tap = TapTwitter(config=config, catalog={"streams": all_streams})
    plain = [each for each in tap.x_streams if isinstance(each, PagedStream)]
    expected: dict[str, list[str]] = {
        **{each.name: ["date"] if each.IS_SNAPSHOT else ["id"] for each in plain},
        "engagement_28hr": [],
        "engagement_totals": [],
        "account_insights": ["date"],
        "direct_messages": ["id"],
        "direct_messages_sent": ["id"],
        "historical_engagement": historical,
        "tweet_counts": [],
        "tweet_insights": ["created_at"],
        "usage": [],
        "users_lookup": ["requested_id"],
        **{name: [] for name in ORGANIC},
        "organic_tweet_report": ["date"],
        "tweet_analytics": ["date"],
    }
    found = {}
    for stream in tap.x_streams:
        [message] = stream.output.schema_messages()
        assert set(message.bookmark_properties or []) <= stream.schema["properties"].keys()
        found[stream.name] = message.bookmark_properties or []
    assert found == expected
