"""X's responses with posts: pages of an account's posts, and posts by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.vocabulary import use_tweet_words
from tap_twitter.errors import AccountError
from tap_twitter.objects.fields import objects
from tap_twitter.objects.user_answers import hint_about, status_of
from tap_twitter.values import id_number, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

METRICS: Final = ("public_metrics", "non_public_metrics", "organic_metrics")


class ClosedTimelineError(AccountError):
    """X gives no posts of an account.

    Args:
        status: The state of the account: `suspended`, `protected`, `not_found`, …
    """

    def __init__(self, status: str) -> None:
        super().__init__(f"X gives no posts of it: {hint_about(status)}.")
        self.status = status


class PostsResponse:
    """The posts of one response with their expansions, in `tweet` words.

    Anything that does not have the documented form is skipped.

    Args:
        body: The JSON object, in either vocabulary; it is changed.
        with_originals: Whether the posts that others refer to were requested. In `post` words they
            come along unrequested, because X reports references in no other way.

    Attributes:
        posts: By id, in X's order.
        ids: Of all posts in the response.
        next_token: X's token of the next page.
    """

    def __init__(self, body: dict[str, Any], *, with_originals: bool = False) -> None:
        includes = body.get("includes")
        self._includes = includes if isinstance(includes, dict) else {}
        use_tweet_words(self._includes)
        self.posts = dict(_by_id(body.get("data")))
        self.ids = list(self.posts)
        self._originals = dict(_by_id(self._includes.get("tweets"))) if with_originals else {}
        meta = body.get("meta")
        self.next_token = text(meta.get("next_token")) if isinstance(meta, dict) else None
        self._statuses: dict[int, str] = {}
        self._refused: dict[int, list[str]] = {}
        self._closed: str | None = None
        for error in objects(body.get("errors")):
            self._add(error)

    def keep_below(self, post_id: int | None) -> Collection[int]:
        """Drop posts with an id at or above a bound; gives the ids of the others."""
        if post_id is not None:
            self.posts = {each: post for each, post in self.posts.items() if each < post_id}
        return self.posts

    def check_is_open(self) -> None:
        """Make sure that X has given the account's posts, if there are any.

        Raises:
            ClosedTimelineError: The response has an error about the account instead.
        """
        if self._closed and not self.posts:
            raise ClosedTimelineError(self._closed)

    def status(self, post_id: int) -> str | None:
        """X's status of a post that it has not given; None if it says nothing."""
        return self._statuses.get(post_id)

    def refused(self, post_id: int) -> list[str]:
        """The fields of a post that X has refused to give."""
        return sorted(self._refused.get(post_id, ()))

    def original(self, post_id: str) -> Mapping[str, Any] | None:
        """A post that one of the posts refers to, if it came along."""
        return self._originals.get(_number(post_id))

    def attached(self, kind: str, name: str, keys: Any) -> list[dict[str, Any]] | None:
        """The attachments of a post: media or polls, in the post's order.

        Args:
            kind: Their key in `includes`.
            name: The name of the key of each of them.
            keys: The keys in the post.
        """
        found = {text(each.get(name)): each for each in objects(self._includes.get(kind))}
        wanted = map(text, keys if isinstance(keys, list) else [])
        return [found[key] for key in wanted if key and key in found] or None

    def _add(self, error: Mapping[str, Any]) -> None:
        """Sort an error: about a field of a post, about a post, or about the account."""
        about = _number(error.get("resource_id") or error.get("value"))
        if error.get("section") == "includes" and not error.get("field"):
            return
        if field := text(error.get("field")):
            self._refused.setdefault(about, []).append(field)
        elif error.get("resource_type") == "user":
            self._closed = status_of(error)
        else:
            self._statuses[about] = status_of(error)


def _by_id(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for post in objects(value):
        use_tweet_words(post, *METRICS)
        if number := id_number(post.get("id")):
            yield number, post


def _number(value: Any) -> int:
    """An id as a number; 0, which is never an id, if it is not one."""
    return id_number(value) or 0
