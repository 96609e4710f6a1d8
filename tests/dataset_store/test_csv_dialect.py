"""The delimiter and the encoding of a CSV file are found out, or refused with the option to give."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dataset_store.csv_dialect import DELIMITERS
from dataset_store.csv_files import CsvFile
from dataset_store.errors import FileFormatError

if TYPE_CHECKING:
    from pathlib import Path


def rows(folder: Path, content: str | bytes, **options: str) -> list[list[str | None]]:
    """The line of names and the rows of a file."""
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    columns = tuple(options.pop("columns", "").split(",")) if "columns" in options else ()
    table = CsvFile(path, str(path), columns=columns, **options).rows().read_all()  # type: ignore[arg-type]
    return [table.column_names, *(list(row.values()) for row in table.to_pylist())]


FOUND = {
    "semicolon": "id;name\r\n12;a\r\n",
    "tab": "id\tname\n12\ta\n",
    "pipe": "id|name\n12|a\n",
    "quoted names": '"id";"name"\n"12";"a"\n',
    "names alone": "id;name",
    "blank lines": "\n\nid;name\n\n12;a\n",
    "old mac": "id;name\r12;a\r",
    "mark": "\ufeffid;name\n12;a\n",
}


@pytest.mark.parametrize("content", FOUND.values(), ids=FOUND)
def test_the_delimiter_is_found(content: str, tmp_path: Path) -> None:
    found = rows(tmp_path, content)

    assert found == [["id", "name"], ["12", "a"]][: 1 if content == "id;name" else 2]


NEIGHBOURS: dict[str, tuple[str, list[list[str]]]] = {
    "decimal commas": ("id;rate\n1;0,5\n2;1,5\n", [["id", "rate"], ["1", "0,5"], ["2", "1,5"]]),
    "decimal commas in all columns": ("a;b\n1,5;2,5\n", [["a", "b"], ["1,5", "2,5"]]),
    "semicolons in quotes": ('a,b\n"1;2",3\n"4;5",6\n', [["a", "b"], ["1;2", "3"], ["4;5", "6"]]),
    "commas in quotes": ('a;b\n"1,2";3\n', [["a", "b"], ["1,2", "3"]]),
    "semicolons in values": ("a,b\nx;y,1\nz;w,2\n", [["a", "b"], ["x;y", "1"], ["z;w", "2"]]),
    "newlines in quotes": ('a;b\n"x\n,y";2\n', [["a", "b"], ["x\n,y", "2"]]),
    "one column": ("id\n12\n", [["id"], ["12"]]),
    "one column of prose": (
        "text\nfirst; second\nthird\n",
        [["text"], ["first; second"], ["third"]],
    ),
    "one column of times": ("time\n10:20\n", [["time"], ["10:20"]]),
    "one column of two words": ("full name\nAnn Lee\n", [["full name"], ["Ann Lee"]]),
    "one column in quotes": ('"a,b"\n"1,2"\n', [["a,b"], ["1,2"]]),
}


@pytest.mark.parametrize(("content", "expected"), NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_what_is_no_delimiter_stays_in_its_value(
    content: str, expected: list[list[str]], tmp_path: Path
) -> None:
    assert rows(tmp_path, content) == expected


REFUSED: dict[str, tuple[str, dict[str, str], str]] = {
    "two fit": ("id;a,b\n1;x,y\n", {}, r"',' or ';' may be its delimiter; set the right --deli"),
    "beneath one name": ("id\n12;a\n13;b\n", {}, "its delimiter seems to be ';'"),
    "tabs beneath one name": ("id\n12\ta\n", {}, "its delimiter seems to be tab"),
    "colons": ("id:name\n12:a\n", {}, "its delimiter seems to be ':'; set --delimiter, or"),
    "unit separators": ("id\x1fname\n12\x1fa\n", {}, r"seems to be '\\x1f'"),
    "ragged": (
        "id;name\n12;a\n13\n",
        {},
        "line 3 has 1 fields instead of 2, with ';' as delimiter",
    ),
    "ragged below sep": ("sep=;\nid;name\n12\n", {}, "line 3 has 1 fields instead of 2"),
    "other number of columns": ("1;2;3\n", {"columns": "a,b"}, "line 1 has 3 fields instead of 2"),
    "one column named": ("12;a\n13;b\n", {"columns": "id"}, "line 1 has 2 fields instead of 1"),
    "wrong one given": (
        "id,name\n12,a\n",
        {"delimiter": ";"},
        "with ';' it has one column, with ',' more",
    ),
    "wrong sep": ("sep=,\nid;name\n12;a\n", {}, "with ',' it has one column, with ';' more"),
    "sep of two bytes": ("sep=§\nid§name\n", {}, "`sep=` line names no usable delimiter"),
}


@pytest.mark.parametrize(("content", "options", "said"), REFUSED.values(), ids=REFUSED)
def test_a_doubtful_file_is_refused_with_the_option(
    content: str, options: dict[str, str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(FileFormatError, match=said):
        rows(tmp_path, content, **options)


@pytest.mark.parametrize(
    ("content", "delimiter", "first"),
    [
        ("id;a,b\n1;x,y\n", ";", ["id", "a,b"]),
        ("id;a,b\n1;x,y\n", ",", ["id;a", "b"]),
        ("id\n12;a\n13;b\n", ",", ["id"]),
        ("id:name\n12:a\n", ",", ["id:name"]),
        ("id:name\n12:a\n", ":", ["id", "name"]),
        ("id\n12\n", ";", ["id"]),
    ],
    ids=["semicolon", "comma", "beneath", "no colon", "colon", "one column"],
)
def test_a_delimiter_that_is_given_ends_the_doubt(
    content: str, delimiter: str, first: list[str], tmp_path: Path
) -> None:
    assert rows(tmp_path, content, delimiter=delimiter)[0] == first


SEPARATOR_LINES = {
    "semicolon": ("sep=;\r\nid;name\r\n12;a\r\n", {}),
    "comma": ("sep=,\nid,name\n12,a\n", {}),
    "tab": ("sep=\t\nid\tname\n12\ta\n", {}),
    "a rare one": ("SEP=^\nid^name\n12^a\n", {}),
    "quoted": ('"sep=;"\nid;name\n12;a\n', {}),
    "mark": ("\ufeffsep=;\nid;name\n12;a\n", {}),
    "given too": ("sep=;\nid;name\n12;a\n", {"delimiter": ";"}),
    "another one given": ("sep=,\nid;name\n12;a\n", {"delimiter": ";"}),
    "no names": ("sep=;\n12;a\n", {"columns": "id,name"}),
}


@pytest.mark.parametrize(("content", "options"), SEPARATOR_LINES.values(), ids=SEPARATOR_LINES)
def test_the_sep_line_of_excel_says_the_delimiter_and_is_skipped(
    content: str, options: dict[str, str], tmp_path: Path
) -> None:
    assert rows(tmp_path, content, **options) == [["id", "name"], ["12", "a"]]


@pytest.mark.parametrize("content", ["sep=;", "sep=;\n", "sep=;\n\n"])
def test_a_sep_line_alone_is_an_empty_file(content: str, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="is empty"):
        rows(tmp_path, content)


ENCODINGS = {
    "unicode text of Excel": ("utf-16", None),
    "big endian": ("utf-16-be", "utf-16-be"),
    "little endian": ("utf-16-le", "utf-16-le"),
    "utf-32": ("utf-32", None),
    "windows": ("cp1252", "cp1252"),
}


@pytest.mark.parametrize(("written", "given"), ENCODINGS.values(), ids=ENCODINGS)
def test_an_encoding_is_known_by_its_mark_or_by_the_option(
    written: str, given: str | None, tmp_path: Path
) -> None:
    content = "id\tnäme\n12\t€ü\n" + "13\tö\n" * 60_000
    found = rows(tmp_path, content.encode(written), **({"encoding": given} if given else {}))

    assert found[:2] == [["id", "näme"], ["12", "€ü"]]
    assert len(found) == 60_002


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        (b"id;n\n1;\xe9\n", None, "not UTF-8 text; .* --encoding, such as cp1252"),
        (b"id;n\n" + b"1;2\n" * 30_000 + b"1;\xe9\n", None, "not UTF-8 text"),
        (b"id;n\n1;\x81\n", "cp1252", "not cp1252 text"),
        (b"id;n\n" + b"1;2\n" * 30_000 + b"1;\x81\n", "cp1252", "not cp1252 text"),
        ("id;n\n1;2\n".encode("utf-16")[:-1], None, "not utf-16 text"),
        (b"\x89PNG\r\n\x1a\n\0\0", None, "not UTF-8 text"),
        (b"PAR1\x15\x04\x15\0\0", None, "NUL characters"),
    ],
    ids=["latin", "latin late", "undefined", "undefined late", "cut off", "image", "parquet"],
)
def test_what_is_no_text_of_its_encoding_is_refused(
    content: bytes, encoding: str | None, said: str, tmp_path: Path
) -> None:
    with pytest.raises(FileFormatError, match=said):
        rows(tmp_path, content, **({"encoding": encoding} if encoding else {}))


NAMES = st.lists(
    st.text("abcdefgh", min_size=1, max_size=5), min_size=2, max_size=5, unique_by=str.casefold
)
VALUES = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\n\ufeff"), min_size=1, max_size=8
)


@given(st.data(), st.sampled_from(DELIMITERS), NAMES)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_is_read_as_it_was_written_or_refused(
    tmp_path: Path, data: st.DataObject, delimiter: str, names: list[str]
) -> None:
    lines = data.draw(st.lists(st.lists(VALUES, min_size=len(names), max_size=len(names))))
    assume(not names[0].startswith("sep="))
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([names, *lines])
    with suppress(FileFormatError):
        assert rows(tmp_path, text.getvalue()) == [names, *lines]
    assert rows(tmp_path, text.getvalue(), delimiter=delimiter) == [names, *lines]
