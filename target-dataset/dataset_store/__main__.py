"""The command `dataset`, and `python -m dataset_store`."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the command, which takes a moment, and run it.

    A Ctrl-C in that moment ends the process like SIGTERM: there is nothing to clean up yet, and a
    traceback would not help. Afterwards, `cli` cleans up on signals. If SIGINT is ignored, as in
    background jobs of a shell, it stays ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from dataset_store import cli  # noqa: PLC0415 - what the signal may interrupt

    cli.main()


if __name__ == "__main__":
    main()
