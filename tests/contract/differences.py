"""Where X's own answers are known to leave its own specs, or its documentation says more than they do.

A difference that is not listed here is a failure; one that is listed and never met is a failure, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from contract.findings import Finding


@dataclass(frozen=True)
class Difference:
    """A known difference.

    Attributes:
        name: How it is called in the output.
        reason: Why it is right to differ.
        versions: The specs that it differs from.
        patterns: Findings that it explains: their text, with `*` for anything.
    """

    name: str
    reason: str
    versions: tuple[str, ...]
    patterns: tuple[str, ...]

    def explains(self, version: str, finding: Finding) -> bool:
        """Whether a finding is this difference."""
        text = str(finding)
        return version in self.versions and any(fnmatchcase(text, p) for p in self.patterns)


@dataclass(frozen=True)
class Outside:
    """Requests that X's specs leave out.

    Attributes:
        path: Their paths, with `*` for anything.
        reason: What describes them instead.
    """

    path: str
    reason: str


OUTSIDE: Final = (
    Outside(
        "/oauth2/token",
        "app-only tokens: X's page on OAuth 2.0 application-only access describes them",
    ),
    Outside(
        "/2/oauth2/*",
        "logins by OAuth 2.0: X's page on the authorization code flow with PKCE describes them",
    ),
    Outside("/oauth/*", "logins by OAuth 1.0a: X's page on the three-legged flow describes them"),
    Outside("/i/oauth2/*", "the page of x.com on which users agree: no API"),
    Outside("/12/*", "the Ads API, on a host of its own: X's pages on it describe it"),
    Outside("/advertiser-api-async-analytics/*", "files of stats jobs, on a host of their own"),
    Outside("/2/usage/credits", "the balance of credits: spec 2.168 has it, these specs do not"),
    Outside(
        "/insights/engagement/*",
        "the Engagement API, on a host of its own: X's enterprise pages describe it",
    ),
)


KNOWN: Final = (
    Difference(
        "user-fields",
        "the spec lets these be asked for in user.fields, and forgets them in its User schema",
        ("2.166",),
        tuple(
            f"answer undeclared *{name}: *"
            for name in (
                "/confirmed_email",
                "/is_identity_verified",
                "/parody",
                "/subscription",
                "/verified_followers_count",
            )
        ),
    ),
    Difference(
        "post-fields",
        "the spec lets these be asked for in tweet.fields, and forgets them in its Tweet schema",
        ("2.166",),
        ("answer undeclared */article: *",),
    ),
    Difference(
        "analytics-metrics",
        "the spec lets these be asked for in analytics.fields, and forgets them in its schema of "
        "metrics",
        ("2.166",),
        tuple(
            f"answer undeclared data/*/timestamped_metrics/*/metrics/{name}: *"
            for name in ("bookmarks", "shares", "unfollows", "unlikes")
        ),
    ),
    Difference(
        "media-count",
        "X's data dictionary and the next spec have public_metrics.media_count",
        ("2.166",),
        ("answer undeclared *public_metrics/media_count: *",),
    ),
    Difference(
        "reply-settings",
        "the spec's pattern is too short for mentionedUsers, which its own enumeration has",
        ("2.166",),
        ("answer pattern *reply_settings: *",),
    ),
    Difference(
        "private-metrics",
        "X's page on metrics has clicks and engagements, which this spec's schemas leave out",
        ("2.166",),
        tuple(
            f"answer undeclared *_metrics/{name}: *"
            for name in ("engagements", "url_link_clicks", "user_profile_clicks")
        ),
    ),
    Difference(
        "field-refusals-name-the-object",
        "refusals of a field name the object it is of, as seen on X and listed in the next spec",
        ("2.166",),
        tuple(
            f"answer undeclared errors/*/{name}: *"
            for name in ("parameter", "resource_id", "value")
        ),
    ),
    Difference(
        "message-entities",
        "messages carry entities, as dm_event.fields and the next spec call them; here they lie open",
        ("2.166",),
        ("answer undeclared data*/entities: *",),
    ),
    Difference(
        "refusals-say-more",
        "refusals that concern the account name it, as X's documentation shows",
        ("2.166",),
        tuple(
            f"answer undeclared {name}: *"
            for name in ("account_id", "client_id", "product_name", "required_enrollment")
        ),
    ),
    Difference(
        "credits",
        "the refusal for want of credits came with pay-per-use, and no spec knows its type",
        ("2.166", "2.167"),
        ("answer discriminator : *problems/credits is not in the spec",),
    ),
    Difference(
        "documented-problems",
        "X's page on errors has more problem types than this spec",
        ("2.167",),
        tuple(
            f"answer discriminator : *{name} is not in the spec"
            for name in (
                "about:blank",
                "client-forbidden",
                "unsupported-authentication",
                "usage-capped",
            )
        ),
    ),
    Difference(
        "problem-host",
        "problem types were seen to begin with https://api.twitter.com, also after this spec",
        ("2.167",),
        ("answer enum *type: 'https://api.twitter.com/2/problems/*",),
    ),
    Difference(
        "invalid-request-errors",
        "a refusal of parameters lists them under errors, as documented and in the spec before",
        ("2.167",),
        ("answer undeclared errors: *",),
    ),
)


def table() -> str:
    """Everything listed here as tables in Markdown, as the documentation shows it."""
    return "\n".join(
        [
            "| Difference | Spec | Why |",
            "|---|---|---|",
            *(f"| {each.name} | {', '.join(each.versions)} | {each.reason} |" for each in KNOWN),
            "",
            "| Left out of the specs | What describes it |",
            "|---|---|",
            *(f"| `{each.path}` | {each.reason} |" for each in OUTSIDE),
        ]
    )


def reason_outside(path: str) -> str | None:
    """Why no spec knows a path; None where that is not known."""
    return next((each.reason for each in OUTSIDE if fnmatchcase(path, each.path)), None)
