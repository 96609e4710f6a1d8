"""A pass goes on where it was broken off, and begins anew where it is another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from support.harness import make_dataset, run_tap, tap_config

from dataset_store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


def test_a_run_from_any_state_goes_on_without_gap_or_overlap(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    handles = [sandbox.world.handle(each) for each in sandbox.world.sample_ids(150)]
    make_dataset(tmp_path, "people", {"who": [*sandbox.world.sample_ids(350), *handles, "bad one"]})
    config = tap_config(sandbox, tmp_path)
    whole = run_tap(config)
    keys = [(each["requested_kind"], each["requested_id"]) for each in whole.records]
    for position, message in enumerate(whole.all):
        if message["type"] != "STATE":
            continue
        done = sum(each["type"] == "RECORD" for each in whole.all[:position])
        rest = [
            (each["requested_kind"], each["requested_id"])
            for each in run_tap(config, message["value"]).records
        ]
        complete = message["value"] == whole.states[-1]
        assert rest == (keys if complete else keys[done:])
    assert whole.states[-1] == {"bookmarks": {"users_lookup": {"pass": []}}}


def test_a_pass_begins_anew_when_its_input_has_changed(sandbox: Sandbox, tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(250)})
    config = tap_config(sandbox, tmp_path)
    begun = run_tap(config).states[0]
    assert len(run_tap(config, begun).records) == 150
    dataset.append(pa.table({"user_id": ["77"]}))
    assert len(run_tap(config, begun).records) == 251


def test_a_pass_begins_anew_when_its_input_is_another_of_the_same_name(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ids = sandbox.world.sample_ids(350)
    first = make_dataset(tmp_path, "people", {"user_id": ids[:250]})
    config = tap_config(sandbox, tmp_path)
    begun = run_tap(config).states[0]
    open_store(str(tmp_path)).remove(first.id)
    second = make_dataset(tmp_path, "people", {"user_id": ids[100:]})
    assert (second.id, second.version) == (first.id, first.version)
    assert len(run_tap(config, begun).records) == 250


def test_a_pass_begins_anew_when_other_columns_are_read(sandbox: Sandbox, tmp_path: Path) -> None:
    ids = sandbox.world.sample_ids(300)
    make_dataset(tmp_path, "people", {"sender_id": ids[:150], "recipient_id": ids[150:]})
    begun = run_tap(tap_config(sandbox, tmp_path, id_columns=["sender_id"])).states[0]
    assert len(run_tap(tap_config(sandbox, tmp_path), begun).records) == 300


def test_the_state_does_not_grow_with_the_inputs(sandbox: Sandbox, tmp_path: Path) -> None:
    ids = sandbox.world.sample_ids(12)
    names = [f"people {number}" for number in range(12)]
    for name, user_id in zip(names, ids, strict=True):
        make_dataset(tmp_path, name, {"user_id": [user_id]})
    one, many = (
        run_tap(tap_config(sandbox, tmp_path, inputs=inputs)).states[0]
        for inputs in (names[:1], names)
    )
    assert len(str(many)) - len(str(one)) < 20


def test_a_begun_pass_of_another_shard_is_not_gone_on_with(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(250)})
    begun = run_tap(tap_config(sandbox, tmp_path)).states[0]
    whole = run_tap(tap_config(sandbox, tmp_path) | {"shard": {"index": 0, "count": 1}}, begun)
    assert len(whole.records) == 150
    part = tap_config(sandbox, tmp_path) | {"shard": {"index": 0, "count": 2}}
    assert len(run_tap(part, begun).records) == len(run_tap(part).records)
