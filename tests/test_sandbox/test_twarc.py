"""twarc, the archivists' client, against the sandbox; skipped where it is not installed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from test_sandbox.routes import routed

from sandbox.credentials import APP, OWNER, SECOND_USER

if TYPE_CHECKING:
    from contextlib import ExitStack

    from sandbox import Sandbox

twarc = pytest.importorskip("twarc")
ensure_flattened = pytest.importorskip("twarc.expansions").ensure_flattened
USER_KEYS = {
    "consumer_key": APP.consumer_key,
    "consumer_secret": APP.consumer_secret,
    "access_token": OWNER.access_token,
    "access_token_secret": OWNER.access_token_secret,
}


def client(sandbox: Sandbox, stack: ExitStack, **settings: str) -> Any:
    made = twarc.Twarc2(metadata=False, **settings)
    routed(sandbox, stack, made.client)
    return made


def test_twarc_looks_users_up_in_batches(sandbox: Sandbox, stack: ExitStack) -> None:
    found = sandbox.world.sample_ids(150, status="found")
    gone = sandbox.world.sample_ids(1, status="not_found")
    app = client(sandbox, stack, bearer_token=sandbox.tokens.app_only())
    pages = list(app.user_lookup([*found, *gone], expansions=True))

    assert {user["id"] for page in pages for user in page["data"]} == set(found)
    missing = {error["value"] for page in pages for error in page["errors"]}
    assert missing >= set(gone)
    assert [entry.status for entry in sandbox.requests] == [200, 200]


def test_twarc_looks_handles_up_as_a_user(sandbox: Sandbox, stack: ExitStack) -> None:
    user = client(sandbox, stack, **USER_KEYS)
    (page,) = user.user_lookup(["founder", "NorthwindTea"], usernames=True)
    assert {found["id"] for found in page["data"]} == {"12", OWNER.user_id}
    assert {entry.credential for entry in sandbox.requests} == {"oauth1"}


def test_twarc_archives_a_timeline_with_all_it_refers_to(
    sandbox: Sandbox, stack: ExitStack
) -> None:
    app = client(sandbox, stack, bearer_token=sandbox.tokens.app_only())
    pages = list(app.timeline(SECOND_USER.user_id, exclude_replies=True))
    read = [post["id"] for page in pages for post in page["data"]]
    truth = [
        post
        for post in sandbox.world.timelines.of(SECOND_USER.user_id)
        if post.kind != "replied_to"
    ]
    assert read == [str(sandbox.world.timelines.newest(post)) for post in truth[:800]]

    for page in pages:
        for post in ensure_flattened(page):
            assert post["author"]["username"] == "harbour_books"
            for reference in post.get("referenced_tweets", []):
                if "text" in reference:
                    assert reference["author"]["id"] == reference["author_id"]


def test_twarc_looks_posts_up_and_names_the_missing(sandbox: Sandbox, stack: ExitStack) -> None:
    app = client(sandbox, stack, bearer_token=sandbox.tokens.app_only())
    asked = [post["id"] for post in islice(sandbox.world.timeline(OWNER.user_id), 120)]
    sandbox.world.timelines.delete(int(asked[3]))
    pages = list(app.tweet_lookup(asked))
    assert {post["id"] for page in pages for post in page["data"]} == set(asked) - {asked[3]}
    missing = {
        error["value"]
        for page in pages
        for error in page.get("errors", [])
        if error["parameter"] == "ids"
    }
    assert missing == {asked[3]}
