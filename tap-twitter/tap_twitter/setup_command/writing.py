"""Writing all answers at the end: the dataset, the logins and the files, or nothing of it."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dataset_store import DatasetError
from dataset_store.base import DatasetSpec
from dataset_store.imports import ImportOptions, load_table, table_file
from singer_plugin import UserError
from tap_twitter.auth.durable_file import replace_all_durably
from tap_twitter.setup_command.store import chosen_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.setup_command.answers import Answers
    from tap_twitter.setup_command.destination import Draft
    from tap_twitter.setup_command.pending_logins import PendingLogins


def write_all(answers: Answers, draft: Draft, logins: PendingLogins) -> None:
    """Write the answers; an error or Ctrl-C leaves everything as it was.

    Args:
        answers: The answers, of which the file to look up is imported.
        draft: The files.
        logins: The connected accounts.

    Raises:
        UserError: Something cannot be written.
    """
    with _imported(answers), _uninterrupted(), logins.kept():
        try:
            replace_all_durably(draft.contents)
        except OSError as error:
            msg = f"{error.filename}: {error.strerror}; fix that, and start again."
            raise UserError(msg) from None


@contextmanager
def _imported(answers: Answers) -> Iterator[None]:
    """Import the file to look up; an error inside of the block removes a new dataset again.

    Raises:
        UserError: The file or the store cannot be used.
    """
    new = answers.new_input
    if new is None:
        yield
        return
    try:
        store = chosen_store(answers)
        with table_file(new.file, ImportOptions()) as table:
            rows = table.rows()
            spec = DatasetSpec(new.name, rows.schema)
            dataset = load_table(store, spec, rows, replace=new.replaces)
    except (DatasetError, OSError) as error:
        msg = f"The dataset '{new.name}' cannot be written: {error}."
        raise UserError(msg) from None
    try:
        yield
    except BaseException:
        if not new.replaces:
            store.remove(dataset.id)
        raise
    finally:
        store.close()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C for the moment that it takes to put files into place."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
