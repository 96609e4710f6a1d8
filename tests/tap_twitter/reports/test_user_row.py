from __future__ import annotations

from typing import Any

import pytest

from tap_twitter.reports.user_reference import Kind, Reference
from tap_twitter.reports.user_row import Answers, status_of

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
        (Kind.ID, "1", "found", None),
        (Kind.USERNAME, "ann", "found", None),
        (Kind.USERNAME, "@12345", "found", None),
        (Kind.ID, "3", "suspended", "User has been suspended: [3]."),
        (Kind.USERNAME, "gone", "not_found", "Not Found Error"),
        (
            Kind.ID,
            "12345",
            "unanswered",
            "X's answer named neither this user nor an error about it.",
        ),
        (Kind.ID, "4", "unanswered", "X's answer named neither this user nor an error about it."),
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
        ({"affiliation": {"user_id": "7"}}, "affiliation", {"user_id": ["7"]}),
        ({"affiliation": {"user_id": ["7", "8"]}}, "affiliation", {"user_id": ["7", "8"]}),
        ({"brand_new_field": 1}, "name", None),
    ],
    ids=["count-as-text", "one-affiliation", "affiliations", "unknown-field"],
)
def test_shapes_that_x_has_changed(given: dict[str, Any], column: str, value: Any) -> None:
    user = {"id": "1", "username": "a", **given}
    row = Answers({"data": [user]}).about(Reference(Kind.ID, "1")).row()
    assert row[column] == value
    assert "brand_new_field" not in row
