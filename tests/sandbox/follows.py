"""Who follows whom.

An account's followers and those whom it follows are circles of their own; the two are drawn apart, so
that only what is steered stands in both. Their sizes are the account's counters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from sandbox.circles import Circle

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.memberships import Memberships

Direction = Literal["followers", "following"]
DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)


class Follows:
    """The graph.

    Args:
        memberships: Who is in which circle now.
        begins_ms: Gives when an account was made, in milliseconds since 1970.
        gain: Gives how many followers, or followed accounts, it gains a day.
        seed: What the graph derives from.
    """

    def __init__(
        self,
        memberships: Memberships,
        begins_ms: Callable[[str], int],
        gain: Callable[[str, Direction], float],
        seed: int,
    ) -> None:
        self._memberships = memberships
        self._begins_ms = begins_ms
        self._gain = gain
        self._seed = seed

    def circle(self, direction: Direction, user_id: str) -> Circle:
        """An account's followers, or those whom it follows, as a circle."""
        return Circle(
            self._key(direction, user_id),
            self._begins_ms(user_id),
            self._gain(user_id, direction),
        )

    def followers(self, user_id: str) -> list[str]:
        """The ids of an account's followers, the latest first."""
        return self._ids("followers", user_id)

    def following(self, user_id: str) -> list[str]:
        """The ids of those whom an account follows, the latest first."""
        return self._ids("following", user_id)

    def changed_counts(self, user_id: str) -> dict[str, int]:
        """The counters of an account's circles that were steered.

        As all of X's, they count those as well who are suspended or gone.
        """
        return {
            f"{direction}_count": self._memberships.count(self.circle(direction, user_id))
            for direction in DIRECTIONS
            if self._memberships.is_steered(self._key(direction, user_id))
        }

    def add(self, follower_id: str, followed_id: str) -> None:
        """Make an account follow another now."""
        for direction, whose, other in _sides(follower_id, followed_id):
            self._memberships.join(self.circle(direction, whose), other)

    def remove(self, follower_id: str, followed_id: str) -> None:
        """Make an account stop following another now."""
        for direction, whose, other in _sides(follower_id, followed_id):
            self._memberships.leave(self.circle(direction, whose), other)

    def _key(self, direction: Direction, user_id: str) -> str:
        return f"{self._seed}:{direction}:{user_id}"

    def _ids(self, direction: Direction, user_id: str) -> list[str]:
        return [member.user_id for member in self._memberships.of(self.circle(direction, user_id))]


def _sides(follower_id: str, followed_id: str) -> tuple[tuple[Direction, str, str], ...]:
    return ("followers", followed_id, follower_id), ("following", follower_id, followed_id)
