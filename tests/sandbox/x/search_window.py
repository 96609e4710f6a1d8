"""The time that a search covers: at most the last seven days, up to half a minute ago.

The texts of refusals are those that clients have seen, such as
https://github.com/plhery/node-twitter-api-v2/issues/152.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sandbox.x.bounds import bounds, first_id
from sandbox.x.problems import invalid_request
from sandbox.x.scalars import moment_of

if TYPE_CHECKING:
    from sandbox.x.endpoint import Call
    from sandbox.x.parameters import Complaint

DEPTH: Final = timedelta(days=7)
DELAY: Final = timedelta(seconds=30)
_LEAST_DELAY: Final = timedelta(seconds=10)
_IDS: Final = ("since_id", "until_id")
_TIMES: Final = ("start_time", "end_time")
_TOKENS: Final = ("next_token", "pagination_token")


def window(call: Call) -> tuple[int, int]:
    """The first id that a search may find, and the first that it may not again.

    Raises:
        Problem: 400, if a bound lies outside of what is searched, or two do not go together.
    """
    complaints = _together(call)
    if not complaints:
        complaints = [*_old_ids(call), *_wrong_times(call)]
    if complaints:
        raise invalid_request(call.sandbox.options.problem_base, complaints)
    first, end = bounds(call)
    now = call.sandbox.clock.now()
    if not call.single("end_time"):
        end = min(end, first_id(now - DELAY))
    return max(first, first_id(now - DEPTH)), end


def _together(call: Call) -> list[Complaint]:
    """Ids and times exclude each other, and so do the two names of one token."""
    complaints: list[Complaint] = []
    given = {name: [text] for name in (*_IDS, *_TIMES) if (text := call.single(name))}
    if given.keys() & set(_IDS) and given.keys() & set(_TIMES):
        text = (
            "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or "
            "'end_time'."
        )
        complaints.append((given, text))
    tokens = {name: [text] for name in _TOKENS if (text := call.single(name))}
    if len(tokens) > 1:
        text = "Only one of 'next_token' and 'pagination_token' may be provided."
        complaints.append((tokens, text))
    return complaints


def _old_ids(call: Call) -> list[Complaint]:
    oldest = call.sandbox.clock.now() - DEPTH
    smallest = first_id(oldest)
    return [
        (
            {name: [post_id]},
            f"'{name}' must be a tweet id created after {_minute(oldest)}. Please use a '{name}' "
            f"that is larger than {smallest}",
        )
        for name in _IDS
        if (post_id := call.single(name)) and int(post_id) < smallest
    ]


def _wrong_times(call: Call) -> list[Complaint]:
    now = call.sandbox.clock.now()
    oldest = (now - DEPTH).replace(second=0, microsecond=0)
    complaints: list[Complaint] = []
    for name in _TIMES:
        moment = moment_of(call.single(name) or "")
        if moment is None:
            continue
        about = f"Invalid '{name}':'{_minute(moment)}'. '{name}' must be"
        if moment < oldest:
            complaints.append(({name: [_minute(moment)]}, f"{about} on or after {_minute(oldest)}"))
        elif moment > now - _LEAST_DELAY:
            text = f"{about} a minimum of 10 seconds prior to the request time."
            complaints.append(({name: [_minute(moment)]}, text))
    return complaints


def _minute(moment: datetime) -> str:
    """A time as X's refusals tell it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
