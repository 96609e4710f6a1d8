"""The command `target-dataset`, and `python -m target_dataset`."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the target, which takes a second, and run it.

    A Ctrl-C in that second ends the process as SIGTERM does: there is nothing to commit yet, and a
    traceback would tell nothing.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from target_dataset.target import TargetDataset  # noqa: PLC0415 - what the signal may interrupt

    TargetDataset.cli()


if __name__ == "__main__":
    main()
