"""Columns are said once: requests, rows and schemas follow from them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tap_twitter.api.vocabulary import POST, TWEET
from tap_twitter.objects.fields import COUNT, TEXT, Column, Field, json_schema, request_fields
from tap_twitter.objects.post_fields import POST_COLUMNS
from tap_twitter.objects.post_requests import post_parameters
from tap_twitter.objects.user_fields import USER_FIELDS
from tap_twitter.reports.direct_messages.columns import COLUMNS as MESSAGE_COLUMNS
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_twitter.api.vocabulary import Vocabulary

LIKES = Field("like_count", COUNT, "Likes.", "public_metrics")
ORGANIC_LIKES = Field("organic_like_count", COUNT, "Likes without promotion.", "organic_metrics")
COLUMNS = (
    Column("account", TEXT, "Whose.", is_nullable=False),
    Field("id", TEXT, "The id."),
    LIKES,
    ORGANIC_LIKES,
    Field("note_id", TEXT, "A note.", words=TWEET),
)


def test_columns_become_a_schema() -> None:
    assert json_schema("likes", COLUMNS) == {
        "$schema": "https://json-schema.org/draft-07/schema#",
        "title": "likes",
        "type": "object",
        "properties": {
            "account": {"type": "string", "description": "Whose."},
            "id": {"type": ["string", "null"], "description": "The id."},
            "like_count": {"type": ["integer", "null"], "description": "Likes."},
            "organic_like_count": {
                "type": ["integer", "null"],
                "description": "Likes without promotion.",
            },
            "note_id": {"type": ["string", "null"], "description": "A note."},
        },
        "required": ["account"],
    }


def test_columns_become_the_fields_of_a_request() -> None:
    in_both = {"id", "public_metrics", "organic_metrics"}
    assert request_fields(COLUMNS, TWEET) == {*in_both, "note_id"}
    assert request_fields(COLUMNS, POST) == in_both


@pytest.mark.parametrize(
    ("field", "found", "value"),
    [
        pytest.param(LIKES, {"public_metrics": {"like_count": 3}}, 3, id="a-part"),
        pytest.param(LIKES, {"like_count": 3}, None, id="beside-its-object"),
        pytest.param(LIKES, {"public_metrics": [3]}, None, id="no-object"),
        pytest.param(ORGANIC_LIKES, {"organic_metrics": {"like_count": 3}}, 3, id="a-prefix"),
        pytest.param(ORGANIC_LIKES, {"public_metrics": {"like_count": 3}}, None, id="of-another"),
        pytest.param(COLUMNS[1], {"id": 3}, "3", id="a-number-as-text"),
    ],
)
def test_a_field_finds_its_value(field: Field, found: dict[str, Any], value: Any) -> None:
    assert field.value(found) == value


@pytest.mark.parametrize(
    ("columns", "tweet", "post"),
    [
        pytest.param(
            USER_FIELDS,
            {"affiliation", "most_recent_tweet_id", "pinned_tweet_id"},
            {"subscribes_to_you"},
            id="users",
        ),
        pytest.param(
            POST_COLUMNS,
            {"edit_history_tweet_ids", "in_reply_to_user_id", "referenced_tweets"},
            set(),
            id="posts",
        ),
        pytest.param(
            MESSAGE_COLUMNS,
            {"participant_ids", "referenced_tweets", "sender_id"},
            set(),
            id="messages",
        ),
    ],
)
def test_fields_that_only_one_vocabulary_knows(
    columns: Sequence[Column], tweet: set[str], post: set[str]
) -> None:
    asked = {words: request_fields(columns, words) for words in (TWEET, POST)}
    assert asked[TWEET] - asked[POST] == tweet
    assert asked[POST] - asked[TWEET] == post


@pytest.mark.parametrize(("words", "long_text"), [(TWEET, "note_tweet"), (POST, "note_post")])
def test_private_metrics_are_asked_for_where_the_author_asks(
    words: Vocabulary, long_text: str
) -> None:
    name = f"{words.value}.fields"
    all_fields, public = (
        set(post_parameters(words, with_private=each)[name].split(",")) for each in (True, False)
    )
    assert all_fields - public == {"non_public_metrics", "organic_metrics"}
    assert {"public_metrics", "text", long_text} <= public


@pytest.mark.parametrize("stream", TapTwitter.STREAMS, ids=lambda stream: stream.name)
def test_the_columns_of_a_stream_are_a_schema_with_words(stream: Any) -> None:
    schema = json_schema(stream.name, stream.COLUMNS)
    Draft7Validator.check_schema(schema)
    assert len(schema["properties"]) == len(stream.COLUMNS)
    assert set(stream.primary_keys) <= set(schema["required"])
    assert all(re.fullmatch(r"[A-Za-z].*[.…]", each.description) for each in stream.COLUMNS)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
FIELDS = [
    each
    for columns in (USER_FIELDS, POST_COLUMNS, MESSAGE_COLUMNS)
    for each in columns
    if isinstance(each, Field)
]


@given(st.sampled_from(FIELDS), ANYTHING)
def test_whatever_x_sends_a_column_holds_what_its_schema_says(field: Field, sent: Any) -> None:
    found = {field.part_of: {field.key: sent}} if field.part_of else {field.name: sent}
    schema = dict(field.type.schema)
    # objects pass as X gives them
    schema.pop("properties", None)
    schema["items"] = {**schema.get("items", {}), "properties": {}}
    Draft7Validator(schema).validate(field.value(found))
