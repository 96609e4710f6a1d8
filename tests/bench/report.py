"""What the bench writes: `results.json`, and a table."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from support.commands import ROOT

from bench.builds import BEFORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.measure import Figure, Measure

RESULTS: Final = ROOT / ".bench" / "results.json"
QUICK_RESULTS: Final = RESULTS.with_name("quick.json")
LIBRARIES: Final = (
    "opendataset-tap-twitter", "opendataset-target-dataset", "singer-sdk", "msgspec", "pyarrow",
    "deltalake", "jsonschema-rs", "requests",
)  # fmt: skip
PEERS: Final = (
    "target-jsonl", "target-duckdb", "duckdb", "meltanolabs-target-csv",
    "meltanolabs-target-postgres", "dlt",
)  # fmt: skip
_SIGNIFICANT_DIGITS: Final = 3
_WHOLE_FROM: Final = 100


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    processor = re.search(r"^model name\s*: (.*)$", _text("/proc/cpuinfo"), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": processor[1] if processor else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, str]:
    """Of Python, of the libraries that matter here, and of the peers' locks."""
    locks = "\n".join(_text(path) for path in (ROOT / "requirements" / "peers").glob("*.txt"))
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", locks, re.MULTILINE))
    return {
        "python": sys.version.split()[0],
        **{name: version(name) for name in LIBRARIES},
        **{name: pinned[name] for name in PEERS},
        "before": BEFORE,
    }


def entry(measure: Measure, figure: Figure, *, quick: bool) -> dict[str, Any]:
    """A figure as it stands in `results.json`."""
    return {
        "what": measure.what,
        "unit": measure.unit,
        "must": str(measure.must or ""),
        "met": measure.must.is_met_by(figure.value) if measure.must and not quick else None,
        "quick": quick,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        **asdict(figure),
    }


def save(entries: Mapping[str, dict[str, Any]], path: Path) -> dict[str, Any]:
    """Put entries into the file beside those of earlier runs that were not taken again.

    Returns:
        All that the file holds.
    """
    earlier = json.loads(path.read_text()) if path.exists() else {}
    everything = {**earlier, **entries}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(everything, indent=2, ensure_ascii=False) + "\n")
    draft.replace(path)
    return everything


def table(entries: Mapping[str, dict[str, Any]]) -> Table:
    """The figures for people."""
    shown = Table(box=box.SIMPLE)
    shown.add_column("measure", no_wrap=True)
    for name in ("figure", "from", "to", "unit", "must", ""):
        shown.add_column(name, justify="right" if name in {"figure", "from", "to"} else "left")
    for key, found in entries.items():
        numbers = (rounded(found[name]) for name in ("value", "least", "most"))
        verdict = {None: "", True: "met", False: "MISSED"}[found["met"]]
        shown.add_row(key, *numbers, found["unit"], found["must"], verdict)
    return shown


def rounded(number: float) -> str:
    """A number to three digits, or whole from a hundred on."""
    if abs(number) >= _WHOLE_FROM:
        return f"{number:,.0f}"
    return f"{number:.{_SIGNIFICANT_DIGITS}g}"


def missed(entries: Iterable[dict[str, Any]]) -> bool:
    """Whether any figure does not reach what it must."""
    return any(found["met"] is False for found in entries)


def _text(path: str | Path) -> str:
    return Path(path).read_text(encoding="utf-8")
