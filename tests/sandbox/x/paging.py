"""Pages of a list that is read from its newest entry on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from sandbox.x.page_tokens import Place
from sandbox.x.problems import invalid_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.x.endpoint import Call
    from sandbox.x.problems import Problem

T = TypeVar("T")
_NEWEST: Final = 2**63 - 1


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page.

    Attributes:
        entries: What is on it, newest first.
        links: The keys of `meta` that lead to its neighbours.
    """

    entries: list[T]
    links: dict[str, Any]


def turn(
    call: Call,
    listing: str,
    entries: Iterable[T],
    id_of: Callable[[T], int],
    size: int,
    *,
    goes_on: bool = False,
    numeric: bool = False,
    parameter: str = "pagination_token",
    expires: bool = True,
) -> Page[T]:
    """The page that a call asks for.

    Args:
        call: With a token, and faults that make the page `short_page` or `empty_page`.
        listing: What the list is of; its tokens lead nowhere else.
        entries: The whole list, newest first.
        id_of: The id of an entry.
        size: The most entries on it.
        goes_on: Whether X pretends that more follows, as there is more that it does not show.
        numeric: Whether the list's tokens are numbers.
        parameter: The name under which the token comes.
        expires: Whether tokens of this list can be too old.

    Raises:
        Problem: 400, if the token does not work.
    """
    tokens = call.sandbox.pages.numeric if numeric else call.sandbox.pages
    place = Place(_NEWEST, is_forward=True)
    if (token := call.single(parameter)) is not None:
        place = _lead(call, parameter, tokens.read(listing, token, expires=expires))

    def link(entry_id: int, *, is_forward: bool) -> str:
        return tokens.issue(listing, Place(entry_id, is_forward))

    if call.struck("empty_page"):
        return Page([], {"next_token": link(place.id, is_forward=True)})
    if call.struck("short_page"):
        size = max(1, size // 2)
    if place.is_forward:
        older = list(islice((e for e in entries if id_of(e) < place.id), size + 1))
        shown, is_last = older[:size], len(older) <= size and not (older and goes_on)
    else:
        newer = [entry for entry in entries if id_of(entry) > place.id]
        shown, is_last = newer[-size:], False
    links = {}
    if shown and not is_last:
        links["next_token"] = link(id_of(shown[-1]), is_forward=True)
    if shown and place.id != _NEWEST and (place.is_forward or len(newer) > size):
        links["previous_token"] = link(id_of(shown[0]), is_forward=False)
    return Page(shown, links)


def _lead(call: Call, parameter: str, place: Place | None) -> Place:
    if place is None:
        raise refuse_token(call, parameter)
    return place


def refuse_token(call: Call, parameter: str) -> Problem:
    """The refusal of a token that does not work, which came under a name."""
    token = str(call.single(parameter))
    message = f"The `{parameter}` query parameter value [{token}] is not valid"
    complaint = ({parameter: [token]}, message)
    return invalid_request(call.sandbox.options.problem_base, [complaint])
