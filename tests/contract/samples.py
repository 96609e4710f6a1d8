"""Which requests are sent: representative ones for each endpoint, and those that a sandbox recorded."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from contract.exchanges import Request
from contract.findings import SCHEMES
from sandbox.credentials import NEWS, OWNER
from sandbox.grants import OFFLINE
from sandbox.lists import LISTS
from sandbox.x.scalars import Single

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from contract.spec import Operation
    from sandbox import Sandbox
    from sandbox.world import Status
    from sandbox.x.endpoint import Endpoint
    from sandbox.x.parameters import Parameter

_FAULTS: Final[Mapping[str, int]] = {
    "rate_limited": 429,
    "usage_capped": 429,
    "credits_depleted": 402,
    "client_not_enrolled": 403,
    "service_unavailable": 503,
}
_MANY: Final = 60
_MANY_POSTS: Final = 90
_MAX_PAGE: Final = "100"
_DAYS: Final = ("2026-02-01T00:00:00Z", "2026-02-03T00:00:00Z")
_QUERY: Final = "tea OR new OR @NorthwindTea OR from:PlatformNews -is:retweet"


def _some_of_each(sandbox: Sandbox) -> list[str]:
    """Ids of every status, enough of them that each optional field is met."""
    missing = [
        user_id
        for status in ("not_found", "suspended", "protected")
        for user_id in sandbox.world.sample_ids(3, status=status)
    ]
    return [*sandbox.world.sample_ids(_MANY, status="found"), *missing]


def _some_posts(sandbox: Sandbox) -> list[str]:
    """Posts of one's own and of others, and some that are not there."""
    mine, theirs = (
        [post["id"] for post in islice(sandbox.world.timeline(user_id), _MANY_POSTS // 2)]
        for user_id in (OWNER.user_id, NEWS.user_id)
    )
    return [*mine, *theirs, "1", "20"]


def _of_users(what: str) -> Callable[[Sandbox], list[str]]:
    """Paths below users that are there, and below such as are not."""

    def paths(sandbox: Sandbox) -> list[str]:
        hidden = [sandbox.world.sample_ids(1, status=status)[0] for status in _HIDDEN]
        return [f"/2/users/{user_id}/{what}" for user_id in (OWNER.user_id, NEWS.user_id, *hidden)]

    return paths


def _lists(_: Sandbox) -> list[str]:
    return [f"/2/lists/{list_id}/members" for list_id in (*LISTS, "1")]


def _conversations(sandbox: Sandbox) -> list[str]:
    known = sandbox.world.messages.conversations(OWNER.user_id)
    pair, group = (next(c for c in known if c.is_group is kind) for kind in (False, True))
    return [f"/2/dm_conversations/{conversation.id}/dm_events" for conversation in (pair, group)]


def _correspondents(sandbox: Sandbox) -> list[str]:
    first = sandbox.world.messages.conversations(OWNER.user_id)[0]
    other = next(member for member in first.members if member != OWNER.user_id)
    return [f"/2/dm_conversations/with/{other}/dm_events"]


def _events(sandbox: Sandbox) -> list[str]:
    return [f"/2/dm_events/{event.id}" for event in sandbox.world.messages.of(OWNER.user_id)[:3]]


_HIDDEN: Final[tuple[Status, ...]] = ("not_found", "suspended", "protected")
_PATHS: Final[Mapping[str, Callable[[Sandbox], list[str]]]] = {
    **{
        f"/2/users/{{id}}/{what}": _of_users(what)
        for what in ("tweets", "mentions", "followers", "following")
    },
    "/2/lists/{id}/members": _lists,
    "/2/dm_conversations/with/{participant_id}/dm_events": _correspondents,
    "/2/dm_conversations/{id}/dm_events": _conversations,
    "/2/dm_events/{event_id}": _events,
}
_SAMPLES: Final[Mapping[tuple[str, str], Callable[[Sandbox], list[str]]]] = {
    ("/2/users", "ids"): _some_of_each,
    ("/2/users/by", "usernames"): lambda sandbox: [
        sandbox.world.handle(user_id) for user_id in _some_of_each(sandbox)
    ],
    ("/2/tweets", "ids"): _some_posts,
    ("/2/tweets/analytics", "ids"): _some_posts,
    ("/2/tweets/analytics", "start_time"): lambda _: [_DAYS[0]],
    ("/2/tweets/analytics", "end_time"): lambda _: [_DAYS[1]],
    ("/2/tweets/analytics", "granularity"): lambda _: ["daily"],
    ("/2/tweets/search/recent", "query"): lambda _: [_QUERY],
    ("/2/tweets/counts/recent", "query"): lambda _: [_QUERY],
}


def representative(sandbox: Sandbox, endpoint: Endpoint, operation: Operation) -> list[Request]:
    """Every way of asking an endpoint that makes a difference.

    Raises:
        LookupError: If it needs a parameter of which no sample is known.
    """
    needed = _needed(sandbox, endpoint, operation)
    widest = needed | _enumerated(operation)
    (vocabulary,) = sandbox.vocabularies
    declared = needed | {
        parameter.name: _every_choice(parameter)
        for parameter in endpoint.takes(sandbox, vocabulary)
        if parameter.choices
    }
    filled = _PATHS.get(endpoint.path)
    path, *others = filled(sandbox) if filled else [endpoint.path]
    scopes = tuple(operation.security.get(SCHEMES["oauth2"], ()))
    taken = {kind for kind in SCHEMES if SCHEMES[kind] in operation.security}
    kinds = sorted({*endpoint.taken(sandbox), *taken})
    user = "oauth1" if "oauth1" in kinds else kinds[0]
    return [
        *(Request(path, needed, kind, scopes=scopes) for kind in kinds),
        *(Request(each, widest, kind) for kind in kinds for each in (path, *others)),
        Request(path, declared, user),
        *_refused(endpoint, kinds, path, needed),
        *(Request(path, needed, user, fault=kind, expected=(_FAULTS[kind],)) for kind in _FAULTS),
    ]


def _every_choice(parameter: Parameter) -> str:
    """All values that a parameter takes, or the last one where it takes but one."""
    one_alone = isinstance(parameter, Single)
    return parameter.choices[-1] if one_alone else ",".join(parameter.choices)


def _refused(
    endpoint: Endpoint, kinds: Sequence[str], path: str, needed: Mapping[str, str]
) -> Iterator[Request]:
    wrong = {**needed, "user.fields": "shoe_size"}
    yield Request(path, wrong, kinds[0], expected=(400,), is_wrong=True)
    yield Request(path, needed, "none", expected=(401,))
    if "oauth2" in kinds and endpoint.scopes:
        yield Request(path, needed, "oauth2", expected=(403,), scopes=(OFFLINE,))
    for kind in SCHEMES.keys() - kinds:
        yield Request(path, needed, kind, expected=(403,), is_wrong=True)


def _needed(sandbox: Sandbox, endpoint: Endpoint, operation: Operation) -> dict[str, str]:
    required = {name for name, about in operation.parameters.items() if about.get("required")}
    known = {name: values for (path, name), values in _SAMPLES.items() if path == endpoint.path}
    if unknown := sorted(required - known.keys()):
        msg = f"No sample is known for {', '.join(unknown)}: add one to _SAMPLES in {__file__}"
        raise LookupError(msg)
    return {name: ",".join(known[name](sandbox)) for name in sorted(required)}


def _enumerated(operation: Operation) -> dict[str, str]:
    """Every value of every parameter that the spec lists values for, on the largest page.

    Values that leave something out of the answer are for the request of what the sandbox declares.
    """
    lists = {name: about["schema"].get("items", {}) for name, about in operation.parameters.items()}
    every = {
        name: ",".join(dict.fromkeys(items["enum"]))
        for name, items in lists.items()
        if "enum" in items
    }
    every.pop("exclude", None)
    return every | ({"max_results": _MAX_PAGE} if "max_results" in lists else {})


def recorded(entries: Iterable[Mapping[str, Any]]) -> list[Request]:
    """The requests of a sandbox's log that showed a credential, as `GET /sandbox/requests` gives them."""
    return [
        Request(
            entry["path"],
            entry["params"],
            entry["credential"],
            expected=(entry["status"],),
        )
        for entry in entries
        if entry["method"] == "GET" and entry["credential"] != "none"
    ]
