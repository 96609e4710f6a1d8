from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from click.testing import CliRunner
from support.processes import Popen

from sandbox import credentials, running
from sandbox.__main__ import main
from sandbox.credentials import APP, CLIENT, OWNER, SECOND_USER
from sandbox.lists import TEA_PEOPLE
from sandbox.people import NAMED

if TYPE_CHECKING:
    from test_sandbox.asking import Ask

    from sandbox import Sandbox

TESTS = Path(__file__).parents[1]


def control(sandbox: Sandbox, method: str, resource: str, /, **body: Any) -> requests.Response:
    return requests.request(
        method, f"{sandbox.url}/sandbox/{resource}", json=body or None, timeout=10
    )


def test_the_bill_and_the_requests_can_be_read(sandbox: Sandbox, owner: Ask) -> None:
    owner("/2/users", ids="12", user_fields="protected")
    assert control(sandbox, "GET", "bill").json() == sandbox.bill.as_json()
    (entry,) = control(sandbox, "GET", "requests").json()
    assert datetime.fromisoformat(entry.pop("at")).tzinfo is not None
    assert entry == {
        "method": "GET",
        "path": "/2/users",
        "params": {"ids": "12", "user.fields": "protected"},
        "credential": "oauth1",
        "user_id": OWNER.user_id,
        "status": 200,
        "faults": [],
    }


def test_the_clock_can_be_read_set_and_moved(sandbox: Sandbox) -> None:
    moved = control(
        sandbox, "POST", "clock", set="2026-03-01T12:00:00Z", advance_seconds=3600
    ).json()
    assert moved["now"].startswith("2026-03-01T13:00:0")
    assert moved["epoch_seconds"] == pytest.approx(
        datetime(2026, 3, 1, 13, tzinfo=UTC).timestamp(), abs=5
    )
    assert control(sandbox, "GET", "clock").json()["now"] >= moved["now"]


def test_faults_can_be_added_and_taken_back(sandbox: Sandbox, app: Ask) -> None:
    (waiting,) = control(sandbox, "POST", "faults", kind="delay", count=3, seconds=0.5).json()
    assert (waiting["kind"], waiting["arguments"]) == ("delay", {"seconds": 0.5})
    assert control(sandbox, "DELETE", "faults").json() is None
    assert control(sandbox, "GET", "faults").json() == []
    assert app("/2/users", ids="12").status_code == 200


def test_credentials_can_be_read_and_revoked(sandbox: Sandbox, owner: Ask) -> None:
    known = control(sandbox, "GET", "credentials").json()
    assert known["app"]["consumer_key"] == APP.consumer_key
    assert known["owner"]["access_token"] == OWNER.access_token
    assert known["second_user"]["user_id"] == SECOND_USER.user_id
    assert {user["user_id"] for user in known["users"]} == set(map(str, NAMED))
    assert known["bearer_token"] == sandbox.tokens.app_only()
    assert known["client"]["client_secret"] == CLIENT.client_secret
    assert known["callbacks"] == sandbox.callbacks

    for worked in (True, False):
        body = {"access_token": OWNER.access_token}
        answer = control(sandbox, "POST", "credentials/revoke", **body)
        assert answer.json() == {"worked_until_now": worked}
    assert owner("/2/users/me").status_code == 401


def test_limits_and_statuses_can_be_set(sandbox: Sandbox, app: Ask) -> None:
    control(sandbox, "POST", "limits", path="/2/users", pool="app", limit=1)
    control(sandbox, "POST", "users/status", id="12", status="suspended")
    answers = [app("/2/users", ids="12") for _ in range(2)]
    assert answers[0].json()["errors"][0]["title"] == "Forbidden"
    assert answers[1].status_code == 429


def test_followers_and_lists_can_be_steered(sandbox: Sandbox) -> None:
    pair = {"follower_id": "12", "followed_id": OWNER.user_id}
    assert control(sandbox, "POST", "follows", **pair).json() == {"follows": True}
    assert sandbox.world.follows.followers(OWNER.user_id)[0] == "12"
    control(sandbox, "POST", "follows", **pair, follows=False)
    assert "12" not in sandbox.world.follows.followers(OWNER.user_id)

    membership = {"list_id": TEA_PEOPLE, "user_id": "12"}
    assert control(sandbox, "POST", "lists/members", **membership).json() == {"is_member": True}
    assert sandbox.world.lists.members(TEA_PEOPLE)[0] == "12"
    control(sandbox, "POST", "lists/members", **membership, is_member=False)
    assert "12" not in sandbox.world.lists.members(TEA_PEOPLE)


def test_posts_and_messages_can_be_steered(sandbox: Sandbox, owner: Ask) -> None:
    path = f"/2/users/{OWNER.user_id}/tweets"
    written = control(sandbox, "POST", "posts", author_id=OWNER.user_id, text="One.").json()["id"]
    edited = control(sandbox, "POST", "posts/edit", id=written, text="Two.").json()["id"]
    quoting = control(
        sandbox,
        "POST",
        "posts",
        author_id=OWNER.user_id,
        text="See.",
        kind="quoted",
        target_id=edited,
    ).json()["id"]
    sent = control(
        sandbox, "POST", "messages", sender_id="12", recipient_ids=[OWNER.user_id], text="Hi."
    )
    sandbox.clock.advance(1)
    newest = owner(path).json()["data"][:2]
    assert [(post["id"], post["text"][:4]) for post in newest] == [
        (quoting, "See."),
        (edited, "Two."),
    ]
    message = owner("/2/dm_events").json()["data"][0]
    assert (message["id"], message["text"]) == (sent.json()["id"], "Hi.")

    control(sandbox, "POST", "posts/delete", id=edited)
    control(sandbox, "POST", "reset")
    assert quoting not in {post["id"] for post in owner(path).json()["data"]}


def test_tokens_of_pages_can_be_killed(sandbox: Sandbox, owner: Ask) -> None:
    token = owner("/2/dm_events").json()["meta"]["next_token"]
    control(sandbox, "POST", "page_tokens/kill")
    assert owner("/2/dm_events", pagination_token=token).status_code == 400


def test_a_reset_makes_all_as_good_as_new(sandbox: Sandbox, app: Ask) -> None:
    app("/2/users", ids="12")
    sandbox.faults.add("html")
    sandbox.world.set_status("12", "suspended")
    sandbox.limits.set("/2/users", "app", 0)
    control(sandbox, "POST", "reset")

    assert (len(sandbox.requests), sandbox.bill.total.requests, sandbox.faults.as_json()) == (
        0,
        0,
        [],
    )
    answer = app("/2/users", ids="12")
    assert (answer.status_code, answer.headers["x-rate-limit-remaining"]) == (200, "299")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"set": "noon"}),
        ("clock", {"set": "2026-03-01T12:00:00"}),
        ("clock", {"advance_seconds": 1e300}),
        ("clock", {"minutes": 1}),
        ("faults", {"kind": "plague"}),
        ("faults", {"kind": "html", "nth": "1"}),
        ("limits", {"path": "/2/users", "pool": "sea", "limit": 1}),
        ("follows", {"follower_id": "12"}),
        ("lists/members", {"list_id": "20", "user_id": "12"}),
        ("messages", {"sender_id": "12"}),
        ("posts", {"author_id": "77", "text": "Hello."}),
        ("posts/delete", {"id": "20"}),
        ("posts/edit", {"id": "20", "text": "Hello."}),
        ("users/status", {"id": "12", "status": "lost"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(map(str, value.values())),
)
def test_an_order_that_makes_no_sense_is_refused_with_the_reason(
    sandbox: Sandbox, path: str, body: dict[str, Any]
) -> None:
    answer = control(sandbox, "POST", path, **body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_control_is_neither_logged_nor_billed_nor_struck_by_faults(sandbox: Sandbox) -> None:
    sandbox.faults.add("internal_error", count=None)
    assert control(sandbox, "GET", "clock").status_code == 200
    assert len(sandbox.requests) == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"), running(host=host):
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_the_command_announces_itself_and_stops_when_told(
    tmp_path: Path, number: signal.Signals
) -> None:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "sandbox", "--ready-file", str(ready), "--seed", "7"]
    command += ["--clock", "2026-03-01T12:00:00Z", "--frozen", "--limit", "/2/users:app=5"]
    command += ["--limit", "/2/users:user:day=9", "--credits-usd", "2.5", "--spend-cap-usd", "2"]
    command += ["--post-cap", "7", "--callback", "http://127.0.0.1:1/"]
    with Popen(
        command, cwd=TESTS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        announced = wait_for(ready)
        clock = requests.get(f"{announced['url']}/sandbox/clock", timeout=10).json()
        account = requests.get(f"{announced['url']}/sandbox/account", timeout=10).json()
        known = requests.get(f"{announced['url']}/sandbox/credentials", timeout=10).json()
        process.send_signal(number)
        output, errors = process.communicate(timeout=10)

    assert announced["pid"] == process.pid
    assert clock["now"] == "2026-03-01T12:00:00+00:00"
    assert (account["balance_usd"], account["spend_cap_usd"], account["post_cap"]) == (2.5, 2, 7)
    assert known["callbacks"] == ["http://127.0.0.1:1/"]
    assert (process.returncode, errors) == (0, "")
    assert output == f"Sandbox at {announced['url']}\n"
    assert not ready.exists()


def test_the_bearer_token_that_is_shown_works(sandbox: Sandbox) -> None:
    shown = credentials.as_text(sandbox.tokens.app_only())
    keys = {line.partition(":")[0]: line.rpartition(" ")[2] for line in shown.splitlines()}
    assert all(keys.values())
    answer = requests.get(
        f"{sandbox.url}/2/users",
        params={"ids": sandbox.world.sample_ids(1)[0]},
        headers={"Authorization": f"Bearer {keys['Bearer token']}"},
        timeout=10,
    )
    assert answer.status_code == 200


def wait_for(ready: Path) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while not ready.exists():
        assert time.monotonic() < deadline, "the sandbox never got ready"
        time.sleep(0.02)
    announced: dict[str, Any] = json.loads(ready.read_text())
    return announced


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--clock", "noon"], "'noon' is not an ISO 8601 time"),
        (["--limit", "/2/users=5"], "is not PATH:POOL=REQUESTS"),
        (["--limit", "/2/users:app=few"], "is not PATH:POOL=REQUESTS"),
        (["--window-seconds", "0"], "0 is not in the range x>=1"),
        (["--vocabulary", "toot"], "'toot' is not one of"),
        (["--host", "192.0.2.1"], "loopback only, not on 192.0.2.1"),
        (["--limit", "/2/user:app=5"], "There are no limits ['/2/user:app']"),
    ],
    ids=["clock", "pool", "amount", "window", "vocabulary", "host", "path"],
)
def test_the_command_refuses_options_with_the_mend(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code
    assert message in result.output


def test_answers_on_a_kept_connection_come_at_once(
    sandbox: Sandbox, browser: requests.Session
) -> None:
    took = []
    for _ in range(10):
        begun = time.perf_counter()
        browser.get(f"{sandbox.url}/sandbox/clock", timeout=10)
        took.append(time.perf_counter() - begun)
    assert min(took[1:]) < 0.03
