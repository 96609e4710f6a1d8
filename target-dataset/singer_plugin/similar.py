"""Similar names: for "did you mean" and for warnings about typos."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most similar to an unknown one; None if none is similar."""
    by_plain = {_plain(each): each for each in known}
    found = get_close_matches(_plain(name), by_plain, n=1, cutoff=0.6)
    return by_plain[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question to append to a message about an unknown name; empty if no name is similar."""
    found = nearest(name, known)
    return f" Did you mean '{found}'?" if found else ""


def is_slip(name: str, known: str) -> bool:
    """Whether a name differs from a known one only by case, `_`, `-`, blanks, or one letter.

    A letter may be wrong, missing, extra, or swapped with its neighbor.
    """
    if name == known:
        return False
    first, second = _plain(name), _plain(known)
    return first == second or _is_one_edit(first, second)


def _plain(name: str) -> str:
    return "".join(each for each in name.casefold() if each not in "_- ")


def _is_one_edit(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    if len(long) - len(short) > 1:
        return False
    pairs = zip(short, long, strict=False)
    at = next((at for at, (one, other) in enumerate(pairs) if one != other), len(short))
    if len(long) > len(short):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1]
    return short[at + 1 :] == long[at + 1 :] or (swapped and short[at + 2 :] == long[at + 2 :])
