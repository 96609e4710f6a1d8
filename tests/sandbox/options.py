"""What a sandbox can be told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sandbox.x.vocabulary import VocabularyName

DEFAULT_SHARES: Final[Mapping[str, float]] = MappingProxyType(
    {"not_found": 0.04, "suspended": 0.02, "protected": 0.01}
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """The settings of one sandbox; each default is X's behaviour as far as it is known.

    Attributes:
        host: Address to listen on; loopback only.
        port: Port to listen on; 0 lets the system choose.
        seed: Number from which the world, the tokens and the order of answers derive.
        clock_start: First reading of the clock; real time when omitted.
        clock_ticking: Whether the clock runs by itself.
        oauth_clock: Which clock OAuth 1.0a timestamps are compared with: clients sign with real time.
        window_seconds: Length of a rate limit window; X's is 900.
        limit_scale: Factor on every allowance.
        limits: Allowances by `path:pool` (pool `app` or `user`), in place of X's; not scaled. With a
            third part, `second` or `day`, limits beside the window's, which X has in places.
        credits_usd: Prepaid credits; unlimited when omitted.
        spend_cap_usd: The most that a calendar month may cost; unlimited when omitted.
        post_cap: The most Posts charged in a calendar month; X's is 3,000,000.
        callbacks: Callback URLs registered for the app; none makes it a desktop app, for PINs alone.
        latency_ms: Time that every answer takes.
        vocabulary: Which words the server speaks: those of X's spec 2.166 (`tweet`), of 2.167
            (`post`), or both, as X did in 2026.
        default_vocabulary: The words used when a request uses neither (X: unconfirmed).
        mixed_metrics: Whether users carry `public_metrics.tweet_count` in the post vocabulary too
            (observed on X in September 2026, against its spec).
        unknown_fields: Whether an unknown field or expansion is refused or passed over (both observed).
        unauthorized_body: Shape of 401 bodies: the v2 problem, or `errors` with v1.1 codes (both documented).
        problem_base: Start of problem types. X's spec 2.167 says `https://api.x.com/2/problems/`, its
            live answers say otherwise.
        bill_includes: Whether objects in `includes` are charged (X's pages are silent; observed so).
        page_token_seconds: How long tokens lead to the next page (X says that some may expire, not
            when); for ever when omitted.
        earlier_versions: Whether a lookup by the id of an edited post's earlier version gives the
            newest one or that very one (X's pages can be read in both ways).
        dm_conversation_days: How far a single conversation can be read back; X's pages say 30 days
            here and no limit there.
        lenient_oauth2: Whether `s256` may stand in lower case, and requests for OAuth 2.0 tokens may
            be JSON (X's pages have neither; other people's clients send both).
        foreign_posts: Whether the Engagement API refuses other accounts' posts in one line, as X
            documents, or in a line for each author.
        query_length: The most characters of a search query: 512 for self-serve, 4,096 for Enterprise.
        reposts_by_keyword: Whether a repost is found by the words that it repeats (X took that away in
            2026; whether in all queries, its pages do not say).
        mentions_by_reposts: Whether a repost mentions whom it repeats (X's pages are silent).
        follows_order: Which members of a list, followers and followed accounts come first (X's pages do
            not say).
        list_members_price: What a list's member is charged as: the user that it is, or, as in X's own
            emulator, a list.
        usage_shape: How a day's posts are called in usage: as in the specs, or `tweets_consumed`, as
            X's introduction has it.
        cap_reset_day: Whether usage gives the days until the cap's cycle ends, as spec 2.166 describes,
            or the day of the month.
        shares: Share of the ids that are `not_found`, `suspended` or `protected` (refused).
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1
    clock_start: datetime | None = None
    clock_ticking: bool = True
    oauth_clock: Literal["real", "sandbox"] = "real"
    window_seconds: int = 900
    limit_scale: float = 1.0
    limits: Mapping[str, int] = field(default_factory=dict)
    credits_usd: float | None = None
    spend_cap_usd: float | None = None
    post_cap: int | None = 3_000_000
    callbacks: Sequence[str] = ("http://127.0.0.1:8481/callback", "http://localhost:8481/callback")
    latency_ms: float = 0.0
    vocabulary: Literal["tweet", "post", "both"] = "both"
    default_vocabulary: VocabularyName = "tweet"
    mixed_metrics: bool = False
    unknown_fields: Literal["refuse", "ignore"] = "refuse"
    unauthorized_body: Literal["problem", "codes"] = "problem"
    problem_base: str = "https://api.twitter.com/2/problems/"
    bill_includes: bool = True
    page_token_seconds: float | None = None
    earlier_versions: Literal["newest", "as_asked"] = "newest"
    dm_conversation_days: int = 30
    lenient_oauth2: bool = True
    foreign_posts: Literal["one_line", "line_per_author"] = "one_line"
    query_length: int = 512
    reposts_by_keyword: bool = False
    mentions_by_reposts: bool = False
    follows_order: Literal["latest_first", "earliest_first"] = "latest_first"
    list_members_price: Literal["User", "List"] = "User"
    usage_shape: Literal["spec", "introduction"] = "spec"
    cap_reset_day: Literal["days_left", "day_of_month"] = "days_left"
    shares: Mapping[str, float] = field(default_factory=lambda: DEFAULT_SHARES)
