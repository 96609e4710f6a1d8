"""Streams that are read account by account, and runs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.credentials import SECOND_USER
from support.harness import USER_AUTH, Messages, SkippingClock, auth_of
from tap_twitter.api.endpoints.v2 import ME, TIMELINE, USERS
from tap_twitter.clock import SystemClock
from tap_twitter.streams.account_stream import AccountStream
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox
    from tap_twitter.auth.account import Account

SECOND_AUTH = auth_of(SECOND_USER)

SCHEMA = {
    "type": "object",
    "properties": {"account_id": {"type": "string"}, "username": {"type": "string"}},
}


class Profiles(AccountStream):
    """A row about each account, from the shared directory."""

    name = "profiles"
    primary_keys = ("account_id",)
    ENDPOINTS = (USERS,)
    own_schema = SCHEMA

    def read_partition(self, account: Account) -> Iterator[dict[str, Any]]:
        self.run.directory.look_up(self.requester, self.identified.values())
        if not self.run.directory.is_known(account):
            return
        user = self.run.directory.user_of(account)
        yield {"account_id": user["id"], "username": user["username"]}
        self.write_bookmark(account, user["id"])

    def demands(self) -> Iterator[Any]:
        yield from self.identifying_demands()
        yield self.requester.demand(USERS, len(self.subjects), self.subjects[0])


class MoreProfiles(Profiles):
    """Another stream that wants the same."""

    name = "more_profiles"


class Mine(AccountStream):
    """A row that X gives only to the account itself."""

    name = "mine"
    primary_keys = ("account_id",)
    ENDPOINTS = (ME,)
    own_schema = SCHEMA

    def read_partition(self, account: Account) -> Iterator[dict[str, Any]]:
        user = self.requester.fetch(ME, {}, lambda body: body["data"], account)
        yield {"account_id": user["id"], "username": user["username"]}
        self.write_bookmark(account, user["id"])


class Newest(AccountStream):
    """A row for the newest post of an account."""

    name = "newest"
    primary_keys = ("account_id",)
    ENDPOINTS = (TIMELINE,)
    own_schema = SCHEMA

    def read_partition(self, account: Account) -> Iterator[dict[str, Any]]:
        posts = self.requester.fetch(
            TIMELINE, {"max_results": "5"}, lambda body: body["data"], account
        )
        yield {"account_id": account.user_id, "username": posts[0]["id"]}


class TapOfTests(TapTwitter):
    STREAMS = (Profiles, MoreProfiles, Mine, Newest)


class WaitingClock(SystemClock):
    """The machine's clock, which remembers the waits."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        super().sleep(seconds)


class Runner:
    """Runs the streams of these tests against a sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.config = {
            "api": {"base_url": sandbox.url},
            "auth": {**USER_AUTH, "token_store": str(folder / "tokens.json")},
        }
        self.messages = Messages()

    def tap(self, streams: str, state: dict[str, Any] | None = None, **settings: Any) -> TapTwitter:
        self.messages = Messages()
        settings["auth"] = {**self.config["auth"], **settings.get("auth", {})}
        config = {**self.config, **settings}
        tap = TapOfTests(config=config, state=state, message_writer=self.messages)
        tap.run_context.clock = SkippingClock()
        for stream in tap.streams.values():
            stream.selected = stream.name in streams.split()
        return tap

    def run(self, streams: str, state: dict[str, Any] | None = None, **settings: Any) -> list[str]:
        """The ids of the accounts that rows came of."""
        self.tap(streams, state, **settings).run()
        return self.ids

    @property
    def ids(self) -> list[str]:
        return [record["account_id"] for record in self.messages.records]

    @property
    def state(self) -> dict[str, Any]:
        return self.messages.states[-1]


def paths(sandbox: Sandbox) -> list[str]:
    return [entry.path for entry in sandbox.requests]


def no_keys() -> dict[str, str | None]:
    return dict.fromkeys(USER_AUTH)
