"""What the target stores, beside what the SDK's own reader and validator make of the same lines.

Cases are columns: a JSON schema with values as JSON text, so that numbers come in every spelling. Each
case is judged by itself; those that are taken are loaded together into one real dataset.
"""

from __future__ import annotations

import io
import tempfile
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from singer_sdk.exceptions import InvalidRecord
from singer_sdk.singerlib.json import deserialize_json
from singer_sdk.sinks.core import JSONSchemaValidator
from support.column_cases import Case, an_object, cases
from support.singer_messages import lines, read

from dataset_store import dataset_id, open_store
from dataset_store.schema import is_json_text
from target_dataset.decode import RecordDecoder
from target_dataset.errors import InvalidRecordError
from target_dataset.messages import read_message
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

CASES = 25
"""How many are loaded at once: most of the time goes into the making of the dataset."""


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    return [leaf for part in value for leaf in leaves(part)] if isinstance(value, list) else [value]


def whole(value: Any) -> Any:
    """The value with integers that are spelled as decimals as integers, which the SDK refuses."""
    if isinstance(value, dict):
        return {name: whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [whole(part) for part in value]
    return (
        int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value
    )


def is_allowed(validator: JSONSchemaValidator, value: Any) -> bool:
    with suppress(InvalidRecord, ArithmeticError):
        validator.validate({"v": value})
        return True
    return False


def instant(text: Any) -> datetime | None:
    with suppress(AttributeError, ValueError):
        found = datetime.fromisoformat(text.upper())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return None


def is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def is_no_decimal(whole: int, scale: int, leaf: Any) -> bool:
    """Whether a decimal of that many digits before and behind the point does not hold a value."""
    try:
        steps = Decimal(str(leaf)).scaleb(scale, Context(prec=1000))
        return steps.adjusted() >= whole + scale or steps != steps.to_integral_value()
    except ArithmeticError:
        return True


STATED: dict[str, Callable[[Any], bool]] = {
    "not a decimal of at most 19 digits, 0 of them after the point": partial(is_no_decimal, 19, 0),
    "not a decimal of at most 38 digits, 9 of them after the point": partial(is_no_decimal, 29, 9),
    "not a 64-bit integer": lambda leaf: is_number(leaf) and not -(2**63) <= leaf < 2**63,
    "not a number in a double's range": lambda leaf: (
        is_number(leaf) and abs(leaf) > Decimal("1.79769e308")
    ),
    "not a date from year 1 to 9999": lambda leaf: not instant(leaf) or "T" in leaf,
}
"""What the README says that columns cannot hold: the end of the message, and when it is true."""


def is_stated(error: str, value: Any) -> bool:
    return any(
        reason in error and any(map(is_unfit, leaves(value))) for reason, is_unfit in STATED.items()
    )


def is_taken(case: Case, value: str, nested: str) -> bool:
    """Whether the target takes a value, which has to agree with the SDK's validator."""
    line = f'{{"type":"SCHEMA","stream":"s","schema":{{"properties":{{"v":{case.schema}}}}}}}'
    _, message = read_message(line.encode())
    assert isinstance(message, dict)
    decoder = RecordDecoder("s", message["schema"], nested=nested)  # type: ignore[arg-type]
    validator = JSONSchemaValidator(deserialize_json(line)["schema"])
    found = parsed(value)
    allowed = is_allowed(validator, found) or is_allowed(validator, whole(found))
    refusal = refusal_of(decoder, value)
    if refusal is None:
        assert allowed or has_wide_steps(case.schema)
    else:
        assert not allowed or is_stated(refusal, found), refusal
    return refusal is None


def refusal_of(decoder: RecordDecoder, value: str) -> str | None:
    try:
        decoder.decode([f'{{"v": {value}}}'.encode()], [1])
    except InvalidRecordError as error:
        return str(error)
    return None


def has_wide_steps(json_schema: str) -> bool:
    """Whether the SDK's validator divides, which it does by 28 digits, and else gives up."""
    return "multipleOf" in json_schema


def equal(field: pa.Field, stored: Any, wanted: Any) -> bool:
    """Whether a stored value is what the SDK has read: numbers by their digits, times as instants."""
    if stored is None or wanted is None:
        return stored is None and wanted is None
    return next(rule for kind, rule in RULES.items() if isinstance(stored, kind))(
        field, stored, wanted
    )


def equal_text(field: pa.Field, stored: str, wanted: Any) -> bool:
    if isinstance(wanted, str) and not is_json_text(field):
        return stored == wanted
    return identical(parsed(stored), wanted)


def parsed(text: str) -> Any:
    """A JSON value as the SDK reads it."""
    return deserialize_json(f'{{"v":{text}}}')["v"]


RULES: dict[type, Callable[[pa.Field, Any, Any], bool]] = {
    str: equal_text,
    bool: lambda _, stored, wanted: stored is wanted,
    int: lambda _, stored, wanted: is_number(wanted) and stored == wanted,
    Decimal: lambda _, stored, wanted: (
        (is_number(wanted) or isinstance(wanted, str)) and stored == Decimal(wanted)
    ),
    float: lambda _, stored, wanted: is_number(wanted) and stored == float(wanted),
    datetime: lambda _, stored, wanted: stored == instant(wanted),
    date: lambda _, stored, wanted: stored == date.fromisoformat(wanted),
    dict: lambda field, stored, wanted: all(
        equal(part, stored[part.name], wanted.get(part.name)) for part in field.type
    ),
    list: lambda field, stored, wanted: (
        len(stored) == len(wanted)
        and all(equal(field.type.value_field, *pair) for pair in zip(stored, wanted, strict=True))
    ),
}
"""By the type of the stored value; the first that fits holds."""


def identical(found: Any, wanted: Any) -> bool:
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(identical(found[n], wanted[n]) for n in found)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(identical, found, wanted))
    return type(found) is type(wanted) and str(found) == str(wanted)


def check(found: list[Case], config: dict[str, Any]) -> None:
    nested = config["nested"]
    taken = [
        Case(case.schema, [value for value in case.values if is_taken(case, value, nested)])
        for case in found
    ]
    properties = {f"p{number}": case.schema for number, case in enumerate(taken)}
    rows = [
        {name: case.values[row] for name, case in zip(properties, taken, strict=True) if row < len(case.values)}
        for row in range(3)
    ]  # fmt: skip
    header = an_object({"id": '{"type": "integer"}', **properties})
    messages = [
        f'{{"type":"SCHEMA","stream":"s","schema":{{"properties":{header}}},"key_properties":["id"]}}',
        *(
            f'{{"type":"RECORD","stream":"s","record":{an_object({"id": str(number), **row})}}}'
            for number, row in enumerate(rows)
        ),
    ]
    with tempfile.TemporaryDirectory() as folder:
        TargetDataset(config={"store": folder, **config}).listen(io.StringIO(lines(messages)))
        dataset = open_store(folder).find(dataset_id("s"))
        assert dataset
        schema = dataset.schema
        stored = {row["id"]: row for row in read(dataset)}
    assert stored.keys() == set(range(len(rows)))
    for number, line in enumerate(messages[1:]):
        wanted = deserialize_json(line)["record"]
        for name, json_schema in properties.items():
            values = (stored[number][name], wanted.get(name))
            assert equal(schema.field(name), *values), (json_schema, values)


configs = st.fixed_dictionaries(
    {
        "nested": st.sampled_from(["json", "struct"]),
        "load_method": st.sampled_from(["upsert", "overwrite"]),
    }
)
several = st.lists(cases(), min_size=CASES, max_size=CASES)
found_only = [Phase.explicit, Phase.reuse, Phase.generate]
"""Without shrinking, which takes minutes; the message has the column and the values."""
slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


@settings(max_examples=500 // CASES, suppress_health_check=slow, phases=found_only)
@given(several, configs)
def test_the_target_agrees_with_the_sdk(found: list[Case], config: dict[str, Any]) -> None:
    check(found, config)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@settings(max_examples=20_000 // CASES, suppress_health_check=slow, phases=found_only)
@given(several, configs)
def test_the_target_agrees_with_the_sdk_in_many_cases(
    found: list[Case], config: dict[str, Any]
) -> None:
    check(found, config)
