"""Posts that X no longer gives: why, and their rows that say so.

X's terms require copies to follow deletions (https://docs.x.com/developer-terms/policy).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.v2 import TWEETS
from tap_twitter.dates import stamp
from tap_twitter.objects.fields import TEXTS
from tap_twitter.objects.post_columns import post_row
from tap_twitter.objects.post_requests import post_parameters
from tap_twitter.objects.posts_response import PostsResponse
from tap_twitter.reports.insights.known_posts import HIDDEN_WITH_ACCOUNT
from tap_twitter.values import id_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_twitter.api.requester import Requester
    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.auth.account import Account
    from tap_twitter.clock import Clock
    from tap_twitter.reports.insights.known_posts import KnownPosts

EDITED: Final = "edited"
DELETED: Final = "deleted"

REASONS: Final[Mapping[str, str]] = {
    "not_found": DELETED,
    "protected": "protected",
    "suspended": "suspended",
    "unavailable": "unavailable",
}
"""By the status of X's error: the reason in the row of a post."""


@dataclass
class Vanished:
    """The known posts of an account that X has not given in this run.

    Attributes:
        requester: Makes the requests, which are entered on its bill.
        account: The author of the posts.
        username: The account's handle, if the run knows it.
        known: The known rows.
        columns: The columns of a row.
        clock: Tells when they were missed.
    """

    requester: Requester
    account: Account
    username: str | None
    known: KnownPosts
    columns: Iterable[str]
    clock: Clock
    _replaced: set[int] = field(default_factory=set)

    def note(self, answer: PostsResponse) -> None:
        """Learn from posts which earlier versions they replace; an edit has a new id."""
        for post in answer.posts.values():
            history = TEXTS.read(post.get("edit_history_tweet_ids")) or []
            self._replaced.update(filter(None, map(id_number, history[:-1])))

    def rows(self, post_ids: Sequence[int], closed: str | None = None) -> Iterator[dict[str, Any]]:
        """Ask X about posts, and yield their rows again: marked, or as X gives them after all.

        Posts that X does not find are free. Those beyond the budget are left for a later run.

        Args:
            post_ids: They have known rows.
            closed: The status of the account if X gives none of its posts.

        Raises:
            TapError: X gives no usable response.
        """
        yield from (self._marked(each, EDITED) for each in post_ids if each in self._replaced)
        left = [each for each in post_ids if each not in self._replaced]
        for asked in self.requester.batches(TWEETS, left, self.account):
            answer = self.requester.fetch_worded(
                TWEETS, partial(_parameters, asked), PostsResponse, self.account
            )
            self.note(answer)
            for post_id in asked:
                yield from self._row(post_id, answer, closed)

    def _row(
        self, post_id: int, answer: PostsResponse, closed: str | None
    ) -> Iterator[dict[str, Any]]:
        """The row of a post after X was asked about it; none if X has not said enough."""
        reason = REASONS.get(answer.status(post_id) or "")
        if post_id in self._replaced:
            yield self._marked(post_id, EDITED)
        elif post_id in answer.posts:
            row = post_row(self.account, self.username, post_id, answer, self.clock.now())
            yield self.known.completed(row)
        elif reason == DELETED:
            yield self._marked(post_id, closed if closed in HIDDEN_WITH_ACCOUNT else DELETED)
        elif reason:
            yield self._marked(post_id, reason)

    def _marked(self, post_id: int, reason: str) -> dict[str, Any]:
        """The known row of a post, with the reason why it is gone."""
        known = self.known[post_id]
        row = {name: known.get(name) for name in self.columns}
        return row | {"deleted_at": stamp(self.clock.now()), "deletion_reason": reason}


def _parameters(post_ids: Sequence[int], words: Vocabulary) -> dict[str, str]:
    return {"ids": ",".join(map(str, post_ids)), **post_parameters(words)}
