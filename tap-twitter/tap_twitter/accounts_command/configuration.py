"""The settings of the tap that concern accounts, from the tap's own sources."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from singer_plugin import UserError
from singer_plugin import settings as groups
from singer_plugin.command import read_option
from tap_twitter.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GROUPS: Final = ("auth", "api", "budget")
"""Errors in other groups are no reason not to connect an account."""

PREFIX: Final = "TAP_TWITTER_"


def configuration(file: Path | None, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The settings, by group, with their defaults.

    Args:
        file: A settings file as for the tap; it overrides the environment.
        options: Settings by group that override both, unless they are None.

    Raises:
        UserError: Some are not valid; one line for each.
        click.ClickException: The file cannot be read.
    """
    schema = SETTINGS.to_dict()
    schema = {**schema, "properties": {name: schema["properties"][name] for name in GROUPS}}
    given = read_option("--config", file) if file else {}
    sources = (groups.from_environment(schema, PREFIX, os.environ), given, options)
    chosen = [{name: each[name] for name in GROUPS if name in each} for each in sources]
    config = groups.merged(schema, chosen)
    config = groups.with_defaults(schema, groups.plain(config))
    if problems := groups.problems(schema, config):
        raise UserError("\n".join(problems))
    return config
