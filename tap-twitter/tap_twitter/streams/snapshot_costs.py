"""The refusal to read whole lists, day by day, if nothing limits what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.cost.ledger import usd
from tap_twitter.errors import MissingSettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_twitter.streams.snapshots import SnapshotRead

MAX_NAMED: Final = 3


def unlimited(stream: str, reads: Sequence[SnapshotRead[Any]], example: int) -> MissingSettingError:
    """The refusal, with the count and price of the lists.

    Args:
        stream: The name of the stream, and of the group with its `limit`.
        reads: A read for each list.
        example: The number of items whose price is shown for a list of unknown length.
    """
    lists = " ".join(_cost(each, example) for each in reads[:MAX_NAMED])
    return MissingSettingError(
        f"Stream '{stream}' buys whole lists once per UTC day, and nothing limits that. {lists} "
        f"Set '{stream}.limit' or 'budget.max_cost_usd'."
    )


def _cost(read: SnapshotRead[Any], example: int) -> str:
    """What a snapshot costs: by the last one, if it is known."""
    source = read.source
    price = source.requester.demand(source.endpoint, 1, source.part).price
    last, items = read.bookmark, source.items
    if last.given and not last.is_begun:
        cost = f"{last.given:,} {items} on {last.date}, {usd(last.given * price)}"
    else:
        cost = f"X does not say how many {items}, and {example:,} cost {usd(example * price)}"
    return f"'{source.part.name}': {cost} at {usd(price)} each."
