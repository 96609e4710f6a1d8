"""The command `target-dataset`, and `python -m target_dataset`."""

from __future__ import annotations

import gc
import signal


def main() -> None:
    """Load the command, which takes half a second, and run it.

    A Ctrl-C in that time ends the process like SIGTERM: there is nothing to commit yet, and a
    traceback would not help.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # until all is loaded, there is no garbage to look for
    gc.disable()
    from target_dataset.command import Command  # noqa: PLC0415 - what the signal may interrupt

    Command.cli()


if __name__ == "__main__":
    main()
