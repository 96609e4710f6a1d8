"""A plain stream is a list of declarations: short, with its endpoint."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest

from tap_twitter.api.endpoints import v2
from tap_twitter.reports.mentions import MentionsStream
from tap_twitter.reports.recent_search import RecentSearchStream
from tap_twitter.reports.tweet_counts import TweetCountsStream
from tap_twitter.reports.user_lists.follows import FollowersStream, FollowingStream
from tap_twitter.reports.user_lists.list_members import ListMembersStream

MAX_LINES = 40
PLAIN = (
    MentionsStream,
    RecentSearchStream,
    TweetCountsStream,
    FollowersStream,
    FollowingStream,
    ListMembersStream,
)


def endpoint_lines(template: str) -> int:
    """The lines of the declaration of an endpoint, with those that it is a copy of."""
    declared = {id(each): name for name, each in vars(v2).items()}
    tree = ast.parse(Path(v2.__file__).read_text())
    lines = {}
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            lines[node.target.id] = (node.end_lineno or 0) - node.lineno + 1
    found = [each for each in vars(v2).values() if getattr(each, "template", None) == template]
    return lines[declared[id(found[0])]]


@pytest.mark.parametrize("stream", PLAIN, ids=lambda each: each.name)
def test_a_plain_stream_is_short_with_its_endpoint(stream: Any) -> None:
    path = inspect.getsourcefile(stream)
    assert path is not None
    text = Path(path).read_text()
    of_stream = len(text.splitlines()) / text.count("\nclass ")
    [endpoint] = stream.ENDPOINTS
    assert of_stream + endpoint_lines(endpoint.template) <= MAX_LINES
