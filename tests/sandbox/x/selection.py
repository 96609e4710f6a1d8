"""Which fields of an object a caller gets: those asked for, of those that the caller may see."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox import moments
from sandbox.x.problems import field_refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.x.endpoint import Call

Object = dict[str, Any]

PRIVATE_DAYS: Final = timedelta(days=30)
_DEFAULTS: Final = {
    "user": ("id", "name", "username"),
    "post": ("id", "text", "edit_history_tweet_ids"),
    "media": ("media_key", "type"),
    "poll": ("id", "options"),
    "place": ("id", "full_name"),
}
_POST_METRICS: Final = (
    "impression_count",
    "like_count",
    "reply_count",
    "retweet_count",
    "url_link_clicks",
    "user_profile_clicks",
)
_PLAYBACKS: Final = tuple(f"playback_{share}_count" for share in (0, 25, 50, 75, 100))
# https://docs.x.com/x-api/fundamentals/metrics
PRIVATE: Final = {
    "post": {
        "non_public_metrics": (
            "impression_count",
            "url_link_clicks",
            "user_profile_clicks",
            "engagements",
        ),
        "organic_metrics": _POST_METRICS,
        "promoted_metrics": _POST_METRICS,
    },
    "media": {
        "non_public_metrics": _PLAYBACKS,
        "organic_metrics": (*_PLAYBACKS, "view_count"),
        "promoted_metrics": (*_PLAYBACKS, "view_count"),
    },
}
_USER_CONTEXT: Final = frozenset(
    {"connection_status", "receives_your_dm", "subscription", "subscribes_to_you"}
)


def selected(
    call: Call, kind: str, found: Object, *, follow: bool = False, always: Iterable[str] = ()
) -> Object:
    """An object with the fields that were asked for and those that always come.

    Args:
        call: What was asked.
        kind: Of which kind it is, as in `user.fields`.
        found: The whole object.
        follow: Whether the expansions are this object's, which bring the fields that they follow.
        always: What comes unasked, where that is not the same for all objects of the kind.
    """
    vocabulary = call.vocabulary
    asked = call.query.get(vocabulary.parameter(kind), [])
    wanted = {*(always or _DEFAULTS[kind]), *map(vocabulary.inner, asked)}
    if follow:
        wanted |= {vocabulary.expansions[kind][name] for name in call.query["expansions"]}
    hidden = _hidden_of_user(call, found) if kind == "user" else _hidden_metrics(call, kind, found)
    return {key: value for key, value in found.items() if key in wanted - hidden}


def refusals(call: Call, kind: str, found: Object, section: str) -> Iterator[Object]:
    """A partial error for each private number that was asked for and may not be seen.

    Args:
        call: What was asked.
        kind: `post` or `media`.
        found: The whole object.
        section: The part of the answer that it is in.
    """
    for name in asked_private(call, kind):
        if name in _hidden_metrics(call, kind, found):
            for number in PRIVATE[kind][name]:
                yield field_refused(
                    call.sandbox.options.problem_base,
                    kind=kind,
                    value=found["media_key" if kind == "media" else "id"],
                    field=f"{name}.{number}",
                    section=section,
                )


def asked_private(call: Call, kind: str = "post") -> list[str]:
    """The private metrics that a call asks for."""
    asked = call.query.get(call.vocabulary.parameter(kind), [])
    return [name for name in asked if name in PRIVATE[kind]]


def _hidden_metrics(call: Call, kind: str, found: Object) -> set[str]:
    """Private metrics are for the author alone, and for 30 days; only posts and videos have any."""
    if kind not in PRIVATE or (kind == "media" and found["type"] != "video"):
        return set()
    source = int(found["media_key"].partition("_")[2] if kind == "media" else found["id"])
    author = call.sandbox.world.authors.of(source)
    age = call.sandbox.clock.now() - moments.snowflake_time(source)
    refused = any(str(source) in fault["ids"] for fault in call.struck("refuse_metrics"))
    may_see = call.credential.user_id == author and age <= PRIVATE_DAYS and not refused
    return set() if may_see else set(PRIVATE[kind])


def _hidden_of_user(call: Call, user: Object) -> set[str]:
    """The fields that the caller may not see, or that mean nothing between them and the user."""
    viewer = call.credential.user_id
    hidden = set() if viewer else set(_USER_CONTEXT)
    if viewer == user["id"]:
        hidden |= {"connection_status"}
    else:
        hidden |= {"subscription_type", "confirmed_email"}
    # OAuth 1.0a has no scopes: there the app's own settings decide, which here allow it
    if call.credential.kind == "oauth2" and "users.email" not in call.credential.scopes:
        hidden |= {"confirmed_email"}
    return hidden
