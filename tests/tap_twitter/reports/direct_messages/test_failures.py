"""What fails is told for its account, keeps its cursor, and stops no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import APP_AUTH, NO_STORES, auth_of
from support.inboxes import ME, PATH, RECEIVED, SENT, Reader, truth

from sandbox.credentials import CITY, FOUNDER, NEWS, OWNER, SECOND_USER
from tap_twitter.errors import AccessError, InputDatasetError, RunError, StateError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


def test_pages_that_lead_nowhere_end_the_account(sandbox: Sandbox, reader: Reader) -> None:
    sandbox.faults.add("empty_page", path=PATH, nth=2, count=None)
    with pytest.raises(RunError, match="pages in a row"):
        reader.run()
    sandbox.faults.clear()
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)


def test_five_accounts_of_which_some_fail(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = {"us": OWNER, "founder": FOUNDER, "city": CITY, "news": NEWS, "books": SECOND_USER}
    accounts = [{"name": name, "auth": auth_of(token)} for name, token in tokens.items()]
    reader = Reader(sandbox, tmp_path)
    settings: dict[str, Any] = {"accounts": accounts, "direct_messages": {"limit": 30}}
    sandbox.revoke(CITY.access_token)
    with pytest.raises(RunError) as raised:
        reader.run(**settings)
    assert {account for account, _ in reader.rows[RECEIVED]} == {OWNER.user_id, ME}
    lines = str(raised.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        f"Streams '{RECEIVED}', '{SENT}' failed for account '{name}'"
        for name in ("city", "news", "books")
    ]
    assert "accounts[2].auth" in lines[0]
    assert "direct messages" in lines[1].lower()
    assert reader.state is not None
    read = reader.state["bookmarks"][RECEIVED]["partitions"]
    assert [each["context"]["account_id"] for each in read if "cursor" in each] == [
        OWNER.user_id, ME,
    ]  # fmt: skip


def test_an_account_that_fails_in_the_middle_keeps_its_cursor(
    sandbox: Sandbox, reader: Reader
) -> None:
    sandbox.faults.add("credits_depleted", path=PATH, nth=3, count=None)
    with pytest.raises(RunError, match="credits"):
        reader.run()
    state = json.dumps(reader.state)
    with pytest.raises(RunError, match="credits"):
        reader.run()
    assert json.dumps(reader.state) == state
    sandbox.faults.clear()
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    assert sandbox.bill.total.gross_objects == len(reader.all_ids) + 1


@pytest.mark.parametrize(("settings", "words"), NO_STORES.values(), ids=NO_STORES)
def test_a_store_that_there_is_none_of_is_told_before_anything_is_asked(
    sandbox: Sandbox, reader: Reader, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputDatasetError, match=words):
        reader.run(**settings)
    assert not sandbox.requests


def test_a_damaged_cursor_is_told_before_anything_is_asked(
    sandbox: Sandbox, reader: Reader
) -> None:
    partition = {"context": {"account_id": ME}, "cursor": {"floor": "x"}}
    reader.state = {"bookmarks": {SENT: {"partitions": [partition]}}}
    with pytest.raises(StateError, match=r"bookmarks\.direct_messages_sent\.cursor"):
        reader.run()
    assert not sandbox.requests


def test_app_only_credentials_are_refused_before_anything_is_asked(
    sandbox: Sandbox, reader: Reader
) -> None:
    reader.config["auth"] = {"token_store": reader.config["auth"]["token_store"], **APP_AUTH}
    with pytest.raises((RunError, AccessError), match="Stream 'direct_messages'"):
        reader.run(accounts=[{"id": ME}])
    assert not sandbox.requests
