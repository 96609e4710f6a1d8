"""Datasets of a store that assigns GUIDs and keys itself, such as Domo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.helpers.capabilities import TargetLoadMethods

from dataset_store import StoreError

if TYPE_CHECKING:
    from dataset_store import Dataset, DatasetStore
    from target_dataset.wanted import Rows, Wanted


def found_by_name(store: DatasetStore, wanted: Wanted) -> Dataset | None:
    """The dataset of the wanted name with the stream's labels, or else without labels.

    A dataset about an input is also found if that input was renamed.

    Raises:
        StoreError: Several datasets match.
    """
    found = store.search(wanted.title)
    labeled = [each for each in found if dict(each.labels) == dict(wanted.labels)]
    named = [each for each in found if each.name == wanted.name]
    unlabeled = [each for each in named if not each.labels]
    meant = [each for each in named if each in labeled] or unlabeled
    if not meant and wanted.title != wanted.name:
        meant = labeled
    if len(meant) > 1:
        ids = ", ".join(each.id for each in meant)
        message = (
            f"Stream {wanted.labels['stream']!r}: {len(meant)} datasets are named "
            f"{meant[0].name!r} ({ids}); set `id` in `datasets` for the stream to the one for "
            "its rows"
        )
        raise StoreError(message)
    return store.find(meant[0].id) if meant else None


def check_keys(store: DatasetStore, dataset: Dataset, rows: Rows) -> None:
    """Reject a load method that the keys of the dataset do not support.

    Raises:
        StoreError: The rows would replace others, or would not.
    """
    if store.capabilities.append_beside_keys or rows.method is TargetLoadMethods.OVERWRITE:
        return
    wanted = sorted(rows.keys) if rows.method is TargetLoadMethods.UPSERT else []
    has = sorted(dataset.keys)
    if wanted != has:
        keyed = f"has the keys {', '.join(has)}" if has else "has no keys"
        message = (
            f"Stream {rows.stream!r}: dataset {dataset.id} {keyed} since its creation, "
            f"so it does not support `load_method: {rows.method.value}`; load into a new "
            "dataset (another `name` in `datasets`), or set `load_method`"
        )
        raise StoreError(message)
