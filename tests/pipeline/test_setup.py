"""The guided set-up of a Meltano project, up to the rows that Meltano loads."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
import requests
import yaml
from support.commands import BIN, ROOT, run
from support.connecting import free_port
from support.setting_up import (
    BROWSER_2,
    CLIENT_KEYS,
    LOOKUP,
    SettingUp,
    address,
    give,
    reports,
    told,
    way,
)
from test_sandbox.consenting import press

from sandbox.credentials import CITY

if TYPE_CHECKING:
    from pathlib import Path

    from support.commands import MeltanoProject

    from sandbox import Sandbox

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.torture,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("meltano"),
    pytest.mark.tells_secrets("plays the browser; what the command tells is scanned apart"),
]


def test_from_keys_to_rows(meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path) -> None:
    folder, home, port = tmp_path / "project", tmp_path / "home", free_port()
    home.mkdir()
    folder.mkdir()
    for name in ("tap-twitter", "target-dataset", "requirements", ".meltano"):
        (folder / name).symlink_to(meltano.folder / name)
    shutil.copy(ROOT / "meltano.yml", folder)
    shutil.copy(ROOT / ".env.example", folder / ".env")
    ids = "\n".join(sandbox.world.sample_ids(20))
    (folder / "people.csv").write_text(f"user_id\n{ids}\n")
    sandbox.register_callbacks(f"http://127.0.0.1:{port}/callback")
    command = SettingUp(sandbox, folder, home, port)
    *store_and_input, budget = LOOKUP
    with command.start() as at, requests.Session() as user:
        give(at, [reports("1,2"), way(BROWSER_2), *CLIENT_KEYS])
        back = press(user, address(at), user_id=CITY.user_id).headers["location"]
        assert user.get(back, timeout=60).ok
        give(at, [("Connect another account?", "n"), *store_and_input])
        give(at, [("Other accounts", "founder"), budget, ("Write this?", "")])
        give(at, [("Run it now", "y")])
        assert at.end() == 0, at.shown
    assert "All checks passed." in told(at)
    (prod,) = (
        each
        for each in yaml.safe_load((folder / "meltano.yml").read_text())["environments"]
        if each["name"] == "prod"
    )
    (tap,) = prod["config"]["plugins"]["extractors"]
    assert tap["config"]["accounts"] == [{"name": "CityOfElsewhere"}, "founder"]
    done = run(BIN / "dataset", "list", "--json", cwd=folder)
    rows = {each["name"]: each["rows"] for each in json.loads(done.stdout)}
    assert rows["Users lookup of people"] == 20
    assert rows["account_insights"] == 2
    assert rows["tweet_insights"] > 0
