"""Whom accounts follow and who is in a list: pages of users.

https://docs.x.com/x-api/users/follows/introduction, https://docs.x.com/x-api/lists/list-members/introduction
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.x.bounds import POST_ID
from sandbox.x.endpoint import Answer, Call, Endpoint
from sandbox.x.envelope import Envelope, timeline_status
from sandbox.x.limits import Allowance
from sandbox.x.paging import turn
from sandbox.x.scalars import Integer, Single
from sandbox.x.timelines import tariff
from sandbox.x.users import USER_FIELDS, add_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.circles import Circle
    from sandbox.follows import Direction

_LARGEST_KEY: Final = 2**62
_DEFAULT_SIZE: Final = 100


def _around(direction: Direction) -> Callable[[Call], Answer]:
    """A page of an account's followers, or of those whom it follows."""

    def answer(call: Call) -> Answer:
        envelope = Envelope(call)
        user_id = call.path["id"]
        status = timeline_status(call, user_id)
        if status != "found":
            envelope.miss(status, "data", kind="user", parameter="id", value=user_id)
            return envelope.answer("User")
        circle = call.sandbox.world.follows.circle(direction, user_id)
        listing = f"/2/users/{user_id}/{direction}"
        return _page(envelope, circle, listing, tariff(call, user_id) or "FollowRead")

    return answer


def _members(call: Call) -> Answer:
    envelope = Envelope(call)
    list_id = call.path["id"]
    lists = call.sandbox.world.lists
    if lists.find(list_id, call.credential.user_id) is None:
        envelope.miss("not_found", "data", kind="list", parameter="id", value=list_id)
        return envelope.answer("User")
    priced_as = call.sandbox.options.list_members_price
    return _page(envelope, lists.circle(list_id), f"/2/lists/{list_id}", priced_as, numeric=True)


def _page(
    envelope: Envelope, circle: Circle, listing: str, priced_as: str, *, numeric: bool = False
) -> Answer:
    call = envelope.call
    members = call.sandbox.world.memberships.of(circle)
    latest_first = call.sandbox.options.follows_order == "latest_first"
    page = turn(
        call,
        listing,
        members if latest_first else reversed(list(members)),
        lambda member: member.key if latest_first else _LARGEST_KEY - member.key,
        int(call.single("max_results") or _DEFAULT_SIZE),
        numeric=numeric,
    )
    for member in page.entries:
        add_user(envelope, member.user_id)
    meta = {"result_count": len(envelope.data), **page.links}
    return envelope.answer("User", tariff=priced_as, meta=meta)


def _endpoint(direction: Direction) -> Endpoint:
    return Endpoint(
        f"/2/users/{{id}}/{direction}",
        fields=USER_FIELDS,
        allowance=Allowance(app=300, user=300),
        scopes=frozenset({"tweet.read", "users.read", "follows.read"}),
        path_parameters=(Single("id", pattern=POST_ID),),
        parameters=(
            Integer("max_results", highest=1000),
            Single("pagination_token", pattern=".{16,}"),
        ),
        answer=_around(direction),
    )


ENDPOINTS: Final = (
    _endpoint("followers"),
    _endpoint("following"),
    Endpoint(
        "/2/lists/{id}/members",
        fields=USER_FIELDS,
        allowance=Allowance(app=900, user=900),
        scopes=frozenset({"tweet.read", "users.read", "list.read"}),
        path_parameters=(Single("id", pattern=POST_ID),),
        parameters=(Integer("max_results"), Single("pagination_token", pattern="-?[0-9]{1,19}")),
        answer=_members,
    ),
)
