"""A user's posts: `/2/users/{id}/tweets` (https://docs.x.com/x-api/posts/timelines/introduction)."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sandbox import moments
from sandbox.credentials import OWNER
from sandbox.pace import milliseconds
from sandbox.x.endpoint import Answer, Call, Endpoint
from sandbox.x.envelope import Envelope, timeline_status
from sandbox.x.expansions import expand
from sandbox.x.limits import Allowance
from sandbox.x.paging import turn
from sandbox.x.parameters import Complaint, Parameter
from sandbox.x.problems import invalid_request
from sandbox.x.scalars import Integer, Moment, Single, moment_of
from sandbox.x.selection import PRIVATE_DAYS, asked_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.publications import Publication

PATH: Final = "/2/users/{id}/tweets"
POST_FIELDS: Final = ("post", "user", "media", "poll", "place")
POST_ID: Final = "[0-9]{1,19}"
_DEPTH: Final = 3200
_DEPTH_WITHOUT_REPLIES: Final = 800
_DEFAULT_SIZE: Final = 10


def _timeline(call: Call) -> Answer:
    envelope = Envelope(call)
    user_id = call.path["id"]
    status = timeline_status(call, user_id)
    if status != "found":
        envelope.miss(status, "data", kind="user", parameter="id", value=user_id)
        return envelope.answer("Post")
    world = call.sandbox.world
    newest = world.timelines.newest
    first, end = _bounds(call)
    shown = max(first, _first_private(call))
    page = turn(
        call,
        f"{PATH}:{user_id}",
        (post for post in _reachable(call, user_id) if shown <= newest(post) < end),
        newest,
        int(call.single("max_results") or _DEFAULT_SIZE),
        goes_on=first < shown,
    )
    for publication in page.entries:
        post = world.post(str(newest(publication))) or {}
        envelope.add("post", post)
        expand(envelope, post)
    return envelope.answer("Post", tariff=_tariff(call, user_id), meta=_meta(envelope, page.links))


def _tariff(call: Call, user_id: str) -> str:
    """Who owns the app pays less for the posts of their own account."""
    owns = user_id == OWNER.user_id == call.credential.user_id
    return "OwnedRead" if owns else ""


def _meta(envelope: Envelope, links: dict[str, Any]) -> dict[str, Any]:
    ids = [post["id"] for post in envelope.data]
    ends = {"newest_id": ids[0], "oldest_id": ids[-1]} if ids else {}
    return {"result_count": len(ids), **ends, **links}


def _reachable(call: Call, user_id: str) -> Iterator[Publication]:
    """The newest posts, as far back as X goes, without those that are excluded."""
    excluded = call.query["exclude"]
    posts = islice(call.sandbox.world.timelines.of(user_id), _DEPTH)
    if "replies" in excluded:
        others = (post for post in posts if post.kind != "replied_to")
        posts = islice(others, _DEPTH_WITHOUT_REPLIES)
    return (p for p in posts if p.kind != "retweeted" or "retweets" not in excluded)


def _bounds(call: Call) -> tuple[int, int]:
    """The first id that may be shown, and the first that may not again; ids beat times, as on X."""
    _check_order(call)
    first = _bound(call, "since_id", "start_time", lambda post_id: post_id + 1, 0)
    return first, _bound(call, "until_id", "end_time", lambda post_id: post_id, 2**63)


def _first_private(call: Call) -> int:
    """The first id that is young enough for the private metrics that were asked for."""
    return _first_id(call.sandbox.clock.now() - PRIVATE_DAYS) if asked_private(call) else 0


def _bound(
    call: Call, by_id: str, by_time: str, shift: Callable[[int], int], otherwise: int
) -> int:
    if post_id := call.single(by_id):
        return shift(int(post_id))
    moment = moment_of(call.single(by_time) or "")
    return otherwise if moment is None else _first_id(moment.replace(microsecond=0))


def _first_id(moment: datetime) -> int:
    return moments.snowflake_at(milliseconds(moment), 0)


def _check_order(call: Call) -> None:
    """Bounds must be in order, as X's spec 2.167 says."""
    complaints: list[Complaint] = []
    for lower, upper, worth in _PAIRS:
        low, high = call.single(lower), call.single(upper)
        if low and high and worth(low) >= worth(high):
            names = {lower: [low], upper: [high]}
            complaints.append((names, f"'{lower}' must be before '{upper}'."))
    if complaints:
        raise invalid_request(call.sandbox.options.problem_base, complaints)


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


_PAIRS: Final[tuple[tuple[str, str, Callable[[str], float]], ...]] = (
    ("since_id", "until_id", int),
    ("start_time", "end_time", _epoch),
)
ENDPOINTS: Final = (
    Endpoint(
        PATH,
        fields=POST_FIELDS,
        allowance=Allowance(app=10_000, user=900),
        path_parameters=(Single("id", pattern=POST_ID),),
        parameters=(
            Integer("max_results", lowest=5),
            Single("pagination_token"),
            Parameter("exclude", choices=("replies", "retweets")),
            Single("since_id", pattern=POST_ID),
            Single("until_id", pattern=POST_ID),
            Moment("start_time"),
            Moment("end_time"),
        ),
        answer=_timeline,
    ),
)
