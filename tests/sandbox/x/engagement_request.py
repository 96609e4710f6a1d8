"""What a request to the Engagement API may hold, by X's reference.

Where X's pages are silent (unknown members, missing groupings) a request is refused, so that no client
comes to rely on a guess.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.x.engagement_counts import HOUR

PUBLIC_TYPES: Final = frozenset({"favorites", "retweets", "quote_tweets", "replies", "video_views"})
OWNER_TYPES: Final = frozenset({"impressions", "engagements"})
TIMED_TYPES: Final = (
    (PUBLIC_TYPES - {"quote_tweets"})
    | OWNER_TYPES
    | frozenset(
        {
            "media_views",
            "media_engagements",
            "url_clicks",
            "hashtag_clicks",
            "detail_expands",
            "permalink_clicks",
            "app_install_attempts",
            "app_opens",
            "email_tweet",
            "user_follows",
            "user_profile_clicks",
        }
    )
)
UNTIMED: Final = frozenset({"tweet.id", "engagement.type"})
TIMED: Final = UNTIMED | {"engagement.day", "engagement.hour"}
FOURS: Final = (
    ["tweet.id", "engagement.type", "engagement.day", "engagement.hour"],
    ["engagement.type", "tweet.id", "engagement.day", "engagement.hour"],
)
MAX_GROUPINGS: Final = 3
MAX_SPAN: Final = timedelta(weeks=4)
FIRST_MOMENT: Final = datetime(2014, 9, 1, tzinfo=UTC)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_ID: Final = re.compile(r"[1-9]\d{0,18}", re.ASCII)


class Refusal(Exception):  # noqa: N818 - what it is, rather than an error
    """A request that X refuses.

    Args:
        status: HTTP status.
        texts: The list `errors`.
        more: Other members of the body.
    """

    def __init__(self, status: int, *texts: str, **more: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = {"errors": list(texts), **more}


@dataclass(frozen=True)
class Rules:
    """What one endpoint takes.

    Attributes:
        max_posts: Ids in a request.
        types: Engagement types.
        values: What a grouping may hold.
        takes_span: Whether `start` and `end` may be given.
    """

    max_posts: int
    types: frozenset[str]
    values: frozenset[str]
    takes_span: bool = False


@dataclass(frozen=True)
class Asking:
    """A request that keeps the rules.

    Attributes:
        post_ids: What it asks about.
        types: Engagement types.
        groupings: By name, what to group by, in order.
        span: Whole hours from the first to before the last, if it gives a time.
    """

    post_ids: list[str]
    types: list[str]
    groupings: dict[str, list[str]]
    span: tuple[datetime, datetime] | None


def read(body: bytes, rules: Rules, now: datetime) -> Asking:
    """Check a request's body.

    Raises:
        Refusal: 400, with what is wrong.
    """
    try:
        asked = json.loads(body)
    except ValueError:
        raise Refusal(400, "Tweet ID(s) are unavailable") from None
    _require(isinstance(asked, dict), "The request is no JSON object")
    known = {"tweet_ids", "engagement_types", "groupings"}
    known |= {"start", "end"} if rules.takes_span else set()
    _require(asked.keys() <= known, f"Unknown members: {sorted(asked.keys() - known)}")
    return Asking(
        _post_ids(asked.get("tweet_ids"), rules),
        _types(asked.get("engagement_types"), rules),
        _groupings(asked.get("groupings"), rules),
        _span(asked, now) if rules.takes_span else None,
    )


def _post_ids(given: Any, rules: Rules) -> list[str]:
    _require(isinstance(given, list) and bool(given), "tweet_ids must be an array of ids")
    ids = [str(each) if type(each) is int else each for each in given]
    fit = all(isinstance(each, str) and _ID.fullmatch(each) for each in ids)
    _require(fit, "tweet_ids must be an array of ids")
    _require(len(ids) <= rules.max_posts, f"No more than {rules.max_posts} Tweet IDs are allowed")
    return ids


def _types(given: Any, rules: Rules) -> list[str]:
    _require(isinstance(given, list) and bool(given), "engagement_types must be an array")
    unknown = [each for each in given if each not in rules.types]
    _require(not unknown, f"Unsupported engagement types: {unknown}")
    return list(given)


def _groupings(given: Any, rules: Rules) -> dict[str, list[str]]:
    _require(isinstance(given, dict) and bool(given), "groupings must be an object")
    _require(len(given) <= MAX_GROUPINGS, f"No more than {MAX_GROUPINGS} groupings are allowed")
    found = {name: _group_by(each, rules) for name, each in given.items()}
    fours = [order for order in found.values() if len(order) == len(TIMED)]
    _require(len(fours) <= 1, "Only one grouping of four values is allowed")
    return found


def _group_by(grouping: Any, rules: Rules) -> list[str]:
    order = grouping.get("group_by") if isinstance(grouping, dict) and len(grouping) == 1 else None
    _require(isinstance(order, list) and bool(order), "A grouping needs a group_by array")
    assert isinstance(order, list)
    unknown = [each for each in order if each not in rules.values]
    _require(not unknown, f"Unsupported group_by values: {unknown}")
    _require(len(set(order)) == len(order), "A group_by value is repeated")
    _require(len(order) < len(TIMED) or order in FOURS, "Unsupported order of four values")
    return order


def _span(asked: dict[str, Any], now: datetime) -> tuple[datetime, datetime]:
    """The enclosing hours of the time that is asked for; the four weeks before now without one."""
    if "start" not in asked and "end" not in asked:
        end = _hour(now)
        return end - MAX_SPAN, end
    start, end = _moment(asked.get("start")), _moment(asked.get("end"))
    _require(start <= now and end <= now, "start and end may not be in the future")
    _require(start < end, "start must be before end")
    _require(start >= FIRST_MOMENT, "start may not be before 2014-09-01")
    wide = (_hour(start), _hour(end) if _hour(end) == end else _hour(end) + HOUR)
    _require(wide[1] - wide[0] <= MAX_SPAN, "No more than 4 weeks are allowed")
    return wide


def _moment(text: Any) -> datetime:
    fits = isinstance(text, str) and bool(_DATE.fullmatch(text) or _MOMENT.fullmatch(text))
    _require(fits, "start and end must both be YYYY-MM-DD or YYYY-MM-DDTHH:mm:ssZ")
    try:
        return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        raise Refusal(400, "start and end must be times of the calendar") from None


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _require(holds: bool, text: str) -> None:
    if not holds:
        raise Refusal(400, text)
