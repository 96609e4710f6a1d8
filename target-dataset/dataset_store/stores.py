"""The store at an address."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dataset_store.base import DatasetStore

_MISREAD: Final = re.compile(r"%[0-9a-f]{2}|[][^|\\\x00-\x1f\x7f\ud800-\udfff]", re.IGNORECASE)
"""Path parts that deltalake 1.6 does not support.

It decodes a percent sign with two hex digits for the log only, so that it would acknowledge rows
that nobody can read. It takes a backslash for a slash in some places. The other characters cause a
panic or an error without a reason, at the first query at the latest.
"""

_UNTRIED: Final = {
    **dict.fromkeys(("gs", "gcs"), "Google Cloud Storage was not tried yet"),
    **dict.fromkeys(("az", "azure", "abfs", "abfss"), "Azure Blob Storage was not tried yet"),
}
"""Why some places are refused that the storage engine knows: no commit there was ever tested."""

# at least two letters: C:\datasets is a path
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


def open_store(address: str, options: Mapping[str, object] | None = None) -> DatasetStore:
    """The store at an address: a path, or a URL whose scheme selects a backend.

    Nothing is created or contacted yet: a missing folder is created with the first dataset, and is
    an error on reading.

    Args:
        address: The setting `store`.
        options: The setting `store_options`.

    Raises:
        StoreError: No backend supports the address, or the backend does not support an option.
    """
    scheme = _SCHEME.match(address)
    backend = _BACKENDS.get(scheme[1].lower() if scheme else "file")
    if backend is None:
        why = _UNTRIED.get(scheme[1].lower()) if scheme else None
        message = (
            f"store: {address!r} is not a supported store{f' ({why})' if why else ''}; give a path "
            "such as ./datasets, s3://bucket/datasets, or domo://api.domo.com"
        )
        raise StoreError(message)
    return backend(address, options or {})


def _local(address: str, options: Mapping[str, object]) -> DatasetStore:
    # slow to import and not needed for --help
    from dataset_store.delta import DeltaStore, LocalFolder, LocalOptions  # noqa: PLC0415

    path = _path(address)
    _refuse_misread(path)
    found = _options(options, LocalOptions)
    return DeltaStore(LocalFolder(path, private=found.private), found)


def _s3(address: str, options: Mapping[str, object]) -> DatasetStore:
    from dataset_store.delta import DeltaStore  # noqa: PLC0415
    from dataset_store.delta.s3_options import S3Options  # noqa: PLC0415

    bucket, prefix = _bucket(address)
    found = _options(options, S3Options)
    try:
        from dataset_store.delta.object_store import ObjectStore  # noqa: PLC0415 - an extra
    except ImportError:
        message = (
            "store: object storage needs an extra; run pip install 'opendataset-target-dataset[s3]'"
        )
        raise StoreError(message) from None
    return DeltaStore(ObjectStore(bucket, prefix, found), found)


def _bucket(address: str) -> tuple[str, str]:
    """The bucket and the prefix of a URL."""
    bucket, *parts = address.partition("://")[2].split("/")
    parts = [part for part in parts if part]
    if not bucket or "@" in bucket or "?" in address:
        # the address may hold a secret
        message = "store: it is not of the form s3://bucket/folder; keys go into store_options"
        raise StoreError(message)
    _check_parts(address, parts)
    return bucket, "/".join(parts)


def _domo(address: str, options: Mapping[str, object]) -> DatasetStore:
    # imports requests
    from dataset_store.domo import DomoOptions, DomoStore  # noqa: PLC0415

    return DomoStore(address, _options(options, DomoOptions))


def _refuse_misread(path: Path) -> None:
    """Reject a folder in which the storage engine would not find its tables again.

    Raises:
        StoreError: The path, or the target of a link, matches `_MISREAD`.
    """
    for each in (path.absolute(), path.resolve()):
        _check_parts(str(each), each.parts[1:])


def _check_parts(text: str, parts: Iterable[str]) -> None:
    for part in parts:
        if found := _MISREAD.search(part):
            message = (
                f"store: {text if text.isprintable() else repr(text)} has {found[0]!r} in its "
                "name, which the storage engine misreads; rename that folder, or choose a store "
                "whose path contains no percent sign followed by two hex digits, no [ ] ^ | \\ "
                "and no control characters. Existing datasets are unchanged"
            )
            raise StoreError(message)


_Options = TypeVar("_Options", bound=msgspec.Struct)


def _options(given: Mapping[str, object], known: type[_Options]) -> _Options:
    """The options as the backend declares them; numbers may be text, as in the environment."""
    try:
        return msgspec.convert(given, known, strict=False)
    except msgspec.ValidationError as error:
        # it names the option and the expected type, never the value
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
    "s3": _s3,
    "domo": _domo,
}
