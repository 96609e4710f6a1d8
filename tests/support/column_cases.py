"""Generated columns: JSON schemas with values as JSON text, so that numbers come in every spelling."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import NamedTuple

from hypothesis import strategies as st


class Case(NamedTuple):
    """A column and its values, all as JSON text."""

    schema: str
    values: list[str]


digits = st.integers(-(10**30), 10**30) | st.integers(2**53 - 3, 2**53 + 9) | st.integers(-9, 9)
near_limits = st.sampled_from([2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**308, 10**309])
integers = (digits | near_limits).map(str)
spelled = st.builds("{}{}".format, integers, st.sampled_from([".0", ".00", "e0", "E2", "e+1"]))
precise = st.integers(2**53 + 1, 2**63 - 1).map(lambda number: f"{number | 1}.0")
fractions = st.decimals(-(10**20), 10**20, allow_nan=False, allow_infinity=False).map(str)
doubles = st.floats(allow_nan=False, allow_infinity=False).map(repr)
numbers = (
    integers | spelled | fractions | doubles | st.sampled_from(["-0.0", "1.10", "1e400", "1E-400"])
)
moments = st.datetimes(timezones=st.none() | st.just(UTC)).map(datetime.isoformat)
dates = st.dates().map(date.isoformat)
strings = (st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | moments | dates).map(
    lambda text: json.dumps(text, ensure_ascii=len(text) % 2 == 0)
)
scalars = st.sampled_from(["null", "true", "false"]) | numbers | strings


def array(elements: list[str]) -> str:
    return f"[{', '.join(elements)}]"


def an_object(members: dict[str, str]) -> str:
    return f"{{{','.join(f'{json.dumps(name)}: {text}' for name, text in members.items())}}}"


names = st.sampled_from(["a", "b", "ä\n"])
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(array)
        | st.dictionaries(names, inner, max_size=3).map(an_object)
    ),
    max_leaves=5,
)

TYPES: dict[str, st.SearchStrategy[str]] = {
    "integer": precise | integers | spelled | precise,
    "number": numbers,
    "boolean": st.sampled_from(["true", "false"]),
    "string": strings,
    "object": st.dictionaries(names, anything, max_size=3).map(an_object),
    "array": st.lists(anything, max_size=3).map(array),
    "null": st.just("null"),
}
FORMATS = {"date-time": moments, "date": dates, "x-singer.decimal": numbers}
bounds = st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])
precisions = st.sampled_from([{}, {"precision": "19"}, {"precision": "38", "scale": "9"}])
steps = st.sampled_from(["1", "0.01", "0.10", "2", "1e-5"])


@st.composite
def columns(draw: st.DrawFn, deep: bool = True) -> tuple[dict[str, str], st.SearchStrategy[str]]:
    """A schema, its keywords as JSON, and values that fit it more often than not."""
    alone = draw(st.sampled_from([True, True, True, False]))
    name = st.sampled_from(sorted(TYPES))
    types = [draw(name)] if alone else draw(st.lists(name, max_size=3, unique=True))
    keywords = {"type": json.dumps(types)} if types else {}
    values = st.one_of(*[TYPES[name] for name in types]) if types else anything
    is_bounded = draw(st.booleans())
    if is_bounded and types and set(types) <= {"integer", "number", "null"}:
        keywords |= draw(st.dictionaries(bounds, numbers, max_size=1))
        keywords |= draw(st.dictionaries(st.just("multipleOf"), steps, max_size=1))
        keywords |= draw(precisions)
    if types == ["string"] or set(types) == {"string", "null"}:
        form = draw(st.sampled_from([None, *FORMATS]))
        if form:
            keywords["format"] = json.dumps(form)
            values = FORMATS[form].map(json.dumps) | st.just('"x"')
        if form == "x-singer.decimal":
            keywords |= draw(precisions)
    if types == ["object"] and deep:
        inner = draw(st.dictionaries(st.sampled_from("ab"), columns(deep=False), min_size=1))
        keywords["properties"] = an_object(
            {name: an_object(part[0]) for name, part in inner.items()}
        )
        values = st.fixed_dictionaries(
            {}, optional={name: part[1] for name, part in inner.items()}
        ).map(an_object)
    if types == ["array"] and deep:
        element, values = draw(columns(deep=False))
        keywords["items"] = an_object(element)
        values = st.lists(values, max_size=3).map(array)
    if draw(st.integers(0, 9)) == 0:
        keywords["enum"] = array(draw(st.lists(values, min_size=1, max_size=4)))
    return keywords, st.one_of(*[values] * 9, anything)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    keywords, values = draw(columns())
    return Case(an_object(keywords), draw(st.lists(values, min_size=1, max_size=3)))
