"""What can go wrong while X is read, by what a run does about it.

Every text tells a user what happened and the fix; none holds a token, a message text or the body
of an answer.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from singer_sdk.exceptions import RetriableAPIError

from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import requests


NOT_AGAIN: Final = (
    "X may have charged for it, so this run does not request it again; the next run resumes here."
)
"""The end of the line about an answer that was not read to its end."""

BEGIN_ANEW: Final = (
    "Start over without it: `meltano state clear` with the id of the state, or no --state."
)


class TapError(UserError):
    """Base of all errors of the tap: the stream ends here, other streams go on."""


class SettingError(TapError):
    """A setting is missing, contradicts another one, or names what is not there."""


class MissingSettingError(SettingError):
    """A stream cannot do without a setting that is not there."""


class InputDatasetError(TapError):
    """The input dataset cannot serve a lookup."""


class StateError(TapError):
    """The state is not one that the tap has written."""

    def __init__(self, where: str, hint: str = BEGIN_ANEW) -> None:
        super().__init__(f"The state is damaged at '{where}'. {hint}")


class StreamMapError(TapError):
    """A stream map fails on a row."""


class AuthError(TapError):
    """X does not accept the credentials."""


class AccessError(TapError):
    """The credentials are good, but X does not allow this with them."""


class AppAccessError(AccessError):
    """X refuses the app, or this kind of credentials: no account's login fixes it."""


class ContractError(TapError):
    """The X app has no access to an API that takes a contract, whoever asks.

    Args:
        message: For the user.
        otherwise: What the refusal means instead, where X has answered others in the run.
    """

    def __init__(self, message: str, otherwise: str) -> None:
        super().__init__(message)
        self.otherwise = otherwise


class CapError(TapError):
    """Money or a quota is used up: waiting does not help."""


class CreditsError(CapError):
    """The money is used up, without which X gives nothing at all."""


class WaitTooLongError(TapError):
    """A limit holds on longer than the settings allow to wait, or longer than is sensible."""


class InvalidRequestError(TapError):
    """X calls the request itself wrong.

    Args:
        message: For the user.
        refusals: By the name of the parameter that X objects to: X's words about it. They may hold
            what was asked, so they stay out of the message.
    """

    def __init__(self, message: str, refusals: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.refusals = dict(refusals or {})


class UnreachableError(TapError):
    """X gave no answer that serves in any of the tries, or cannot be asked at all."""


class BoughtInVainError(TapError):
    """An answer does not serve, and X has charged for it: another try would be charged, too."""


class UnreadableAnswerError(BoughtInVainError):
    """A complete answer holds objects, and is no JSON that could be read."""


class UnboundedAnswerError(TapError):
    """An answer exceeds what the settings allow; X may have charged for it."""


class SlowAnswerError(UnboundedAnswerError):
    """An answer has begun, and was not complete in time.

    Args:
        origin: The server's address.
        seconds: How long it was waited for.
    """

    def __init__(self, origin: str, seconds: float) -> None:
        super().__init__(
            f"The response from {origin} was not complete after {seconds:g} s "
            f"('api.timeout_seconds'). {NOT_AGAIN}"
        )


class OversizedAnswerError(UnboundedAnswerError):
    """An answer is larger than it may be.

    Args:
        origin: The server's address.
        megabytes: How large its body may be; None where it is the headers.
    """

    def __init__(self, origin: str, megabytes: float | None = None) -> None:
        limit = f"{megabytes:g} MB ('api.max_response_mb')" if megabytes else "the limit of headers"
        super().__init__(f"The response from {origin} exceeds {limit}. {NOT_AGAIN}")


class RedirectedError(TapError):
    """X's address leads elsewhere, where requests with their credentials are not sent."""


class NotSentError(TapError):
    """A request was not sent, as the run only takes what is answered already."""


class UnexpectedError(TapError):
    """A fault of the tap itself; the text says where, and holds nothing of the data."""


class TransientError(TapError, RetriableAPIError):
    """A fault that a later try may not meet."""

    def __init__(self, message: str, response: requests.Response | None = None) -> None:
        RetriableAPIError.__init__(self, message, response)


class GatewayError(TransientError):
    """Something that stands before X has refused the request; X itself has not seen it."""


class RateLimitError(TransientError):
    """Too many requests in a window; the answer's headers say when it ends."""


class AccountError(TapError):
    """X says that an account is suspended, protected or not there."""


ACCOUNT_FAILURES: Final = (AuthError, AccessError, AccountError)
"""Errors that are one account's own: what others ask X for is not touched by them."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What ended the reading of a stream, or of one account in it."""

    stream: str
    error: TapError
    account: str | None = None
    """The account that was read, or in whose name X was asked."""

    is_of_stream: bool = False
    """Whether it ended the stream as a whole."""

    @property
    def is_of_account(self) -> bool:
        """Whether it is a single account's own, so that others are not touched by it."""
        is_own = isinstance(self.error, ACCOUNT_FAILURES)
        is_app = isinstance(self.error, AppAccessError)
        return self.account is not None and is_own and not (is_app or self.is_of_stream)

    def __str__(self) -> str:
        """One line: where, what happened, and the fix."""
        return _line([self])


class OnAccountFailure(enum.StrEnum):
    """The values of the setting `on_account_failure`."""

    FAIL = "fail"
    WARN = "warn"


class RunError(UserError):
    """Streams or accounts failed while others went on to their end.

    Args:
        failures: What the text has in `summary`.
    """

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("\n".join(summary(failures)))


def summary(failures: Iterable[Failure]) -> list[str]:
    """A line for each cause: failures of one text, and of one account where they are its own."""
    causes: dict[tuple[str | None, str], list[Failure]] = {}
    for failure in failures:
        account = failure.account if failure.is_of_account else None
        causes.setdefault((account, str(failure.error)), []).append(failure)
    return [_line(each) for each in causes.values()]


def _line(failures: Sequence[Failure]) -> str:
    """Failures of one cause as one line."""
    streams = _listed("Stream", [each.stream for each in failures])
    accounts = _listed("account", [each.account for each in failures if each.account])
    whose = f" for {accounts}" if accounts else ""
    return f"{streams} failed{whose}: {failures[0].error}"


def _listed(noun: str, names: Sequence[str]) -> str:
    """Distinct names behind what they are names of: `streams 'a', 'b'`; nothing where none is."""
    distinct = dict.fromkeys(names)
    quoted = ", ".join(f"'{name}'" for name in distinct)
    return f"{noun}{'s' if len(distinct) > 1 else ''} {quoted}" if quoted else ""
