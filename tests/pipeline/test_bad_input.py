"""What a user can get wrong: one clear line, a failing exit code, nothing bought, nothing written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.commands import BIN, run
from support.harness import APP_AUTH, USER_AUTH, make_dataset, tap_config

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = pytest.mark.pipeline


def tap(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return run(BIN / "tap-twitter", *arguments, cwd=None, **variables)


def complaints(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines of the log that are errors, without their time."""
    lines = done.stderr.splitlines()
    return [line for line in lines if "| ERROR " in line or line.startswith(("Error:", "Usage:"))]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"auth": {}}, "No credentials for X: set 'auth.consumer_key'"),
        ({"auth": {}}, "or set 'auth.client_id' and 'auth.refresh_token' (OAuth 2.0)"),
        ({"source_default_schema": {"": 1}}, "'source_default_schema' has a column whose name is empty"),
        ({"budget": {"app_owner_id": "12\n"}}, "'budget.app_owner_id' must be a user id of X"),
        ({"budget": {"app_owner_id": 1.23e18}}, "a float such as 1.23E+18 has lost the last ones"),
        ({"auth": {"consumer_key": "k"}}, "'auth.consumer_key' also need(s) 'auth.consumer_secret'"),
        ({"auth": {"bearer_token": 1}}, "Setting 'auth.bearer_token' must be of type string."),
        ({"auth": {"bearer": "x"}}, "it does not accept 'bearer' (did you mean 'bearer_token'?)."),
        ({"api": {"vocabulary": "klingon"}}, "'api.vocabulary' must be one of: auto, tweet, post."),
        ({"api": {"timeout_seconds": 0}}, "Setting 'api.timeout_seconds' must be more than 0."),
        ({"api": {"timeout_seconds": 3601}}, "Setting 'api.timeout_seconds' must be at most 3600."),
        ({"api": {"max_wait_seconds": 1e9}}, "Setting 'api.max_wait_seconds' must be at most 90000."),
        ({"api": {"base_url": "ftp://x"}}, "Setting 'api.base_url' must be an address such as"),
        ({"api": {"base_url": "http://u:pw@x"}}, "Setting 'api.base_url' must be an address such as"),
        ({"api": {"base_url": "http://x\n"}}, "Setting 'api.base_url' must be an address such as"),
        ({"api": {"oauth_url": "http://a b"}}, "Setting 'api.oauth_url' must be an address such as"),
        ({"api": {"user_agent": "a\r\nb: c"}}, "Setting 'api.user_agent' must be plain ASCII text"),
        ({"api": {"user_agent": "ann "}}, "Setting 'api.user_agent' must be plain ASCII text"),
        ({"stream_maps": {"users_lookup": {"name": "(("}}}, "'stream_maps': Failed to parse expression"),
        ({"stream_maps": {"users_lookup": {"requested_id": None}}}, "'stream_maps': Removing key property"),
        ({"users_lookup": {"refresh_after_days": 1e9}}, "'users_lookup.refresh_after_days' must be at"),
        ({"users_lookup": {}}, "Setting 'users_lookup.input_dataset_id' is missing"),
        ({"users_lookup": {"input_dataset_id": "peple"}}, "'peple' in"),
        ({"users_lookup": {"input_dataset_id": "p"}}, "(setting 'users_lookup.input_dataset_id')."),
        ({"users_lookup": {"input_dataset_id": "p"}, "store": "no"}, "(setting 'store')."),
        ({"users_lookup": {"input_dataset_id": "p", "store": "no"}}, "Settings 'store' and 'users_lookup.store'"),
        ({"users_lookup": {"input_dataset_id": "empty"}}, "has no ids in column user_id"),
        ({"users_lookup": {"input_dataset_id": "cities"}}, "its columns are: 'city', 'country'."),
        ({"users_lookup": {"input_dataset_id": "floats"}}, "the last digits of its ids are lost"),
        ({"users_lookup": {"input_dataset_id": "x"}, "store": "nowhere"}, "nowhere"),
        ({"users_lookup": {"input_dataset_id": "x"}, "store": "gs://b"}, "gs://b"),
        ({"store": ""}, "Setting 'store' must not be empty."),
    ],
    ids=lambda value: json.dumps(value)[1:-1][:60] if isinstance(value, dict) else "",
)  # fmt: skip
def test_settings_and_inputs(
    sandbox: Sandbox, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    store = tmp_path / "datasets"
    make_dataset(store, "empty", {"user_id": []})
    make_dataset(store, "cities", {"city": ["Oslo"], "country": ["NO"]})
    make_dataset(store, "floats", {"user_id": ["1.23E+18"]})
    config = tap_config(sandbox, store)
    for group, settings in change.items():
        config[group] = {"base_url": sandbox.url, **settings} if group == "api" else settings
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    done = tap("--config", path)
    assert done.returncode == 1
    (line,) = complaints(done)
    assert message in line
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert len(sandbox.requests) == 0


def test_wrong_credentials(sandbox: Sandbox, tmp_path: Path) -> None:
    make_dataset(tmp_path, "people", {"user_id": ["1"]})
    path = tmp_path / "config.json"
    auth = {**APP_AUTH, "consumer_secret": "not-the-secret"}
    path.write_text(json.dumps(tap_config(sandbox, tmp_path, auth=auth)))
    done = tap("--config", path)
    assert done.returncode == 1
    (line,) = complaints(done)
    assert "check the settings 'auth.consumer_key' and 'auth.consumer_secret'" in line
    assert "not-the-secret" not in done.stderr
    assert "Traceback" not in done.stderr
    assert '"RECORD"' not in done.stdout
    assert sandbox.bill.total.gross_objects == 0


FIXES = {
    "--config": "write the settings as one JSON object; --about lists them",
    "--state": "leave --state out on a first run; later, give it the last line that the target wrote (tail -n 1 states.jsonl > state.json)",
    "--catalog": "--discover writes one",
}  # fmt: skip


@pytest.mark.parametrize("option", FIXES)
@pytest.mark.parametrize(
    "content",
    [None, "{broken", "[1]", "\ufeff{", ""],
    ids=["missing", "broken", "no-object", "half", "empty"],
)
def test_files_on_the_command_line(tmp_path: Path, option: str, content: str | None) -> None:
    path = tmp_path / "given.json"
    if content is not None:
        path.write_text(content)
    done = tap(option, path)
    assert done.returncode != 0
    (line,) = complaints(done)
    assert f"{option}: file {path}" in line
    assert line.endswith(FIXES[option])
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["tap-twitter", "target-dataset"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["--about"],
        ["--about", "--format=json"],
        ["--about", "--format=markdown"],
    ],
    ids=" ".join,
)
def test_help_and_about_need_no_settings(command: str, arguments: list[str]) -> None:
    done = run(BIN / command, *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_discovery_needs_no_settings() -> None:
    catalog = json.loads(tap("--discover").stdout)
    keys = {each["tap_stream_id"]: each["key_properties"] for each in catalog["streams"]}
    assert keys["users_lookup"] == ["input_dataset_id", "requested_id"]
    assert keys["historical_engagement"] == ["row_id"]


@pytest.mark.parametrize("auth", [USER_AUTH, APP_AUTH], ids=["oauth1", "app-only"])
def test_the_log_holds_no_secret_and_no_id_at_any_level(
    sandbox: Sandbox, tmp_path: Path, auth: dict[str, str]
) -> None:
    ids = sandbox.world.sample_ids(150)
    handles = [sandbox.world.handle(each) for each in sandbox.world.sample_ids(5, "found")]
    make_dataset(tmp_path, "people", {"who": [*ids, *handles]})
    sandbox.faults.add("service_unavailable", path="/2/users")
    path = tmp_path / "config.json"
    path.write_text(json.dumps(tap_config(sandbox, tmp_path, auth=auth)))
    done = tap("--config", path, TAP_TWITTER_LOGLEVEL="DEBUG")
    assert done.returncode == 0, done.stderr
    assert "| DEBUG " in done.stderr
    private = [*ids, *handles, *auth.values(), sandbox.tokens.app_only()]
    assert [each for each in private if each in done.stderr] == []


@pytest.mark.parametrize(
    "content",
    [[["streams", []]], {"streams": 1}, {"streams": [1]}, {"streams": [{}]}, {"streams": [{"tap_stream_id": "a", "schema": 1}]},
     {"streams": [{"tap_stream_id": "a", "metadata": [{}]}]}],
    ids=json.dumps,
)  # fmt: skip
def test_a_catalog_that_is_none(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "given.json"
    path.write_text(json.dumps(content))
    done = tap("--catalog", path)
    assert done.returncode == 1
    (line,) = complaints(done)
    assert f"--catalog: file {path} " in line
    assert "; --discover writes one" in line
    assert "Traceback" not in done.stderr
