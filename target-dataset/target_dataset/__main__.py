"""The command `target-dataset`, and `python -m target_dataset`."""

from __future__ import annotations

import gc
import signal


def main() -> None:
    """Load the target, which takes a second, and run it.

    A Ctrl-C in that second ends the process as SIGTERM does: there is nothing to commit yet, and a
    traceback would tell nothing.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # what is loaded stays: to look for garbage among it would take a tenth of the time
    gc.disable()
    from target_dataset.target import TargetDataset  # noqa: PLC0415 - what the signal may interrupt

    gc.freeze()
    gc.enable()
    TargetDataset.cli()


if __name__ == "__main__":
    main()
