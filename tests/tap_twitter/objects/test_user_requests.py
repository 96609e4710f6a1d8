from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.api.endpoints import USERS, Endpoint
from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.errors import InvalidRequestError, TransientError
from tap_twitter.objects.user_references import Kind, Reference
from tap_twitter.objects.user_requests import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_twitter.objects.user_answers import Answer

REFUSED = "X calls the request invalid."
TOO_LARGE = "The `ids` query parameter value [666] is too large"


class Refusing:
    """X, as far as it answers for ids and refuses requests that hold one of some values."""

    def __init__(self, refused: set[str]) -> None:
        self.refused = refused
        self.requests: list[list[str]] = []

    def __call__(
        self,
        endpoint: Endpoint,
        params: Callable[[Vocabulary], Mapping[str, str]],
        read: Callable[[dict[str, Any]], dict[Reference, Answer]],
    ) -> dict[Reference, Answer]:
        assert endpoint is USERS
        asked = params(Vocabulary.TWEET)["ids"].split(",")
        self.requests.append(asked)
        if self.refused.intersection(asked):
            raise InvalidRequestError(REFUSED, {"ids": TOO_LARGE})
        return read({"data": [{"id": each, "username": f"u{each}"} for each in asked]})


def ids(*numbers: int) -> list[Reference]:
    return [Reference(Kind.ID, str(number)) for number in numbers]


@given(st.sets(st.integers(1, 500), min_size=1, max_size=100), st.data())
def test_values_that_x_refuses_do_not_spoil_the_others(numbers: set[int], data: Any) -> None:
    refused = data.draw(st.sets(st.sampled_from(sorted(numbers)), max_size=5))
    x = Refusing({str(number) for number in refused})
    answers = ask(x, Kind.ID, ids(*numbers))
    assert set(answers) == set(ids(*numbers))
    for number in numbers:
        answer = answers[Reference(Kind.ID, str(number))]
        expected = ("invalid", TOO_LARGE) if number in refused else ("found", None)
        assert (answer.status, answer.detail) == expected
    assert len(x.requests) <= 1 + 14 * len(refused)


def test_a_refusal_of_other_parameters_is_no_answer() -> None:
    def refuse(endpoint: Endpoint, params: Any, read: Any) -> dict[Reference, Answer]:
        raise InvalidRequestError(REFUSED, {"user.fields": "unknown"})

    with pytest.raises(InvalidRequestError):
        ask(refuse, Kind.ID, ids(1, 2))


@pytest.mark.parametrize(
    "body",
    [{}, {"data": []}, {"data": [{"id": "7"}]}, {"errors": [{"title": "Forbidden"}]}],
    ids=["empty", "no-users", "other-users", "error-about-nobody"],
)
def test_an_answer_about_none_of_several_is_a_fault(body: dict[str, Any]) -> None:
    def answer(
        endpoint: Endpoint, params: Any, read: Callable[[dict[str, Any]], dict[Reference, Answer]]
    ) -> dict[Reference, Answer]:
        return read(body)

    with pytest.raises(TransientError, match="names none of the 2 users"):
        ask(answer, Kind.ID, ids(1, 2))
    assert ask(answer, Kind.ID, ids(1))[ids(1)[0]].status == "unanswered"
