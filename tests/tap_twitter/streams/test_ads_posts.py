"""The posts of ads accounts, as far as lists were read."""

from __future__ import annotations

import pytest

from tap_twitter.streams.ads_pages import AdsPage
from tap_twitter.streams.ads_posts import AdsPosts

TOP = AdsPage([{"tweet_id": "9"}, {"id_str": "8", "id": 7}], "c-1", is_first=True)
LAST = AdsPage([{"id": 5}, {"tweet_id": "8"}, {"name": "no id"}], None, is_first=False)
ONLY = AdsPage([{"tweet_id": "3"}], None, is_first=True)


@pytest.mark.parametrize(
    ("pages", "ids"),
    [
        ([], None),
        ([TOP], None),
        ([TOP, LAST], [9, 8, 5]),
        ([LAST], None),
        ([LAST, TOP, LAST], [9, 8, 5]),
        ([TOP, TOP, LAST], [9, 8, 5]),
        ([TOP, LAST, ONLY], [3]),
        ([TOP, LAST, TOP], [9, 8, 5]),
    ],
    ids=["none", "a part", "all", "resumed", "resumed and again", "restarted", "changed", "begun"],
)
def test_the_posts_of_a_whole_list_count(pages: list[AdsPage], ids: list[int] | None) -> None:
    posts = AdsPosts()
    for page in pages:
        posts.note("18ce54d4x5t", page)
    assert posts.of("18ce54d4x5t") == ids
    assert posts.of("18ce55aaaa1") is None
