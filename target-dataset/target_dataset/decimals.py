"""Decimals of a declared precision, parsed exactly from numbers and text."""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

_SPELLED: Final = re.compile(
    r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?|nan|inf(?:inity)?)", re.IGNORECASE
)
"""Text of a decimal. Python accepts more, such as `1_000` and digits of other scripts."""

_EXACT: Final = Context(prec=38, traps=[Inexact, InvalidOperation])


def decimal_rule(data_type: pa.DataType) -> Callable[[Any], Decimal | None]:
    """The conversion of JSON values into the values of a decimal column.

    Args:
        data_type: The column's type.

    Returns:
        A function that takes numbers and text of numbers; `NaN` and `Infinity` become null. It
        raises `TypeError`, `ValueError` or `ArithmeticError` if a value is not a number or
        has more digits than the column.
    """
    most_whole = data_type.precision - data_type.scale
    last_place = Decimal(1).scaleb(-data_type.scale)
    zero = Decimal(0)

    def rule(value: Any) -> Decimal | None:
        number = _number(value)
        if number is None or not number.is_finite():
            return None
        if not number:
            return zero
        # checked before the digits are written out: 1E999999999 would exceed any memory
        if number.adjusted() >= most_whole:
            raise OverflowError
        return _EXACT.quantize(number, last_place)

    return rule


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        text = value.strip()
        if not _SPELLED.fullmatch(text):
            raise ValueError
        return Decimal(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    # the digits that the double was parsed from
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
