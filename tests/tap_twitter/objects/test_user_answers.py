from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tap_twitter.objects.user_answers import Answers, status_of
from tap_twitter.objects.user_references import Kind, Reference
from tap_twitter.reports.users_lookup.columns import COLUMNS

PROPERTIES: dict[str, Any] = {column.name: column.schema for column in COLUMNS}
NAMES = st.sampled_from(
    [
        *PROPERTIES,
        "public_metrics",
        "value",
        "resource_id",
        "field",
        "section",
        "title",
        "detail",
        "type",
        "user_id",
    ]
)
OLD, NEW = "https://api.twitter.com/2/problems/", "https://api.x.com/2/problems/"


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        ({"type": f"{OLD}resource-not-found", "title": "Not Found Error"}, "not_found"),
        ({"type": f"{NEW}resource-not-found", "title": "Not Found Error"}, "not_found"),
        ({"type": f"{OLD}resource-not-found", "title": "Forbidden"}, "suspended"),
        (
            {"type": f"{OLD}not-authorized-for-resource", "title": "Authorization Error"},
            "protected",
        ),
        ({"type": f"{NEW}resource-unavailable"}, "unavailable"),
        ({"type": f"{NEW}something-new", "title": "New"}, "error"),
        ({}, "error"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_problems_about_users_become_statuses(problem: dict[str, Any], status: str) -> None:
    assert status_of(problem) == status


BODY = {
    "data": [
        {"id": "1", "name": "Ann", "username": "Ann", "public_metrics": {"post_count": 3}},
        {"id": "2", "name": "Two", "username": "12345"},
    ],
    "errors": [
        {
            "value": "3",
            "title": "Forbidden",
            "type": f"{OLD}resource-not-found",
            "detail": "User has been suspended: [3].",
        },
        {"value": "Gone", "title": "Not Found Error", "type": f"{OLD}resource-not-found"},
        {
            "value": "1",
            "field": "entities",
            "resource_id": "1",
            "type": f"{OLD}field-hydration-failure",
        },
        {"resource_id": "1", "section": "data", "field": "withheld"},
        {
            "value": "4",
            "section": "includes",
            "title": "Not Found Error",
            "type": f"{OLD}resource-not-found",
        },
    ],
}


@pytest.mark.parametrize(
    ("kind", "value", "status", "detail"),
    [
        (Kind.ID, "1", "found", "X could not give: entities, withheld."),
        (Kind.USERNAME, "ann", "found", "X could not give: entities, withheld."),
        (Kind.USERNAME, "@12345", "found", None),
        (Kind.ID, "3", "suspended", "User has been suspended: [3]."),
        (Kind.USERNAME, "gone", "not_found", "Not Found Error"),
        (
            Kind.ID,
            "12345",
            "unanswered",
            "X's response named neither this user nor an error about it.",
        ),
        (Kind.ID, "4", "unanswered", "X's response named neither this user nor an error about it."),
    ],
)
def test_every_reference_gets_an_answer(
    kind: Kind, value: str, status: str, detail: str | None
) -> None:
    answer = Answers(BODY).about(Reference(kind, value))
    assert (answer.status, answer.detail) == (status, detail)


def test_both_vocabularies_give_the_same_columns() -> None:
    tweet = {
        "id": "1",
        "username": "a",
        "pinned_tweet_id": "9",
        "public_metrics": {"tweet_count": 3},
    }
    post = {"id": "1", "username": "a", "pinned_post_id": "9", "public_metrics": {"post_count": 3}}
    mixed = {
        "id": "1",
        "username": "a",
        "pinned_post_id": "9",
        "public_metrics": {"tweet_count": 3},
    }
    rows = [
        Answers({"data": [user]}).about(Reference(Kind.ID, "1")).row()
        for user in (tweet, post, mixed)
    ]
    assert rows[0] == rows[1] == rows[2]
    assert (rows[0]["pinned_tweet_id"], rows[0]["tweet_count"]) == ("9", 3)


@pytest.mark.parametrize(
    ("given", "column", "value"),
    [
        ({"verified_followers_count": "12"}, "verified_followers_count", 12),
        ({"verified_followers_count": "many"}, "verified_followers_count", None),
        ({"verified_followers_count": -1}, "verified_followers_count", None),
        ({"verified_followers_count": True}, "verified_followers_count", None),
        ({"verified_followers_count": 10**19}, "verified_followers_count", None),
        ({"public_metrics": {"like_count": [1]}}, "like_count", None),
        ({"public_metrics": {"like_count": "7"}}, "like_count", 7),
        ({"public_metrics": [1]}, "like_count", None),
        ({"protected": "no"}, "protected", None),
        ({"name": {"first": "a"}}, "name", None),
        ({"entities": "none"}, "entities", None),
        ({"entities": {}}, "entities", None),
        ({"connection_status": ["muting", None]}, "connection_status", ["muting"]),
        ({"connection_status": "muting"}, "connection_status", None),
        ({"affiliation": {"user_id": 7}}, "affiliation", {"user_id": None}),
        ({"affiliation": [7]}, "affiliation", None),
        ({"username": None}, "username", None),
        ({"id": 1}, "id", "1"),
        ({"affiliation": {"user_id": "7"}}, "affiliation", {"user_id": ["7"]}),
        ({"affiliation": {"user_id": ["7", "8"]}}, "affiliation", {"user_id": ["7", "8"]}),
        ({"brand_new_field": 1}, "name", None),
    ],
    ids=str,
)
def test_shapes_that_x_has_changed(given: dict[str, Any], column: str, value: Any) -> None:
    user = {"id": "1", "username": "a", **given}
    row = Answers({"data": [user]}).about(Reference(Kind.ID, "1")).row()
    assert row[column] == value
    assert "brand_new_field" not in row


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"id": "1", "username": "ann"}},
        {"data": [None, "1", 1, {"id": "1"}]},
        {"data": [{"username": "ann"}, {"id": 1}]},
        {"data": [{"id": "1", "username": 5}], "errors": {"value": "1", "field": 3}},
        {"data": [{"id": "1"}], "errors": [None, 3, "x", {"value": ["1"]}, {"title": 5}]},
    ],
    ids=["one-object", "odd-items", "half-users", "odd-username", "odd-errors"],
)
def test_odd_answers_are_read_as_far_as_they_can_be(body: dict[str, Any]) -> None:
    answers = Answers(body)
    assert answers.about(Reference(Kind.ID, "1")).status == "found"
    assert answers.about(Reference(Kind.ID, "2")).status == "unanswered"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["data", "errors", "includes"]), json_values))
def test_no_answer_of_x_crashes_and_every_row_fits_the_schema(body: dict[str, Any]) -> None:
    answers = Answers(body)
    for reference in (Reference(Kind.ID, "1"), Reference(Kind.USERNAME, "ann")):
        row = answers.about(reference).row()
        for name, value in row.items():
            if name not in {"entities", "affiliation", "subscription", "withheld"}:
                Draft7Validator(PROPERTIES[name]).validate(value)
