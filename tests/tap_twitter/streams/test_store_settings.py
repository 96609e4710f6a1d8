from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import make_dataset, run_tap, tap_config

from tap_twitter.errors import InputDatasetError, SettingError
from tap_twitter.streams.store_settings import StoreSettings
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

KEYS = {"endpoint": "http://127.0.0.1:9000"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, StoreSettings("./datasets", {})),
        ({"store": "a", "store_options": KEYS}, StoreSettings("a", KEYS)),
        (
            {"users_lookup": {"store": "a", "store_options": KEYS}},
            StoreSettings("a", KEYS, ("store", "store_options")),
        ),
        ({"store": "a", "users_lookup": {"store": "a"}}, StoreSettings("a", {})),
        (
            {"store": "a", "store_options": {}, "users_lookup": {"store_options": KEYS}},
            StoreSettings("a", KEYS, ("store_options",)),
        ),
        (
            {"store_options": KEYS, "users_lookup": {"store": "a", "store_options": {}}},
            StoreSettings("a", KEYS, ("store",)),
        ),
        ({"store": "a", "users_lookup": {"store": None}}, StoreSettings("a", {})),
    ],
    ids=["neither", "new", "old", "both-alike", "old-options", "old-store", "old-null"],
)
def test_both_places(config: dict[str, Any], expected: StoreSettings) -> None:
    assert StoreSettings.from_config(TapTwitter(config=config).config) == expected


@pytest.mark.parametrize(
    ("name", "new", "old"),
    [("store", "hush-a", "hush-b"), ("store_options", {"key": "hush-a"}, {"key": "hush-b"})],
    ids=["store", "store_options"],
)
def test_both_set_and_different(
    sandbox: Sandbox, tmp_path: Path, name: str, new: Any, old: Any
) -> None:
    config = tap_config(sandbox, tmp_path) | {name: new}
    config["users_lookup"][name] = old
    for streams in (None, ["account_insights"]):
        with pytest.raises(SettingError, match=f"'{name}' and 'users_lookup.{name}'") as raised:
            run_tap(config, streams=streams)
        assert "hush" not in str(raised.value)
    assert not sandbox.requests


def test_a_configuration_with_the_old_names_reads_the_same_rows(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ids = sandbox.world.sample_ids(3, "found")
    make_dataset(tmp_path, "people", {"user_id": ids})
    new = tap_config(sandbox, tmp_path)
    old = json.loads(json.dumps(new))
    old["users_lookup"] |= {"store": old.pop("store"), "store_options": {"retain_hours": 5}}
    asked = [[row["requested_id"] for row in run_tap(each).records] for each in (new, old)]
    assert asked == [sorted(ids), sorted(ids)]
    warnings = [each.getMessage() for each in caplog.records if "old name" in each.getMessage()]
    assert warnings == [
        f"Setting 'users_lookup.{name}' is now called '{name}'; the old name still works."
        for name in ("store", "store_options")
    ]


def test_a_state_of_the_old_configuration_resumes_with_the_new_one(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ids = sandbox.world.sample_ids(250, "found")
    make_dataset(tmp_path, "people", {"user_id": ids})
    new = tap_config(sandbox, tmp_path)
    old = json.loads(json.dumps(new))
    old["users_lookup"]["store"] = old.pop("store")
    first = run_tap(old | {"budget": {"max_requests": 1}})
    rest = run_tap(new, first.states[-1])
    answered = [row["requested_id"] for row in first.records + rest.records]
    assert len(first.records) == 100
    assert sorted(answered) == sorted(ids)


def test_a_store_that_there_is_none_of_is_named_by_its_setting() -> None:
    with pytest.raises(
        InputDatasetError, match=r"is not a supported store.* \(setting 'store'\)\.$"
    ):
        StoreSettings("ftp://x", {}).open()


@pytest.mark.parametrize(
    ("environment", "options", "hints"),
    [("prod", {}, True), (None, {}, False), ("prod", {"client_id": "c"}, False)],
    ids=["inherited by Meltano", "no Meltano", "options"],
)
def test_options_that_meltano_has_dropped_are_told(
    monkeypatch: pytest.MonkeyPatch,
    environment: str | None,
    options: dict[str, str],
    hints: bool,
) -> None:
    monkeypatch.delenv("MELTANO_ENVIRONMENT", raising=False)
    if environment:
        monkeypatch.setenv("MELTANO_ENVIRONMENT", environment)
    with pytest.raises(InputDatasetError, match="missing required field") as raised:
        StoreSettings("domo://example.com", options).open()
    assert ("so write them there as JSON text" in str(raised.value)) is hints


def test_errors_of_an_address_say_nothing_of_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "prod")
    with pytest.raises(InputDatasetError, match=r"domo://api\.domo\.com \(setting"):
        StoreSettings("ftp://example.com", {}).open()
