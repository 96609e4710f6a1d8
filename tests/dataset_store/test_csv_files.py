from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataset_store.csv_files import CsvFile
from dataset_store.errors import FileFormatError

if TYPE_CHECKING:
    from pathlib import Path


def file(folder: Path, content: bytes, columns: tuple[str, ...] = ()) -> CsvFile:
    path = folder / "file.csv"
    path.write_bytes(content)
    return CsvFile(path, str(path), columns=columns)


READ: list[tuple[str, bytes, list[str], list[list[str | None]]]] = [
    ("plain", b"a,b\n1,x\n", ["a", "b"], [["1", "x"]]),
    ("no final newline", b"a,b\n1,x", ["a", "b"], [["1", "x"]]),
    ("windows", b"a,b\r\n1,x\r\n", ["a", "b"], [["1", "x"]]),
    ("byte order mark", b"\xef\xbb\xbfa,b\n1,x\n", ["a", "b"], [["1", "x"]]),
    ("names alone", b"a,b\n", ["a", "b"], []),
    ("names alone without newline", b"a,b", ["a", "b"], []),
    ("null and empty", b'a,b\n,""\n', ["a", "b"], [[None, ""]]),
    ("quotes", b'a,b\n"1,2","x ""y"""\n', ["a", "b"], [["1,2", 'x "y"']]),
    ("newline in quotes", b'a,b\n1,"x\ny"\n2,z\n', ["a", "b"], [["1", "x\ny"], ["2", "z"]]),
    ("newline in the last value", b'a,b\n1,"x\ny"', ["a", "b"], [["1", "x\ny"]]),
    ("newline in a name", b'"a\nb",c\n1,2\n', ["a\nb", "c"], [["1", "2"]]),
    ("blank lines", b"\na,b\n\n1,x\n\n", ["a", "b"], [["1", "x"]]),
    ("one column", b"id\n1\n2\n", ["id"], [["1"], ["2"]]),
    ("not a number", b"a\nNA\nnull\n1.0\n", ["a"], [["NA"], ["null"], ["1.0"]]),
    (
        "long number",
        b"a\n00123456789012345678901234567890\n",
        ["a"],
        [["00123456789012345678901234567890"]],
    ),
    ("spaces", b"a , b\n 1 , x \n", ["a", "b"], [[" 1 ", " x "]]),
    ("accents", "é\nü\n".encode(), ["é"], [["ü"]]),
]


@pytest.mark.parametrize(
    ("content", "names", "rows"), [r[1:] for r in READ], ids=[r[0] for r in READ]
)
def test_a_file_is_read(
    content: bytes, names: list[str], rows: list[list[str | None]], tmp_path: Path
) -> None:
    table = file(tmp_path, content).rows().read_all()

    assert table.column_names == names
    assert [list(row.values()) for row in table.to_pylist()] == rows
    assert {str(field.type) for field in table.schema} == {"string"}


@pytest.mark.parametrize(
    ("content", "rows"), [(b"1,x\n2,y\n", 2), (b"\xef\xbb\xbf1,x\n", 1), (b"", 0), (b"\n", 0)]
)
def test_a_file_without_names_is_read(content: bytes, rows: int, tmp_path: Path) -> None:
    table = file(tmp_path, content, ("id", "name")).rows().read_all()

    assert table.column_names == ["id", "name"]
    assert table.num_rows == rows
    assert table["id"].to_pylist() == ["1", "2"][:rows]


REFUSED: list[tuple[str, bytes, str]] = [
    ("empty", b"", "is empty"),
    ("blank", b"\n\n", "is empty"),
    ("starts with data", b"2244994945,Bob\n", "--columns"),
    ("too few", b"a,b\n1,2\n3\n", "line 3 has 1 fields instead of 2"),
    ("too many", b'a,b\n1,"x\ny"\n3,4,5\n', "line 4 has 3 fields instead of 2"),
    ("open quote", b'a,b\n1,"x\n2,y\n', "line 3: unexpected end of data"),
    ("open quote early", b'a,b\n"1,x\n2,y\n', "line 3: unexpected end of data"),
    ("latin 1", b"a\n\xe9\n", "not UTF-8"),
    ("latin 1 names", b"\xe9\n1\n", "not UTF-8"),
    ("utf-16 without mark", "a,b\n1,2\n".encode("utf-16-le"), "NUL .* --encoding"),
]


@pytest.mark.parametrize(("content", "said"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_faulty_file_is_refused_with_the_line(content: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=said) as caught:
        file(tmp_path, content).rows().read_all()
    assert str(caught.value).startswith(str(tmp_path / "file.csv"))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (b"a,a", "rename"),
        (b"a,A", "rename"),
        (b"a,", "column 2 has no name"),
        (b'"",b', "column 1"),
    ],
    ids=["twice", "case", "none", "first"],
)
def test_names_that_no_dataset_can_have_are_refused(
    names: bytes, said: str, tmp_path: Path
) -> None:
    with pytest.raises(FileFormatError, match=said):
        file(tmp_path, names + b"\n1,2\n").rows()


def test_a_big_file_is_read_in_blocks(tmp_path: Path) -> None:
    line = b"0123456789," * 9 + b"0123456789\n"
    header = b",".join(b"c%d" % index for index in range(10)) + b"\n"
    batches = list(file(tmp_path, header + line * 200_000).rows())

    assert len(batches) > 1
    assert sum(batch.num_rows for batch in batches) == 200_000


FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\ufeff"), max_size=8)


@given(st.lists(st.tuples(FIELDS, FIELDS), max_size=10))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_python_writes_is_read_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    table = file(tmp_path, text.getvalue().encode()).rows().read_all()

    assert [tuple(row.values()) for row in table.to_pylist()] == rows
