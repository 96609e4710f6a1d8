"""Requests for users: a hundred at a time, fewer if X refuses one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.v2 import USERS, USERS_BY
from tap_twitter.errors import InvalidRequestError, TransientError
from tap_twitter.objects.user_answers import INVALID, UNANSWERED, Answer, Answers
from tap_twitter.objects.user_fields import user_fields
from tap_twitter.objects.user_references import Kind, Reference, query_value, why_invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.api.requester import Requester
    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.auth.account import Account

    FoundAnswers = dict[Reference, Answer]

ENDPOINT_OF: Final[Mapping[Kind, Endpoint]] = {Kind.ID: USERS, Kind.USERNAME: USERS_BY}
"""The endpoint for each kind that can be requested."""

PARAMETER_OF: Final[Mapping[Kind, str]] = {Kind.ID: "ids", Kind.USERNAME: "usernames"}
"""The endpoint's parameter with the list."""


def ask(
    requester: Requester, account: Account, kind: Kind, references: Sequence[Reference]
) -> FoundAnswers:
    """Request references of one kind from X; each gets an answer.

    One refused value fails the whole request. X does not bill it, so halves are requested until
    the value stands alone; its answer is X's refusal.

    Raises:
        TapError: X gives no usable response.
    """
    if kind is Kind.INVALID:
        return {each: Answer(INVALID, why_invalid(each.value)) for each in references}
    parameter = PARAMETER_OF[kind]
    try:
        return requester.fetch_worded(
            ENDPOINT_OF[kind],
            _params(kind, references),
            lambda body: _answers(body, references),
            account,
        )
    except InvalidRequestError as error:
        if parameter not in error.refusals:
            raise
        if len(references) == 1:
            return {references[0]: Answer(INVALID, error.refusals[parameter] or str(error))}
    middle = len(references) // 2
    first, second = (
        ask(requester, account, kind, half) for half in (references[:middle], references[middle:])
    )
    return first | second


def prefetch(
    requester: Requester, account: Account, kind: Kind, references: Sequence[Reference]
) -> None:
    """Send the first request of `ask` ahead of it."""
    if kind is not Kind.INVALID:
        requester.prefetch(ENDPOINT_OF[kind], _params(kind, references), account)


def _params(
    kind: Kind, references: Sequence[Reference]
) -> Callable[[Vocabulary], Mapping[str, str]]:
    asked = ",".join(map(query_value, references))
    return lambda words: {PARAMETER_OF[kind]: asked, "user.fields": user_fields(words)}


def _answers(body: Mapping[str, Any], references: Sequence[Reference]) -> dict[Reference, Answer]:
    """The answer to each reference.

    Raises:
        TransientError: None of several is answered: a fault of X that would fill a hundred rows.
    """
    answers = Answers(body)
    found = {reference: answers.about(reference) for reference in references}
    if len(found) > 1 and all(answer.status == UNANSWERED for answer in found.values()):
        msg = f"X's response names none of the {len(found)} requested users (HTTP 200)."
        raise TransientError(msg)
    return found
