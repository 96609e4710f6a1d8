"""Accounts are connected through Meltano, with the settings that its project has."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from log_scan.leaks import leaks
from support.commands import BIN
from support.connecting import free_port
from support.processes import Popen
from test_sandbox.consenting import press

from sandbox.credentials import CITY
from tap_twitter.auth.token_store import TokenStore

if TYPE_CHECKING:
    from support.commands import MeltanoProject

    from sandbox import Sandbox

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.xdist_group("meltano"),
    pytest.mark.tells_secrets("plays the browser; what the command tells is scanned apart"),
]


def test_connected_listed_tested_and_removed(
    meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    port = free_port()
    sandbox.register_callbacks(f"http://127.0.0.1:{port}/callback")
    variables = {
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_AUTH_TOKEN_STORE": str(tmp_path / "tokens.json"),
    }
    connect = ("tap-twitter:accounts-connect", "city", "--no-browser", f"--port={port}")
    with Popen(
        [BIN / "meltano", "invoke", *connect],
        cwd=meltano.folder,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with requests.Session() as user:
            back = press(user, address, user_id=CITY.user_id).headers["location"]
            page = user.get(back, timeout=60).text
        told = process.communicate()[1]
    assert process.returncode == 0, told
    assert leaks(told) == []
    assert "Connected as @CityOfElsewhere" in page
    for command, expected in (("list", "username"), ("test", "is_accepted")):
        done = meltano.run("invoke", f"tap-twitter:accounts-{command}", "--json", **variables)
        assert done.returncode == 0, done.stderr
        (row,) = json.loads(done.stdout)
        assert row["name"] == "city"
        assert row[expected] in {"CityOfElsewhere", True}
    login = TokenStore(Path(variables["TAP_TWITTER_AUTH_TOKEN_STORE"])).get("city")
    assert login is not None
    gone = meltano.run("invoke", "tap-twitter:accounts-remove", "city", "--yes", **variables)
    assert gone.returncode == 0, gone.stderr
    assert sandbox.tokens.user_token(login.access_token) is None
