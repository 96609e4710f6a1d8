"""The guided set-up of a Meltano project, up to the rows that Meltano loads."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import requests
import yaml
from support.commands import ROOT, run
from support.connecting import free_port
from support.domo_stores import domo_address
from support.setting_up import (
    BROWSER_2,
    BY_TOKEN,
    CLIENT_KEYS,
    LOOKUP,
    Answer,
    SettingUp,
    address,
    give,
    reports,
    told,
    way,
)
from test_sandbox.consenting import press

from sandbox.credentials import CITY
from sandbox.domo.clients import CLIENT as DOMO

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.commands import MeltanoProject
    from support.s3_server import S3Server

    from sandbox import Sandbox

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.torture,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("meltano"),
    pytest.mark.tells_secrets("plays the browser; what the command tells is scanned apart"),
]


@pytest.fixture
def command(meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path) -> SettingUp:
    """The set-up in a project whose plugins are installed."""
    folder, home, port = tmp_path / "a project", tmp_path / "home", free_port()
    home.mkdir()
    folder.mkdir()
    for name in ("tap-twitter", "target-dataset", "requirements", ".meltano"):
        (folder / name).symlink_to(meltano.folder / name)
    shutil.copy(ROOT / "meltano.yml", folder)
    shutil.copy(ROOT / ".env.example", folder / ".env")
    ids = "\n".join(sandbox.world.sample_ids(20))
    (folder / "people.csv").write_text(f"user_id\n{ids}\n")
    sandbox.register_callbacks(f"http://127.0.0.1:{port}/callback")
    return SettingUp(sandbox, folder, home, port)


def rows(listing: str, command: SettingUp) -> dict[str, int]:
    """The rows of each dataset, by a command that the set-up has shown, typed in a plain shell."""
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(command.home)}
    words = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
    done = run(*words, "sh", "-c", f"{listing} --json", cwd=command.folder)
    assert done.returncode == 0, done.stderr
    return {each["name"]: each["rows"] for each in json.loads(done.stdout)}


def last_line(shown: str) -> str:
    return shown.rstrip().splitlines()[-1].strip()


def test_from_keys_to_rows(command: SettingUp) -> None:
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
        for each in yaml.safe_load((command.folder / "meltano.yml").read_text())["environments"]
        if each["name"] == "prod"
    )
    (tap,) = prod["config"]["plugins"]["extractors"]
    assert tap["config"]["accounts"] == [{"name": "CityOfElsewhere"}, "founder"]
    assert "Plan of the first run" in at.shown
    with command.start() as at:
        give(at, [reports("2"), ("Use what is connected", ""), *store_and_input[:1]])
        give(at, [("Keep the 2 entries", ""), budget, ("Write this", "y")])
        give(at, [("Run it now", "n")])
        assert at.end() == 0, at.shown
    assert "Plan of the next run" in told(at)
    found = rows(last_line(at.shown), command)
    assert found["Users lookup of people"] == 20
    assert found["account_insights"] == 2
    assert found["tweet_insights"] > 0


def s3_answers(request: pytest.FixtureRequest) -> list[Answer]:
    server: S3Server = request.getfixturevalue("s3_server")
    return [
        ("A folder, s3://", f"s3://{server.bucket}/{uuid4().hex[:12]}"),
        ("Access key ID", server.key),
        ("Secret access key", server.secret),
        ("Region", ""),
        ("Endpoint", server.endpoint),
    ]


def domo_answers(request: pytest.FixtureRequest) -> list[Answer]:
    sandbox: Sandbox = request.getfixturevalue("sandbox")
    return [
        ("A folder, s3://", domo_address(sandbox)),
        ("Client ID of Domo", DOMO.client_id),
        ("Client secret of Domo", DOMO.client_secret),
    ]


@pytest.mark.parametrize("answers", [s3_answers, domo_answers], ids=["S3", "Domo"])
def test_a_store_elsewhere(
    command: SettingUp,
    request: pytest.FixtureRequest,
    answers: Callable[[pytest.FixtureRequest], list[Answer]],
) -> None:
    asked = answers(request)
    secret = asked[2][1]
    with command.start() as at:
        give(at, [*BY_TOKEN[: -len(LOOKUP)], (asked[0][0], asked[0][1])])
        give(at, [*asked[1:2], (asked[2][0], "wrong"), *asked[3:]])
        give(at, [*asked, *LOOKUP[1:], ("replaces 1 present value?", "y"), ("Run it now", "y")])
        assert at.end() == 0, at.shown
    shown = told(at)
    assert secret not in shown
    written = (command.folder / "meltano.yml").read_text()
    assert written.count(secret) == (ROOT / "meltano.yml").read_text().count(secret)
    assert rows(last_line(shown), command) == {"people": 20, "Users lookup of people": 20}
    assert not (command.folder / "datasets").exists()
