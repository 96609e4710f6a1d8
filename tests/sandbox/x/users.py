"""User lookup: `/2/users`, `/2/users/by`, `/2/users/me` (https://docs.x.com/x-api/users/lookup)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sandbox.x.bill import Resource
from sandbox.x.endpoint import USERS_ONLY, Answer, Call, Endpoint
from sandbox.x.limits import Allowance
from sandbox.x.parameters import Parameter
from sandbox.x.problems import partial

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.world import Status

_DEFAULT_USER: Final = ("id", "name", "username")
_DEFAULT_POST: Final = ("id", "text", "edit_history_tweet_ids")
_USER_CONTEXT: Final = frozenset(
    {"connection_status", "receives_your_dm", "subscription", "subscribes_to_you"}
)
_POST_REFERENCES: Final = ("most_recent_tweet_id", "pinned_tweet_id")


@dataclass
class _Envelope:
    """An answer in the making."""

    call: Call
    data: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    tweets: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, user_id: str) -> None:
        """Put a user into `data`, and what its expansions lead to into `includes`."""
        user = self.call.sandbox.world.user(user_id)
        self.data.append(_select(self.call, user))
        for expansion in self.call.query["expansions"]:
            self._expand(user, expansion)

    def miss(self, status: Status, parameter: str, value: str) -> None:
        """Say why a user is not there."""
        self._miss(status, "data", kind="user", parameter=parameter, value=value)

    def answer(self, *, single: bool = False) -> Answer:
        """The finished envelope, in no promised order."""
        order = f"{self.call.sandbox.options.seed}:{','.join(user['id'] for user in self.data)}"
        random.Random(order).shuffle(self.data)
        includes = {"tweets": list(self.tweets.values()), "users": list(self.users.values())}
        return Answer(
            {
                "data": self.data[0] if single else self.data,
                "includes": {key: objects for key, objects in includes.items() if objects},
                "errors": self.errors,
            },
            [Resource("User", user["id"]) for user in self.data],
            [*_resources("Post", self.tweets), *_resources("User", self.users)],
        )

    def _expand(self, user: dict[str, Any], expansion: str) -> None:
        reference = self.call.vocabulary.expansions["user"][expansion]
        if reference not in user:
            return
        if reference in _POST_REFERENCES:
            self._include_post(user, reference, expansion)
        else:
            for user_id in user[reference]["user_id"]:
                self._include_user(user_id, expansion)

    def _include_user(self, user_id: str, expansion: str) -> None:
        status = _status(self.call, user_id)
        if status == "found":
            self.users[user_id] = _select(self.call, self.call.sandbox.world.user(user_id))
        else:
            self._miss(status, "includes", kind="user", parameter=expansion, value=user_id)

    def _include_post(self, user: dict[str, Any], reference: str, expansion: str) -> None:
        post_id = user[reference]
        post = self.call.sandbox.world.post(post_id, user["id"])
        if post is None or self._is_private(user):
            status: Status = "not_found" if post is None else "protected"
            self._miss(status, "includes", kind="tweet", parameter=expansion, value=post_id)
            return
        vocabulary = self.call.vocabulary
        asked = self.call.query[vocabulary.parameter("post")]
        wanted = {*_DEFAULT_POST, *map(vocabulary.inner, asked)}
        self.tweets[post_id] = {key: post[key] for key in post if key in wanted}

    def _is_private(self, user: dict[str, Any]) -> bool:
        return bool(user["protected"]) and user["id"] != self.call.credential.user_id

    def _miss(self, status: Status, section: str, **about: str) -> None:
        base = self.call.sandbox.options.problem_base
        self.errors.append(partial(base, status, section=section, **about))


def _select(call: Call, user: dict[str, Any]) -> dict[str, Any]:
    """The fields that were asked for, of those the caller may see."""
    vocabulary = call.vocabulary
    references = vocabulary.expansions["user"]
    wanted = {
        *_DEFAULT_USER,
        *map(vocabulary.inner, call.query["user.fields"]),
        *(references[name] for name in call.query["expansions"]),
    }
    shown = wanted - _hidden(call, user)
    return {key: value for key, value in user.items() if key in shown}


def _hidden(call: Call, user: dict[str, Any]) -> set[str]:
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


def _status(call: Call, user_id: str) -> Status:
    """What the caller gets to know; protected users see themselves."""
    status = call.sandbox.world.status(user_id)
    oneself = user_id == call.credential.user_id
    return "found" if oneself and status == "protected" else status


def _resources(kind: str, ids: Iterable[str]) -> list[Resource]:
    return [Resource(kind, resource_id) for resource_id in ids]


def _asked(call: Call, parameter: str) -> list[str]:
    """The values asked for, less those that a fault makes X overlook."""
    values = call.query[parameter]
    for fault in call.faults:
        dropped = fault.arguments["ids"] or values[:1]
        values = [value for value in values if value not in dropped]
    return values


def _by_ids(call: Call) -> Answer:
    envelope = _Envelope(call)
    for user_id in _asked(call, "ids"):
        status = _status(call, user_id)
        if status == "found":
            envelope.add(user_id)
        else:
            envelope.miss(status, "ids", user_id)
    return envelope.answer()


def _by_usernames(call: Call) -> Answer:
    envelope = _Envelope(call)
    for username in _asked(call, "usernames"):
        user_id = call.sandbox.world.resolve(username)
        status = _status(call, user_id) if user_id else "not_found"
        if user_id and status == "found":
            envelope.add(user_id)
        else:
            envelope.miss(status, "usernames", username)
    return envelope.answer()


def _me(call: Call) -> Answer:
    envelope = _Envelope(call)
    envelope.add(str(call.credential.user_id))
    return envelope.answer(single=True)


_FIELDS: Final = ("user", "post")

ENDPOINTS: Final = (
    Endpoint(
        "/2/users",
        subject="user",
        fields=_FIELDS,
        allowance=Allowance(app=300, user=900),
        parameters=(Parameter("ids", pattern="[0-9]{1,19}", required=True),),
        answer=_by_ids,
    ),
    Endpoint(
        "/2/users/by",
        subject="user",
        fields=_FIELDS,
        allowance=Allowance(app=300, user=900),
        parameters=(Parameter("usernames", pattern="[A-Za-z0-9_]{1,15}", required=True),),
        answer=_by_usernames,
    ),
    Endpoint(
        "/2/users/me",
        subject="user",
        fields=_FIELDS,
        allowance=Allowance(app=None, user=75),
        kinds=USERS_ONLY,
        answer=_me,
    ),
)
