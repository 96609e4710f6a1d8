"""Lists of accounts that somebody keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sandbox.circles import Circle
from sandbox.credentials import NEWS, OWNER, SECOND_USER
from sandbox.pace import milliseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.clock import Clock
    from sandbox.memberships import Memberships

# X's own limit: https://help.x.com/en/using-x/x-lists-not-working
MAX_MEMBERS: Final = 5_000


@dataclass(frozen=True)
class Kept:
    """A list.

    Attributes:
        name: Its name.
        owner_id: Who keeps it.
        since: When it was made.
        per_day: Members that it gains a day.
        is_private: Whether its owner alone sees it.
    """

    name: str
    owner_id: str
    since: datetime
    per_day: float
    is_private: bool = False


TEA_PEOPLE: Final = "1530000000000000001"
BOOKSELLERS: Final = "1610000000000000002"
SUPPLIERS: Final = "1700000000000000003"
EVERYBODY: Final = "1345000000000000004"
EMPTY: Final = "1800000000000000005"

LISTS: Final[Mapping[str, Kept]] = {
    TEA_PEOPLE: Kept("Tea people", OWNER.user_id, datetime(2022, 5, 27, tzinfo=UTC), 0.2),
    BOOKSELLERS: Kept("Booksellers", SECOND_USER.user_id, datetime(2023, 1, 3, tzinfo=UTC), 0.01),
    SUPPLIERS: Kept(
        "Suppliers", OWNER.user_id, datetime(2023, 9, 8, tzinfo=UTC), 0.03, is_private=True
    ),
    EVERYBODY: Kept("Everybody", NEWS.user_id, datetime(2021, 1, 1, tzinfo=UTC), 3),
    EMPTY: Kept("Nobody yet", NEWS.user_id, datetime(2024, 6, 10, tzinfo=UTC), 0),
}


class Lists:
    """The lists of one world, with their members.

    Args:
        memberships: Who is in which circle now.
        clock: Lists that are made later do not exist yet.
        seed: What their members derive from.
    """

    def __init__(self, memberships: Memberships, clock: Clock, seed: int) -> None:
        self._memberships = memberships
        self._clock = clock
        self._seed = seed

    def find(self, list_id: str, viewer_id: str | None) -> Kept | None:
        """A list as somebody sees it; None where there is none for them."""
        kept = LISTS.get(list_id)
        if kept is None or kept.since > self._clock.now():
            return None
        return None if kept.is_private and kept.owner_id != viewer_id else kept

    def circle(self, list_id: str) -> Circle:
        """The members as a circle.

        Raises:
            LookupError: If there is no such list.
        """
        kept = LISTS.get(list_id)
        if kept is None:
            msg = f"There is no list {list_id}; there are {', '.join(LISTS)}"
            raise LookupError(msg)
        key = f"{self._seed}:list:{list_id}"
        return Circle(key, milliseconds(kept.since), kept.per_day, MAX_MEMBERS)

    def members(self, list_id: str) -> list[str]:
        """The ids of a list's members, the latest first.

        Raises:
            LookupError: If there is no such list.
        """
        return [member.user_id for member in self._memberships.of(self.circle(list_id))]

    def add(self, list_id: str, user_id: str) -> None:
        """Put an account into a list now.

        Raises:
            LookupError: If there is no such list.
        """
        self._memberships.join(self.circle(list_id), user_id)

    def remove(self, list_id: str, user_id: str) -> None:
        """Take an account out of a list now.

        Raises:
            LookupError: If there is no such list.
        """
        self._memberships.leave(self.circle(list_id), user_id)
