"""The figures in `docs/benchmarks.md`: a table of all, a chart of paces, the profile of an append."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from support.commands import ROOT

from bench.report import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Entry = Mapping[str, Any]

PAGE: Final = ROOT / "docs" / "benchmarks.md"
BEGIN: Final = "<!-- written by `make bench` from here -->\n"
END: Final = "<!-- to here -->\n"
_FOUND: Final = re.compile(f"{BEGIN}.*{END}", re.DOTALL)
_VERDICTS: Final = {None: "", True: "met", False: "**missed**"}
_PACES: Final = {
    "target_append_vs_target_jsonl": "target-jsonl",
    "target_append_vs_target_duckdb": "target-duckdb",
    "target_append_vs_target_csv": "target-csv",
    "target_append_vs_target_postgres": "target-postgres",
    "target_append_vs_dlt": "dlt",
    "target_append_vs_before": "commit 03d2be7",
}
_BAR: Final = 50
_PROFILE: Final = "target_cpu_vs_floor"


def write(entries: Mapping[str, Entry], path: Path = PAGE) -> None:
    """Put figures into the page in place of the earlier ones."""
    text = path.read_text(encoding="utf-8")
    parts = (BEGIN, *_table(entries), *_chart(entries), *_profile(entries), END)
    path.write_text(_FOUND.sub(lambda _: "".join(parts), text), encoding="utf-8")


def _table(entries: Mapping[str, Entry]) -> Iterator[str]:
    yield "\n| Key | Figure | From | To | Unit | Must reach | | Taken |\n|---|---|---|---|---|---|---|---|\n"
    for key, entry in entries.items():
        figure, least, most = (rounded(entry[name]) for name in ("value", "least", "most"))
        spread = f"{least} | {most}" if least != most else "|"
        cells = (entry["unit"], entry["must"], _VERDICTS[entry["met"]], entry["measured_at"][:10])
        yield f"| `{key}` | {figure} | {spread} | {' | '.join(cells)} |\n"
    for text in sorted({_machine(entry) for entry in entries.values()}):
        yield f"\n{text}\n"


def _machine(entry: Entry) -> str:
    machine, versions = entry["machine"], entry["versions"]
    named = (
        f"{name} {versions[name][:12]}"
        for name in versions
        if not name.startswith("opendataset") and name != "before"
    )
    return (
        f"Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB of "
        f"memory, {machine['system']}. Versions: {', '.join(named)}."
    )


def _chart(entries: Mapping[str, Entry]) -> Iterator[str]:
    """Bars of paces relative to ours: those of different measures differ in their inputs."""
    taken = {name: 100 / entries[key]["value"] for key, name in _PACES.items() if key in entries}
    if not taken:
        return
    paces = {"target-dataset": 100.0, **taken}
    longest, widest = max(paces.values()), max(map(len, paces))
    yield "\nRecords/s of an append, start included, where those of target-dataset are 100:\n\n"
    yield "```text\n"
    for name, pace in sorted(paces.items(), key=lambda each: -each[1]):
        bar = "█" * max(1, round(pace / longest * _BAR))
        yield f"{name:{widest}}  {bar} {rounded(pace)}\n"
    yield "```\n"


def _profile(entries: Mapping[str, Entry]) -> Iterator[str]:
    if _PROFILE not in entries:
        return
    yield "\nCPU of a post (0.6 kB) without workers, least of the runs:\n\n| Part | Microseconds |\n|---|---|\n"
    for part, microseconds in entries[_PROFILE]["details"]["microseconds_per_record"].items():
        yield f"| {part} | {microseconds:.2f} |\n"
