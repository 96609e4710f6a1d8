"""Errors while X is read, by what a run does about them.

Every text says what happened and the fix; none contains a token, a message text or the body of a
response.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from singer_sdk.exceptions import RetriableAPIError

from dataset_store.help_pages import with_topic
from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import requests


NOT_AGAIN: Final = (
    "X may have charged for it, so this run does not request it again; the next run resumes here."
)
"""The end of the message about a response that was not read completely."""

START_OVER: Final = (
    "Start over without it: `meltano state clear` with the id of the state, or no --state."
)


class TapError(UserError):
    """Base of all errors of the tap: the stream ends here, other streams continue."""

    topic = "requests-that-x-refuses"


class SettingError(TapError):
    """A setting is missing, contradicts another one, or names something that does not exist."""

    topic = "settings"


class MissingSettingError(SettingError):
    """A stream lacks a setting that it requires."""


class InputDatasetError(TapError):
    """The input dataset cannot be used for a lookup."""

    topic = "input-of-a-lookup"


class StateError(TapError):
    """The state was not written by the tap."""

    topic = "state"

    def __init__(self, where: str, hint: str = START_OVER) -> None:
        super().__init__(f"The state is damaged at '{where}'. {hint}")


class StreamMapError(TapError):
    """A stream map fails on a row."""

    topic = "stream-maps"


class AuthError(TapError):
    """X does not accept the credentials."""

    topic = "credentials"


class AccessError(TapError):
    """The credentials are valid, but X does not allow this with them."""

    topic = "permissions"


class AppAccessError(AccessError):
    """X refuses the app, or this kind of credentials: no account's login fixes it."""

    topic = "access-of-the-app"


class ContractError(TapError):
    """The X app has no access to an API that requires a contract, whatever the account.

    Args:
        message: For the user.
        otherwise: The meaning of the refusal if X has answered others in this run.
    """

    topic = "access-of-the-app"

    def __init__(self, message: str, otherwise: str) -> None:
        super().__init__(message)
        self.otherwise = otherwise


class CapError(TapError):
    """Money or a quota is used up: waiting does not help."""

    topic = "credits-and-caps"


class CreditsError(CapError):
    """The credits are used up, without which X gives nothing at all."""


class WaitTooLongError(TapError):
    """A limit lasts longer than the settings allow to wait, or longer than is sensible."""

    topic = "limits-of-requests"


class NoEndpointError(TapError):
    """X has no such endpoint, at least for this app."""


class InvalidRequestError(TapError):
    """X says that the request itself is invalid.

    Args:
        message: For the user.
        refusals: X's words about each parameter that it objects to, by name. They may contain
            what was requested, so they stay out of the message.
    """

    def __init__(self, message: str, refusals: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.refusals = dict(refusals or {})


class MissingFileError(TapError):
    """A file of X is not there (any more)."""


class LostAnswerError(TapError):
    """A request may have done what it asks for, although there is no usable response."""

    topic = "responses-that-are-lost"


class UnreachableError(TapError):
    """X gave no usable response in any of the tries, or cannot be reached at all."""

    topic = "x-cannot-be-reached"


class BoughtInVainError(TapError):
    """A response is unusable, and X has charged for it: another try would be charged, too."""

    topic = "responses-that-are-lost"


class UnreadableAnswerError(BoughtInVainError):
    """A complete response contains objects but is not readable JSON."""


class UnboundedAnswerError(TapError):
    """A response exceeds what the settings allow; X may have charged for it."""

    topic = "responses-that-are-lost"


class SlowAnswerError(UnboundedAnswerError):
    """A response started but was not complete in time.

    Args:
        origin: The server's address.
        seconds: How long the tap waited for it.
    """

    def __init__(self, origin: str, seconds: float) -> None:
        super().__init__(
            f"The response from {origin} was not complete after {seconds:g} s "
            f"('api.timeout_seconds'). {NOT_AGAIN}"
        )


class OversizedAnswerError(UnboundedAnswerError):
    """A response is larger than allowed.

    Args:
        origin: The server's address.
        megabytes: The limit of its body; None if its headers are too large.
    """

    def __init__(self, origin: str, megabytes: float | None = None) -> None:
        limit = f"{megabytes:g} MB ('api.max_response_mb')" if megabytes else "the limit of headers"
        super().__init__(f"The response from {origin} exceeds {limit}. {NOT_AGAIN}")


class RedirectedError(TapError):
    """X's address redirects elsewhere, where requests with credentials are not sent."""


class NotSentError(TapError):
    """A request was not sent, because the run only takes responses that have arrived."""

    topic = "responses-that-are-lost"


class UnexpectedError(TapError):
    """A bug of the tap itself; the text says where, and contains none of the data."""

    topic = "unexpected-errors"


class TransientError(TapError, RetriableAPIError):
    """A fault that a later try may not meet."""

    topic = "x-cannot-be-reached"

    def __init__(self, message: str, response: requests.Response | None = None) -> None:
        RetriableAPIError.__init__(self, message, response)


class GatewayError(TransientError):
    """Something in front of X has refused the request; X itself has not seen it."""


class RateLimitError(TransientError):
    """Too many requests in a window; the response's headers say when it ends."""

    topic = "limits-of-requests"


class AccountError(TapError):
    """X says that an account is suspended, protected or missing."""

    topic = "accounts-of-others"


ACCOUNT_FAILURES: Final = (AuthError, AccessError, AccountError)
"""Errors of a single account: requests of other accounts are not affected."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What ended the reading of a stream, or of one partition of it."""

    stream: str
    error: TapError
    partition: str | None = None
    """The name of the account, list or query that was read, or whose credentials were used."""

    is_of_stream: bool = False
    """Whether it ended the stream as a whole."""

    noun: str = "account"
    """What the partition is."""

    @property
    def is_of_partition(self) -> bool:
        """Whether it concerns a single partition, so that others are not affected."""
        is_own = isinstance(self.error, ACCOUNT_FAILURES)
        is_app = isinstance(self.error, AppAccessError)
        return self.partition is not None and is_own and not (is_app or self.is_of_stream)

    def __str__(self) -> str:
        """One line: where, what happened, and the fix."""
        return _line([self])


class OnAccountFailure(enum.StrEnum):
    """The values of the setting `on_account_failure`."""

    FAIL = "fail"
    WARN = "warn"


class RunError(UserError):
    """Streams or accounts failed, while others were completed.

    Args:
        failures: The failures; the text is their `summary`.
    """

    topic = ""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("\n".join(summary(failures)))


def causes(failures: Iterable[Failure]) -> list[list[Failure]]:
    """Failures by cause: those with the same text, and of the same part if it is its own."""
    found: dict[tuple[str | None, str], list[Failure]] = {}
    for failure in failures:
        part = failure.partition if failure.is_of_partition else None
        found.setdefault((part, str(failure.error)), []).append(failure)
    return list(found.values())


def summary(failures: Iterable[Failure]) -> list[str]:
    """A line per cause."""
    return [_line(each) for each in causes(failures)]


def _line(failures: Sequence[Failure]) -> str:
    """Failures of one cause as one line."""
    streams = _listed("Stream", [each.stream for each in failures])
    names: dict[str, list[str]] = {}
    for each in failures:
        if each.partition:
            names.setdefault(each.noun, []).append(each.partition)
    parts = ", ".join(_listed(noun, named) for noun, named in names.items())
    whose = f" for {parts}" if parts else ""
    error = failures[0].error
    return with_topic(f"{streams} failed{whose}: {error}", error.topic)


def _listed(noun: str, names: Sequence[str]) -> str:
    """Distinct names after their noun: `streams 'a', 'b'`; empty if there are none."""
    distinct = dict.fromkeys(names)
    quoted = ", ".join(f"'{name}'" for name in distinct)
    return f"{plural(noun) if len(distinct) > 1 else noun} {quoted}" if quoted else ""


def plural(noun: str) -> str:
    """Several of a noun: `accounts`, `queries`."""
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
