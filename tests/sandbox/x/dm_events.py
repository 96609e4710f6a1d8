"""Direct messages: what happened in one's conversations in the last 30 days.

https://docs.x.com/x-api/direct-messages/lookup/introduction
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from sandbox.messages import DEPTH_DAYS, EventType
from sandbox.x.endpoint import USERS_ONLY, Answer, Call, Endpoint
from sandbox.x.envelope import Envelope
from sandbox.x.expansions import expand
from sandbox.x.limits import Allowance
from sandbox.x.paging import turn
from sandbox.x.parameters import Parameter
from sandbox.x.problems import blank
from sandbox.x.scalars import Integer, Single

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.messages import Event

_DEFAULT_SIZE: Final = 100
_FIELDS: Final = ("dm_event", "user", "post", "media")
_ALWAYS: Final = {
    "MessageCreate": ("id", "event_type", "text"),
    "ParticipantsJoin": ("id", "event_type", "participant_ids"),
    "ParticipantsLeave": ("id", "event_type", "participant_ids"),
}


def _all(call: Call) -> Answer:
    return _listed(call, "/2/dm_events", _events(call, DEPTH_DAYS))


def _with_participant(call: Call) -> Answer:
    pair = sorted((str(call.credential.user_id), call.path["participant_id"]), key=int)
    return _of_conversation(call, "-".join(pair))


def _by_conversation(call: Call) -> Answer:
    return _of_conversation(call, call.path["id"])


def _of_conversation(call: Call, conversation_id: str) -> Answer:
    events = _events(call, call.sandbox.options.dm_conversation_days)
    mine = [event for event in events if event.conversation.id == conversation_id]
    return _listed(call, f"/2/dm_conversations/{conversation_id}", mine)


def _listed(call: Call, listing: str, events: Sequence[Event]) -> Answer:
    """A page of events, of the types that were asked for."""
    types = call.query["event_types"] or get_args(EventType)
    page = turn(
        call,
        f"{listing}:{call.credential.user_id}",
        (event for event in events if event.type in types),
        lambda event: event.id,
        int(call.single("max_results") or _DEFAULT_SIZE),
    )
    envelope = Envelope(call)
    for event in page.entries:
        _add(envelope, event)
    meta = {"result_count": len(envelope.data), **page.links}
    return envelope.answer("DmEvent", meta=meta)


def _one(call: Call) -> Answer:
    event_id = int(call.path["event_id"])
    event = next((event for event in _events(call, DEPTH_DAYS) if event.id == event_id), None)
    if event is None:
        raise blank(404)
    envelope = Envelope(call)
    _add(envelope, event)
    return envelope.answer("DmEvent", single=True)


def _events(call: Call, days: int) -> list[Event]:
    return call.sandbox.world.messages.of(str(call.credential.user_id), days)


def _add(envelope: Envelope, event: Event) -> None:
    found = envelope.call.sandbox.world.messages.seen(event)
    envelope.add("dm_event", found, always=_ALWAYS[event.type])
    expand(envelope, found)


def _endpoint(
    path: str,
    answer: Callable[[Call], Answer],
    *path_parameters: Parameter,
    is_list: bool = True,
) -> Endpoint:
    parameters: tuple[Parameter, ...] = (
        Integer("max_results"),
        Single("pagination_token", pattern=".{16,}"),
        Parameter("event_types", choices=get_args(EventType)),
    )
    return Endpoint(
        path,
        fields=_FIELDS,
        allowance=Allowance(app=None, user=15),
        kinds=USERS_ONLY,
        access=frozenset({"read-write-directmessages"}),
        scopes=frozenset({"dm.read", "tweet.read", "users.read"}),
        parameters=parameters if is_list else (),
        path_parameters=path_parameters,
        answer=answer,
    )


_ID: Final = "[0-9]{1,19}"
ENDPOINTS: Final = (
    _endpoint("/2/dm_events", _all),
    _endpoint(
        "/2/dm_conversations/with/{participant_id}/dm_events",
        _with_participant,
        Single("participant_id", pattern=_ID),
    ),
    _endpoint(
        "/2/dm_conversations/{id}/dm_events",
        _by_conversation,
        Single("id", pattern=f"({_ID}-{_ID}|[0-9]{{15,19}})"),
    ),
    _endpoint("/2/dm_events/{event_id}", _one, Single("event_id", pattern=_ID), is_list=False),
)
