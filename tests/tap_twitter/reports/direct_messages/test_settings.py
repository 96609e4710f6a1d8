"""Settings of direct messages that change what is bought, also between runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.inboxes import ME, RECEIVED, SENT, Reader, asked, sizes, truth

from sandbox.credentials import OWNER

if TYPE_CHECKING:
    from sandbox import Sandbox


def test_users_whom_no_column_names_do_not_come_along(sandbox: Sandbox, reader: Reader) -> None:
    """Who joins or leaves stands in `participant_ids` alone."""
    types = ["ParticipantsJoin", "ParticipantsLeave"]
    reader.run(direct_messages={"expand_users": True, "event_types": types})
    rows = [row for rows in reader.rows.values() for row in rows.values()]
    senders = {row["sender_id"] for row in rows} - {None}
    assert {each for row in rows for each in row["participant_ids"]} - senders
    found = [each for each in senders if sandbox.world.status(each) == "found"]
    assert sandbox.bill.resources["User"].gross_objects == len(found)


def test_a_limit_that_a_broken_off_read_has_reached_already_buys_nothing_for_it(
    sandbox: Sandbox, reader: Reader
) -> None:
    reader.run(budget={"max_requests": 2})
    given, bought = reader.given, sandbox.bill.total.gross_objects
    assert min(len(reader.ids(RECEIVED)), len(reader.ids(SENT))) > 20
    event = sandbox.world.messages.send(OWNER.user_id, [ME], "new")
    reader.run(direct_messages={"limit": 20})
    assert event in reader.ids(RECEIVED)
    assert reader.given == given + 1
    assert sandbox.bill.total.gross_objects == bought + 2
    assert sizes(asked(sandbox))[2:] == [1, 1]


def test_a_limit_that_is_taken_away_holds_for_what_comes_from_then_on(
    sandbox: Sandbox, reader: Reader
) -> None:
    reader.run(direct_messages={"limit": 20})
    events = sorted(truth(sandbox, ME))
    sent = {sandbox.world.messages.send(OWNER.user_id, [ME], f"{n}") for n in range(30)}
    known = reader.all_ids
    reader.run()
    assert reader.all_ids == known | sent
    assert len(known) == 40 < len(events)


def test_pages_that_only_the_second_stream_still_needs_have_a_state_each(
    sandbox: Sandbox, reader: Reader
) -> None:
    for _ in range(60):
        sandbox.world.messages.send(OWNER.user_id, [ME], "The first stream has enough of these.")
    reader.run(direct_messages={"limit": 20})
    states = [json.dumps(state) for state in reader.messages.states]
    assert len(set(states)) >= len(asked(sandbox)) > 3
