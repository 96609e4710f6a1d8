"""JSON numbers without loss: a double only if it is spelled as in the input.

Taps built with the Meltano SDK write decimals as JSON numbers. An integer can arrive as
`9007199254740993.0`, which a double would change.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

_EXACT_DIGITS: Final = 15
"""Numbers with no more digits than this before the point are below 2**53."""

_MAX_DIGITS: Final = 100
"""The maximum length of integers made from numbers with an exponent."""


class NumberError(ValueError):
    """A number whose exponent is too large even for decimals."""


def _out_of_range() -> NumberError:
    return NumberError("a number is out of range")


class SpelledNumber(Decimal):
    """A decimal that JSON spells differently from `Decimal`: `1E5`, `0.00000001`.

    Unlike other decimals, it supports arithmetic with doubles, which gives a double. Otherwise,
    an expression of a stream map would work for `1.5` and fail for `1.50`.
    """

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> Self:
        """Parse a number as spelled in JSON.

        Raises:
            NumberError: Its exponent is too large.
        """
        try:
            number = super().__new__(cls, text)
        except InvalidOperation:
            raise _out_of_range() from None
        number.text = text
        return number

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[type[SpelledNumber], tuple[str]]:
        return SpelledNumber, (self.text,)


def _operation(name: str) -> Callable[..., Any]:
    of_decimals, of_doubles = getattr(Decimal, name), getattr(float, name)

    def operate(number: SpelledNumber, *others: Any) -> Any:
        if any(isinstance(other, float) for other in others):
            return of_doubles(float(number), *others)
        result = of_decimals(number, *others)
        return SpelledNumber(str(result)) if isinstance(result, Decimal) else result

    return operate


_BINARY: Final = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
for _name in ("neg", "pos", "abs", "round", *_BINARY, *(f"r{name}" for name in _BINARY)):
    setattr(SpelledNumber, f"__{_name}__", _operation(f"__{_name}__"))


def spelled_number(text: str) -> float | SpelledNumber:
    """A number with a fraction or an exponent: a double if it is spelled the same."""
    double = float(text)
    return double if repr(double) == text and "e" not in text else SpelledNumber(text)


def exact_number(text: str) -> float | Decimal:
    """The same, but a plain decimal if it is spelled the same.

    The validator and Arrow accept plain decimals only, and parsing them is faster. The validator,
    jsonschema-rs 0.60, compares them with bounds as doubles, so those beyond 2**53 are left to
    `plain_numbers`.
    """
    double = float(text)
    if repr(double) == text and "e" not in text:
        return double
    try:
        plain = Decimal(text)
    except InvalidOperation:
        raise _out_of_range() from None
    is_plain = plain.adjusted() < _EXACT_DIGITS and str(plain) == text
    return plain if is_plain else SpelledNumber(text)


def plain_numbers(value: Any) -> Any:
    """A copy of a JSON value whose numbers lose their spelling; whole ones become integers.

    Raises:
        RecursionError: The value is nested too deeply.
    """
    return _converted(value, _plain)


def decimal_numbers(value: Any) -> Any:
    """A copy of a JSON value as singer-sdk reads it: numbers that are not integers are decimals.

    Raises:
        RecursionError: The value is nested too deeply.
    """
    return _converted(value, _decimal)


def _converted(value: Any, convert: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name: _converted(part, convert) for name, part in value.items()}
    if isinstance(value, list):
        return [_converted(part, convert) for part in value]
    return convert(value)


def _plain(value: Any) -> Any:
    if not isinstance(value, SpelledNumber):
        return value
    is_integer = value.adjusted() < _MAX_DIGITS and value == value.to_integral_value()
    return int(value) if is_integer else Decimal(value)


def _decimal(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value))
    return Decimal(value) if isinstance(value, SpelledNumber) else value


def as_spelled(value: Any) -> msgspec.Raw | str:
    """A hook for `msgspec`: writes numbers as they were spelled, and other types as text."""
    return msgspec.Raw(value.text.encode()) if isinstance(value, SpelledNumber) else str(value)
