"""The demo's own lines: they fit 80 columns, and its end has a sentence for every stream."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from support.commands import ROOT

from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

FIGURES = {"rows": 41_172, "requests": 106, "objects": 3_200, "usd": 16.0}


def test_headings_fit_80_columns() -> None:
    headings = re.findall(r'^say "(.*)"$', (ROOT / "demo/run.sh").read_text(), re.MULTILINE)
    assert len(headings) > 10
    assert [each for each in headings if len(f"== {each}") > 80] == []


def test_the_end_has_a_sentence_for_every_stream(sandbox: Sandbox, tmp_path: Path) -> None:
    names = [stream.__dict__["name"] for stream in TapTwitter.STREAMS]
    run = {
        "program": "tap-twitter",
        "streams": [{"stream": name, **FIGURES} for name in names],
        "total": FIGURES,
    }
    file = tmp_path / "summaries.jsonl"
    file.write_text(f"{json.dumps(run)}\n{json.dumps({'program': 'target-dataset'})}\n")
    script = [sys.executable, str(ROOT / "demo/summary.py"), str(file), sandbox.url]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [name for name in names if f"\n{name} " not in done.stdout] == []
    assert sum(line.startswith("  ") for line in lines) >= len(names)
    assert lines[-1].split() == ["X's", "bill", "0.000"]
