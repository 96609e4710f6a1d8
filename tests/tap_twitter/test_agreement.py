"""`--test`, `--plan` and the run agree: every stream, kind of account, and kind of credentials."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support.harness import APP_AUTH, Messages, auth_of, make_dataset, selecting, tap_config
from support.required_settings import required_settings
from support.sandbox_clock import SandboxClock

from sandbox.credentials import CITY, CLIENT, OWNER
from sandbox.grants import Grant
from singer_plugin import UserError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox

OWN, OTHER = OWNER.user_id, CITY.user_id
STREAMS = tuple(str(stream.name) for stream in TapTwitter.STREAMS)  # type: ignore[misc]
OF_ACCOUNTS = STREAMS[1:]
WHOSE = ("own", "other")
AUTH = ("default", "own", "of-another")
KINDS = ("oauth1", "oauth2", "bearer", "pair")
QUICK = {"direct_messages", "engagement_totals", "tweet_insights"}
SCOPES = (
    "tweet.read",
    "users.read",
    "dm.read",
    "follows.read",
    "list.read",
    "offline.access",
)


def credentials(sandbox: Sandbox, kind: str, user_id: str = OWN) -> dict[str, Any]:
    """Keys of a kind; those of a user are the owner's, or another's."""
    if kind == "oauth1":
        return auth_of(OWNER if user_id == OWN else CITY)
    if kind == "oauth2":
        pair = sandbox.grants.issue(Grant(CLIENT.client_id, user_id, SCOPES))
        return {
            "client_id": CLIENT.client_id,
            "client_secret": CLIENT.client_secret,
            "refresh_token": pair.refresh_token,
        }
    if kind == "bearer":
        return {"bearer_token": sandbox.tokens.app_only()}
    return APP_AUTH


class Said(NamedTuple):
    """What came of the three commands."""

    test: bool
    plan: str
    rows: int | None
    bought: int


def commands(sandbox: Sandbox, folder: Path, stream: str, config: dict[str, Any]) -> Said:
    """Test, plan and run a stream; each with a bill of its own."""
    catalog = selecting(config, [stream])

    def tap(messages: Messages | None = None) -> TapTwitter:
        made = TapTwitter(config=config, catalog=catalog, message_writer=messages or Messages())
        made.run_context.clock = SandboxClock(sandbox)
        return made

    try:
        plan = "\n".join(tap().plan().notes)
    except UserError:
        plan = "refused"
    try:
        test = tap().test()
        test.run()
        passed = test.is_passed
    except UserError:
        passed = False
    assert sandbox.bill.total.gross_objects <= 1 + len(config.get("accounts", ()))
    sandbox.bill.reset()
    messages = Messages()
    try:
        tap(messages).run()
        rows: int | None = len(messages.records)
    except UserError:
        rows = None
    return Said(passed, plan, rows, sandbox.bill.total.gross_objects)


def entry(sandbox: Sandbox, by: str, user_id: str) -> dict[str, Any]:
    if by == "id":
        return {"id": user_id}
    return {"username": sandbox.world.handle(user_id)}


def cases() -> Iterator[Any]:
    """All cases; those of `make test` differ in what X makes of them, the others in name alone."""
    for case in product(OF_ACCOUNTS, WHOSE, AUTH, KINDS):
        is_quick = case[0] in QUICK and case[3] in {"oauth1", "pair"}
        yield pytest.param(*case, marks=() if is_quick else pytest.mark.torture, id="-".join(case))


@pytest.mark.parametrize(("stream", "whose", "auth", "kind"), list(cases()))
def test_the_three_commands_agree(
    sandbox: Sandbox, tmp_path: Path, stream: str, whose: str, auth: str, kind: str
) -> None:
    user_id = OWN if whose == "own" else OTHER
    store = tmp_path / "datasets"
    told: dict[str, Said] = {}
    for by in ("id", "username"):
        sandbox.reset()
        account = entry(sandbox, by, user_id)
        config = tap_config(sandbox, store)
        config["auth"]["token_store"] = str(tmp_path / f"{by}.json")
        keys = credentials(
            sandbox, kind, {"own": user_id, "of-another": CITY.user_id}.get(auth, OWN)
        )
        if auth == "default":
            config["auth"] = {"token_store": config["auth"]["token_store"], **keys}
        else:
            account["auth"] = keys
        config["accounts"] = [account]
        config["engagement"] = {"number_of_tweets": 5, "duration": "date"}
        config["direct_messages"] = {"limit": 2}
        config |= {"start_date": "2026-06-01", **required_settings(limit=2)}
        told[by] = commands(sandbox, tmp_path, stream, config)
    for by, said in told.items():
        succeeds = said.rows is not None
        assert said.test == succeeds, by
        if succeeds:
            assert said.plan != "refused", by
        else:
            assert said.plan == "refused" or f"'{stream}' is refused unless @" in said.plan, by
            assert said.bought <= (by == "username"), by
    by_id, by_handle = told["id"], told["username"]
    assert by_id.rows == by_handle.rows
    assert (by_id.plan == "refused") == (by_id.rows is None)


@pytest.mark.parametrize("kind", KINDS)
def test_they_agree_about_a_lookup(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    store = tmp_path / "datasets"
    make_dataset(store, "people", {"user_id": sandbox.world.sample_ids(3, "found")})
    config = tap_config(sandbox, store, auth=credentials(sandbox, kind))
    said = commands(sandbox, tmp_path, "users_lookup", config)
    assert (said.test, said.rows, said.bought) == (True, 3, 3)


def test_an_account_by_handle_that_owns_the_keys_is_read_beside_others(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    config = tap_config(sandbox, tmp_path) | {"direct_messages": {"limit": 2}}
    config["accounts"] = [entry(sandbox, "username", each) for each in (OTHER, OWN)]
    said = commands(sandbox, tmp_path, "direct_messages", config)
    assert (said.test, said.rows) == (True, 2)
    assert "'direct_messages' is refused unless @" in said.plan


def test_a_state_that_knows_the_handle_makes_the_plan_refuse(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    config = tap_config(sandbox, tmp_path) | {"accounts": [entry(sandbox, "username", OTHER)]}
    catalog, messages = selecting(config, ["direct_messages"]), Messages()
    with pytest.raises(UserError, match="no account has credentials of its own"):
        TapTwitter(config=config, catalog=catalog, message_writer=messages).run()
    state = messages.states[-1]
    sandbox.bill.reset()
    for command in ("plan", "run"):
        tap = TapTwitter(config=config, catalog=catalog, state=state, message_writer=Messages())
        with pytest.raises(UserError, match="no account has credentials of its own"):
            getattr(tap, command)()
    assert sandbox.bill.total.gross_objects == 0
