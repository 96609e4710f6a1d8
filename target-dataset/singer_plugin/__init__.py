"""Parts of the command line that the tap and the target share.

Settings in nested groups, errors on one line, correct exit codes. The pieces build on singer-sdk
alone and fill its gaps: defaults inside an absent group are not applied, nested settings are not
read from the environment, validation messages echo secret values, a bad `--config` file prints a
traceback, and SIGTERM ends with exit code 0.
"""

from __future__ import annotations

from singer_plugin.command import UserError
from singer_plugin.plugin import PluginMixin

__all__ = ["PluginMixin", "UserError"]
