"""Valid column names of a dataset, and replacements for invalid ones."""

from __future__ import annotations

from collections import Counter
from itertools import chain, count
from typing import TYPE_CHECKING, Final

from dataset_store.errors import SchemaConflictError

if TYPE_CHECKING:
    from collections.abc import Iterable

_REPLACED: Final = str.maketrans("`\0", "__")


def column_names(names: Iterable[str], stored: Iterable[str] = ()) -> dict[str, str]:
    """Map each name to the column that holds it.

    Delta Lake and Domo ignore the case of names, Delta Lake's merge cannot quote a
    backtick, Arrow's C interface ends a name at a NUL, and a column needs a name. So of names that
    are equal ignoring case, the first stays and the others get the first free suffix of `_2`, `_3`,
    …; a backtick or a NUL becomes `_`, and an empty name `column`. All other names stay.

    Args:
        names: The names.
        stored: The columns that the dataset has: a name that equals one of them keeps it; a name
            that differs from it only by case gets a suffix, the same one in every run.
    """
    names = list(dict.fromkeys(names))
    spelled = {name.casefold(): name for name in stored}
    reserved = {name.casefold() for name in names}
    taken: set[str] = set()
    columns = {}
    for name in names:
        wanted = name.translate(_REPLACED) or "column"
        suffixed = (f"{wanted}_{number}" for number in count(2))
        columns[name] = next(
            candidate
            for candidate in chain([wanted], suffixed)
            if candidate.casefold() not in taken
            and (candidate == name or candidate.casefold() not in reserved)
            and spelled.get(candidate.casefold(), candidate) == candidate
        )
        taken.add(columns[name].casefold())
    return columns


def check_columns(names: Iterable[str], where: str) -> None:
    """Reject names that no dataset can have.

    Args:
        names: The names of the columns.
        where: The table of the columns, as the beginning of a sentence.

    Raises:
        SchemaConflictError: A name is empty, contains a backtick or a NUL, or differs from another
            only by case.
    """
    names = list(names)
    renamed = [old for old, new in column_names(names).items() if old != new]
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if not names:
        message = f"{where}: it needs at least one column"
        raise SchemaConflictError(message)
    if renamed or repeated:
        column = (renamed or repeated)[0]
        message = (
            f"{where}: it cannot have a column {column!r}; rename it: names must be unique "
            "ignoring case, not empty, and contain neither backtick nor NUL"
        )
        raise SchemaConflictError(message)
