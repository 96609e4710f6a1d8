"""Types of the expressions in stream maps, if they are certain.

singer-sdk guesses the type from the beginning of an expression and takes everything else for text;
it is also wrong if more follows, as in `float(a) > 3`. This module uses the parsed expression and
the stream's JSON schema, so that a column has the same type in every run. Functions and operators
are those of simpleeval, which evaluates the expressions.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from dataset_store.schema import json_types

if TYPE_CHECKING:
    from collections.abc import Callable

    Type = Mapping[str, Any]
    """A JSON schema."""

_NULL: Final = {"type": "null"}
_BOOLEAN: Final = {"type": "boolean"}
_INTEGER: Final = {"type": "integer"}
_NUMBER: Final = {"type": "number"}
_STRING: Final = {"type": "string"}
_ARRAY: Final = {"type": "array"}
_OBJECT: Final = {"type": "object"}
_MOMENT: Final = {"type": "string", "format": "date-time"}
"""For a `datetime` of Python, not for text."""
_DAY: Final = {"type": "string", "format": "date"}
"""For a `date` of Python, not for text."""

_CONSTANTS: Final[dict[type, Type]] = {
    type(None): _NULL,
    bool: _BOOLEAN,
    int: _INTEGER,
    float: _NUMBER,
    str: _STRING,
}
_NAMES: Final[dict[str, Type | None]] = {
    "__stream_name__": _STRING,
    "__original_stream_name__": _STRING,
    "_": None,
    "record": None,
    "config": None,
    "fake": None,
}
_FUNCTIONS: Final[dict[str, Type]] = {
    "bool": _BOOLEAN,
    "int": _INTEGER,
    "randint": _INTEGER,
    "float": _NUMBER,
    "rand": _NUMBER,
    "str": _STRING,
    "md5": _STRING,
    "sha256": _STRING,
    "json.dumps": _STRING,
    "datetime.datetime": _MOMENT,
    **{
        f"datetime.datetime.{name}": _MOMENT
        for name in (
            "combine", "fromisoformat", "fromtimestamp", "now", "strptime", "today",
            "utcfromtimestamp", "utcnow",
        )
    },
    "datetime.date": _DAY,
    **{
        f"datetime.date.{name}": _DAY
        for name in ("fromisoformat", "fromordinal", "fromtimestamp", "today")
    },
}  # fmt: skip
_TEXT_METHODS: Final[dict[str, Type]] = {
    **dict.fromkeys(
        (
            "capitalize", "casefold", "center", "format", "join", "ljust", "lower", "lstrip",
            "removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase",
            "title", "upper", "zfill",
        ),
        _STRING,
    ),
    **dict.fromkeys(
        ("endswith", "isalnum", "isalpha", "isdigit", "isnumeric", "startswith"), _BOOLEAN
    ),
    **dict.fromkeys(("count", "find", "index", "rfind", "rindex"), _INTEGER),
    **dict.fromkeys(("rsplit", "split", "splitlines"), _ARRAY),
}  # fmt: skip
_TIME_METHODS: Final[dict[str, Type]] = {
    "date": _DAY,
    "isoformat": dict(_MOMENT),
    "timestamp": _NUMBER,
    "toordinal": _INTEGER,
    "weekday": _INTEGER,
}
_DAY_METHODS: Final[dict[str, Type]] = {
    "isoformat": dict(_DAY),
    "toordinal": _INTEGER,
    "weekday": _INTEGER,
}
_WHOLE: Final = frozenset({"boolean", "integer"})
_NUMERIC: Final = _WHOLE | {"number"}
_ARITHMETIC: Final = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)


def type_of(expression: str, properties: Mapping[str, Any], own: str) -> Type | None:
    """The JSON schema of an expression's values; None if it is not certain.

    Args:
        expression: The expression.
        properties: The stream's properties.
        own: The property that it computes, which it may call `self`.
    """
    try:
        parsed = ast.parse(expression).body
    except SyntaxError:
        return None
    if len(parsed) != 1 or not isinstance(parsed[0], ast.Expr):
        return None
    return _Typing(properties, own).of(parsed[0].value)


class _Typing:
    """Walks the syntax tree of an expression.

    Args:
        properties: The stream's properties.
        own: The property that the expression computes.
    """

    def __init__(self, properties: Mapping[str, Any], own: str) -> None:
        self._properties = properties
        self._own = own

    def of(self, node: ast.AST) -> Type | None:
        """The type of a part; None if it is not certain."""
        for kind, rule in _RULES.items():
            if isinstance(node, kind):
                return rule(self, node)
        return None

    def _name(self, node: ast.Name) -> Type | None:
        name = self._own if node.id == "self" else node.id
        return _NAMES[name] if name in _NAMES else self._property(name)

    def _property(self, name: str) -> Type | None:
        found = self._properties.get(name)
        return found if isinstance(found, Mapping) else None

    def _either(self, *nodes: ast.AST) -> Type | None:
        types = [self.of(node) for node in nodes]
        known = [found for found in types if found is not None]
        return {"anyOf": known} if len(known) == len(types) else None

    def _boolean(self, node: ast.BoolOp) -> Type | None:
        return self._either(*node.values)

    def _choice(self, node: ast.IfExp) -> Type | None:
        return self._either(node.body, node.orelse)

    def _sign(self, node: ast.UnaryOp) -> Type | None:
        if isinstance(node.op, ast.Not):
            return _BOOLEAN
        kinds = _kinds(self.of(node.operand))
        is_sign = isinstance(node.op, ast.USub | ast.UAdd)
        return _of_numbers(kinds) if is_sign else None

    def _operation(self, node: ast.BinOp) -> Type | None:
        left, right = self.of(node.left), self.of(node.right)
        kinds = _kinds(left) | _kinds(right)
        if isinstance(node.op, ast.Div | ast.Pow):
            return _NUMBER if _kinds(left) and _kinds(right) and kinds <= _NUMERIC else None
        if not isinstance(node.op, _ARITHMETIC) or not (_kinds(left) and _kinds(right)):
            return None
        if kinds <= _NUMERIC:
            return _of_numbers(kinds)
        return self._of_texts(node.op, _text_kinds(left), _text_kinds(right))

    def _of_texts(
        self, operator: ast.operator, left: frozenset[str], right: frozenset[str]
    ) -> Type | None:
        text = frozenset({"string"})
        is_text = {
            ast.Add: left == right == text,
            ast.Mod: left == text,
            ast.Mult: {left, right} == {text, frozenset({"integer"})},
        }
        return _STRING if is_text.get(type(operator), False) else None

    def _call(self, node: ast.Call) -> Type | None:
        name = _dotted(node.func)
        if name in _FUNCTIONS:
            return _FUNCTIONS[name]
        if not isinstance(node.func, ast.Attribute):
            return None
        receiver, method = self.of(node.func.value), node.func.attr
        if receiver is _MOMENT or receiver is _DAY:
            return (_TIME_METHODS if receiver is _MOMENT else _DAY_METHODS).get(method)
        return _TEXT_METHODS.get(method) if _text_kinds(receiver) == {"string"} else None

    def _attribute(self, node: ast.Attribute) -> Type | None:
        return None if hasattr(dict, node.attr) else self._item(node.value, node.attr)

    def _subscript(self, node: ast.Subscript) -> Type | None:
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            return self._item(node.value, node.slice.value)
        return _STRING if _text_kinds(self.of(node.value)) == {"string"} else None

    def _item(self, container: ast.AST, name: str) -> Type | None:
        if isinstance(container, ast.Name) and container.id in {"_", "record"}:
            return self._property(name)
        found = self.of(container)
        if found is None or _kinds(found) != {"object"}:
            return None
        inside = found.get("properties")
        part = inside.get(name) if isinstance(inside, Mapping) else None
        return part if isinstance(part, Mapping) else None


_RULES: Final[dict[Any, Callable[[_Typing, Any], Type | None]]] = {
    ast.Constant: lambda _, node: _CONSTANTS.get(type(node.value)),
    ast.Name: _Typing._name,
    ast.Compare: lambda *_: _BOOLEAN,
    ast.BoolOp: _Typing._boolean,
    ast.UnaryOp: _Typing._sign,
    ast.IfExp: _Typing._choice,
    ast.BinOp: _Typing._operation,
    ast.Call: _Typing._call,
    ast.Attribute: _Typing._attribute,
    ast.Subscript: _Typing._subscript,
    ast.JoinedStr: lambda *_: _STRING,
    (ast.List, ast.Tuple, ast.ListComp): lambda *_: _ARRAY,
    ast.Dict: lambda *_: _OBJECT,
}


def _kinds(found: Type | None) -> frozenset[str]:
    """The JSON types of values that are not null; empty if unknown."""
    return frozenset(json_types(found)) - {"null"} if found is not None else frozenset()


def _text_kinds(found: Type | None) -> frozenset[str]:
    """The same, but empty for Python's times, which are not text yet."""
    return frozenset() if found is _MOMENT or found is _DAY else _kinds(found)


def _of_numbers(kinds: frozenset[str]) -> Type | None:
    if not kinds or not kinds <= _NUMERIC:
        return None
    return _INTEGER if kinds <= _WHOLE else _NUMBER


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"
