"""Settings from the body of Fivetran's request."""

from __future__ import annotations

import json
import stat
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.commands import ROOT
from support.state_jobs import ORGANIC

from singer_plugin import UserError
from tap_twitter.accounts_command.cli import main
from tap_twitter.accounts_command.fivetran import FIELDS, settings_of
from tap_twitter.tap import TapTwitter

PAGE: dict[str, Any] = {
    "group_id": "group_id",
    "service": "twitter",
    "trust_certificates": True,
    "trust_fingerprints": True,
    "run_setup_tests": True,
    "paused": False,
    "pause_after_trial": False,
    "sync_frequency": 1440,
    "data_delay_sensitivity": "NORMAL",
    "data_delay_threshold": 0,
    "daily_sync_time": "14:00",
    "schedule_type": "auto",
    "connect_card_config": {"redirect_uri": "https://your.site/path", "hide_setup_guide": True},
    "proxy_agent_id": "proxy_agent_id",
    "private_link_id": "private_link_id",
    "networking_method": "Directly",
    "hybrid_deployment_agent_id": "hybrid_deployment_agent_id",
    "destination_configuration": {"virtual_warehouse": "virtual_warehouse"},
    "destination_schema_names": "SOURCE_NAMING",
    "config": {
        "sync_mode": "AllAccounts | SpecificAccounts",
        "timeframe_months": "TWENTY_FOUR | SIX | ALL_TIME | TWELVE | THREE",
        "accounts": ["string"],
        "schema": "schema_name",
    },
    "auth": {
        "consumer_key": "string",
        "consumer_secret": "string",
        "client_access": {"client_secret": "my_consumer_secret", "client_id": "my_consumer_key"},
        "oauth_token": "twitter_access_token",
        "oauth_token_secret": "twitter_access_token_secret",
    },
}
"""The body on Fivetran's page."""

KEYS = {
    "consumer_key": "cK1",
    "consumer_secret": "cS2",
    "access_token": "905-aT3",
    "access_token_secret": "aS4",
}
TOKENS = {"oauth_token": KEYS["access_token"], "oauth_token_secret": KEYS["access_token_secret"]}
PAIR = {"client_id": KEYS["consumer_key"], "client_secret": KEYS["consumer_secret"]}


def body(config: dict[str, Any] | None = None, **auth: Any) -> dict[str, Any]:
    """The page's body with some values filled in."""
    made = deepcopy(PAGE)
    made["config"] |= config or {}
    made["auth"] |= auth
    return made


def test_the_body_of_the_page_pastes_as_it_is() -> None:
    config, notes = settings_of(PAGE)
    assert config == {"auth": {}, "organic": {"fivetran_columns": True}}
    assert [note.partition(":")[0] for note in notes[: len(FIELDS)]] == [
        *(name for name in PAGE if name not in {"config", "auth"}),
        *(f"config.{name}" for name in PAGE["config"]),
        *("auth.consumer_key", "auth.consumer_secret", "auth.client_access.client_secret",
          "auth.client_access.client_id", "auth.oauth_token", "auth.oauth_token_secret"),
    ]  # fmt: skip
    assert notes[len(FIELDS) :] == [f"auth.{name}: missing; set it" for name in KEYS]


@pytest.mark.parametrize(
    "auth",
    [
        {**TOKENS, "client_access": PAIR},
        {**TOKENS, "consumer_key": "cK1", "consumer_secret": "cS2"},
        {**TOKENS, "consumer_key": "cK1", "consumer_secret": "cS2", "client_access": PAIR},
        {**TOKENS, "consumer_key": " cK1\n", "consumer_secret": "***", "client_access": PAIR},
    ],
    ids=["client access", "consumer keys", "both agree", "masked"],
)
def test_a_body_that_is_filled_in_gives_settings_that_the_tap_takes(auth: dict[str, Any]) -> None:
    chosen = {
        "sync_mode": "SpecificAccounts",
        "accounts": ["18ce54d4x5t"],
        "timeframe_months": "TWENTY_FOUR",
    }
    config, notes = settings_of(body(chosen, **auth))
    assert config == {"auth": KEYS, "organic": {**chosen, "fivetran_columns": True}}
    tap = TapTwitter(config=config)
    assert tap.streams["tweet"].schema["properties"].keys() >= {"_fivetran_synced"}
    text = "\n".join(notes)
    assert "missing" not in text
    assert not [secret for secret in KEYS.values() if secret in text]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "other service": ({**PAGE, "service": "twitter_ads"}, "'service' is \"twitter_ads\""),
    "keys differ": (body(consumer_key="cK9", client_access=PAIR), "mean the same but differ"),
    "sync mode": (body({"sync_mode": "Some"}), r"organic\.sync_mode"),
    "timeframe": (body({"timeframe_months": "3"}), r"organic\.timeframe_months"),
    "handle": (body({"accounts": ["@acme"]}), r"organic\.accounts.*18ce54d4x5t"),
    "no text": (body(consumer_key=7), r"'auth\.consumer_key' is not a text"),
    "mixed up": (body(consumer_key="905-aT3"), "mixed up"),
}


@pytest.mark.parametrize(("given", "message"), BAD.values(), ids=BAD)
def test_a_value_that_does_not_serve_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        settings_of(given)
    assert not [secret for secret in KEYS.values() if secret in str(caught.value)]


def test_unknown_fields_are_named() -> None:
    _, notes = settings_of({"service": "twitter", "config": {"new": 1}, "auth": {"pin": "a"}})
    assert "config.new: not a field of this connector; ignored" in notes
    assert "auth.pin: not a field of this connector; ignored" in notes


def test_the_command_writes_a_file_of_its_owner_and_prints_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = json.dumps(body({}, client_access=PAIR, **TOKENS))
    words = ["from-fivetran", "-", "settings.json", "my catalog.json"]
    done = CliRunner().invoke(main, words, input=text)
    assert done.exit_code == 0, done.output
    assert json.loads(Path("settings.json").read_text())["auth"] == KEYS
    assert stat.S_IMODE(Path("settings.json").stat().st_mode) == 0o600
    assert "networking_method: none" in done.output
    assert "--config settings.json --catalog 'my catalog.json' --test" in done.output
    assert not [secret for secret in KEYS.values() if secret in done.output]


def test_the_catalog_selects_the_tables_of_fivetran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = json.dumps(body({}, client_access=PAIR, **TOKENS))
    words = ["from-fivetran", "-", "settings.json", "catalog.json"]
    assert CliRunner().invoke(main, words, input=text).exit_code == 0
    config = json.loads(Path("settings.json").read_text())
    tap = TapTwitter(config=config, catalog=json.loads(Path("catalog.json").read_text()))
    selected = {name for name, stream in tap.streams.items() if stream.selected}
    assert selected == {*ORGANIC} - {"tweet_analytics"}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"service": "x"}'])
def test_a_text_that_is_no_body_is_one_line(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(
        main, ["from-fivetran", "-", "settings.json", "catalog.json"], input=text
    )
    assert done.exit_code != 0
    assert "Traceback" not in done.output
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_each_field_has_a_row_in_the_guide() -> None:
    rows = [f"| `{name}` | {place[:1].upper()}{place[1:]} |" for name, place in FIELDS.items()]
    assert "\n".join(rows) in (ROOT / "docs" / "from-fivetran.md").read_text()
