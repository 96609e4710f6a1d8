"""`GET /2/tweets`, and the private metrics of posts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from test_sandbox.reading import ids, pages, whole

from sandbox.credentials import CITY, OWNER, SECOND_USER

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
FROZEN: dict[str, Any] = {"clock_start": NOW, "clock_ticking": False}
MINE = f"/2/users/{OWNER.user_id}/tweets"
PRIVATE = "non_public_metrics,organic_metrics,promoted_metrics"
SUBFIELDS = 4 + 6 + 6


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return FROZEN


def test_posts_are_found_by_id_or_named_as_missing(sandbox: Sandbox, app: Ask) -> None:
    here = ids(list(islice(sandbox.world.timeline(OWNER.user_id), 50)))
    gone = here.pop(10)
    sandbox.world.timelines.delete(int(gone))
    sandbox.world.set_status(SECOND_USER.user_id, "suspended")
    sandbox.world.set_status(CITY.user_id, "protected")
    suspended, protected = (
        next(sandbox.world.timeline(user_id))["id"]
        for user_id in (SECOND_USER.user_id, CITY.user_id)
    )
    asked = [*here, gone, "20", suspended, protected]
    body = app("/2/tweets", ids=",".join(asked)).json()

    assert sorted(ids(body["data"])) == sorted(here)
    assert ids(body["data"]) != here
    assert {error["value"]: error["detail"] for error in body["errors"]} == {
        gone: f"Could not find tweet with ids: [{gone}].",
        "20": "Could not find tweet with ids: [20].",
        suspended: f"Could not find tweet with ids: [{suspended}].",
        protected: f"Sorry, you are not authorized to see the Tweet with ids: [{protected}].",
    }
    assert {error["resource_type"] for error in body["errors"]} == {"tweet"}
    assert sandbox.bill.total.net_objects == len(here)


@pytest.mark.parametrize("count", [0, 101])
def test_a_lookup_takes_a_hundred_ids_at_most(app: Ask, count: int) -> None:
    assert app("/2/tweets", ids=",".join(map(str, range(1, count + 1)))).status_code == 400


@pytest.mark.parametrize(("vocabulary", "has_meta"), [("tweet", False), ("post", True)])
def test_only_the_newer_spec_counts_results(
    sandbox: Sandbox, app: Ask, vocabulary: str, has_meta: bool
) -> None:
    mine = ids(list(islice(sandbox.world.timeline(OWNER.user_id), 3)))
    fields = {f"{vocabulary}_fields": "created_at"}
    body = app("/2/tweets", ids=",".join([*mine, "20"]), **fields).json()
    assert body.get("meta") == ({"result_count": 3} if has_meta else None)


def edited(sandbox: Sandbox) -> tuple[str, str]:
    """The ids of both versions of a post that was edited a while ago."""
    written = sandbox.world.timelines.add(OWNER.user_id, "The kettel is on.")
    sandbox.clock.advance(600)
    corrected = sandbox.world.timelines.edit(written, "The kettle is on.")
    sandbox.clock.advance(600)
    return str(written), str(corrected)


@pytest.mark.parametrize("earlier_versions", ["newest", "as_asked"])
def test_an_edited_post_keeps_its_history(
    start: Start, asking: Asking, earlier_versions: str
) -> None:
    sandbox = start(**FROZEN, earlier_versions=earlier_versions)
    app = asking.app(sandbox)
    written, corrected = edited(sandbox)
    (newest, *_) = app(MINE).json()["data"]
    assert (newest["id"], newest["text"]) == (corrected, "The kettle is on.")
    assert newest["edit_history_tweet_ids"] == [written, corrected]
    assert written not in ids(app(MINE, max_results="100").json()["data"])

    (found,) = app("/2/tweets", ids=written).json()["data"]
    assert found["id"] == (written if earlier_versions == "as_asked" else corrected)
    asked = {"expansions": "edit_history_tweet_ids", "tweet_fields": "text"}
    (included,) = app("/2/tweets", ids=corrected, **asked).json()["includes"]["tweets"][:1]
    assert included["text"] == "The kettel is on."


def test_both_versions_asked_for_are_one_post(sandbox: Sandbox, app: Ask) -> None:
    body = app("/2/tweets", ids=",".join(edited(sandbox))).json()
    assert len(body["data"]) == 1
    assert sandbox.bill.total.gross_objects == 1


def test_metrics_belong_to_versions(sandbox: Sandbox) -> None:
    written, corrected = edited(sandbox)

    def likes(post_id: str) -> int:
        post = sandbox.world.post(post_id)
        assert post is not None
        return int(post["public_metrics"]["impression_count"])

    before = likes(written), likes(corrected)
    sandbox.clock.advance(timedelta(days=10).total_seconds())
    assert likes(written) == before[0]
    assert likes(corrected) > before[1]


def test_the_author_sees_private_metrics_for_thirty_days(sandbox: Sandbox, owner: Ask) -> None:
    posts = list(islice(sandbox.world.timeline(OWNER.user_id), 100))
    edge = (NOW - timedelta(days=30)).isoformat()
    written = [post for post in posts if not post["text"].startswith("RT ")]
    young = next(post for post in reversed(written) if post["created_at"] >= edge)
    old = next(post for post in written if post["created_at"] < edge)
    body = owner("/2/tweets", ids=f"{young['id']},{old['id']}", tweet_fields=PRIVATE).json()

    found = {post["id"]: post for post in body["data"]}
    assert found[young["id"]]["non_public_metrics"] == young["non_public_metrics"]
    assert found[young["id"]]["organic_metrics"] == young["organic_metrics"]
    assert not [key for key in found[old["id"]] if key.endswith("metrics")]
    assert {error["value"] for error in body["errors"]} == {old["id"]}
    assert len(body["errors"]) == SUBFIELDS


@pytest.mark.parametrize("reader", ["app", "second"])
def test_others_are_refused_number_by_number(sandbox: Sandbox, asking: Asking, reader: str) -> None:
    ask = asking.app(sandbox) if reader == "app" else asking.user(sandbox, SECOND_USER)
    post = next(sandbox.world.timeline(OWNER.user_id))
    body = ask("/2/tweets", ids=post["id"], tweet_fields="non_public_metrics,text").json()
    assert body["data"][0]["text"] == post["text"]
    assert [error["field"] for error in body["errors"]] == [
        "non_public_metrics.impression_count",
        "non_public_metrics.url_link_clicks",
        "non_public_metrics.user_profile_clicks",
        "non_public_metrics.engagements",
    ]
    assert body["errors"][0] == {
        "value": post["id"],
        "detail": "Sorry, you are not authorized to access 'non_public_metrics.impression_count' "
        f"on the Tweet with ids : [{post['id']}].",
        "title": "Field Authorization Error",
        "resource_type": "tweet",
        "parameter": "ids",
        "resource_id": post["id"],
        "field": "non_public_metrics.impression_count",
        "section": "data",
        "type": "https://api.twitter.com/2/problems/not-authorized-for-field",
    }


def test_asking_for_private_metrics_narrows_a_timeline(sandbox: Sandbox, owner: Ask) -> None:
    edge = (NOW - timedelta(days=30)).isoformat()
    expected = [
        post["id"]
        for post in islice(sandbox.world.timeline(OWNER.user_id), 200)
        if post["created_at"] >= edge
    ]
    read = list(pages(owner, MINE, max_results="25", tweet_fields="organic_metrics"))
    assert [post["id"] for page in read for post in page.get("data", [])] == expected
    assert "data" not in read[-1]
    assert read[-1]["meta"] == {"result_count": 0}
    assert len(whole(owner, MINE, max_results="100")) > len(expected)

    newer = {"since_id": expected[20], "tweet_fields": "organic_metrics"}
    assert ids(whole(owner, MINE, **newer)) == expected[:20]
    assert "data" in list(pages(owner, MINE, **newer))[-1]


def test_videos_have_metrics_of_their_own(sandbox: Sandbox, owner: Ask, app: Ask) -> None:
    asked = {
        "max_results": "100",
        "expansions": "attachments.media_keys",
        "media_fields": "type,public_metrics,non_public_metrics,duration_ms,url",
    }
    young = {"start_time": "2026-02-12T00:00:00Z"}
    seen = owner(MINE, **asked, **young).json()
    media = {found["type"]: found for found in seen["includes"]["media"]}
    assert "url" in media["photo"]
    assert media["video"]["public_metrics"]["view_count"] > 0
    assert "playback_100_count" in media["video"]["non_public_metrics"]
    assert "errors" not in seen
    refused = app(MINE, **asked, **young).json()
    assert {error["resource_type"] for error in refused["errors"]} == {"media"}
    assert not [m for m in refused["includes"]["media"] if "non_public_metrics" in m]
