"""What the pages of X's endpoints hold: how it is requested, and the rows that it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.objects.post_columns import public_post_rows
from tap_twitter.objects.post_requests import post_parameters, price_of_included
from tap_twitter.objects.user_fields import user_fields
from tap_twitter.objects.user_rows import user_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.cost.ledger import Resource


@dataclass(frozen=True, slots=True)
class Items:
    """A kind of items.

    Attributes:
        name: What they are, in messages.
        parameters: The query parameters, in a vocabulary's words, that ask for all of their fields.
        rows: Makes rows of a page, given X's JSON object and when X was asked. It may change the
            object, and raises `AccountError` if X gives nothing of the account.
        price_of_included: What X may charge for what comes along with one, at most, in USD.
    """

    name: str
    parameters: Callable[[Vocabulary], dict[str, str]]
    rows: Callable[[dict[str, Any], datetime], Iterable[dict[str, Any]]]
    price_of_included: Callable[[Mapping[Resource, Decimal], Vocabulary], Decimal]


POSTS: Final = Items(
    "posts", partial(post_parameters, with_author=True), public_post_rows, price_of_included
)
"""Anybody's posts; their columns are `PUBLIC_POST_COLUMNS`."""


def users(name: str) -> Items:
    """Anybody's profiles; their columns are `USER_FIELDS`.

    Args:
        name: What the users are, in messages.
    """
    return Items(
        name,
        lambda words: {"user.fields": user_fields(words)},
        lambda response, _: user_rows(response),
        lambda *_: Decimal(),
    )
