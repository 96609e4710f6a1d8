"""Values of an input dataset, parsed as references to users of X.

A reference is an id, a handle, or neither. In a column of ids only digits are ids, in a column of
handles digits are a handle; in any other column the form of each value decides. `@name` and URLs
of profiles are references in every column.
"""

from __future__ import annotations

import enum
import re
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote

from tap_twitter.objects.pasted_text import INVISIBLE, WIDE, cleaned, is_float

ID_COLUMNS: Final = frozenset(
    {"userid", "twitterid", "senderid", "recipientid", "authorid", "twitteruserid", "xuserid"}
)
ANY_ID_COLUMN: Final = frozenset({"id"})
HANDLE_COLUMNS: Final = frozenset(
    {
        *("username", "screenname", "handle"),
        *("twitterusername", "twitterscreenname", "twitterhandle", "twittername"),
        *("xusername", "xscreenname", "xhandle"),
    }
)
ADDRESS_COLUMNS: Final = frozenset(
    {
        *(
            "twitter",
            "twitterurl",
            "twitterprofile",
            "twitterlink",
            "twitteraccount",
            "twitterpage",
        ),
        *("twitteruser", "twitterx", "xtwitter", "xurl", "xprofile", "xlink", "xaccount"),
    }
)
"""Columns that name users in any form: handles, addresses or ids."""

ID_COLUMN_GROUPS: Final = (ID_COLUMNS, ANY_ID_COLUMN, HANDLE_COLUMNS | ADDRESS_COLUMNS)
"""Names of columns, as `plain_name` gives them: all existing ones of the first group are read."""

ID: Final = re.compile(r"[0-9]{1,19}", re.ASCII)
HANDLE: Final = re.compile(r"[A-Za-z0-9_]{1,15}", re.ASCII)
DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)

X_ADDRESS: Final = re.compile(
    r"(?:https?:)?(?://)?(?:(?:www|m|mobile)\.)?(?:x|twitter)\.com(?::443)?(?=[/?#]|$)",
    re.ASCII | re.IGNORECASE,
)
APP_ADDRESS: Final = re.compile(r"(?:x|twitter)://user/?(?=\?)", re.ASCII | re.IGNORECASE)
"""Addresses that open X's own app: `twitter://user?screen_name=founder`."""

PAGES: Final = frozenset(
    {
        *("home", "search", "explore", "settings", "messages", "notifications", "hashtag"),
        *("i", "intent", "share", "compose", "login", "logout", "signup", "account", "oauth"),
        *("tos", "privacy", "bookmarks", "who_to_follow", "status", "statuses"),
    }
)
"""Words in the place of a handle in addresses of X that are nobody's profile."""

NEITHER: Final = "Neither a user id of X (1 to 19 digits) nor a handle (1 to 15 letters, digits, _)"
ZERO: Final = "0 is no user id: ids of X begin at 1"
TOO_LONG_ID: Final = "A number of more than 19 digits is no user id of X"
TOO_LONG_HANDLE: Final = "A handle of X has at most 15 characters"
FLOAT: Final = "A float such as 1.23E+18 has lost the last digits of the id"
NO_PROFILE: Final = "An address of X that names no user"
OTHER_SITE: Final = "An address that is not X's"


class Kind(enum.StrEnum):
    """The kind of a reference; a lookup pass follows the order of these names."""

    ID = "id"
    INVALID = "invalid"
    USERNAME = "username"


class ColumnKind(enum.Enum):
    """What the name of a column says about the values in it."""

    IDS = "ids"
    HANDLES = "handles"
    MIXED = "mixed"

    @classmethod
    def of(cls, column: str) -> ColumnKind:
        """The kind of values in a column of this name."""
        name = plain_name(column)
        if name in ID_COLUMNS | ANY_ID_COLUMN:
            return cls.IDS
        return cls.HANDLES if name in HANDLE_COLUMNS else cls.MIXED


class Reference(NamedTuple):
    """A user as requested: `value` is a `requested_id` of the lookup's rows."""

    kind: Kind
    value: str


def plain_name(column: str) -> str:
    """The name of a column without the usual variations: case, blanks, signs, a plural's `s`."""
    visible = INVISIBLE.sub("", column).translate(WIDE)
    return "".join(each for each in visible.casefold() if each.isalnum()).removesuffix("s")


def parse(text: str, column: ColumnKind) -> Reference | None:
    """Parse a value of an input dataset; None if it is blank.

    An id loses its leading zeros, a handle its case. A handle of digits only keeps an `@`, so that
    it is not mistaken for an id. Anything else keeps its text.
    """
    return read(cleaned(text), column)


def read(value: str, column: ColumnKind) -> Reference | None:
    """Parse a value that `cleaned` has returned."""
    if DIGITS.fullmatch(value) and column is not ColumnKind.HANDLES:
        return _id(value)
    if not value:
        return None
    if "." in value or ":" in value:
        return _at_address(value) or Reference(Kind.INVALID, value)
    if value.startswith("@"):
        return _handle(value[1:], value)
    if column is ColumnKind.IDS:
        return Reference(Kind.INVALID, value)
    return _handle(value, value)


def is_lost(value: str, column: ColumnKind) -> bool:
    """Whether a cleaned value is written as a float: the last digits of its id are lost."""
    if column is ColumnKind.HANDLES:
        return False
    return is_float(value, certainly=column is ColumnKind.MIXED)


def query_value(reference: Reference) -> str:
    """The form of the reference in a request."""
    return reference.value.removeprefix("@")


def handle(name: str) -> Reference:
    """The reference of a handle without its `@`."""
    return _handle(name, name)


def why_invalid(value: str) -> str:
    """Why a value is not a reference, for its row."""
    digits = value.removeprefix("@")
    if X_ADDRESS.match(value) or APP_ADDRESS.match(value):
        reason = NO_PROFILE
    elif re.match(r"(?:https?://|www\.)", value, re.IGNORECASE):
        reason = OTHER_SITE
    elif is_float(value, certainly=True):
        reason = FLOAT
    elif DIGITS.fullmatch(value):
        reason = TOO_LONG_ID if value.strip("0") else ZERO
    elif len(digits) > 1 and re.fullmatch(r"\w{16,}", digits, re.ASCII):
        reason = TOO_LONG_HANDLE
    else:
        reason = NEITHER
    return f"{reason}."


def _id(digits: str) -> Reference:
    without_zeros = digits.lstrip("0")
    if ID.fullmatch(without_zeros):
        return Reference(Kind.ID, without_zeros)
    return Reference(Kind.INVALID, digits)


def _handle(name: str, text: str) -> Reference:
    marked = f"@{name}" if DIGITS.fullmatch(name) else None
    if HANDLE.fullmatch(name):
        return Reference(Kind.USERNAME, marked or name.lower())
    return Reference(Kind.INVALID, marked or text)


def _at_address(address: str) -> Reference | None:
    """The user in an address of X; None if it names nobody."""
    if app := APP_ADDRESS.match(address):
        return _in_query(address[app.end() + 1 :])
    site = X_ADDRESS.match(address)
    if site is None:
        return None
    rest_of_it = address[site.end() :].replace("/#!", "", 1).partition("#")[0]
    path, _, query = rest_of_it.partition("?")
    first, *rest = [unquote(each) for each in path.split("/") if each] or [""]
    if first.lower() == "i" and len(rest) == 2 and rest[0].lower() == "user":  # noqa: PLR2004
        return _valid(_id(rest[1])) if DIGITS.fullmatch(rest[1]) else None
    if first.lower() in {"intent", "account"}:  # /account/redirect_by_id?id=12 is X's, too
        return _in_query(query)
    if first.lower() in PAGES:
        return None
    return _valid(_handle(first.removeprefix("@"), address))


def _in_query(query: str) -> Reference | None:
    """The user in the parameters of an address."""
    given = {name.lower(): values[0].strip() for name, values in parse_qs(query).items()}
    for name in ("user_id", "id"):
        if DIGITS.fullmatch(given.get(name, "")):
            return _valid(_id(given[name]))
    return _valid(_handle(given.get("screen_name", "").removeprefix("@"), ""))


def _valid(reference: Reference) -> Reference | None:
    return None if reference.kind is Kind.INVALID else reference
