"""The tap's own `--test` and `--plan`, run with the settings that were written."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from singer_plugin import UserError
from tap_twitter.singer.catalog import selecting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

TAP: Final = (sys.executable, "-m", "tap_twitter")
QUIET: Final = {"TAP_TWITTER_LOGLEVEL": "warning"}


class Trial:
    """Runs of the tap that load nothing.

    Args:
        folder: Where their files go.
        config: The settings.
    """

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self._folder = folder
        self._config = self._file("config", config)

    def passes(self, streams: Iterable[str]) -> bool:
        """Run `--test` for some streams, which prints its table."""
        done = subprocess.run(  # noqa: S603 - the tap, and no shell
            [*self._words(streams), "--test"], env={**os.environ, **QUIET}, check=False
        )
        return done.returncode == 0

    def plan(self, streams: Iterable[str], state: Mapping[str, Any]) -> dict[str, Any]:
        """What `--plan` expects of the next run of some streams.

        Args:
            streams: The streams.
            state: Where that run resumes; empty on a first run.

        Raises:
            UserError: There is no plan; the tap has printed why.
        """
        resuming = ["--state", self._file("state", state)] if state else []
        done = subprocess.run(  # noqa: S603 - the tap, and no shell
            [*self._words(streams), *resuming, "--plan=json"],
            env={**os.environ, **QUIET},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            msg = "There is no plan yet: see above."
            raise UserError(msg)
        plan: dict[str, Any] = json.loads(done.stdout)
        return plan

    def _words(self, streams: Iterable[str]) -> list[str]:
        catalog = self._file("catalog", selecting(streams))
        return [*TAP, "--config", self._config, "--catalog", catalog]

    def _file(self, name: str, content: Mapping[str, Any]) -> str:
        file = self._folder / f"{name}.json"
        file.write_text(json.dumps(content), "utf-8")
        return str(file)


@contextmanager
def trial(config: Mapping[str, Any]) -> Iterator[Trial]:
    """A trial with some settings; its files can be read by this user alone, and go at the end."""
    with tempfile.TemporaryDirectory(prefix="tap-twitter-init-") as folder:
        yield Trial(Path(folder), config)


def summed(plans: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The plans of several runs as one."""
    totals = [plan["total"] for plan in plans]
    return {
        "streams": [stream for plan in plans for stream in plan["streams"]],
        "total": {name: sum(total[name] for total in totals) for name in totals[0]},
    }


def summary(plan: Mapping[str, Any]) -> str:
    """The plan on a line for each stream: requests, dollars and minutes."""
    rows = [*plan["streams"], {"stream": "total", **plan["total"]}]
    width = max(len(row["stream"]) for row in rows)
    lines = [f"  {row['stream']:<{width}}  {_cost(row)}" for row in rows]
    if plan["total"]["open_ended"]:
        lines.append("  'or more': X does not say beforehand how much there is.")
    if plan["total"]["left"]:
        lines.append(f"  The budget leaves {plan['total']['left']:,} objects for later runs.")
    return "\n".join(lines)


def price(plan: Mapping[str, Any]) -> str:
    """The price of the next run in words."""
    total = plan["total"]
    bound = "an open amount, from" if total["open_ended"] else "at most"
    return f"for {bound} {total['usd']:,.2f} USD"


def _cost(row: Mapping[str, Any]) -> str:
    """Figures of a stream; X's answers take about a second each."""
    more = " or more" if row["open_ended"] else " at most"
    minutes = max(math.ceil((row["wait_seconds"] + row["requests"]) / 60), 1)
    requests = "1 request" if row["requests"] == 1 else f"{row['requests']:,} requests"
    unit = "minute" if minutes == 1 else "minutes"
    return f"{requests}, {row['usd']:,.2f} USD{more}, about {minutes:,} {unit}"
