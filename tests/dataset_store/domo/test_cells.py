"""What goes into a dataset comes out of it: through our own reading, and through pydomo's export."""

from __future__ import annotations

import csv
import io
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydomo import Domo
from support.domo_stores import connected, rows_of

from dataset_store import DatasetError, DatasetSpec
from dataset_store.domo.csv_rows import csv_batch, write
from dataset_store.domo.labels import Description, parsed
from dataset_store.schema import JSON_TEXT, TIMESTAMP
from sandbox.domo.clients import CLIENT
from sandbox.domo.csv_dialect import parse

if TYPE_CHECKING:
    from dataset_store import Dataset, DatasetStore
    from sandbox import Sandbox

HOSTILE = [
    'a "quoted" word',
    '"',
    '""',
    "one\ntwo\r\nthree\rfour",
    "a,b;c\td",
    "back\\slash\\n",
    "",
    " ",
    "'",
    "=1+1",
    "é😀\u2028",
    "null",
    "NaN",
    "1844674407370955161",
    "0012",
    "x" * 1024,
    "y" * 4_000,
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20).map(
    lambda text: text.replace("\ufeff", "")
)


def read(dataset: Dataset) -> list[dict[str, Any]]:
    return [row for batch in dataset.read() for row in batch.to_pylist()]


@pytest.mark.tells_secrets("pydomo logs the body of every request at DEBUG")
def test_hostile_text_comes_out_as_it_went_in(store: DatasetStore, domo: Sandbox) -> None:
    domo.domo.set(cut_strings_at=None)
    rows = pa.table({"n": list(range(len(HOSTILE) + 1)), "text": [*HOSTILE, None]})
    dataset = store.create(DatasetSpec("hostile", rows.schema))
    dataset.append(rows)
    assert [row["text"] for row in read(store.open("hostile"))] == [*HOSTILE, None]
    host = urlsplit(domo.url).netloc
    theirs = Domo(CLIENT.client_id, CLIENT.client_secret, api_host=host, use_https=False)
    exported = theirs.datasets.data_export(dataset.id, include_csv_header=True)
    texts = [row["text"] for row in csv.DictReader(io.StringIO(exported, newline=""))]
    # Python's csv gives null and empty text alike
    assert texts == [*HOSTILE, ""]


@given(rows=st.lists(st.tuples(st.integers(0, 9), st.none() | TEXTS), min_size=1, max_size=8))
def test_any_text_is_written_as_domo_reads_it(rows: list[tuple[int, str | None]]) -> None:
    schema = pa.schema([("n", pa.int64()), ("text", pa.string())])
    batch = pa.RecordBatch.from_pydict(
        {"n": [n for n, _ in rows], "text": [text for _, text in rows]}, schema=schema
    )
    written = io.BytesIO()
    write(csv_batch(batch, schema), written)
    assert parse(written.getvalue(), 2) == [(str(n), text) for n, text in rows]


@pytest.mark.parametrize(
    ("data_type", "value", "stored", "back"),
    [
        (pa.int64(), 2**63 - 1, "9223372036854775807", 2**63 - 1),
        (pa.int32(), -7, "-7", -7),
        (pa.float64(), 1.5e-7, "0.00000015", 1.5e-7),
        (pa.float64(), 1e22, "10000000000000000000000", 1e22),
        (pa.float64(), 0.1, "0.1", 0.1),
        (pa.float64(), math.nan, None, None),
        (pa.float64(), -math.inf, None, None),
        (pa.decimal128(20, 10), Decimal("0.0000000001"), "0.0000000001", Decimal("1e-10")),
        (pa.decimal128(19, 0), Decimal(1844674407370955161), "1844674407370955161", None),
        (pa.bool_(), True, "true", "true"),
        (pa.date32(), date(1, 2, 3), "0001-02-03", date(1, 2, 3)),
        (pa.date32(), date(9999, 12, 31), "9999-12-31", date(9999, 12, 31)),
        (TIMESTAMP, datetime(2024, 2, 29, 23, 59, 59, 999999, UTC), "2024-02-29T23:59:59", None),
        (TIMESTAMP, datetime(1969, 12, 31, 23, 59, 59, 1, UTC), "1969-12-31T23:59:59", None),
        (pa.timestamp("ns"), datetime(2024, 1, 1), "2024-01-01T00:00:00", None),  # noqa: DTZ001
        (pa.binary(), b"\0\xff", "AP8=", "AP8="),
        (pa.list_(pa.string()), ['a"b', None], '["a\\"b",null]', '["a\\"b",null]'),
        (pa.struct([("a", pa.int64())]), {"a": 1}, '{"a":1}', '{"a":1}'),
        (pa.time64("us"), datetime(2024, 1, 1, 1, 2, 3).time(), "01:02:03.000000", None),  # noqa: DTZ001
        (pa.dictionary(pa.int8(), pa.string()), "red", "red", "red"),
    ],
    ids=str,
)
def test_types_and_spellings(
    data_type: pa.DataType,
    value: Any,
    stored: str | None,
    back: Any,
    store: DatasetStore,
    domo: Sandbox,
) -> None:
    rows = pa.table({"n": [1, 2], "value": pa.array([value, None], data_type)})
    dataset = store.create(DatasetSpec("typed", rows.schema))
    dataset.append(rows)
    ((_, first), (_, second)) = rows_of(domo, dataset.id)
    assert {first, second} == {stored, None}
    if back is not None:
        assert read(dataset)[0]["value"] == back


def test_json_keeps_its_spelling(store: DatasetStore, domo: Sandbox) -> None:
    schema = pa.schema([("n", pa.int64()), pa.field("any", pa.string(), metadata=JSON_TEXT)])
    texts = ['"text"', "1.0", '{"a": [1,2]}', "null", None]
    dataset = store.create(DatasetSpec("json", schema))
    dataset.append(pa.table({"n": list(range(5)), "any": texts}, schema=schema))
    assert [row[1] for row in rows_of(domo, dataset.id)] == texts


def test_a_connectors_columns_are_read_as_they_are(store: DatasetStore, domo: Sandbox) -> None:
    guid = connected(
        domo,
        '1,2.5,0.10,2024-02-29,2019-03-19 18:49:02,"a,b"\n,,,,,\n',
        n="LONG",
        d="DOUBLE",
        m="DECIMAL",
        day="DATE",
        at="DATETIME",
        text="STRING",
    )
    first, second = read(store.open(guid))
    assert first == {
        "n": 1,
        "d": 2.5,
        "m": Decimal("0.1"),
        "day": date(2024, 2, 29),
        "at": datetime(2019, 3, 19, 18, 49, 2, tzinfo=UTC),
        "text": "a,b",
    }
    assert set(second.values()) == {None}


def test_only_the_columns_that_are_asked_for_are_kept(store: DatasetStore, domo: Sandbox) -> None:
    guid = connected(domo, "1,x,2\n3,y,4\n", a="LONG", b="STRING", c="LONG")
    (batch,) = store.open(guid).read(["c", "a"])
    assert batch.to_pydict() == {"c": [2, 4], "a": [1, 3]}


@pytest.mark.parametrize("kind", ["connection_reset", "answer_lost"])
def test_an_export_that_breaks_off_gives_no_half(
    kind: str, store: DatasetStore, domo: Sandbox, skipped: list[float]
) -> None:
    guid = connected(domo, "".join(f"{n}\n" for n in range(5_000)), id="LONG")
    dataset = store.open(guid)
    domo.faults.add(kind, path="*/data")
    assert sum(batch.num_rows for batch in dataset.read()) == 5_000


def test_an_export_that_does_not_fit_shows_no_value(store: DatasetStore, domo: Sandbox) -> None:
    guid = connected(domo, "sesame\n", id="LONG")
    with pytest.raises(DatasetError, match="does not fit its columns") as caught:
        read(store.open(guid))
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "What was said", "two\nlines\n\n"])
@pytest.mark.parametrize("labels", [{}, {"stream": "posts", "input": "é\n"}])
@pytest.mark.parametrize("keys", [(), ("id", "a,b")])
def test_labels_stand_below_the_description(
    text: str, labels: dict[str, str], keys: tuple[str, ...]
) -> None:
    written = str(Description(text, labels, keys))
    assert parsed(written) == Description(text, labels, keys)
    assert written.startswith(text)


@pytest.mark.parametrize(
    "line", ["dataset-store: {", "dataset-store: []", 'dataset-store: {"labels":1}', "anything"]
)
def test_a_broken_line_of_labels_is_text(line: str) -> None:
    assert parsed(f"said\n\n{line}") == Description(f"said\n\n{line}")
