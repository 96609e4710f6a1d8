"""The command `dataset`, and `python -m dataset_store`."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the command, which takes a moment, and run it.

    A Ctrl-C in that moment ends the process as SIGTERM does: there is nothing to clean up yet, and
    a traceback would tell nothing. `cli` lets it unwind from when there is. If SIGINT is ignored,
    as in background jobs of a shell, it stays so.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from dataset_store import cli  # noqa: PLC0415 - what the signal may interrupt

    cli.main()


if __name__ == "__main__":
    main()
