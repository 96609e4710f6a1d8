"""Searches of the last seven days: `/2/tweets/search/recent`.

https://docs.x.com/x-api/posts/search/introduction
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from sandbox.x.bounds import BOUNDS
from sandbox.x.endpoint import Answer, Call, Endpoint
from sandbox.x.envelope import Envelope
from sandbox.x.limits import Allowance
from sandbox.x.paging import turn
from sandbox.x.problems import invalid_request
from sandbox.x.scalars import Choice, Integer, Single
from sandbox.x.search_operators import Seen
from sandbox.x.search_query import QueryError, parse
from sandbox.x.search_window import window
from sandbox.x.timelines import POST_FIELDS, show, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.publications import Publication
    from sandbox.x.search_query import Test

PATH: Final = "/2/tweets/search/recent"
_DEFAULT_SIZE: Final = 10
_ASKED: Final = ("query", "sort_order", "since_id", "until_id", "start_time", "end_time")


def _search(call: Call) -> Answer:
    first, end = window(call)
    newest = call.sandbox.world.timelines.newest
    found = matching(call, first, end)
    rank = newest
    if call.single("sort_order") == "relevancy":
        rank = _relevance
        found = iter(sorted(found, key=rank, reverse=True))
    asked = "&".join(f"{name}={call.single(name) or ''}" for name in _ASKED)
    page = turn(
        call,
        f"{PATH}:{asked}",
        found,
        rank,
        int(call.single("max_results") or _DEFAULT_SIZE),
        parameter="next_token" if call.query["next_token"] else "pagination_token",
        expires=False,
    )
    if call.vocabulary.name == "tweet":
        page.links.pop("previous_token", None)
    return show(Envelope(call), page)


def matching(call: Call, first: int, end: int) -> Iterator[Publication]:
    """The posts that a call's query finds, newest first.

    Args:
        call: With `query`.
        first: The first id that may be found.
        end: The first that may not again.

    Raises:
        Problem: 400, if X refuses the query.
    """
    test = _test(call)
    timelines = call.sandbox.world.timelines

    def in_time() -> Iterator[Publication]:
        for publication in call.sandbox.world.square.posts():
            post_id = timelines.newest(publication)
            if post_id < first:
                return
            if post_id < end:
                yield publication

    return (found for found in visible(call, in_time()) if test(_seen(call, found)))


def _test(call: Call) -> Test:
    query = call.single("query") or ""
    longest = call.sandbox.options.query_length
    message = ""
    if len(query) > longest:
        message = (
            "There were errors processing your request: Rule length exceeds the maximum of "
            f"{longest} characters (at position {longest + 1})"
        )
    else:
        try:
            return parse(query)
        except QueryError as error:
            message = str(error)
    raise invalid_request(call.sandbox.options.problem_base, [({"query": [query]}, message)])


def _seen(call: Call, publication: Publication) -> Seen:
    world = call.sandbox.world
    target = None
    if publication.target is not None:
        target_id = world.authors.of(publication.target)
        target = (world.handle(target_id), target_id)
    return Seen(
        post=world.post(str(world.timelines.newest(publication))) or {},
        author=world.handle(publication.author_id),
        target_author=target,
        reposts_by_keyword=call.sandbox.options.reposts_by_keyword,
    )


def _relevance(publication: Publication) -> int:
    """A rank that has nothing to do with time."""
    digest = hashlib.blake2b(str(publication.versions[0]).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


QUERY: Final = Single("query", pattern="(?s:.{1,4096})", required=True)
ENDPOINTS: Final = (
    Endpoint(
        PATH,
        fields=POST_FIELDS,
        allowance=Allowance(app=450, user=300),
        parameters=(
            QUERY,
            Integer("max_results", lowest=10),
            Single("next_token"),
            Single("pagination_token"),
            Choice("sort_order", choices=("recency", "relevancy")),
            *BOUNDS,
        ),
        answer=_search,
    ),
)
