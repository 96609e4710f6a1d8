"""From an address to the store behind it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataset_store.base import DatasetStore

_MISREAD: Final = re.compile(r"%[0-9a-f]{2}|[][^|\\\x00-\x1f\x7f\ud800-\udfff]", re.IGNORECASE)
"""What deltalake 1.6 cannot have in a path.

It decodes a percent sign with two hex digits for the log alone, so that rows would be acknowledged
that nobody can read. It takes a backslash for a slash in some places. It ends in a panic or in an
error without a reason at the others, at the first query at the latest.
"""

# two letters at least: C:\datasets is a path
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


def open_store(address: str, options: Mapping[str, object] | None = None) -> DatasetStore:
    """The store at an address: a path, or a URL whose scheme names a backend.

    Nothing is made or contacted yet: a folder that does not exist is made with the first dataset,
    and is an error when something is to be read from it.

    Args:
        address: What users write into the setting `store`.
        options: What users write into `store_options`.

    Raises:
        StoreError: No backend knows the address, or the backend does not know an option.
    """
    scheme = _SCHEME.match(address)
    backend = _BACKENDS.get(scheme[1].lower() if scheme else "file")
    if backend is None:
        message = (
            f"store: {address!r} is not a supported store; give a path such as ./datasets, or "
            "domo://api.domo.com"
        )
        raise StoreError(message)
    return backend(address, options or {})


def _local(address: str, options: Mapping[str, object]) -> DatasetStore:
    # slow to import, not needed for --help
    from dataset_store.delta import DeltaStore, LocalOptions  # noqa: PLC0415

    path = _path(address)
    _refuse_misread(path)
    found = _options(options, LocalOptions)
    return DeltaStore(path, found, private=found.private)


def _domo(address: str, options: Mapping[str, object]) -> DatasetStore:
    # imports requests
    from dataset_store.domo import DomoOptions, DomoStore  # noqa: PLC0415

    return DomoStore(address, _options(options, DomoOptions))


def _refuse_misread(path: Path) -> None:
    """Refuse a folder in which the storage engine would not find its tables again.

    Raises:
        StoreError: The path, or what a link leads to, has what `_MISREAD` finds.
    """
    _check_parts(path.absolute())
    _check_parts(path.resolve())


def _check_parts(path: Path) -> None:
    for part in path.parts[1:]:
        if found := _MISREAD.search(part):
            text = str(path)
            message = (
                f"store: {text if text.isprintable() else repr(text)} has {found[0]!r} in its "
                "name, which the storage engine misreads; rename that folder, or choose a store "
                "whose path contains no percent sign followed by two hex digits, no [ ] ^ | \\ "
                "and no control characters. Existing datasets are unchanged"
            )
            raise StoreError(message)


_Options = TypeVar("_Options", bound=msgspec.Struct)


def _options(given: Mapping[str, object], known: type[_Options]) -> _Options:
    """The options as the backend declares them; numbers may be text, as environments hold them."""
    try:
        return msgspec.convert(given, known, strict=False)
    except msgspec.ValidationError as error:
        # it names the option and what is expected, never what was given
        message = f"store_options: {error}; this store accepts {', '.join(known.__struct_fields__)}"
        raise StoreError(message) from None


def _path(address: str) -> Path:
    if not address.strip():
        message = "store: it is empty; give a path such as ./datasets"
        raise StoreError(message)
    if not _SCHEME.match(address):
        return _expanded(address)
    url = urlsplit(address)
    if url.netloc not in {"", "localhost"}:
        message = f"store: {address!r} names another machine; a file URL has three slashes: file:///folder"
        raise StoreError(message)
    return Path(unquote(url.path))


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        message = f"store: {path!r} names a home folder that does not exist; give the full path"
        raise StoreError(message) from None


_BACKENDS: Final[Mapping[str, Callable[[str, Mapping[str, object]], DatasetStore]]] = {
    "file": _local,
    "domo": _domo,
}
