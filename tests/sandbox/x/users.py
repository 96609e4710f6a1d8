"""User lookup: `/2/users`, `/2/users/by`, `/2/users/me` (https://docs.x.com/x-api/users/lookup)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.x.endpoint import USERS_ONLY, Answer, Call, Endpoint
from sandbox.x.envelope import Envelope, asked, seen_status
from sandbox.x.limits import Allowance
from sandbox.x.parameters import Parameter

if TYPE_CHECKING:
    from sandbox.world import Status

USER_FIELDS: Final = ("user", "post")
_POST_REFERENCES: Final = ("most_recent_tweet_id", "pinned_tweet_id")


def add_user(envelope: Envelope, user_id: str) -> None:
    """Put a user into `data`, and what its expansions lead to into `includes`."""
    call = envelope.call
    user = call.sandbox.world.user(user_id)
    envelope.add("user", user)
    for expansion in call.query["expansions"]:
        _expand(envelope, user, expansion, call.vocabulary.expansions["user"][expansion])


def _expand(envelope: Envelope, user: dict[str, Any], expansion: str, reference: str) -> None:
    if reference not in user:
        return
    if reference in _POST_REFERENCES:
        envelope.include_post(user[reference], expansion)
    else:
        for user_id in user[reference]["user_id"]:
            envelope.include_user(user_id, expansion)


def _by_ids(call: Call) -> Answer:
    return _found(call, "ids", {user_id: user_id for user_id in asked(call, "ids")})


def _by_usernames(call: Call) -> Answer:
    names = asked(call, "usernames")
    return _found(call, "usernames", {name: call.sandbox.world.resolve(name) for name in names})


def _found(call: Call, parameter: str, ids: dict[str, str | None]) -> Answer:
    """The users behind the values of a parameter, in no promised order."""
    envelope = Envelope(call)
    for value, user_id in ids.items():
        status: Status = seen_status(call, user_id) if user_id else "not_found"
        if user_id and status == "found":
            add_user(envelope, user_id)
        else:
            envelope.miss(status, "data", kind="user", parameter=parameter, value=value)
    envelope.shuffle()
    return envelope.answer("User")


def _me(call: Call) -> Answer:
    envelope = Envelope(call)
    add_user(envelope, str(call.credential.user_id))
    return envelope.answer("User", single=True)


ENDPOINTS: Final = (
    Endpoint(
        "/2/users",
        fields=USER_FIELDS,
        allowance=Allowance(app=300, user=900),
        parameters=(Parameter("ids", pattern="[0-9]{1,19}", required=True),),
        answer=_by_ids,
    ),
    Endpoint(
        "/2/users/by",
        fields=USER_FIELDS,
        allowance=Allowance(app=300, user=900),
        parameters=(Parameter("usernames", pattern="[A-Za-z0-9_]{1,15}", required=True),),
        answer=_by_usernames,
    ),
    Endpoint(
        "/2/users/me",
        fields=USER_FIELDS,
        allowance=Allowance(app=None, user=75),
        kinds=USERS_ONLY,
        answer=_me,
    ),
)
