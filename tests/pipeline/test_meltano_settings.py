"""Settings that Meltano reads from the environment: what is wrong is one line each, what is empty is not set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from support.commands import ROOT
from support.help_addresses import without_help

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from support.commands import MeltanoProject

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("meltano")]

TARGET: dict[str, tuple[str, str]] = {
    "options": ("LOAD_METHOD", "merge"),
    "integer": ("BATCH_SIZE_ROWS", "many"),
    "number": ("IDLE_FLUSH_SECONDS", "soon"),
    "boolean": ("VALIDATE_RECORDS", "treu"),
    "object": ("STORE_OPTIONS", '{"private": '),
    "a name with a dot": ("DATASETS", '{"public.posts": {"nam": "Posts"}}'),
}
TAP: dict[str, tuple[str, str]] = {
    "options": ("API_VOCABULARY", "klingon"),
    "integer": ("API_CONCURRENCY", "lots"),
    "number": ("API_TIMEOUT_SECONDS", "long"),
    "boolean": ("INSIGHTS_INCLUDE_REPLIES", "neither"),
    "object": ("BUDGET_PRICES", "[0.01]"),
    "object of maps": ("STREAM_MAPS", '{"users_lookup": '),
}


def variables(prefix: str, values: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {f"{prefix}_{name}": value for name, value in values.values()}


def empty(plugin: str) -> dict[str, str]:
    """An empty variable for each setting of a plugin, but for the place of datasets."""
    project: dict[str, Any] = yaml.safe_load((ROOT / "meltano.yml").read_text())
    plugins = [each for group in project["plugins"].values() for each in group]
    (settings,) = (each["settings"] for each in plugins if each["name"] == plugin)
    names = [each["name"] for each in settings if not each["name"].endswith("store")]
    prefix = plugin.upper().replace("-", "_")
    return {f"{prefix}_{name.upper().replace('.', '_')}": "" for name in names}


def complaints(done: CompletedProcess[str]) -> list[str]:
    """The errors and warnings of the plugin, without their time; Meltano itself has none."""
    assert "Traceback" not in done.stderr
    assert all("[info " in line for line in done.stderr.splitlines())
    lines = [line.split(" | ") for line in done.stderr.splitlines()]
    return [without_help(line[-1]) for line in lines if len(line) > 1 and line[1].strip() != "INFO"]


def test_wrong_values_for_the_target_are_a_line_each(meltano: MeltanoProject) -> None:
    done = meltano.run("invoke", "target-dataset", **variables("TARGET_DATASET", TARGET))
    assert done.returncode == 1
    assert complaints(done) == [
        "Setting 'batch_size_rows' must be of type integer.",
        "Setting 'datasets.public.posts' accepts only: id, name, description; it does not accept 'nam' "
        "(did you mean 'name'?).",
        "Setting 'idle_flush_seconds' must be of type number.",
        "Setting 'load_method' must be one of: append-only, upsert, overwrite.",
        "Setting 'store_options' must be of type object.",
        "Setting 'validate_records' must be of type boolean.",
    ]


def test_wrong_values_for_the_tap_are_a_line_each(meltano: MeltanoProject) -> None:
    done = meltano.run("invoke", "tap-twitter", **variables("TAP_TWITTER", TAP))
    assert done.returncode == 1
    assert complaints(done) == [
        "Setting 'api.concurrency' must be of type integer.",
        "Setting 'api.timeout_seconds' must be of type number.",
        "Setting 'api.vocabulary' must be one of: auto, tweet, post.",
        "Setting 'budget.prices' must be of type object.",
        "Setting 'insights.include_replies' must be of type boolean.",
        "Setting 'stream_maps' must be of type object.",
    ]


def test_empty_variables_of_the_target_are_not_set(meltano: MeltanoProject) -> None:
    done = meltano.run("invoke", "target-dataset", **empty("target-dataset"))
    assert (done.returncode, complaints(done)) == (0, [])


def test_empty_variables_of_the_tap_are_not_set(meltano: MeltanoProject) -> None:
    done = meltano.run("invoke", "tap-twitter", **empty("tap-twitter"))
    [line] = complaints(done)
    assert done.returncode == 1
    assert line.startswith("No credentials for X: set 'auth.consumer_key'")
