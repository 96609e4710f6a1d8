"""What becomes of answers that are odd, or refuse a part."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tap_twitter.auth.account import Account
from tap_twitter.objects.fields import json_schema
from tap_twitter.objects.post_columns import FIELDS, post_row
from tap_twitter.objects.post_fields import POST_COLUMNS
from tap_twitter.objects.posts_response import METRICS, ClosedTimelineError, PostsResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

US = Account("us", "77")
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PROBLEMS = "https://api.twitter.com/2/problems/"


def rows(body: Mapping[str, Any], **options: bool) -> dict[str, dict[str, Any]]:
    answer = PostsResponse(json.loads(json.dumps(body)), **options)
    return {str(each): post_row(US, "ours", each, answer, NOW) for each in answer.posts}


def refusal(post_id: str, field: str) -> dict[str, str]:
    return {
        "resource_id": post_id,
        "field": field,
        "title": "Field Authorization Error",
        "section": "data",
        "type": f"{PROBLEMS}not-authorized-for-field",
        "detail": "not for the log",
    }


def test_a_refused_number_leaves_every_other_value_in_place() -> None:
    whole = {
        "text": "hi",
        "public_metrics": {"like_count": 3, "retweet_count": 1},
        "non_public_metrics": {"impression_count": 40, "engagements": 5},
        "organic_metrics": {"impression_count": 30},
    }
    part = {**whole, "non_public_metrics": {"impression_count": 40}}
    found = rows(
        {
            "data": [{"id": "5", **whole}, {"id": "6", **part}],
            "errors": [
                refusal("6", "non_public_metrics.engagements"),
                refusal("6", "organic_metrics.like_count"),
            ],
        }
    )
    assert found["5"]["detail"] is None
    assert found["6"]["detail"] == (
        "X could not give: non_public_metrics.engagements, organic_metrics.like_count."
    )
    differing = {name for name in found["5"] if found["5"][name] != found["6"][name]}
    assert differing == {"id", "original_id", "non_public_engagements", "detail"}


@pytest.mark.parametrize(
    ("post", "text"),
    [
        ({"text": "short"}, "short"),
        ({"text": "lo…", "note_tweet": {"text": "long"}}, "long"),
        ({"text": "lo…", "note_post": {"text": "long"}}, "long"),
        (
            {"text": "RT @a: th…", "referenced_tweets": [{"type": "retweeted", "id": "3"}]},
            "RT @a: the whole",
        ),
        ({"text": "no: q", "referenced_tweets": [{"type": "quoted", "id": "3"}]}, "no: q"),
        (
            {"text": "RT @a: th…", "referenced_tweets": [{"type": "retweeted", "id": "4"}]},
            "RT @a: th…",
        ),
        ({}, None),
    ],
    ids=[
        "short",
        "long",
        "long-in-post-words",
        "repost",
        "quote",
        "repost-of-what-is-gone",
        "none",
    ],
)
def test_the_whole_text(post: dict[str, Any], text: str | None) -> None:
    original = {"id": "3", "text": "the wh…", "note_tweet": {"text": "the whole"}}
    body = {"data": [{"id": "9", **post}], "includes": {"tweets": [original]}}
    assert rows(body, with_originals=True)["9"]["text"] == text
    assert rows(body)["9"]["text"] == (post.get("text") if "referenced_tweets" in post else text)


def test_reposts_have_the_originals_count_and_none_of_their_own() -> None:
    metrics = {"public_metrics": {"repost_count": 12}}
    repost = {"id": "2", **metrics, "referenced_posts": [{"type": "retweeted", "id": "1"}]}
    found = rows({"data": [{"id": "3", **metrics}, repost]})
    counts = ("retweet_count", "own_retweet_count", "original_retweet_count")
    assert [found["3"][name] for name in counts] == [12, 12, None]
    assert [found["2"][name] for name in counts] == [12, 0, 12]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"title": "Forbidden", "type": f"{PROBLEMS}resource-not-found"}, "suspended"),
        ({"title": "Not Found Error", "type": f"{PROBLEMS}resource-not-found"}, "not_found"),
        (
            {"title": "Authorization Error", "type": f"{PROBLEMS}not-authorized-for-resource"},
            "protected",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_error_about_the_account_closes_its_timeline(error: dict[str, str], status: str) -> None:
    about = {"resource_type": "user", "resource_id": "77", **error}
    with pytest.raises(ClosedTimelineError) as raised:
        PostsResponse({"errors": [about]}).check_is_open()
    assert raised.value.status == status
    PostsResponse({"data": [{"id": "1"}], "errors": [about]}).check_is_open()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FIELD_NAMES = sorted(
    {*(field.name for field in FIELDS), *METRICS, "text", "note_tweet", "entities", "id"}
)


@given(
    posts=st.lists(st.dictionaries(st.sampled_from(FIELD_NAMES), JSON, max_size=6), max_size=3),
    includes=JSON,
    errors=st.lists(JSON, max_size=2),
    meta=JSON,
)
def test_no_answer_breaks_a_row(posts: Any, includes: Any, errors: Any, meta: Any) -> None:
    schema = json_schema("tweet_insights", POST_COLUMNS)
    for number, post in enumerate(posts, start=1):
        post["id"] = str(number)
    for row in rows({"data": posts, "includes": includes, "errors": errors, "meta": meta}).values():
        shallow = {name: {"type": column["type"]} for name, column in schema["properties"].items()}
        Draft7Validator({**schema, "properties": shallow}).validate(row)
        assert row.keys() == schema["properties"].keys()
