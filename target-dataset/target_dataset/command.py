"""The command, which loads only what its options need."""

from __future__ import annotations

import gc
from typing import Any

from target_dataset.plugin import TargetPlugin


class Command(TargetPlugin):
    """The target on the command line."""

    __doc__ = TargetPlugin.__doc__

    @classmethod
    def invoke(cls, *, about: bool = False, **options: Any) -> None:
        """Print the metadata, or load the target and run it."""
        if about:
            super().invoke(about=about, **options)
            return
        from target_dataset.target import TargetDataset  # noqa: PLC0415 - takes its time

        # loaded modules stay in memory: searching them for garbage would take time repeatedly
        gc.freeze()
        gc.enable()
        TargetDataset.invoke(**options)
