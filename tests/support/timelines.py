"""Runs of the streams about posts, and what the sandbox's world holds for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox import moments
from sandbox.credentials import OWNER, SECOND_USER
from support.harness import Messages, selecting, tap_config
from support.sandbox_clock import SandboxClock
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sandbox import Sandbox

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
BOOKS = {"name": "books", "id": SECOND_USER.user_id}
"""Some 900 posts; read in the owner's name."""

US = {"name": "us", "id": OWNER.user_id}
METRICS = {"retweet_count": "retweet_count", "like_count": "like_count", "reply_count": "reply_count",
           "quote_count": "quote_count", "bookmark_count": "bookmark_count",
           "impression_count": "impression_count"}  # fmt: skip
PRIVATE = {
    "non_public_metrics": (
        "impression_count",
        "engagements",
        "url_link_clicks",
        "user_profile_clicks",
    ),
    "organic_metrics": (
        "impression_count",
        "like_count",
        "reply_count",
        "retweet_count",
        "url_link_clicks",
        "user_profile_clicks",
    ),
}
PLAIN = ("lang", "created_at", "conversation_id", "in_reply_to_user_id", "attachments", "edit_controls",
         "edit_history_tweet_ids", "reply_settings", "possibly_sensitive", "paid_partnership",
         "referenced_tweets", "context_annotations", "geo", "display_text_range", "withheld")  # fmt: skip


class KilledError(BaseException):
    """What no stream can catch."""


class Fragile(Messages):
    """Messages that end the run, as a kill would, before one of the records.

    Args:
        fatal: The number of the record, from 0; None for no end.
    """

    def __init__(self, fatal: int | None = None) -> None:
        super().__init__()
        self._fatal = fatal

    def write_message(self, message: Any) -> None:
        if self._fatal is not None and len(self.records) == self._fatal:
            raise KilledError
        super().write_message(message)


@dataclass
class Runs:
    """Runs of the tap, one after the other, each from the state of the one before.

    Attributes:
        rows: What a target that upserts has after them, by id.
        given: The ids of all rows, in the order in which they came.
    """

    sandbox: Sandbox
    store: Path
    state: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)

    def run(
        self,
        *accounts: dict[str, Any],
        streams: Sequence[str] = ("tweet_insights",),
        fatal: int | None = None,
        **settings: Any,
    ) -> Messages:
        """Run the tap; `settings` are those of `insights` or whole groups."""
        messages = Fragile(fatal)
        try:
            self.tap(*accounts, streams=streams, messages=messages, **settings).run()
        finally:
            self.state = messages.states[-1] if messages.states else self.state
            for row in messages.records:
                key = row.get("id") or row["account_id"]
                self.rows[key] = row
                self.given.append(key)
        return messages

    def tap(
        self,
        *accounts: dict[str, Any],
        streams: Sequence[str] = ("tweet_insights",),
        messages: Messages | None = None,
        **settings: Any,
    ) -> TapTwitter:
        config = tap_config(self.sandbox, self.store)
        insights = dict(settings.pop("insights", {}))
        config |= {"accounts": list(accounts) or [{"id": OWNER.user_id}], "insights": insights}
        config["auth"] |= settings.pop("auth", {})
        config["api"] |= settings.pop("api", {})
        config |= settings
        catalog = selecting(config, streams)
        tap = TapTwitter(
            config=config, state=self.state, catalog=catalog, message_writer=messages or Messages()
        )
        tap.run_context.clock = SandboxClock(self.sandbox)
        return tap

    @property
    def posts_bought(self) -> int:
        resources = self.sandbox.bill.resources
        return sum(
            resources[kind].gross_objects for kind in ("Post", "OwnedRead") if kind in resources
        )


def truth(sandbox: Sandbox, account_id: str) -> list[dict[str, Any]]:
    """An account's posts as far back as X goes, newest first."""
    return list(sandbox.world.timeline(account_id))[:3200]


def ids(posts: Iterable[Mapping[str, Any]]) -> set[str]:
    return {post["id"] for post in posts}


def expected(post: dict[str, Any], *, is_own: bool = False) -> dict[str, Any]:
    """What the row of a post must hold, worked out from the world's own object."""
    note, public = post.get("note_tweet", {}), post["public_metrics"]
    refers = {each["type"]: each["id"] for each in post.get("referenced_tweets", [])}
    row = {name: post.get(name) for name in PLAIN}
    row |= {column: public[name] for column, name in METRICS.items()}
    for group, names in PRIVATE.items():
        short = group.removesuffix("_metrics")
        for name in names:
            row[f"{short}_{name}"] = post.get(group, {}).get(name) if is_own else None
    return row | {
        "id": post["id"],
        "account_id": post["author_id"],
        "text": note.get("text", post["text"]),
        "entities": note.get("entities") or post.get("entities"),
        "is_retweet": "retweeted" in refers,
        "is_quote": "quoted" in refers,
        "is_reply": "replied_to" in refers,
        "retweeted_tweet_id": refers.get("retweeted"),
        "quoted_tweet_id": refers.get("quoted"),
        "replied_to_tweet_id": refers.get("replied_to"),
        "own_retweet_count": 0 if "retweeted" in refers else public["retweet_count"],
        "original_retweet_count": public["retweet_count"] if "retweeted" in refers else None,
        "original_id": post.get("edit_history_tweet_ids", [post["id"]])[0],
    }


def has_private(post: dict[str, Any]) -> bool:
    """Whether the owner, who asks, gets a post's private metrics: for 30 days, less an hour."""
    age = NOON - moments.snowflake_time(int(post["id"]))
    return post["author_id"] == OWNER.user_id and age < timedelta(days=30, hours=-1)


def assert_holds(row: dict[str, Any], values: dict[str, Any]) -> None:
    """Check a row, but for the columns of which nothing is said."""
    assert {name: row[name] for name in values} == values
