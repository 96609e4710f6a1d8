"""The rows of direct messages are what the sandbox's world holds, whatever X's words are."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from support.inboxes import (
    ME,
    RECEIVED,
    SENT,
    WORLD,
    Reader,
    documented_maps,
    truth,
    world_rows,
)

from sandbox import running
from sandbox.credentials import CITY, OWNER

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


def test_the_world_has_all_that_these_tests_are_about(sandbox: Sandbox) -> None:
    rows = [row for each in world_rows(sandbox).values() for row in each]
    kinds = {row["event_type"] for row in rows}
    assert kinds == {"MessageCreate", "ParticipantsJoin", "ParticipantsLeave"}
    for name in ("attachments", "referenced_tweets", "entities", "recipient_id"):
        assert any(row[name] for row in rows), name
    assert any(row["sender_id"] == row["recipient_id"] == ME for row in rows)
    assert any("-" not in row["dm_conversation_id"] for row in rows)
    assert 200 < len(rows) < 500


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_every_column_holds_what_the_world_knows(tmp_path: Path, vocabulary: Any) -> None:
    with running(**WORLD, vocabulary=vocabulary) as sandbox:
        reader = Reader(sandbox, tmp_path).run()
        assert {name: list(rows.values()) for name, rows in reader.rows.items()} == world_rows(
            sandbox
        )


def test_the_words_are_changed_where_x_does_not_know_a_field_and_passes_it_over(
    tmp_path: Path,
) -> None:
    with running(**WORLD, vocabulary="post", unknown_fields="ignore") as sandbox:
        reader = Reader(sandbox, tmp_path).run()
        assert reader.all_ids == truth(sandbox, ME)
        assert reader.ids(SENT) == {int(row["id"]) for row in world_rows(sandbox)[SENT]}


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
@pytest.mark.parametrize("bill_includes", [True, False], ids=["billed", "free"])
def test_names_come_with_expand_users(tmp_path: Path, vocabulary: Any, bill_includes: bool) -> None:
    with running(**WORLD, vocabulary=vocabulary, bill_includes=bill_includes) as sandbox:
        reader = Reader(sandbox, tmp_path)
        tap = reader.tap(RECEIVED, direct_messages={"expand_users": True})
        tap.run()
        assert reader.messages.records == world_rows(sandbox, names=True)[RECEIVED]
        bill = tap.run_context.api.ledger.tallies[RECEIVED]
        charged = sandbox.bill.total.gross_objects
        assert bill.objects == charged if bill_includes else bill.objects > charged


def test_a_message_to_oneself_is_sent_and_one_in_a_group_has_no_recipient(
    sandbox: Sandbox, reader: Reader
) -> None:
    own = sandbox.world.messages.send(ME, [ME], "note to myself")
    group = sandbox.world.messages.send(ME, [OWNER.user_id, CITY.user_id], "hello all")
    reader.run()
    to_me, to_all = (reader.rows[SENT][ME, str(each)] for each in (own, group))
    assert (to_me["sender_id"], to_me["recipient_id"]) == (ME, ME)
    assert to_all["recipient_id"] is None
    assert re.fullmatch("[0-9]{15,19}", to_all["dm_conversation_id"])


def test_the_stream_maps_of_the_docs_let_no_text_out(sandbox: Sandbox, reader: Reader) -> None:
    event = sandbox.world.messages.send(OWNER.user_id, [ME], "the secret is out")
    sandbox.world.messages.send(ME, [OWNER.user_id], "so is the answer")
    reader.run(stream_maps=documented_maps())
    written = json.dumps(reader.messages.all, default=str)
    assert "the secret is out" not in written
    assert "so is the answer" not in written
    hashed = sha256(b"the secret is out").hexdigest()
    assert reader.rows[RECEIVED][ME, str(event)]["text"] == hashed
    assert not any("text" in row for row in reader.rows[SENT].values())
    assert reader.all_ids == truth(sandbox, ME)
