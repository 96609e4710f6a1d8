"""The command `tap-twitter`, and `python -m tap_twitter`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_twitter.plugin import TapPlugin

if TYPE_CHECKING:
    import click


class Command(TapPlugin):
    """Singer tap for X (Twitter): one stream for each report."""

    @classmethod
    def invoke(cls, *, about: bool = False, **options: Any) -> None:
        """Print what the tap is; for all else, load the streams first."""
        if about:
            super().invoke(about=about, **options)
        else:
            _loaded().invoke(**options)

    @classmethod
    def cb_discover(
        cls,
        ctx: click.Context,
        param: click.Option,
        value: bool,  # noqa: FBT001 - the SDK's signature
    ) -> None:
        """Print the catalog."""
        if value:
            _loaded().cb_discover(ctx, param, value)


def _loaded() -> type[TapPlugin]:
    from tap_twitter.tap import TapTwitter  # noqa: PLC0415 - loads what only a run needs

    return TapTwitter


def main() -> None:
    """Run the command."""
    Command.cli()


if __name__ == "__main__":
    main()
