"""Files that hold a JSON object, as options of commands name them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

STANDARD_INPUT: Final = "-"


class JsonFileError(Exception):
    """A file does not hold a JSON object; the text names the option, the file and the fix."""


def read_json_object(
    option: str, file: str | Path, fix: str, parse_float: Callable[[str], Any] = float
) -> dict[str, Any]:
    """Read a JSON object from a file, or from standard input if its name is `-`.

    Args:
        option: The option that names the file, for the error.
        file: The file: UTF-8, with or without a byte order mark.
        fix: What to do if the file does not serve.
        parse_float: Converts numbers with a fraction or an exponent.

    Raises:
        JsonFileError: The file is missing, unreadable, empty, not JSON, or not an object.
    """
    where = "standard input" if str(file) == STANDARD_INPUT else f"file {file}"
    try:
        value = json.loads(_text(file), parse_float=parse_float)
    except OSError as error:
        reason = f": {error.strerror or error}"
    except UnicodeDecodeError:
        reason = " is not UTF-8 text"
    except json.JSONDecodeError as error:
        reason = _reason(error)
    except (ArithmeticError, ValueError):
        reason = " holds a number that is too large"
    except RecursionError:
        reason = " is nested too deeply"
    else:
        if isinstance(value, dict):
            return value
        reason = " holds JSON, but no object"
    msg = f"{option}: {where}{reason}; {fix}"
    raise JsonFileError(msg)


def _text(file: str | Path) -> str:
    is_input = str(file) == STANDARD_INPUT
    content = sys.stdin.buffer.read() if is_input else Path(file).read_bytes()
    return content.decode("utf-8-sig")


def _reason(error: json.JSONDecodeError) -> str:
    """What is wrong with a text, of which nothing is quoted."""
    if not error.doc.strip():
        return " is empty"
    if error.msg == "Extra data":
        return f" holds more than one JSON value, the second in line {error.lineno}"
    return f" is not JSON, from line {error.lineno}, column {error.colno}"
