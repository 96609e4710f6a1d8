"""Jobs of the Meltano project in shards, once a day: lookups, and then insights.

Environment variables of the workers:
    TAP_TWITTER_PROJECT: The folder of `meltano.yml`; `/srv/tap-twitter` if unset.
    MELTANO_ENVIRONMENT: Meltano's environment; `prod` if unset.
    SHARDS: How many shards a job has; 4 if unset. Another number begins with a state anew.

The pool has to be there: `airflow pools set x_api 2 "shards that ask X at once"`.
"""

from __future__ import annotations

import os
from datetime import timedelta
from shlex import quote

import pendulum
from airflow.sdk import dag, task

PROJECT = os.environ.get("TAP_TWITTER_PROJECT", "/srv/tap-twitter")
SHARDS = int(os.environ.get("SHARDS", "4"))
POOL = "x_api"
RETRY_DELAY = timedelta(minutes=15)
"""A window of X's, and longer than the 5 minutes for which Meltano takes a killed run for alive."""


@dag(
    schedule="17 6 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,  # X charges
    default_args={"pool": POOL, "retries": 3, "retry_delay": RETRY_DELAY},
    tags=["x"],
)
def x_shards() -> None:
    """One task per shard and job; a failed shard is retried alone."""

    def command(job: str, shard: int) -> str:
        script = quote(f"{PROJECT}/examples/run_shard.py")
        return f"exec python3 {script} {job} {shard} {SHARDS}"  # exec: a kill reaches the script

    variables = {
        "MELTANO_ENVIRONMENT": os.environ.get("MELTANO_ENVIRONMENT", "prod"),
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
    }

    @task.bash(env=variables, append_env=True)
    def lookup(shard: int) -> str:
        return command("lookup", shard)

    @task.bash(env=variables, append_env=True)
    def insights(shard: int) -> str:
        return command("insights", shard)

    shards = list(range(SHARDS))
    lookup.expand(shard=shards) >> insights.expand(shard=shards)


x_shards()
