"""Errors of X's Engagement API.

They are texts; only those that a reader can do something about are distinguished.
Source: https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/engagement-api.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.responses import error_of, marks_of
from tap_twitter.errors import (
    AccessError,
    AccountError,
    AuthError,
    ContractError,
    GatewayError,
    InvalidRequestError,
    TapError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

FOREIGN: Final = re.compile(r"Forbidden to access tweets?\b(.*)", re.IGNORECASE)
FOREIGN_METRICS: Final = re.compile(r"Forbidden to access metrics?\b(.*)", re.IGNORECASE)
NOT_AUTHENTICATED: Final = re.compile(r"could not be authenticated", re.IGNORECASE)
HIDDEN: Final = re.compile(r"Tweet ID\(s\) are unavailable", re.IGNORECASE)
TOO_OLD: Final = "unsupported_for_impressions_engagements_tweet_ids"

NO_CONTRACT: Final = (
    "X does not let this app use the Engagement API (HTTP 403), which requires an enterprise "
    "contract: ask X's account manager to allow the id of the app."
)
NOT_THIS_ACCOUNT: Final = (
    "X does not let this account use the Engagement API (HTTP 403): sign in at x.com and follow "
    "the instructions."
)


class ForeignPostsError(AccessError):
    """Posts belong to an account other than the one that makes the request.

    Args:
        tweets: Their ids.
    """

    def __init__(self, tweets: frozenset[str]) -> None:
        super().__init__("X gives the engagement of posts only to their authors.")
        self.tweets = tweets


class OldPostsError(InvalidRequestError):
    """Posts are too old for impressions and engagements.

    Args:
        tweets: Their ids.
    """

    def __init__(self, tweets: frozenset[str]) -> None:
        super().__init__("X has no total impressions and engagements of posts older than 90 days.")
        self.tweets = tweets


def classify_error(response: requests.Response, body: Any, hint: str) -> TapError:
    """The error for an unsuccessful response of the Engagement API."""
    error = error_of(response, body, hint)
    if not isinstance(body, dict):
        body = {}
    text = "\n".join(each for each in body.get("errors") or [] if isinstance(each, str))
    if found := _refused(response, text, hint):
        return found
    if isinstance(error, InvalidRequestError) and (found := _invalid(body, text)):
        return found
    is_before_x = isinstance(error, GatewayError)
    if response.status_code == HTTPStatus.FORBIDDEN and not (marks_of(body) or is_before_x):
        return ContractError(NO_CONTRACT, NOT_THIS_ACCOUNT)
    return error


def _refused(response: requests.Response, text: str, hint: str) -> TapError | None:
    """The error for X's words about access, which have a line per author or one for all."""
    if found := FOREIGN.findall(text):
        return ForeignPostsError(frozenset(re.findall(r"[0-9]+", "\n".join(found))))
    if found := FOREIGN_METRICS.findall(text):
        return AccessError(_metrics_refused(response, ",".join(found)))
    if NOT_AUTHENTICATED.search(text):
        status = response.status_code
        return AuthError(f"X does not accept the credentials; {hint} (HTTP {status}).")
    return None


def _invalid(body: Mapping[str, Any], text: str) -> TapError | None:
    """The error for a request that X calls invalid."""
    if old := body.get(TOO_OLD):
        return OldPostsError(frozenset(map(str, old)))
    if HIDDEN.search(text):
        return AccountError(
            "X gives no engagement of protected posts, even to their author: make the account "
            "public, or remove it from 'accounts' (and its posts from 'engagement.tweets')."
        )
    return None


def _metrics_refused(response: requests.Response, refusal: str) -> str:
    """The error for refused metrics; it repeats only those that were requested, nothing else."""
    try:
        asked = json.loads(response.request.body or "")["engagement_types"]
    except (KeyError, TypeError, ValueError):
        asked = []
    words = set(re.findall(r"[a-z_]+", refusal.lower()))
    refused = ", ".join(each for each in asked if each in words) or "some of the metrics"
    return (
        f"X does not give the account {refused} (HTTP {response.status_code}): remove them from "
        "'engagement.engagement_metrics', or ask X's account manager to add them to the contract."
    )
