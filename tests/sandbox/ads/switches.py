"""What X's documents on the Ads API leave open, or apps differ in: tests set it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self, get_args, get_type_hints


@dataclass(frozen=True, kw_only=True)
class Switches:
    """How this Ads API behaves; each default is X's as far as it is known.

    Attributes:
        app_access: What the app may use: everything, everything but creatives (tweets, cards, media,
            scheduled tweets), or nothing.
        organic_stats: Who serves `entity=ORGANIC_TWEET`, which X's documents dropped on 2026-06-18.
        ids: Whether the ids of tweets are numbers with an `id_str` beside them, or strings without
            one, as in the fixtures of X's SDK. `tweet_id` is a string in both.
        job_ids: The same for jobs; live answers lack `id_str`, X's documents have it.
        single_card: Whether one card comes as an object (SDK) or in a list of one (documents).
        account_salt: Whether accounts have a `salt`, as in older samples.
        account_limits: Whether some endpoints count by ads account and say so.
        unknown_parameters: Whether a parameter that nobody documents is refused or passed over.
        oauth2: Whether OAuth 2.0 user tokens with the scope `ads.read` are taken.
        tweets_since: Whether tweets go back to the ads account's first day, or to the user's.
        day_offset: Whether a day begins by its own offset from UTC, or by that of today.
        final_after_hours: How long after its end a day's numbers still grow.
        job_polls: How many looks at a job find it unfinished.
        job_seconds: How long it is unfinished at least.
        job_outcome: What becomes of new jobs; `FAILED` is unconfirmed.
        job_delete: Whether jobs can be canceled.
        concurrent_jobs: How many jobs of an ads account may be unfinished.
        file_seconds: How long the file of a job is there.
    """

    app_access: Literal["standard", "analytics", "none"] = "standard"
    organic_stats: Literal["both", "sync", "async", "none"] = "both"
    ids: Literal["number", "string"] = "number"
    job_ids: Literal["string", "number", "with_id_str"] = "string"
    single_card: Literal["object", "list"] = "object"
    account_salt: bool = False
    account_limits: bool = True
    unknown_parameters: Literal["refuse", "ignore"] = "refuse"
    oauth2: bool = False
    tweets_since: Literal["account", "user"] = "account"
    day_offset: Literal["own", "today"] = "own"
    final_after_hours: float = 24
    job_polls: int = 1
    job_seconds: float = 0
    job_outcome: Literal["SUCCESS", "FAILED", "CANCELLED"] = "SUCCESS"
    job_delete: bool = True
    concurrent_jobs: int = 100
    file_seconds: float = 172_800

    def changed(self, values: dict[str, Any]) -> Self:
        """The same with other values.

        Raises:
            ValueError: If there is no such switch, or it has no such value.
        """
        known = [each.name for each in fields(self)]
        if unknown := set(values) - set(known):
            msg = f"The Ads API has no switches {sorted(unknown)}; it has {', '.join(known)}"
            raise ValueError(msg)
        hints = get_type_hints(type(self))
        for name, value in values.items():
            choices = get_args(hints[name])
            if choices and value not in choices:
                msg = f"The switch {name} is one of {', '.join(choices)}, not {value!r}"
                raise ValueError(msg)
        return replace(self, **values)
