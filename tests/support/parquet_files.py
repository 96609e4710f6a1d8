"""Parquet files of odd types, as other writers make them, and damaged ones."""

from __future__ import annotations

import decimal
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

UNITS = ("s", "ms", "us", "ns")
ZONES = (None, "UTC", "Europe/Berlin", "+05:30", "Mars/Phobos")


def whole(bits: int) -> Callable[[random.Random], int]:
    return lambda rng: rng.choice(
        [0, 1, -1, 2 ** (bits - 1) - 1, -(2 ** (bits - 1)), rng.getrandbits(bits - 1)]
    )


def leaf(rng: random.Random) -> tuple[pa.DataType, Callable[[random.Random], Any]]:
    """A type without parts, and what makes its values, as the integers behind times and dates."""
    unit, zone = rng.choice(UNITS), rng.choice(ZONES)
    return rng.choice(
        [
            (pa.timestamp(unit, zone), lambda rng: rng.getrandbits(rng.choice([40, 63]))),
            (pa.date32(), lambda rng: rng.randrange(-(2**31), 2**31)),
            (pa.date64(), lambda rng: rng.randrange(-(2**20), 2**20) * 86_400_000),
            (pa.time32(rng.choice(["s", "ms"])), lambda rng: rng.randrange(86_400)),
            (pa.time64(rng.choice(["us", "ns"])), lambda rng: rng.randrange(86_400_000_000)),
            (pa.duration(unit), lambda rng: rng.randrange(-(2**62), 2**62)),
            (pa.decimal128(38, 4), lambda rng: decimal.Decimal(rng.getrandbits(100)) / 10_000),
            (pa.decimal256(70, 2), lambda rng: decimal.Decimal(rng.getrandbits(200)) / 100),
            (pa.uint64(), lambda rng: rng.getrandbits(64)),
            (pa.int8(), whole(8)),
            (pa.int64(), whole(64)),
            (pa.float32(), lambda rng: rng.choice([0.1, float("nan"), float("inf"), -0.0])),
            (pa.float64(), lambda rng: rng.random()),
            (pa.bool_(), lambda rng: rng.random() < 0.5),
            (pa.string(), lambda rng: "é😀" * rng.randrange(4)),
            (pa.large_string(), lambda rng: "a" * rng.randrange(200)),
            (pa.string_view(), lambda rng: "b" * rng.randrange(20)),
            (pa.binary(), lambda rng: rng.randbytes(rng.randrange(9))),
            (pa.large_binary(), lambda rng: rng.randbytes(rng.randrange(9))),
            (pa.binary(4), lambda rng: rng.randbytes(4)),
            (pa.null(), lambda _rng: None),
        ]
    )  # fmt: skip


def odd(rng: random.Random, depth: int = 0) -> tuple[pa.DataType, Callable[[random.Random], Any]]:
    """A type of any kind, and what makes its values."""
    kind = rng.choice(
        ["leaf"] * 3 + (["list", "large", "fixed", "map", "struct"] if depth < 2 else [])
    )
    if kind == "leaf":
        return leaf(rng)
    inner, make = odd(rng, depth + 1)
    if kind == "map":
        keys = rng.choice([pa.string(), pa.int32(), pa.date32()])
        return pa.map_(keys, inner), lambda rng: [
            (str(i) if keys == pa.string() else i, make(rng)) for i in range(rng.randrange(3))
        ]
    if kind == "struct":
        return pa.struct([("a", inner), ("b", pa.int64())]), lambda rng: {"a": make(rng), "b": 1}
    size = 2 if kind == "fixed" else 0
    data_type = {
        "list": pa.list_(inner),
        "large": pa.large_list(inner),
        "fixed": pa.list_(inner, 2),
    }
    return data_type[kind], lambda rng: [make(rng) for _ in range(size or rng.randrange(4))]


def odd_table(rng: random.Random) -> pa.Table:
    """A table of a column `id` and some of odd types."""
    rows = rng.choice([1, 3, 50])
    columns: dict[str, pa.Array] = {"id": pa.array(range(rows), pa.int64())}
    for number in range(rng.randrange(1, 4)):
        data_type, make = odd(rng)
        values = [None if rng.random() < 0.2 else make(rng) for _ in range(rows)]
        column = pa.array(values, data_type)
        is_text = pa.types.is_string(data_type) or pa.types.is_int64(data_type)
        columns[f"c{number}"] = column.dictionary_encode() if is_text else column
    return pa.table(columns)


def written(table: pa.Table, rng: random.Random) -> bytes:
    """A table as a file, its layout chosen at random."""
    file = io.BytesIO()
    pq.write_table(
        table,
        file,
        compression=rng.choice(["snappy", "gzip", "zstd", "none"]),
        use_dictionary=rng.random() < 0.5,
        data_page_version=rng.choice(["1.0", "2.0"]),
        version=rng.choice(["1.0", "2.6"]),
        row_group_size=rng.choice([1, 7, 1000]),
        store_schema=rng.random() < 0.7,
        coerce_timestamps=rng.choice([None, None, "us"]),
        allow_truncated_timestamps=True,
        use_deprecated_int96_timestamps=rng.random() < 0.1,
    )
    return file.getvalue()


def damaged(content: bytes, rng: random.Random) -> bytes:
    """A file that was cut, or some of whose bits have flipped."""
    if rng.random() < 0.4:
        return content[: rng.randrange(len(content))]
    found = bytearray(content)
    for _ in range(rng.choice([1, 3, 20])):
        found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
    return bytes(found)
