"""What the app's project has consumed: `/2/usage/tweets` and `/2/usage/credits`.

https://docs.x.com/x-api/usage/introduction. All numbers are those of the sandbox's own bill. Credits came
with X's spec 2.168; an app without prepaid credits gets 404 there, as some were seen to.
"""

from __future__ import annotations

import calendar
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox.credentials import APP
from sandbox.x.endpoint import ANYONE, APP_ONLY, Answer, Call, Endpoint
from sandbox.x.limits import Allowance
from sandbox.x.problems import blank
from sandbox.x.scalars import Integer

if TYPE_CHECKING:
    from datetime import date

PROJECT_ID: Final = 1466
_DEFAULT_DAYS: Final = 7
_CAP: Final = 3_000_000
_DEFAULTS: Final = ("cap_reset_day", "project_cap", "project_id", "project_usage")


def _posts(call: Call) -> Answer:
    today = call.sandbox.clock.now().date()
    days = int(call.single("days") or _DEFAULT_DAYS)
    daily = [_of_day(call, today - timedelta(days=age)) for age in range(days - 1, -1, -1)]
    cap = call.sandbox.account.post_cap
    whole = {
        "project_id": str(PROJECT_ID),
        "project_cap": _number(call, _CAP if cap is None else int(cap)),
        "project_usage": _number(call, call.sandbox.bill.month(today).posts),
        "cap_reset_day": _reset_day(call, today),
        "daily_project_usage": {"project_id": _number(call, PROJECT_ID), "usage": daily},
        "daily_client_app_usage": [
            {"client_app_id": APP.id, "usage": daily, "usage_result_count": len(daily)}
        ],
    }
    asked = call.query["usage.fields"] or _DEFAULTS
    return Answer({"data": {name: part for name, part in whole.items() if name in asked}})


def _of_day(call: Call, day: date) -> dict[str, Any]:
    """A day's posts, under the key that the specs have or the one of X's introduction."""
    key = "usage" if call.sandbox.options.usage_shape == "spec" else "tweets_consumed"
    posts = _number(call, call.sandbox.bill.posts_on(day))
    return {"date": f"{day.isoformat()}T00:00:00.000Z", key: posts}


def _number(call: Call, number: int) -> int | str:
    """A number as the spec of a vocabulary types it: the later one has text."""
    return str(number) if call.vocabulary.name == "post" else number


def _reset_day(call: Call, today: date) -> int:
    """When the cap's cycle ends: here with the calendar month."""
    if call.sandbox.options.cap_reset_day == "day_of_month":
        return 1
    return calendar.monthrange(today.year, today.month)[1] - today.day + 1


def _credits(call: Call) -> Answer:
    balance = call.sandbox.account.balance_usd
    if balance is None:
        raise blank(404)
    data = {
        "total_balance": max(0.0, float(balance)),
        "prepaid_balance": float(balance),
        "free_balance": 0.0,
        "free_grants": [],
    }
    return Answer({"data": data})


ENDPOINTS: Final = (
    Endpoint(
        "/2/usage/tweets",
        fields=("usage",),
        allowance=Allowance(app=50, user=None),
        kinds=APP_ONLY,
        parameters=(Integer("days", highest=90),),
        answer=_posts,
    ),
    Endpoint(
        "/2/usage/credits",
        fields=(),
        allowance=Allowance(app=30, user=30),
        kinds=ANYONE - {"oauth1"},
        scopes=frozenset(),
        answer=_credits,
    ),
)
