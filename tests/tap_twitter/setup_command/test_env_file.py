"""`.env` files: variables are replaced, and everything else stays."""

from __future__ import annotations

import pytest

from singer_plugin import UserError
from tap_twitter.setup_command.env_file import variables, with_variables

TEXTS = {
    "none": ("", {"A": "1"}, "A=1\n"),
    "a comment": ("# about A\nA=\n\nB=2\n", {"A": "1"}, "# about A\nA=1\n\nB=2\n"),
    "no line end": ("B=2", {"A": "1"}, "B=2\nA=1\n"),
    "export": ("export A=old # why\n", {"A": "1"}, "export A=1\n"),
    "twice": ("A=old\nB=2\nA=older\n", {"A": "1"}, "A=1\nB=2\nA=1\n"),
    "quotes": ("A='old'\nB=\"2 3\"\n", {"A": "1"}, 'A=1\nB="2 3"\n'),
    "blanks": ("", {"A": "Demo people"}, "A='Demo people'\n"),
    "number sign": ("", {"A": "a #b"}, "A='a #b'\n"),
    "apostrophe": ("", {"A": "it's"}, "A='it\\'s'\n"),
    "double quote": ("", {"A": 'a"b'}, "A='a\"b'\n"),
    "backslash": ("", {"A": "a\\b\\'"}, "A='a\\\\b\\\\\\''\n"),
    "line end": ("B=2\n", {"A": "a\nC=3"}, "B=2\nA='a\nC=3'\n"),
    "dollar": ("", {"A": "a$b"}, "A='a$b'\n"),
    "empty": ("A=old\n", {"A": ""}, "A=\n"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_with_variables(case: str) -> None:
    text, values, expected = TEXTS[case]
    changed = with_variables(text, values)
    assert changed == expected
    assert variables(changed) == {**variables(text), **values}


def test_what_would_be_read_otherwise_is_refused() -> None:
    with pytest.raises(UserError, match=r"^File \.env cannot hold the value of A: it has quotes"):
        with_variables("HOME=x\n", {"A": "${HOME}"})
