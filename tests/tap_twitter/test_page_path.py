"""How many turns the way of one page of posts takes through the modules of the tap."""

from __future__ import annotations

import re
import sys
from inspect import CO_GENERATOR
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support.timelines import BOOKS, NOON, Runs

import tap_twitter
from sandbox import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import CodeType, FrameType

COMPREHENSION = r"<(?:listcomp|setcomp|dictcomp|genexpr)>"
ROOT = f"{Path(tap_twitter.__file__).parent}/"


class Function(NamedTuple):
    """A function by its module; comprehensions are part of the function that they stand in."""

    module: str
    name: str

    @classmethod
    def of(cls, code: CodeType) -> Function:
        name = re.sub(rf"\.<locals>\.{COMPREHENSION}", "", code.co_qualname)
        return cls(code.co_filename.removeprefix(ROOT), name)


FROM = Function("api/requester.py", "Requester.fetch_worded")
TO = Function("singer/stream_output.py", "StreamOutput.write_record")


class Trace:
    """The calls of functions of the tap, each with the function of the tap that has made it."""

    def __init__(self) -> None:
        self.calls: list[tuple[Function, Function | None]] = []
        self._begun: set[FrameType] = set()

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(ROOT):
            return
        if re.fullmatch(COMPREHENSION, frame.f_code.co_name):
            return
        if frame.f_code.co_flags & CO_GENERATOR:
            if frame in self._begun:
                return  # it is resumed
            self._begun.add(frame)
        caller = frame.f_back
        while caller and not caller.f_code.co_filename.startswith(ROOT):
            caller = caller.f_back
        self.calls.append(
            (Function.of(frame.f_code), Function.of(caller.f_code) if caller else None)
        )


def followed(calls: Sequence[tuple[Function, Function | None]]) -> Iterator[Function]:
    """The functions that a reader follows: once each, and those alone that lead to other modules.

    A function that leads nowhere else, as one that turns a time into text, is looked up in passing.
    """
    leading = {caller for each, caller in calls if caller and caller.module != each.module}
    yield from dict.fromkeys(each for each, _ in calls if each in leading)


def returns(path: Sequence[Function]) -> list[Function]:
    """The functions by which the path enters a module that it has left before."""
    found, left, current = [], set(), None
    for each in path:
        if each.module == current:
            continue
        if each.module in left:
            found.append(each)
        if current:
            left.add(current)
        current = each.module
    return found


@pytest.mark.parametrize(
    ("modules", "expected"),
    [("abc", ""), ("aab", ""), ("aba", "a"), ("abab", "ab"), ("abcbca", "bca")],
)
def test_returns_are_entries_into_modules_left_before(modules: str, expected: str) -> None:
    path = [Function(module, str(number)) for number, module in enumerate(modules)]
    assert "".join(each.module for each in returns(path)) == expected


def test_a_page_of_posts_takes_few_returns(tmp_path: Path) -> None:
    trace = Trace()
    with running(clock_start=NOON, clock_ticking=False) as sandbox:
        runs = Runs(sandbox, tmp_path)
        sys.setprofile(trace)
        try:
            runs.run(BOOKS, start_date="2026-03-01")
        finally:
            sys.setprofile(None)
    assert len(runs.given) > 1
    functions = [each for each, _ in trace.calls]
    first = functions.index(FROM)
    last = len(functions) - functions[::-1].index(TO)
    path = list(followed(trace.calls[first:last]))
    assert {each.module for each in path} >= {
        "api/requester.py",
        "api/client.py",
        "cost/ledger.py",
        "objects/post_columns.py",
    }
    assert len(returns(path)) <= 5, "\n".join(f"{each.module} {each.name}" for each in path)
