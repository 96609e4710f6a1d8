"""What the tap and the target share as commands.

Settings in nested groups, errors in one line, honest exit codes. The pieces stand on singer-sdk
alone and fill its gaps: defaults inside an absent group are not applied, nested settings are not
read from the environment, validation messages echo secret values, a bad `--config` file prints a
traceback, and SIGTERM ends with exit code 0.
"""

from __future__ import annotations

from singer_plugin.command import UserError
from singer_plugin.plugin import PluginMixin

__all__ = ["PluginMixin", "UserError"]
