from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.api.endpoints.v2 import USERS
from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.auth.account import Account
from tap_twitter.errors import InvalidRequestError, TransientError
from tap_twitter.objects.user_references import Kind, Reference
from tap_twitter.objects.user_requests import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.api.requester import Requester
    from tap_twitter.objects.user_answers import Answer

REFUSED = "X calls the request invalid."
TOO_LARGE = "The `ids` query parameter value [666] is too large"


class Refusing:
    """X, as far as it answers for ids and refuses requests that hold one of some values."""

    def __init__(self, refused: set[str]) -> None:
        self.refused = refused
        self.requests: list[list[str]] = []

    def fetch_worded(
        self,
        endpoint: Endpoint,
        params: Callable[[Vocabulary], Mapping[str, str]],
        read: Callable[[dict[str, Any]], dict[Reference, Answer]],
        account: Account,
    ) -> dict[Reference, Answer]:
        assert endpoint is USERS
        values = params(Vocabulary.TWEET)["ids"].split(",")
        self.requests.append(values)
        if self.refused.intersection(values):
            raise InvalidRequestError(REFUSED, {"ids": TOO_LARGE})
        return read({"data": [{"id": each, "username": f"u{each}"} for each in values]})


class Answering(Refusing):
    """X, as far as it gives one answer, or one refusal, to everything."""

    def __init__(self, answer: dict[str, Any] | InvalidRequestError) -> None:
        self.answer = answer

    def fetch_worded(self, *args: Any) -> dict[Reference, Answer]:
        if isinstance(self.answer, InvalidRequestError):
            raise self.answer
        found: dict[Reference, Answer] = args[2](self.answer)
        return found


def asked(x: Refusing, *numbers: int) -> dict[Reference, Answer]:
    return ask(cast("Requester", x), Account("ann"), Kind.ID, ids(*numbers))


def ids(*numbers: int) -> list[Reference]:
    return [Reference(Kind.ID, str(number)) for number in numbers]


@given(st.sets(st.integers(1, 500), min_size=1, max_size=100), st.data())
def test_values_that_x_refuses_do_not_spoil_the_others(numbers: set[int], data: Any) -> None:
    refused = data.draw(st.sets(st.sampled_from(sorted(numbers)), max_size=5))
    x = Refusing({str(number) for number in refused})
    answers = asked(x, *numbers)
    assert set(answers) == set(ids(*numbers))
    for number in numbers:
        answer = answers[Reference(Kind.ID, str(number))]
        expected = ("invalid", TOO_LARGE) if number in refused else ("found", None)
        assert (answer.status, answer.detail) == expected
    assert len(x.requests) <= 1 + 14 * len(refused)


def test_a_refusal_of_other_parameters_is_no_answer() -> None:
    x = Answering(InvalidRequestError(REFUSED, {"user.fields": "unknown"}))
    with pytest.raises(InvalidRequestError):
        asked(x, 1, 2)


@pytest.mark.parametrize(
    "body",
    [{}, {"data": []}, {"data": [{"id": "7"}]}, {"errors": [{"title": "Forbidden"}]}],
    ids=["empty", "no-users", "other-users", "error-about-nobody"],
)
def test_an_answer_about_none_of_several_is_a_fault(body: dict[str, Any]) -> None:
    x = Answering(body)
    with pytest.raises(TransientError, match="names none of the 2 requested users"):
        asked(x, 1, 2)
    assert asked(x, 1)[ids(1)[0]].status == "unanswered"
