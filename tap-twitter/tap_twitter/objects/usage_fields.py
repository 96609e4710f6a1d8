"""What X says that a project has consumed, day by day.

X's specs and its introduction differ in the shape of a day
(https://docs.x.com/x-api/usage/introduction); both are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import TapError
from tap_twitter.objects.fields import COUNT, TEXT, Field, objects
from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Iterator

USAGE_FIELDS: Final = (
    Field("project_id", TEXT, "The project of the app, as X numbers it.", is_nullable=False),
    Field("project_usage", COUNT, "Posts since the cap's cycle began, at `read_at`."),
    Field("project_cap", COUNT, "The maximum number of posts of a cycle."),
    Field("cap_reset_day", COUNT, "When the cycle ends, as X gives it."),
)
DAILY: Final = "daily_project_usage"
DAILY_BY_APP: Final = "daily_client_app_usage"


def usage_rows(response: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each day in X's JSON object, in its order.

    Raises:
        TapError: The object names no project.
    """
    usage = next(objects(response.get("data")), {})
    row = {field.name: field.value(usage) for field in USAGE_FIELDS}
    if row["project_id"] is None:
        msg = "X's response names no project, so that the usage has no key."
        raise TapError(msg)
    apps: dict[str, list[dict[str, Any]]] = {}
    for app in objects(usage.get(DAILY_BY_APP)):
        for day, posts in _days(app):
            apps.setdefault(day, []).append({"id": text(app.get("client_app_id")), "posts": posts})
    return [
        {**row, "date": day, "posts": posts, "client_apps": apps.get(day)}
        for project in objects(usage.get(DAILY))
        for day, posts in _days(project)
    ]


def _days(of: dict[str, Any]) -> Iterator[tuple[str, int | None]]:
    for each in objects(of.get("usage")):
        if moment := text(each.get("date")):
            posts = each.get("usage", each.get("tweets_consumed"))
            yield moment[: len("2026-11-30")], COUNT.read(posts)
