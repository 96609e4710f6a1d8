"""The entries of the setting `accounts`: the account that each names, in any form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import SettingError
from tap_twitter.objects.pasted_text import RoundedIds, cleaned
from tap_twitter.objects.user_references import (
    HANDLE,
    ColumnKind,
    Kind,
    Reference,
    is_lost,
    query_value,
    read,
    why_invalid,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from logging import Logger

LOST: Final = "a float such as 1.23E+18 has lost the last digits of the id: give it as text."


@dataclass(frozen=True, slots=True)
class Entry:
    """One parsed entry of `accounts`.

    Attributes:
        where: Its place in the settings.
        name: Its name in the settings; None if they give none.
        user_id: X's id, if the entry gives it.
        username: The handle without `@`, as it was written.
        auth: Its own keys; None if the entry has none.
        ads_account_id: The ads account that its credentials read.
    """

    where: str
    name: str | None = None
    user_id: str | None = None
    username: str | None = None
    auth: Mapping[str, Any] | None = None
    ads_account_id: str | None = None


def read_entries(entries: Sequence[Any], logger: Logger) -> list[Entry]:
    """Read the setting `accounts`.

    Args:
        entries: Objects, or texts, which are parsed like the values of a lookup.
        logger: Receives a warning about ids that may have been rounded.

    Raises:
        SettingError: An entry names no account, or so many ids end in zeros that they were rounded.
    """
    read = [_entry(entry, f"accounts[{at}]") for at, entry in enumerate(entries)]
    rounded = RoundedIds()
    for each in entries:
        given = each.get("id") if isinstance(each, dict) else each
        if given is not None:
            rounded.add(cleaned(str(given)))
    check_rounded(rounded, "accounts", "https://x.com/i/user/12", logger)
    return read


def check_rounded(rounded: RoundedIds, setting: str, address: str, logger: Logger) -> None:
    """Refuse ids of a setting that a spreadsheet has rounded; warn if they are few.

    Args:
        rounded: The ids, counted.
        setting: The setting that they are in.
        address: An example of the address by which a correct id can be given.
        logger: Receives the warning.

    Raises:
        SettingError: So many end in zeros that this cannot be chance.
    """
    if not rounded.rounded:
        return
    what = f"Setting '{setting}': {rounded}"
    if rounded.are_lost:
        msg = f"{what}. Give them in full; give correct ones as addresses such as {address}."
        raise SettingError(msg)
    logger.warning("%s. They are used as given.", what)


def _entry(entry: Any, where: str) -> Entry:
    if not isinstance(entry, dict):
        return _with(Entry(where), str(entry), where, ColumnKind.MIXED)
    auth = entry.get("auth")
    ads_account_id = entry.get("ads_account_id") or None
    found = Entry(where, entry.get("name") or None, auth=auth, ads_account_id=ads_account_id)
    if "auth" in entry and not (isinstance(auth, dict) and auth):
        raise SettingError(empty_auth(where))
    for setting, kind in (("id", ColumnKind.IDS), ("username", ColumnKind.HANDLES)):
        if entry.get(setting) not in (None, ""):
            found = _with(found, str(entry[setting]), f"{where}.{setting}", kind)
    return found


def empty_auth(where: str) -> str:
    """The error for `auth` without keys: it would silently mean the default keys."""
    return (
        f"Setting '{where}.auth' is empty: give it the account's keys (an environment variable in "
        "it may be unset), or remove 'auth' to use the default credentials."
    )


def _with(found: Entry, text: str, where: str, kind: ColumnKind) -> Entry:
    """The entry, completed with the account that a text names.

    Raises:
        SettingError: It names none.
    """
    value = cleaned(text)
    reference = None if is_lost(value, kind) else read(value, kind)
    if reference is None or reference.kind is Kind.INVALID:
        why = why_invalid(value) if reference else LOST if value else "it is blank."
        msg = f"Setting '{where}' names no account of X: {why[0].lower()}{why[1:]}"
        raise SettingError(msg)
    if reference.kind is Kind.ID:
        return replace(found, user_id=reference.value)
    return replace(found, username=_as_written(value, reference))


def _as_written(value: str, reference: Reference) -> str:
    """The handle in its original case."""
    name = value.removeprefix("@")
    return name if HANDLE.fullmatch(name) else query_value(reference)
