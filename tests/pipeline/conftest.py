from __future__ import annotations

import shutil

import pytest
from support.commands import ROOT, MeltanoProject


@pytest.fixture(scope="session")
def meltano(tmp_path_factory: pytest.TempPathFactory) -> MeltanoProject:
    """A Meltano project; the tests that use it share one worker, as its database wants."""
    folder = tmp_path_factory.mktemp("a project")
    shutil.copy(ROOT / "meltano.yml", folder)
    for name in ("tap-twitter", "target-dataset"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "requirements").symlink_to(ROOT / "requirements")
    project = MeltanoProject(folder)
    ours = ("tap-twitter", "target-dataset", "dataset")
    for plugins, constraint in ((ours, "requirements/dev.txt"), (("target-jsonl",), "")):
        done = project.run("install", *plugins, UV_CONSTRAINT=constraint)
        assert done.returncode == 0, done.stderr
    return project
