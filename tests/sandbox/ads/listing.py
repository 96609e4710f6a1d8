"""Lists of the Ads API, page by page, with opaque cursors.

A cursor holds for one list with the same parameters alone, and leads to what follows the last entry
of the page before, so that new entries move nothing.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sandbox.ads.creatives import identity
from sandbox.ads.refusals import invalid, refused
from sandbox.x.page_tokens import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sandbox.ads.endpoint import Call

T = TypeVar("T")
_NOT_BOUND: Final = frozenset({"cursor"})
_CURSOR: Final = "c-"


def page(
    call: Call, entries: Iterable[T], number: Callable[[T], int], total: int | None = None
) -> tuple[list[T], dict[str, Any]]:
    """The entries of the page that a call asks for, and the members that lead on.

    Args:
        call: With `count` and `cursor`.
        entries: The whole list; in falling order of its numbers unless it was sorted otherwise.
        number: The number of an entry, which no other has.
        total: How many there are in all, if that was asked for.

    Raises:
        Refusal: 400, if the cursor is of another list or dead.
    """
    size = call.query["count"]
    if call.struck("short_page"):
        size = max(1, size // 2)
    after = _place(call)
    is_sorted = bool(call.query.get("sort_by"))
    rest = entries if after is None else _following(entries, number, after, is_sorted=is_sorted)
    if call.struck("empty_page"):
        return [], {"next_cursor": call.query["cursor"] or _cursor(call, 2**63 - 1)}
    found = list(islice(rest, size + 1))
    shown = found[:size]
    members: dict[str, Any] = {
        "next_cursor": _cursor(call, number(shown[-1])) if len(found) > size else None
    }
    if total is not None:
        members["total_count"] = total
    return shown, members


def listed(
    call: Call, entries: Sequence[dict[str, Any]], number: Callable[[dict[str, Any]], int]
) -> dict[str, Any]:
    """The answer with a page of a list whose entries can be deleted, found by name and sorted."""
    query = call.query
    found = [
        entry
        for entry in entries
        if (query.get("with_deleted") or not entry.get("deleted"))
        and (query.get("q") or "").lower() in str(entry.get("name") or "").lower()
    ]
    if order := query.get("sort_by"):
        key, _, way = order.partition("-")
        found.sort(key=lambda entry: str(entry.get(key)), reverse=way == "desc")
    total = len(found) if query.get("with_total_count") else None
    shown, members = page(call, found, number, total)
    return {**members, "data": shown}


def one(entries: Sequence[dict[str, Any]], sought: str, code: str, call: Call) -> dict[str, Any]:
    """The entry with an id, unless it is deleted and nobody asked for deleted ones."""
    for entry in entries:
        is_shown = not entry.get("deleted") or call.query.get("with_deleted")
        if identity(entry) == sought and is_shown:
            return entry
    raise refused(404, code, f"{sought} was not found")


def _following(
    entries: Iterable[T], number: Callable[[T], int], after: int, *, is_sorted: bool
) -> Iterable[T]:
    """The entries after one of them, which may have gone in the meantime."""
    if not is_sorted:
        return (entry for entry in entries if number(entry) < after)
    found = list(entries)
    place = next((at for at, entry in enumerate(found) if number(entry) == after), -1)
    return found[place + 1 :]


def _place(call: Call) -> int | None:
    cursor = call.query["cursor"]
    if cursor is None:
        return None
    place = call.sandbox.pages.read(_listing(call), cursor.removeprefix(_CURSOR))
    if place is None or not cursor.startswith(_CURSOR):
        raise invalid("cursor", "invalid cursor", cursor)
    return place.id


def _cursor(call: Call, number: int) -> str:
    return _CURSOR + call.sandbox.pages.issue(_listing(call), Place(number, is_forward=True))


def _listing(call: Call) -> str:
    """What a cursor is bound to: path, user and all other parameters."""
    bound = {name: value for name, value in call.query.items() if name not in _NOT_BOUND}
    path = call.request.url.path.partition("/")[2].partition("/")[2]
    return f"{path}:{call.credential.user_id}:{json.dumps(bound, sort_keys=True)}"
