"""Materializes shards of the example project with Dagster's own Python; what came of it, as JSON.

in_dagster.py ASSET PARTITION ...  materializes each partition in turn
in_dagster.py                      gives the runs that each schedule requests on a day
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from x_shards.definitions import defs


def materialized(name: str, partition: str) -> dict[str, Any]:
    asset = next(each for each in defs.assets if each.key.path[-1] == name)
    with dg.DagsterInstance.get() as instance:
        result = dg.materialize(
            [asset],
            partition_key=partition,
            resources=defs.resources,
            instance=instance,
            raise_on_error=False,
        )
    events = result.all_events
    stored = result.asset_materializations_for_node(name)
    return {
        "success": result.success,
        "retries": sum(event.event_type_value == "STEP_RESTARTED" for event in events),
        "failure": " ".join(
            event.event_specific_data.error.to_string()
            for event in events
            if event.event_type_value in {"STEP_FAILURE", "STEP_UP_FOR_RETRY"}
            and event.event_specific_data.error
        ),
        "metadata": {key: value.value for each in stored for key, value in each.metadata.items()},
    }


def scheduled() -> dict[str, list[str]]:
    moment = datetime(2026, 3, 10, 6, 47, tzinfo=UTC)
    requested = {}
    repository = defs.get_repository_def()
    for schedule in repository.schedule_defs:
        context = dg.build_schedule_context(
            scheduled_execution_time=moment, repository_def=repository
        )
        requests = schedule.evaluate_tick(context).run_requests
        requested[schedule.name] = [f"{each.run_key} {each.partition_key}" for each in requests]
    return requested


def main(name: str = "", *partitions: str) -> None:
    if name:
        print(json.dumps([materialized(name, partition) for partition in partitions]))  # noqa: T201
    else:
        print(json.dumps(scheduled()))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
