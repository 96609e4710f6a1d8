"""Runs of Meltano, as a resource of Dagster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from x_shards.shards import Shard

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[3]
LEVELS = {"warning", "error", "critical"}
COSTS = ("requests", "objects", "usd", "usd_to_pay")
"""What a materialization repeats of the summary of the tap."""


class Meltano(dg.ConfigurableResource):
    """The Meltano project whose jobs the assets run.

    Attributes:
        project: The folder of `meltano.yml`.
        environment: Meltano's environment.
        max_cost_usd: The budget of all shards of a job together, for one run each. 0: no limit.
        stop_seconds: How long a run may take to finish its page after it was told to stop.
    """

    project: str = str(ROOT)
    environment: str = "prod"
    max_cost_usd: float = 0
    stop_seconds: float = 60

    def run(self, context: dg.AssetExecutionContext, job: str) -> dg.MaterializeResult[Any]:
        """Run a job for the shard of the context.

        Raises:
            dg.Failure: Meltano's exit code was not 0.
        """
        shard = Shard.from_key(context.partition_key)
        words = [sys.executable, str(Path(self.project) / "examples" / "run_shard.py")]
        log = Log()
        with tempfile.TemporaryDirectory() as folder:
            summaries = Path(folder) / "summaries.jsonl"
            with subprocess.Popen(
                [*words, job, str(shard.index), str(shard.count)],
                env=self._environment(shard, summaries),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            ) as process:
                try:
                    self._follow(process, log, context)
                    code = process.wait()
                except BaseException:
                    self._stop(process, log, context)  # a termination of the run
                    raise
            totals = totals_of(summaries)
        metadata = {"state_id_suffix": shard.suffix, "exit_code": code, **totals}
        if code:
            because = "; ".join(log.errors) or "its log has the reason"
            message = f"Shard {shard.key} of job '{job}' ended with exit code {code}: {because}"
            raise dg.Failure(message, metadata)
        return dg.MaterializeResult(metadata=metadata)

    def _environment(self, shard: Shard, summaries: Path) -> dict[str, str]:
        variables = {
            "MELTANO_ENVIRONMENT": self.environment,
            "MELTANO_CLI_LOG_FORMAT": "json",
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
            "TAP_TWITTER_SUMMARY_FILE": str(summaries),
            "TARGET_DATASET_SUMMARY_FILE": str(summaries),
        }
        if self.max_cost_usd:
            variables["TAP_TWITTER_BUDGET_MAX_COST_USD"] = str(self.max_cost_usd / shard.count)
        return {**os.environ, **variables}

    def _follow(
        self, process: subprocess.Popen[str], log: Log, context: dg.AssetExecutionContext
    ) -> None:
        for level, line in log.lines(process.stderr or ()):
            context.log.log(level.upper(), line)

    def _stop(
        self, process: subprocess.Popen[str], log: Log, context: dg.AssetExecutionContext
    ) -> None:
        """Let the tap finish its page, which X has charged for, and the target commit it."""
        process.send_signal(signal.SIGTERM)
        again = threading.Timer(self.stop_seconds, process.send_signal, [signal.SIGTERM])
        again.start()
        try:
            self._follow(process, log, context)
            process.wait()
        finally:
            again.cancel()


class Log:
    """Meltano's log: lines of JSON.

    Attributes:
        errors: The texts of its errors.
    """

    def __init__(self) -> None:
        self.errors: list[str] = []

    def lines(self, stream: Iterable[str]) -> Iterable[tuple[str, str]]:
        """The level and the text of each line."""
        for line in stream:
            try:
                entry = json.loads(line)
                text = str(entry["event"])
            except (ValueError, TypeError, KeyError):
                yield "info", line.rstrip()
                continue
            level = entry.get("level", "info")
            if level == "error":
                self.errors.append(text)
            who = entry.get("string_id", "meltano")
            yield level if level in LEVELS else "info", f"{who}: {text}"


def totals_of(summaries: Path) -> dict[str, float]:
    """Requests, objects, dollars and written rows of a run, from the summaries of its programs."""
    totals: dict[str, float] = {}
    for line in summaries.read_text().splitlines() if summaries.exists() else ():
        summary = json.loads(line)
        if "datasets" in summary:
            totals["rows"] = sum(each["written"] for each in summary["datasets"])
        else:
            totals |= {name: summary["total"][name] for name in COSTS}
    return totals
