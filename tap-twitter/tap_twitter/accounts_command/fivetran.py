"""Settings from the body of the request that creates a connection in Fivetran.

Source: https://fivetran.com/docs/connectors/applications/twitter/api-configuration.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from dataset_store.new_files import new_file
from singer_plugin import UserError
from singer_plugin import settings as groups
from singer_plugin.command import read_option
from tap_twitter.auth.keys import ACCESS, CONSUMER, keys_in
from tap_twitter.reports.organic.settings import TABLES
from tap_twitter.settings import SETTINGS
from tap_twitter.singer.catalog import selecting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SERVICE: Final = "twitter"
BODY_FIX: Final = "give the body of the request that creates the connection, as JSON"
NO_COUNTERPART: Final = "none: "
NETWORK: Final = NO_COUNTERPART + "the tap runs in your network; `HTTPS_PROXY` names a proxy"
TRUST: Final = NO_COUNTERPART + "certificates are always checked; `REQUESTS_CA_BUNDLE` adds yours"
ALERTS: Final = NO_COUNTERPART + "your scheduler tells when a run is late"

FIELDS: Final[Mapping[str, str]] = {
    "group_id": NO_COUNTERPART + "there are no groups; `store` of target-dataset is where rows go",
    "service": "the streams of job organic",
    "trust_certificates": TRUST,
    "trust_fingerprints": NO_COUNTERPART + "nothing is reached by SSH",
    "run_setup_tests": "`tap-twitter --test`",
    "paused": "Meltano: a schedule that is not there does not run",
    "pause_after_trial": NO_COUNTERPART + "there is no trial",
    "sync_frequency": "Meltano: the interval of a schedule",
    "daily_sync_time": "Meltano: the interval of a schedule",
    "schedule_type": "Meltano: `manual` is no schedule",
    "data_delay_sensitivity": ALERTS,
    "data_delay_threshold": ALERTS,
    "connect_card_config": "`tap-twitter-accounts connect`",
    "proxy_agent_id": NETWORK,
    "private_link_id": NETWORK,
    "networking_method": NETWORK,
    "hybrid_deployment_agent_id": NETWORK,
    "destination_configuration": NO_COUNTERPART + "datasets need no warehouse",
    "destination_schema_names": NO_COUNTERPART + "names are those of Fivetran's tables",
    "config.schema": "`schema` of target-dataset, or `--schema` of `dataset export --duckdb`",
    "config.sync_mode": "`organic.sync_mode`",
    "config.timeframe_months": "`organic.timeframe_months`",
    "config.accounts": "`organic.accounts`",
    "auth.consumer_key": "`auth.consumer_key`",
    "auth.consumer_secret": "`auth.consumer_secret`",
    "auth.client_access.client_id": "`auth.consumer_key`",
    "auth.client_access.client_secret": "`auth.consumer_secret`",
    "auth.oauth_token": "`auth.access_token`",
    "auth.oauth_token_secret": "`auth.access_token_secret`",
}
"""Each field of the body, and what stands for it here."""

WHOLE: Final = frozenset({"connect_card_config", "destination_configuration", "config.accounts"})
"""The fields whose value is taken as a whole."""

PLACEHOLDERS: Final = frozenset(
    {
        "string",
        "schema_name",
        "my_consumer_key",
        "my_consumer_secret",
        "twitter_access_token",
        "twitter_access_token_secret",
    }
)
MASKED: Final = re.compile(r"\*+")
"""What Fivetran shows in place of a secret."""


class Settings(NamedTuple):
    """What a body stands for.

    Attributes:
        config: The settings of the tap.
        notes: A line for each field of the body, without its value.
    """

    config: dict[str, Any]
    notes: list[str]


def write_settings(body: Path, file: Path, catalog: Path) -> None:
    """Write the settings that a body stands for, and the catalog that selects Fivetran's tables.

    Only their owner can read the files.

    Raises:
        UserError: The body is not of this connector, or a value in it does not serve.
        click.ClickException: The body cannot be read.
    """
    given = read_option("BODY", body, BODY_FIX)
    config, notes = settings_of(given)
    for path, content in ((file, config), (catalog, selecting(TABLES))):
        with new_file(path) as written:
            written.write(json.dumps(content, indent=2).encode() + b"\n")
    for note in notes:
        click.echo(note)
    test = shlex.join(["tap-twitter", "--config", str(file), "--catalog", str(catalog), "--test"])
    click.echo(f"\nWrote {file} and {catalog}. Check them: {test}")


def settings_of(body: Mapping[str, Any]) -> Settings:
    """The settings that a body stands for.

    Raises:
        UserError: The body is not of this connector, or a value in it does not serve.
    """
    fields = dict(_fields(body))
    if (service := fields.get("service")) not in (None, SERVICE):
        msg = f"Field 'service' is {json.dumps(service)}; settings are made of '{SERVICE}' alone."
        raise UserError(msg)
    used = {name: value for name, value in fields.items() if not is_placeholder(value)}
    auth = {name: value for name, value in used.items() if name.startswith("auth.")}
    for name, value in auth.items():
        if not isinstance(value, str):
            msg = f"Field '{name}' is not a text."
            raise UserError(msg)
    organic = {
        name: used[f"config.{name}"]
        for name in ("sync_mode", "accounts", "timeframe_months")
        if f"config.{name}" in used
    }
    config = {"auth": keys_in(_nested(auth), "auth"), "organic": organic | FIVETRAN}
    if problems := groups.problems(SETTINGS.to_dict(), config):
        raise UserError("\n".join(problems))
    missing = [name for name in (*CONSUMER, *ACCESS) if name not in config["auth"]]
    notes = [_note(name, name in used) for name in fields]
    return Settings(config, [*notes, *(f"auth.{name}: missing; set it" for name in missing)])


FIVETRAN: Final = {"fivetran_columns": True}
"""What is built on Fivetran's tables needs its columns."""


def is_placeholder(value: Any) -> bool:
    """Whether a value is none yet: that of Fivetran's page, a list of choices, a mask, or blank."""
    if isinstance(value, list):
        return all(map(is_placeholder, value))
    if not isinstance(value, str):
        return value is None
    text = value.strip()
    return not text or text in PLACEHOLDERS or " | " in text or bool(MASKED.fullmatch(text))


def _fields(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a body by dotted path."""
    for name, inner in value.items():
        path = prefix + name
        if isinstance(inner, dict) and path not in WHOLE:
            yield from _fields(inner, f"{path}.")
        else:
            yield path, inner


def _nested(auth: Mapping[str, str]) -> dict[str, Any]:
    """The group `auth` of its fields."""
    group: dict[str, Any] = {}
    for path, value in auth.items():
        *outer, name = path.split(".")[1:]
        inner = group
        for each in outer:
            inner = inner.setdefault(each, {})
        inner[name] = value
    return group


def _note(name: str, is_used: bool) -> str:  # noqa: FBT001 - private
    place = FIELDS.get(name)
    if place is None:
        return f"{name}: not a field of this connector; ignored"
    is_ours = name.startswith(("config.", "auth."))
    return f"{name}: {place}" if is_used or not is_ours else f"{name}: a placeholder; ignored"
