"""Which column names a dataset can have, and what other names become."""

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

    Delta Lake and Domo do not tell upper from lower case, Delta Lake's merge cannot quote a
    backtick, Arrow's C interface ends a name at a NUL, and no column is nameless. So of names that
    are equal without case the first stays and the others get the first free suffix of `_2`, `_3`,
    …; a backtick or a NUL becomes `_`, no name `column`. Every other name stays as it is.

    Args:
        names: The names.
        stored: The columns that the dataset has: a name that equals one of them keeps it, one that
            differs from it by case alone gets a suffix, in every run the same.
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
    """Refuse names that no dataset can have.

    Args:
        names: The names of the columns.
        where: What they are the columns of, as the beginning of a sentence.

    Raises:
        SchemaConflictError: A name is empty, holds a backtick or a NUL, or differs from another by
            case alone.
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
