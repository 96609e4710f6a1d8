"""The guided set-up in a terminal: what is asked, what is refused, and what is written."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import requests
from support.commands import BIN, ROOT, run
from support.setting_up import (
    APP_ONLY,
    BROWSER_1,
    BROWSER_2,
    BY_TOKEN,
    CLIENT_KEYS,
    COMMAND,
    CONSUMER,
    FOUR_KEYS,
    LOOKUP,
    PIN,
    TOKEN,
    address,
    give,
    reports,
    told,
    way,
)
from support.terminal import CTRL_D
from test_sandbox.consenting import press

from sandbox.credentials import APP, CITY, OWNER
from tap_twitter.auth.token_store import TokenStore

if TYPE_CHECKING:
    from support.setting_up import SettingUp

KEYS = {
    "consumer_key": APP.consumer_key,
    "consumer_secret": APP.consumer_secret,
    "access_token": OWNER.access_token,
    "access_token_secret": OWNER.access_token_secret,
}
"""The keys of the owner of the app, as settings of `auth`."""

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.tells_secrets("plays the browser; what the command tells is scanned apart"),
]


@pytest.mark.parametrize(
    "runs", [False, pytest.param(True, marks=pytest.mark.torture)], ids=["to the plan", "to rows"]
)
def test_from_keys(setting_up: SettingUp, runs: bool) -> None:
    with setting_up.start() as at:
        give(at, [*BY_TOKEN, ("Write this?", "")])
        plan = at.until("Run it now, for at most")
        assert setting_up.sandbox.bill.total.gross_objects == 0
        at.type("y" if runs else "n")
        assert at.end() == 0, at.shown
    shown = told(at)
    assert "All checks passed. The test cost 0.000 USD." in shown
    assert "users_lookup  1 request, 0.20 USD at most, about 1 minute" in plan
    assert ("--state state.json" in shown.rpartition("Next")[2]) is runs
    assert re.search(r"dataset'? list\s*$", shown)
    modes = {path.name: path.stat().st_mode & 0o777 for path in setting_up.folder.glob("t*.json")}
    assert modes == {"tap.json": 0o600, "target.json": 0o600}
    config = json.loads((setting_up.folder / "tap.json").read_text())
    assert config["auth"]["access_token_secret"] == OWNER.access_token_secret
    assert config["budget"] == {"max_cost_usd": 5}
    done = run(BIN / "dataset", "list", "--json", cwd=setting_up.folder)
    rows = {each["name"]: each["rows"] for each in json.loads(done.stdout)}
    assert rows == {"people": 20, **({"Users lookup of people": 20} if runs else {})}
    assert setting_up.sandbox.bill.total.net_usd <= Decimal("0.2") * runs


@pytest.mark.torture
def test_a_set_up_after_a_run_plans_what_is_left(setting_up: SettingUp) -> None:
    ids = "\n".join(setting_up.sandbox.world.sample_ids(150, "found"))
    (setting_up.folder / "people.csv").write_text(f"user_id\n{ids}\n")
    budget = (LOOKUP[-1][0], "1")  # for 100 users
    with setting_up.start() as at:
        give(at, [*BY_TOKEN[:-1], budget, ("Write this?", ""), ("Run it now", "y")])
        assert at.end() == 0, at.shown
    assert "Plan of the first run\n  users_lookup  1 request, 1.00 USD" in told(at)
    with setting_up.start() as at:
        give(at, [reports("1"), ("Use the keys that are already set", ""), LOOKUP[0]])
        give(at, [("A CSV or Excel file", "people"), budget, ("Write this?", "")])
        give(at, [("Run it now, for at most 0.50 USD", "y")])
        assert at.end() == 0, at.shown
    assert "Plan of the next run\n  users_lookup  1 request, 0.50 USD" in told(at)
    assert setting_up.sandbox.bill.total.gross_objects == 150


def test_wrong_keys_are_noticed_at_once(setting_up: SettingUp) -> None:
    wrong = [(label, "wrong" if "secret" in label else key) for label, key in FOUR_KEYS]
    with setting_up.start() as at:
        give(at, [reports("1"), way(TOKEN), *wrong])
        refusal = at.until("Access by")
        at.type(APP_ONLY)
        give(at, [("Bearer token: ", "not.a.token")])
        second = at.until("Access by")
        at.type("")
        give(at, [("Bearer token: ", setting_up.sandbox.tokens.app_only()), *LOOKUP[:1]])
        assert at.stop("A CSV") == 130
    told(at)
    assert "copy all four again, or make a new access token in the developer console" in refusal
    assert "copy the bearer token again" in second
    assert setting_up.sandbox.bill.total.gross_objects == 0


@pytest.mark.parametrize("oauth", [BROWSER_1, BROWSER_2], ids=["oauth1", "oauth2"])
def test_wrong_keys_of_an_app(setting_up: SettingUp, oauth: str) -> None:
    keys = CONSUMER if oauth == BROWSER_1 else CLIENT_KEYS
    with setting_up.start() as at:
        give(at, [reports("1"), way(oauth), keys[0], (keys[1][0], "wrong")])
        refusal = at.until("Access by")
        at.type(CTRL_D)
        assert at.end() == 130
    assert "X gave no bearer token" in refusal or "X does not accept the client ID" in refusal
    assert "Nothing was written." in told(at)


@pytest.mark.torture
@pytest.mark.parametrize("oauth", [BROWSER_1, BROWSER_2], ids=["oauth1", "oauth2"])
def test_denied_and_then_allowed(setting_up: SettingUp, oauth: str) -> None:
    keys = CONSUMER if oauth == BROWSER_1 else CLIENT_KEYS
    before = setting_up.files
    with setting_up.start() as at, requests.Session() as user:
        give(at, [reports("1"), way(oauth), *keys])
        back = press(user, address(at), button="deny", user_id=CITY.user_id)
        page = user.get(back.headers["location"], timeout=60).text
        refusal = at.until("Try again?")
        at.type("")
        back = press(user, address(at), user_id=CITY.user_id)
        second = user.get(back.headers["location"], timeout=60).text
        give(at, LOOKUP)
        at.until("Write this?")
        assert setting_up.files == before
        at.type("y")
        give(at, [("Run it now", "n")])
        assert at.end() == 0, at.shown
    assert "Not connected" in page
    assert "Access was denied at X" in refusal
    assert "Connected as @CityOfElsewhere" in second
    assert "where the set-up continues" in second
    assert "Connected @CityOfElsewhere." in told(at)
    (login,) = TokenStore(setting_up.home / ".tap-twitter" / "tokens.json").logins()
    assert login.user_id == CITY.user_id
    assert "dm.read" not in login.scopes


@pytest.mark.torture
def test_without_a_browser_a_pin_is_the_default(setting_up: SettingUp) -> None:
    with setting_up.start() as at, requests.Session() as user:
        give(at, [reports("1"), ("Access by [3]", ""), *CONSUMER])
        page = press(user, address(at), user_id=CITY.user_id).text
        pin = page.partition('id="pin">')[2].partition("<")[0]
        give(at, [("The PIN that X shows", "0000000"), ("Try again?", "")])
        page = press(user, address(at), user_id=CITY.user_id).text
        pin = page.partition('id="pin">')[2].partition("<")[0]
        give(at, [("The PIN that X shows", pin), *LOOKUP, ("Write this?", "")])
        give(at, [("Run it now", "n")])
        assert at.end() == 0, at.shown
    assert "No browser can be opened here" in told(at)
    assert PIN == "3"


@pytest.mark.torture
def test_several_reports_about_accounts(setting_up: SettingUp) -> None:
    answers = [
        reports("2,5,7"),
        way(TOKEN),
        *FOUR_KEYS,
        ("A folder, s3://", "elsewhere"),
        ("Other accounts", "@founder, https://example.com/x"),
        ("Other accounts", "@founder"),
        ("A search in X's language", "tea -is:retweet"),
        ("Its name", ""),
        ("A search in X's language", ""),
        ("Most followers", "none"),
        ("Most followers", "50"),
        ("Most following", ""),
        ("Most that one run may cost", "a lot"),
        ("Most that one run may cost", "0"),
        ("Write this?", ""),
        ("Run it now, for an open amount", "n"),
    ]
    with setting_up.start() as at:
        give(at, answers)
        assert at.end() == 0, at.shown
    told(at)
    config = json.loads((setting_up.folder / "tap.json").read_text())
    assert config["accounts"] == [{"id": OWNER.user_id}, "@founder"]
    assert config["queries"] == [{"name": "tea", "query": "tea -is:retweet"}]
    assert config["followers"] == {"limit": 50}
    assert config["following"] == {"limit": 1000}
    assert config["store"] == "elsewhere"
    assert "budget" not in config
    catalog = json.loads((setting_up.folder / "catalog.json").read_text())
    assert [each["stream"] for each in catalog["streams"]] == [
        *("account_insights", "tweet_insights", "followers", "following", "recent_search")
    ]


FILES = {
    "floats": ("user_id\n1.23E+18\n", "", "Export the source again with the ids as text"),
    "empty": ("user_id\n", "", "has no id and no handle"),
    "missing": (None, "gone.csv", "There is no file gone.csv"),
    "no dataset": (None, "nobody", "nobody"),
}


@pytest.mark.torture
def test_unusable_inputs_are_asked_for_again(setting_up: SettingUp) -> None:
    odd = setting_up.folder / "odd.csv"
    odd.write_text("name,city\nAnn,Oslo\n")
    with setting_up.start() as at:
        give(at, [*BY_TOKEN[: -len(LOOKUP)], LOOKUP[0]])
        for name, (content, given, message) in FILES.items():
            file = setting_up.folder / f"{name}.csv"
            if content is not None:
                file.write_text(content)
            at.answer("A CSV or Excel file", given or file.name)
            at.until(message)
        at.answer("A CSV or Excel file", odd.name)
        at.until("no column known to hold ids or handles")
        give(at, [("The columns with ids", "1")])
        assert at.stop("Name of the dataset") == 130
    assert "1 ids or handles in name." in told(at)
    assert not (setting_up.folder / "datasets").exists()


@pytest.mark.torture
def test_present_files_are_replaced_only_after_a_question(setting_up: SettingUp) -> None:
    other = {"auth": {"bearer_token": "of-another-app"}, "start_date": "2026-01-01"}
    (setting_up.folder / "tap.json").write_text(json.dumps(other))
    before = setting_up.files
    for answer, code in (("", 130), ("y", 0)):
        with setting_up.start() as at:
            give(
                at,
                [
                    reports("1"),
                    ("Use the keys that are already set (OAuth 2.0 Application-Only)?", "y"),
                ],
            )
            at.until("copy the bearer token again")
            give(at, [*BY_TOKEN[1:], ("replaces 1 present value", answer)])
            if code == 0:
                give(at, [("Run it now", "n")])
            assert at.end() == code, at.shown
        if code:
            assert setting_up.files == before
    config = json.loads((setting_up.folder / "tap.json").read_text())
    assert config["start_date"] == "2026-01-01"
    assert config["auth"].get("bearer_token") is None
    assert "tap.json: auth.bearer_token = (removed)  (was (secret))" in told(at)


def test_declining_to_replace_values_of_env_leaves_all_files_as_they_were(
    setting_up: SettingUp,
) -> None:
    shutil.copy(ROOT / "meltano.yml", setting_up.folder)
    env = setting_up.folder / ".env"
    env.write_text("# mine\nX_CONSUMER_KEY=of-another-app\nOTHER='a b'")
    env.chmod(0o640)
    before = setting_up.files
    with setting_up.start() as at:
        give(at, [*BY_TOKEN, ("replaces 1 present value? [y/N]", "")])
        assert at.end() == 130
    shown = told(at)
    assert ".env: X_CONSUMER_KEY = (secret)  (was (secret))" in shown
    assert ".env: permissions = 600, not 640" in shown
    assert "of-another-app" not in shown
    assert shown.rstrip().endswith("Stopped. Nothing was written.")
    assert setting_up.files == before


def test_keys_that_are_set_already_and_a_file_that_is_dragged_into_the_terminal(
    setting_up: SettingUp,
) -> None:
    (setting_up.folder / "tap.json").write_text(json.dumps({"auth": KEYS}))
    with setting_up.start() as at:
        give(at, [reports("1,3"), ("Use the keys that are already set", ""), ("A folder", "")])
        at.answer("A CSV or Excel file", "'peeple.csv'")
        assert "There is no file peeple.csv." in at.answer("A CSV or Excel file", "'people.csv'")
        at.answer("Name of the dataset", "")
        assert f"Your own: {OWNER.user_id}." in at.answer("Other accounts", "")
        assert at.stop("Most that one run may cost") == 130


@pytest.mark.torture
def test_a_failing_test_says_what_to_do(setting_up: SettingUp) -> None:
    setting_up.sandbox.faults.add("forbidden", path="/2/users/by", count=None)
    with setting_up.start() as at:
        give(at, [*BY_TOKEN, ("Write this?", "")])
        assert at.end() == 1
    shown = told(at)
    assert "Error: The test failed: make the fixes in its table." in shown
    assert "The settings are written: tap.json, target.json, catalog.json." in shown


CTRL_C_AT = [*range(len(BY_TOKEN)), len(BY_TOKEN)]
QUICK = {1, 5, len(BY_TOKEN)}
"""Stopped in the default run: at a choice, at a hidden prompt, and at the last question."""


@pytest.mark.parametrize(
    "at_question",
    [
        pytest.param(at, marks=[] if at in QUICK else pytest.mark.torture, id=f"question-{at}")
        for at in CTRL_C_AT
    ],
)
def test_ctrl_c_writes_nothing(setting_up: SettingUp, at_question: int) -> None:
    before = setting_up.files
    questions = [*BY_TOKEN, ("Write this?", "")]
    with setting_up.start() as at:
        give(at, questions[:at_question])
        assert at.stop(questions[at_question][0]) == 130
    assert told(at).rstrip().endswith("Stopped. Nothing was written.")
    assert setting_up.files == before


def test_ctrl_c_while_the_browser_is_awaited(setting_up: SettingUp) -> None:
    before = setting_up.files
    with setting_up.start() as at:
        give(at, [reports("1"), way(BROWSER_2), *CLIENT_KEYS])
        address(at)
        assert at.stop("") == 130
    assert told(at).rstrip().endswith("Stopped. Nothing was written.")
    assert setting_up.files == before


def test_without_a_terminal(setting_up: SettingUp) -> None:
    done = subprocess.run(
        [COMMAND], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        "Error: tap-twitter-init asks questions, and there is no terminal"
    )
    assert done.stderr.splitlines()[-1] == "Nothing was written."


@pytest.mark.torture
def test_files_that_cannot_be_written_leave_everything_as_it_was(setting_up: SettingUp) -> None:
    if os.geteuid() == 0:
        (setting_up.folder / ".catalog.json.new").mkdir()  # root may write anywhere else
    before = setting_up.files
    with setting_up.start() as at:
        give(at, [*BY_TOKEN, ("Write this?", "")])
        assert at.end() == 1
    assert "Nothing was written." in told(at)
    assert {
        path: each for path, each in setting_up.files.items() if "datasets" not in path
    } == before
    assert APP.consumer_key not in at.shown
