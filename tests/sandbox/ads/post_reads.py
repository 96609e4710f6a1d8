"""Posts of an ads account: published ones in the words of API 1.1, and scheduled ones.

https://docs.x.com/x-ads-api/creatives/reference
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.ads.endpoint import Call, Endpoint
from sandbox.ads.limits import Limit
from sandbox.ads.listing import listed, one, page
from sandbox.ads.parameters import MAX_IDS, Parameter, choice, flag, items
from sandbox.ads.parameters import page as page_parameters
from sandbox.ads.refusals import invalid
from sandbox.ads.tweets import user as user_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.ads.organic import Found


def _tweets(call: Call) -> dict[str, Any]:
    author_id = call.query["user_id"] or call.owned.user_id
    if author_id not in {call.owned.user_id, *call.owned.others}:
        raise invalid("user_id", "not a promotable user of this account", author_id)
    if call.query["tweet_type"] != "PUBLISHED":
        return _unpublished(call)
    shown, members = page(call, _chosen(call, author_id), lambda found: found.id)
    switches = call.ads.switches
    author = user_object(
        call.sandbox.world.user(author_id), switches, is_trimmed=call.query["trim_user"]
    )
    data = [call.ads.posts.tweet(call.owned, found, author, switches) for found in shown]
    return {**members, "data": data}


def _chosen(call: Call, author_id: str) -> Iterator[Found]:
    """The posts that a call asks for, newest first."""
    ids, prefix = call.query["tweet_ids"], call.query["name"]
    for found in _timeline(call, author_id):
        name = call.ads.posts.name(found)
        if ids and str(found.id) not in ids:
            continue
        if prefix is None or (name or "").startswith(prefix):
            yield found


def _timeline(call: Call, author_id: str) -> Iterator[Found]:
    kind, posts = call.query["timeline_type"], call.ads.posts
    nullcast = [*posts.nullcast(call.owned)] if author_id == call.owned.user_id else []
    if kind == "NULLCAST":
        yield from nullcast
        return
    for found in posts.organic(
        call.owned,
        author_id,
        answers=call.query["include_mentions_and_replies"],
        since_account=call.ads.switches.tweets_since == "account",
    ):
        while kind == "ALL" and nullcast and nullcast[0].id > found.id:
            yield nullcast.pop(0)
        yield found
    yield from nullcast if kind == "ALL" else ()


def _unpublished(call: Call) -> dict[str, Any]:
    """Posts that are scheduled, in the shape of posts; drafts there are none."""
    entries: list[dict[str, Any]] = []
    if call.query["tweet_type"] == "SCHEDULED":
        now = call.sandbox.clock.now()
        scheduled = [each.as_json(now) for each in call.ads.schedule.of(call.owned)]
        entries = [each for each in scheduled if each["scheduled_status"] == "SCHEDULED"]
    shown, members = page(call, entries, _scheduled_number)
    data = [
        {
            "tweet_id": each["id"],
            "name": each["name"],
            "tweet_type": "SCHEDULED",
            "nullcast": each["nullcast"],
            "full_text": each["text"],
            "scheduled_at": each["scheduled_at"],
        }
        for each in shown
    ]
    return {**members, "data": data}


def _scheduled(call: Call) -> dict[str, Any]:
    now = call.sandbox.clock.now()
    author_id = call.query["user_id"] or call.owned.user_id
    found = [
        each.as_json(now) for each in call.ads.schedule.of(call.owned) if each.user_id == author_id
    ]
    return listed(call, found, _scheduled_number)


def _scheduled_number(each: dict[str, Any]) -> int:
    return int(each["id"])


def _scheduled_one(call: Call) -> dict[str, Any]:
    now = call.sandbox.clock.now()
    found = [each.as_json(now) for each in call.ads.schedule.of(call.owned)]
    return {"data": one(found, call.request.path_params["id"], "TWEET_NOT_FOUND", call)}


_TWEETS: Final = (
    Parameter("tweet_type", choice("PUBLISHED", "SCHEDULED", "DRAFT"), required=True),
    Parameter("timeline_type", choice("ALL", "NULLCAST", "ORGANIC"), "NULLCAST", echoed=True),
    Parameter("include_mentions_and_replies", flag, default=False),
    Parameter("trim_user", flag, default=False),
    Parameter("tweet_ids", items(MAX_IDS)),
    Parameter("user_id"),
    Parameter("name"),
    # undocumented here, and sent by Stitch's tap: taken, without effect
    Parameter("with_deleted", flag),
    Parameter("sort_by"),
    *page_parameters(200, 1000),
)
_SCHEDULED: Final = "accounts/{account_id}/scheduled_tweets"
_SCHEDULED_LIMIT: Final = Limit("scheduled_tweets", scope="account")

ENDPOINTS: Final = (
    Endpoint(
        "accounts/{account_id}/tweets",
        _tweets,
        Limit("tweets", scope="account"),
        _TWEETS,
        is_creative=True,
    ),
    Endpoint(
        _SCHEDULED,
        _scheduled,
        _SCHEDULED_LIMIT,
        (Parameter("user_id"), *page_parameters(100, 200)),
        is_creative=True,
    ),
    Endpoint(f"{_SCHEDULED}/{{id}}", _scheduled_one, _SCHEDULED_LIMIT, is_creative=True),
)
