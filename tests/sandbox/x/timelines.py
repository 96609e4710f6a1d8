"""A user's posts and mentions: `/2/users/{id}/tweets` and `/2/users/{id}/mentions`.

https://docs.x.com/x-api/posts/timelines/introduction
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sandbox.credentials import OWNER
from sandbox.x.bounds import BOUNDS, POST_ID, bounds, first_private
from sandbox.x.endpoint import Answer, Call, Endpoint
from sandbox.x.envelope import Envelope, timeline_status
from sandbox.x.expansions import expand
from sandbox.x.limits import Allowance
from sandbox.x.paging import turn
from sandbox.x.parameters import Parameter
from sandbox.x.scalars import Integer, Single

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.publications import Publication
    from sandbox.x.paging import Page

PATH: Final = "/2/users/{id}/tweets"
MENTIONS: Final = "/2/users/{id}/mentions"
POST_FIELDS: Final = ("post", "user", "media", "poll", "place")
_DEPTH: Final = 3200
_DEPTH_WITHOUT_REPLIES: Final = 800
_MENTIONS_DEPTH: Final = 800
_DEFAULT_SIZE: Final = 10


def _timeline(call: Call) -> Answer:
    return _of_user(call, PATH, _reachable)


def _mentions(call: Call) -> Answer:
    return _of_user(call, MENTIONS, _reachable_mentions)


def _of_user(
    call: Call, path: str, reachable: Callable[[Call, str], Iterable[Publication]]
) -> Answer:
    """A page of the posts that X lets one reach of an account."""
    envelope = Envelope(call)
    user_id = call.path["id"]
    status = timeline_status(call, user_id)
    if status != "found":
        envelope.miss(status, "data", kind="user", parameter="id", value=user_id)
        return envelope.answer("Post")
    newest = call.sandbox.world.timelines.newest
    first, end = bounds(call)
    shown = max(first, first_private(call))
    page = turn(
        call,
        f"{path}:{user_id}",
        (post for post in reachable(call, user_id) if shown <= newest(post) < end),
        newest,
        int(call.single("max_results") or _DEFAULT_SIZE),
        goes_on=first < shown,
    )
    return show(envelope, page, tariff(call, user_id))


def show(envelope: Envelope, page: Page[Publication], priced_as: str = "") -> Answer:
    """A page of posts as an answer.

    Args:
        envelope: The answer so far.
        page: The posts.
        priced_as: The key of their price, where that is not a post's.
    """
    world = envelope.call.sandbox.world
    for publication in page.entries:
        post = world.post(str(world.timelines.newest(publication))) or {}
        envelope.add("post", post)
        expand(envelope, post)
    return envelope.answer("Post", tariff=priced_as, meta=_meta(envelope, page.links))


def tariff(call: Call, user_id: str) -> str:
    """Who owns the app pays less for what belongs to their own account."""
    owns = user_id == OWNER.user_id == call.credential.user_id
    return "OwnedRead" if owns else ""


def visible(call: Call, posts: Iterable[Publication]) -> Iterator[Publication]:
    """The posts of many authors that the caller may see: not those of protected or missing ones."""
    seen: dict[str, bool] = {}
    for post in posts:
        author = post.author_id
        if author not in seen:
            seen[author] = timeline_status(call, author) == "found"
        if seen[author]:
            yield post


def _meta(envelope: Envelope, links: dict[str, Any]) -> dict[str, Any]:
    ids = sorted((post["id"] for post in envelope.data), key=int)
    ends = {"newest_id": ids[-1], "oldest_id": ids[0]} if ids else {}
    return {"result_count": len(ids), **ends, **links}


def _reachable(call: Call, user_id: str) -> Iterator[Publication]:
    """The newest posts, as far back as X goes, without those that are excluded."""
    excluded = call.query["exclude"]
    posts = islice(call.sandbox.world.timelines.of(user_id), _DEPTH)
    if "replies" in excluded:
        others = (post for post in posts if post.kind != "replied_to")
        posts = islice(others, _DEPTH_WITHOUT_REPLIES)
    return (p for p in posts if p.kind != "retweeted" or "retweets" not in excluded)


def _reachable_mentions(call: Call, user_id: str) -> Iterator[Publication]:
    """The newest posts of others that mention an account, as far back as X goes."""
    reposts = call.sandbox.options.mentions_by_reposts
    mentioning = call.sandbox.world.square.mentioning(user_id, reposts=reposts)
    return islice(visible(call, mentioning), _MENTIONS_DEPTH)


_PAGING: Final = (Integer("max_results", lowest=5), Single("pagination_token"))
_OF_USER: Final = (Single("id", pattern=POST_ID),)
ENDPOINTS: Final = (
    Endpoint(
        PATH,
        fields=POST_FIELDS,
        allowance=Allowance(app=10_000, user=900),
        path_parameters=_OF_USER,
        parameters=(*_PAGING, Parameter("exclude", choices=("replies", "retweets")), *BOUNDS),
        answer=_timeline,
    ),
    Endpoint(
        MENTIONS,
        fields=POST_FIELDS,
        allowance=Allowance(app=450, user=300),
        path_parameters=_OF_USER,
        parameters=(*_PAGING, *BOUNDS),
        answer=_mentions,
    ),
)
