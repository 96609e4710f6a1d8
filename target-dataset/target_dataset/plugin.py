"""Name, settings and capabilities of the target, apart from what a run needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import click
from singer_sdk import Target
from singer_sdk.exceptions import ConfigurationError, MappingError
from singer_sdk.helpers.capabilities import (
    CapabilitiesEnum,
    PluginCapabilities,
    TargetCapabilities,
)

from dataset_store import DatasetError
from dataset_store.json_files import STANDARD_INPUT
from singer_plugin import PluginMixin, UserError
from target_dataset.settings import SETTINGS

if TYPE_CHECKING:
    from singer_sdk.plugin_base import _ConfigInput


class TargetPlugin(PluginMixin, Target):
    """Singer target that writes streams into datasets: typed tables with a GUID and a name.

    A STATE is passed on once all rows before it are committed, and only then: when buffers are
    full, when the input falls silent, at its end, and when a signal asks to stop.
    """

    name = "target-dataset"
    package_name = "opendataset-target-dataset"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS.to_dict()
    known_errors = (UserError, DatasetError, ConfigurationError, MappingError)
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.BATCH,
        TargetCapabilities.HARD_DELETE,
        TargetCapabilities.VALIDATE_RECORDS,
    ]

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Add the SDK's settings except `batch_config`: BATCH messages contain the same data."""
        super().append_builtin_config(config_jsonschema)
        config_jsonschema["properties"].pop("batch_config", None)

    @classmethod
    def cb_config(
        cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]
    ) -> _ConfigInput:
        """Read the `--config` files; standard input is none, for the messages come from there.

        Raises:
            click.UsageError: A file is `-`.
        """
        if STANDARD_INPUT in value:
            msg = "--config: standard input has the messages of the tap; name a file"
            raise click.UsageError(msg)
        return super().cb_config(ctx, param, value)
