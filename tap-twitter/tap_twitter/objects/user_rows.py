"""Pages of users as rows: followers, followed accounts, members of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.vocabulary import use_tweet_words
from tap_twitter.errors import AccountError
from tap_twitter.objects.fields import objects
from tap_twitter.objects.user_answers import hint_about, status_of
from tap_twitter.objects.user_columns import user_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NO_LIST: Final = (
    "X gives no such list to these credentials. It does not exist, or it is another account's "
    "private list: correct it in 'list_members.lists', or set 'auth' to its owner's credentials."
)


def user_rows(response: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The columns of each user on a page, in X's order.

    Args:
        response: X's JSON object, in either vocabulary; it is changed.

    Raises:
        AccountError: X gives an error about the account or list instead.
    """
    users = list(objects(response.get("data")))
    if not users:
        for error in objects(response.get("errors")):
            raise _refusal(error)
    for user in users:
        use_tweet_words(user, "public_metrics")
        yield user_columns(user)


def _refusal(error: Mapping[str, Any]) -> AccountError:
    if error.get("resource_type") == "list":
        return AccountError(NO_LIST)
    return AccountError(f"X gives no users of it: {hint_about(status_of(error))}.")
