"""Name, settings and capabilities of the tap, apart from what a run needs."""

from __future__ import annotations

from typing import Any, ClassVar

from singer_sdk.helpers.capabilities import (
    CapabilitiesEnum,
    PluginCapabilities,
    TapCapabilities,
)

from tap_twitter.command.command_line import CommandLineTap
from tap_twitter.settings import SETTINGS


class TapPlugin(CommandLineTap):
    """Singer tap for X (Twitter): one stream for each report."""

    name = "tap-twitter"
    package_name = "opendataset-tap-twitter"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS.to_dict()
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    """No BATCH: its files would bypass field selection and stream maps."""
