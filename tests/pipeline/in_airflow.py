"""Reads a folder of DAGs as Airflow does, or runs one task of it; for the Python of Airflow.

in_airflow.py FOLDER             what the tasks of the DAG `x_shards` are, as JSON
in_airflow.py FOLDER TASK SHARD  runs a mapped task for one shard, in this process
"""

from __future__ import annotations

import json
import sys
from typing import Any

from airflow.dag_processing.dagbag import DagBag


def main(folder: str, task: str = "", shard: str = "") -> None:
    bag = DagBag(folder)
    dag = bag.dags["x_shards"]
    if task:
        arguments = {"shard": int(shard)}
        operator = dag.get_task(task).unmap({"op_kwargs": arguments})
        operator.op_kwargs = arguments
        operator.execute({"params": {}})
    else:
        tasks = {each.task_id: described(each) for each in dag.tasks}
        print(json.dumps({"errors": bag.import_errors, "tasks": tasks}))  # noqa: T201


def described(task: Any) -> dict[str, Any]:
    shards = task.op_kwargs_expand_input.value["shard"]
    return {
        "pool": task.pool,
        "retries": task.retries,
        "retry_minutes": task.retry_delay.total_seconds() / 60,
        "after": sorted(task.upstream_task_ids),
        "commands": [task.python_callable(shard=shard) for shard in shards],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
