"""The settings `store` and `store_options`, also under their old names in `users_lookup`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dataset_store import StoreError, open_store
from tap_twitter.errors import SettingError
from tap_twitter.streams.dataset_errors import as_input_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_store import DatasetStore

DEFAULT_STORE: Final = "./datasets"
OLD_GROUP: Final = "users_lookup"
NOT_INHERITED: Final = (
    "No 'store_options' have come from Meltano: it gives a plugin no objects that its parent has "
    "in an environment, so write them there as JSON text"
)
"""See findings/meltano-environment-objects.sh."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The store of the datasets.

    Attributes:
        address: The address of the store.
        options: What the store needs to be opened.
        moved: The settings that were read from their old names in `users_lookup`.
    """

    address: str
    options: Mapping[str, Any]
    moved: tuple[str, ...] = ()

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> StoreSettings:
        """Read the settings; an old name counts if the new one is not set.

        Raises:
            SettingError: A setting is set under both names, with different values.
        """
        old: Mapping[str, Any] = config.get(OLD_GROUP) or {}
        names = ("store", "store_options")
        found = {name: _value(name, config.get(name), old.get(name)) for name in names}
        return cls(
            address=found["store"] or DEFAULT_STORE,
            options=found["store_options"] or {},
            moved=tuple(name for name in names if old.get(name) and not config.get(name)),
        )

    @property
    def warnings(self) -> list[str]:
        """A line for each setting that was read from its old name."""
        return [
            f"Setting '{OLD_GROUP}.{name}' is now called '{name}'; the old name still works."
            for name in self.moved
        ]

    def open(self) -> DatasetStore:
        """Open the store.

        Raises:
            InputDatasetError: There is no such store, or it does not know an option.
        """
        with as_input_error():
            try:
                return open_store(self.address, self.options)
            except StoreError as error:
                is_about_options = str(error).startswith("store_options:")
                if self.options or not is_about_options or "MELTANO_ENVIRONMENT" not in os.environ:
                    raise
                msg = f"{error}. {NOT_INHERITED}"
                raise StoreError(msg) from None


def _value(name: str, new: Any, old: Any) -> Any:
    if new and old and new != old:
        msg = (
            f"Settings '{name}' and '{OLD_GROUP}.{name}' mean the same but differ: "
            f"remove '{OLD_GROUP}.{name}'."
        )
        raise SettingError(msg)
    return new or old
