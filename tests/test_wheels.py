"""What users install: wheels with all modules, marks of types and the license."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("distribution", "packages"),
    [
        ("tap-twitter", ["tap_twitter"]),
        ("target-dataset", ["dataset_store", "singer_plugin", "target_dataset"]),
    ],
)
def test_a_wheel_holds_its_packages_whole(
    distribution: str, packages: list[str], tmp_path: Path
) -> None:
    folder = ROOT / distribution
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (wheel,) = map(ZipFile, tmp_path.glob("*.whl"))
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == {
        str(path.relative_to(folder))
        for package in packages
        for path in (folder / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {f"{package}/py.typed" for package in packages} <= held

    about = {Path(name).name: name for name in wheel.namelist() if ".dist-info/" in name}
    assert wheel.read(about["LICENSE"]) == (ROOT / "LICENSE").read_bytes()
    metadata = wheel.read(about["METADATA"]).decode()
    assert metadata.endswith((folder / "README.md").read_text())
    assert "License-Expression: Apache-2.0" in metadata
