"""Search queries: how X's are written, read into a test of one post.

https://docs.x.com/x-api/posts/search/integrate/build-a-query. Terms side by side must all hold, which
binds closer than `OR`; `-` negates; parentheses group. Operators are those of `search_operators`; any
other is refused in X's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.x import search_operators

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.x.search_operators import Seen

Test = Callable[["Seen"], bool]

_TOKEN: Final = re.compile(
    r"""\s+
    | (?P<sign>[()])
    | (?P<minus>-(?=[^\s)]))
    | (?P<operator>[A-Za-z_]+:(?:"[^"]*"|[^\s()"]+))
    | (?P<phrase>"[^"]*")
    | (?P<word>[@#$]?[^\s()"\[\]{}:]+)
    """,
    re.VERBOSE,
)
_STOPWORDS: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "but",
        "by",
        "com",
        "from",
        "http",
        "https",
        "if",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "or",
        "rt",
        "the",
        "this",
        "to",
        "too",
        "via",
        "we",
        "www",
        "you",
    ]
)


class QueryError(Exception):
    """A query that X refuses.

    Args:
        problems: What is wrong, each with the place where, counted from 1.
    """

    def __init__(self, *problems: tuple[str, int]) -> None:
        told = ", ".join(f"{text} (at position {position})" for text, position in problems)
        super().__init__(f"There were errors processing your request: {told}")


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class _Term:
    """A test, and what it is good for.

    Attributes:
        test: Whether a post matches.
        standalone: Whether it can be the only one in a query.
        positive: Whether it holds a term that is not negated.
    """

    test: Test
    standalone: bool
    positive: bool


def parse(query: str) -> Test:
    """A query as a test of one post.

    Raises:
        QueryError: If X would refuse it.
    """
    reader = _Reader(list(_tokens(query)), len(query))
    term = reader.either()
    reader.expect_end()
    if not term.positive:
        raise QueryError(
            ("Rules must contain a non-negation term", 1),
            ("Rules must contain at least one positive, non-stopword clause", 1),
        )
    if not term.standalone:
        if reader.conditions_only:
            raise QueryError(("is/has/lang cannot be used as a standalone operator", 1))
        raise QueryError(("Rules must contain at least one positive, non-stopword clause", 1))
    return term.test


def _tokens(query: str) -> Iterator[_Token]:
    place = 0
    while place < len(query):
        found = _TOKEN.match(query, place)
        if found is None:
            raise QueryError((f"no viable alternative at input '{query[place]}'", place + 1))
        if found.lastgroup:
            yield _Token(found.lastgroup, found[0], place + 1)
        place = found.end()


class _Reader:
    """Reads tokens from left to right.

    Args:
        tokens: What the query consists of.
        length: Its length.

    Attributes:
        conditions_only: Whether all that was read are operators that cannot stand alone.
    """

    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = tokens
        self._end = length + 1
        self.conditions_only = True

    def either(self) -> _Term:
        """Terms that are joined by `OR`."""
        terms = [self._all_of()]
        while self._peek().text == "OR":
            self._tokens.pop(0)
            terms.append(self._all_of())
        if len(terms) == 1:
            return terms[0]
        return _Term(
            lambda seen: any(term.test(seen) for term in terms),
            any(term.standalone for term in terms),
            any(term.positive for term in terms),
        )

    def expect_end(self) -> None:
        """Refuse what is left."""
        if self._tokens:
            token = self._tokens[0]
            raise QueryError((f"missing EOF at '{token.text}'", token.position))

    def _all_of(self) -> _Term:
        terms = [self._one()]
        while self._tokens and self._peek().text not in {")", "OR"}:
            terms.append(self._one())
        return _Term(
            lambda seen: all(term.test(seen) for term in terms),
            any(term.standalone for term in terms),
            any(term.positive for term in terms),
        )

    def _one(self) -> _Term:
        token = self._peek()
        if token.text in {"", ")", "OR"}:
            raise QueryError((f"no viable alternative at input '{token.text}'", token.position))
        self._tokens.pop(0)
        if token.kind == "minus":
            negated = self._one()
            return _Term(lambda seen: not negated.test(seen), standalone=False, positive=False)
        if token.text == "(":
            return self._group()
        return self._leaf(token)

    def _group(self) -> _Term:
        inner = self.either()
        closing = self._peek()
        if closing.text != ")":
            raise QueryError(("missing ')' at '<EOF>'", closing.position))
        self._tokens.pop(0)
        return inner

    def _leaf(self, token: _Token) -> _Term:
        if token.kind == "operator":
            test = search_operators.operator(token.text)
            if test is None:
                raise QueryError((_unknown(token.text), token.position))
            standalone = search_operators.stands_alone(token.text)
        else:
            if token.text in {"and", "AND", "or"}:
                raise QueryError((_ambiguous(token.text), token.position))
            test = search_operators.keyword(token.text)
            standalone = token.text.lower() not in _STOPWORDS
        self.conditions_only &= token.kind == "operator"
        return _Term(test, standalone, positive=True)

    def _peek(self) -> _Token:
        return self._tokens[0] if self._tokens else _Token("end", "", self._end)


def _unknown(text: str) -> str:
    name, _, value = text.partition(":")
    called = text if name in {"has", "is"} and value else name
    return (
        f"Reference to invalid operator '{called}'. Operator is not available in current product or "
        "product packaging. Please refer to complete available operator list at "
        "http://t.co/operators."
    )


def _ambiguous(word: str) -> str:
    lower = word.lower()
    join = "a space" if lower == "and" else "OR"
    return (
        f"Ambiguous use of {lower} as a keyword. Use {join} to logically join two clauses, or "
        f'"{lower}" to find occurrences of {lower} in text'
    )
