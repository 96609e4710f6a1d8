"""Assets, schedules and resources."""

# Without `annotations` of __future__: Dagster reads the type of a context when it is defined.
import os
from collections.abc import Iterator
from typing import Any

import dagster as dg

from x_shards.meltano import Meltano
from x_shards.shards import SHARDS

POOL = "x_api"
RETRIES = dg.RetryPolicy(
    max_retries=int(os.environ.get("RETRIES", "3")),
    # Meltano takes a run that was killed for a running one until it has been silent for 5 minutes;
    # X's windows last 15.
    delay=float(os.environ.get("RETRY_SECONDS", "900")),
)


def sharded(job: str, description: str) -> dg.AssetsDefinition:
    """An asset whose partitions are the shards of a job of `meltano.yml`."""

    @dg.asset(
        name=job,
        description=description,
        partitions_def=SHARDS,
        pool=POOL,
        retry_policy=RETRIES,
        group_name="x",
        kinds={"meltano"},
    )
    def run_shard(context: dg.AssetExecutionContext, meltano: Meltano) -> dg.MaterializeResult[Any]:
        return meltano.run(context, job)

    return run_shard


def every_day(asset: dg.AssetsDefinition, cron: str) -> dg.ScheduleDefinition:
    """One run per shard; off until it is switched on, since X charges."""
    job = dg.define_asset_job(f"{asset.key.path[-1]}_all_shards", [asset], partitions_def=SHARDS)

    @dg.schedule(name=f"{job.name}_daily", job=job, cron_schedule=cron, execution_timezone="UTC")
    def one_run_per_shard(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        for key in SHARDS.get_partition_keys():
            day = context.scheduled_execution_time.date()
            yield dg.RunRequest(run_key=f"{day}-{key}", partition_key=key)

    return one_run_per_shard


LOOKUP = sharded("lookup", "The users of the input dataset, looked up.")
INSIGHTS = sharded("insights", "Accounts and their posts, with today's metrics.")

defs = dg.Definitions(
    assets=[LOOKUP, INSIGHTS],
    schedules=[every_day(LOOKUP, "17 6 * * *"), every_day(INSIGHTS, "47 6 * * *")],
    resources={
        "meltano": Meltano(
            environment=os.environ.get("MELTANO_ENVIRONMENT", "prod"),
            max_cost_usd=float(os.environ.get("MAX_COST_USD", "0")),
        )
    },
)
