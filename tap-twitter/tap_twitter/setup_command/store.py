"""The steps about datasets: the store, and the input of a lookup."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from dataset_store import DatasetError, open_store
from dataset_store.base import DatasetSpec
from dataset_store.identity import guid_in
from dataset_store.imports import ImportOptions, table_file
from singer_plugin import UserError
from tap_twitter.accounts_command import prompts
from tap_twitter.errors import InputDatasetError
from tap_twitter.reports.users_lookup.lookup_input import LookupInput, open_inputs
from tap_twitter.setup_command.answers import STORE_OPTIONS, NewInput
from tap_twitter.streams.store_settings import DEFAULT_STORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataset_store import DatasetStore
    from tap_twitter.setup_command.answers import Answers
    from tap_twitter.setup_command.guide import Guide

TERMINAL: Final = "run it in a terminal"
OPTIONS: Final = {
    "domo": (("client_id", True), ("client_secret", True)),
    "s3": (
        ("access_key_id", True),
        ("secret_access_key", True),
        ("region", False),
        ("endpoint", False),
    ),
}
"""What a store is asked for by its scheme, and whether that is hidden."""

LABELS: Final = {
    "client_id": "Client ID of Domo (Admin > Authentication > API Clients, scope data)",
    "client_secret": "Client secret of Domo",
    "access_key_id": "Access key ID (Enter: from the environment or the profile)",
    "secret_access_key": "Secret access key",
    "region": "Region (Enter: the default)",
    "endpoint": "Endpoint, for another server than Amazon's (Enter: Amazon's)",
}
NEEDED: Final = ("client_id", "client_secret")
ID_COLUMNS: Final = "users_lookup.id_columns"
INPUT: Final = "users_lookup.input_dataset_id"


def ask_store(guide: Guide) -> None:
    """Ask where datasets live, until the place can be used."""
    default = str(guide.destination.target_setting("store") or DEFAULT_STORE)

    def read() -> tuple[str, dict[str, Any]]:
        nonlocal default
        default = address = prompts.line(
            "A folder, s3://bucket/folder or domo://api.domo.com", default
        )
        options = _options(guide, address)
        with _store_errors():
            store = open_store(address, options)
            if "://" in address or Path(address).expanduser().exists():
                next(iter(store.list()), None)
            store.close()
        return address, options

    address, options = prompts.insisted(read)
    is_default = address == DEFAULT_STORE
    guide.keep("store", None if is_default else address)
    guide.answers.target["store"] = address
    guide.keep(STORE_OPTIONS, options or None)
    guide.answers.target[STORE_OPTIONS] = options or None


def _options(guide: Guide, address: str) -> dict[str, Any]:
    """The options that a store needs: those that are set already, or what the user types."""
    scheme = _scheme(address)
    wanted = OPTIONS.get(scheme, ())
    present = _present_options(guide, scheme)
    if any(name in present for name, _ in wanted) and prompts.confirmed(
        "Use the store's options that are already set?", TERMINAL, default=True
    ):
        return present
    found = {name: value for name, value in present.items() if name not in dict(wanted)}
    for name, is_hidden in wanted:
        label = LABELS[name]
        is_optional = name not in NEEDED
        value = (
            prompts.secret(label, TERMINAL, is_optional=is_optional)
            if is_hidden
            else prompts.line(label)
        )
        if value.strip():
            found[name] = value.strip()
    return found


def _present_options(guide: Guide, scheme: str) -> dict[str, Any]:
    """The options that are set already, if the store that they are for is of this kind."""
    store = str(guide.destination.target_setting("store") or DEFAULT_STORE)
    options = guide.destination.target_setting(STORE_OPTIONS)
    return options if isinstance(options, dict) and _scheme(store) == scheme else {}


def _scheme(address: str) -> str:
    return address.partition("://")[0].lower() if "://" in address else ""


def ask_input(guide: Guide) -> None:
    """Ask whom to look up, until ids or handles are found there."""
    label = "A CSV or Excel file, or a dataset: its name, GUID or URL"
    present = guide.destination.tap_setting(INPUT)

    def read() -> None:
        given = _unquoted(prompts.line(label, present if isinstance(present, str) else ""))
        file = Path(given).expanduser()
        if not given:
            msg = "Name a file with ids or handles, such as people.csv."
            raise UserError(msg)
        if file.is_file():
            _take_file(guide, file)
        else:
            _take_dataset(guide, given)

    prompts.insisted(read)


def _unquoted(word: str) -> str:
    """The name of a file as it is, which terminals quote when it is dragged into them."""
    if word[:1] in {"'", '"'} and len(word) > 1 and word[0] == word[-1]:
        return word[1:-1]
    return word if Path(word).exists() else word.replace("\\ ", " ")


def _take_file(guide: Guide, file: Path) -> None:
    """Read a file into a store that is thrown away: what is wrong with it shows now."""
    with tempfile.TemporaryDirectory(prefix="tap-twitter-init-") as folder, _store_errors():
        trial = open_store(folder)
        with table_file(file, ImportOptions()) as table:
            rows = table.rows()
            trial.create(DatasetSpec(file.stem, rows.schema)).overwrite(rows)
        columns = _checked_input(guide, trial, file.stem)
        trial.close()
    with _own_store(guide) as store:
        name = prompts.insisted(lambda: _dataset_name(store, file.stem))
        replaces = bool(store.named(name))
    guide.answers.new_input = NewInput(file, name, replaces)
    guide.keep(INPUT, name)
    guide.keep(ID_COLUMNS, columns)


def _dataset_name(store: DatasetStore, default: str) -> str:
    """The name of the new dataset, or of one whose rows may be replaced.

    Raises:
        UserError: A dataset has the name, and is to stay.
    """
    name = prompts.line("Name of the dataset that it becomes", default)
    with _store_errors():
        taken = store.named(name)
    if taken and not prompts.confirmed(
        f"Dataset '{name}' exists. Replace its rows?", "choose another name"
    ):
        msg = "Choose another name."
        raise UserError(msg)
    return name


def _take_dataset(guide: Guide, given: str) -> None:
    looks_like_file = "." in Path(given).name and guid_in(given) is None
    if looks_like_file and Path(given).suffix.lower() in {".csv", ".tsv", ".txt", ".xlsx", ".xls"}:
        msg = f"There is no file {given}."
        raise UserError(msg)
    with _own_store(guide) as store:
        columns = _checked_input(guide, store, given)
    guide.answers.new_input = None
    guide.keep(INPUT, given)
    guide.keep(ID_COLUMNS, columns)


def _checked_input(guide: Guide, store: DatasetStore, dataset: str) -> list[str] | None:
    """Read a dataset as the lookup does, and show what it finds.

    Returns:
        The columns with ids, if their names do not tell.

    Raises:
        UserError: There are no usable ids or handles.
    """
    present = guide.destination.tap_setting(ID_COLUMNS)
    columns = present if isinstance(present, list) else None
    try:
        found = _input(store, dataset, columns)
    except InputDatasetError as error:
        names = _columns(store, dataset)
        if len(names) < 2:  # noqa: PLR2004 - with one, there is nothing to choose
            raise
        click.echo(str(error), err=True)
        picked = prompts.picked_several("The columns with ids or handles", names)
        columns = [names[at] for at in picked]
        found = _input(store, dataset, columns)
    count = sum(len(batch) for batch in found.references())
    if not count:
        msg = f"'{dataset}' has no id and no handle in {', '.join(found.columns)}."
        raise UserError(msg)
    click.echo(f"{count:,} ids or handles in {', '.join(found.columns)}.", err=True)
    return columns


def _input(store: DatasetStore, dataset: str, columns: list[str] | None) -> LookupInput:
    settings = {"input_dataset_id": dataset, "id_columns": columns, "refresh_after_days": 0}
    (found,) = open_inputs(settings, store, "users_lookup", datetime.now(UTC))
    return found


def _columns(store: DatasetStore, dataset: str) -> list[str]:
    with _store_errors():
        return list(store.open(dataset).schema.names)


def chosen_store(answers: Answers) -> DatasetStore:
    """The store that the user has chosen.

    Raises:
        DatasetError: It cannot be used.
    """
    return open_store(answers.target["store"], answers.target.get(STORE_OPTIONS))


@contextmanager
def _own_store(guide: Guide) -> Iterator[DatasetStore]:
    """The store that the user has chosen, until the end of the block."""
    with _store_errors():
        store = chosen_store(guide.answers)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _store_errors() -> Iterator[None]:
    """Errors of a store or a file, as errors whose text is for the user.

    Raises:
        UserError: In the place of the error.
    """
    try:
        yield
    except (DatasetError, OSError) as error:
        where = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        is_setting = "_" in where.partition(":")[0]
        msg = where if is_setting else where[:1].upper() + where[1:]
        raise UserError(msg if msg.endswith(".") else f"{msg}.") from None
