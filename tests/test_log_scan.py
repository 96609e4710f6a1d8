"""The scan of the tests' logs finds what it is there for, and nothing else."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from log_scan.leaks import leaks
from log_scan.plugin import MARKER
from support.commands import ROOT, run

from sandbox.credentials import APP, CLIENT, OWNER
from sandbox.grants import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Sandbox

    Outcome = Callable[..., tuple[dict[str, str], str]]

pytest_plugins = ["pytester"]

CHILD = """
import logging, sys
from singer_sdk._logging import _setup_console_logging
_setup_console_logging()
logging.getLogger("tap").info(sys.argv[1])
"""


def child(text: str) -> None:
    """Log in another process, of which nobody reads the console."""
    command = [sys.executable, "-c", CHILD, text]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


TELL: dict[str, Callable[[str], object]] = {
    "logged": lambda text: logging.getLogger("some.library").debug("It is %s.", text),
    "printed": print,
    "child": child,
    "command": lambda text: run(sys.executable, "-c", "import sys; sys.exit(sys.argv[1])", text),
}


@pytest.fixture
def secrets(sandbox: Sandbox) -> dict[str, str]:
    """One of each kind that a sandbox knows or makes up."""
    pair = sandbox.grants.issue(Grant(CLIENT.client_id, "12", ("offline.access",)))
    issued = sandbox.tokens.issue("12", "read")
    handshake = sandbox.handshakes.begin("https://example.org/", "read")
    sandbox.tokens.revoke(sandbox.tokens.app_only())
    return {
        "consumer-secret": APP.consumer_secret,
        "client-secret": str(CLIENT.client_secret),
        "access-token": OWNER.access_token,
        "app-only": sandbox.tokens.app_only(),
        "oauth2-access": pair.access_token,
        "oauth2-refresh": str(pair.refresh_token),
        "issued-token": issued.access_token,
        "issued-secret": issued.access_token_secret,
        "request-token": handshake.token,
        "request-secret": handshake.secret,
        "verifier": sandbox.handshakes.approve(handshake, "12"),
    }


def test_every_kind_of_secret_is_found(secrets: dict[str, str]) -> None:
    assert [name for name, secret in secrets.items() if not leaks(f"got '{secret}'.")] == []


ORDINARY = {
    "guid": "dataset 7f3b2c1e-6a8f-5d0e-9f43-0c6a5b1d2e3f",
    "subject": "begun pass 0123456789abcdef",
    "id": "stream of account 1214820332314624000 at 2026-03-01T23:59:00+00:00",
    "hint": "make a new one in the developer console and set 'auth.bearer_token'; Bearer token",
    "no-body": "A rate limit is used up (HTTP 429).",
}


@pytest.mark.parametrize("line", ORDINARY.values(), ids=ORDINARY)
def test_what_is_no_secret_passes(line: str) -> None:
    assert leaks(line, [b'{"title":"Too Many Requests","status":429}', b'{"data":[]}']) == []


POST = {"data": [{"id": "7", "text": 'He said: "meet me at the café\nin Rua Nova tomorrow"'}]}
LEAKS = {
    "json": json.dumps(POST),
    "python": repr(POST),
    "text": POST["data"][0]["text"],
    "part": "text: in Rua Nova tomorrow",
    "start": json.dumps(POST)[:60],
}


@pytest.mark.parametrize("line", LEAKS.values(), ids=LEAKS)
def test_words_of_an_answer_are_found_however_they_are_written(line: str) -> None:
    assert leaks(line, [json.dumps(POST).encode()])


def test_pages_of_html_are_found() -> None:
    page = "<html><head><title>Over capacity</title></head><body>Try again soon.</body></html>"
    assert leaks(f"X said {page}", [page.encode()])
    assert leaks(f"X said {page}") == []


def test_records_hold_texts_but_no_secrets() -> None:
    (post,) = POST["data"]
    record: dict[str, Any] = {"type": "RECORD", "stream": "tweet_insights", "record": post}
    body = [json.dumps(POST).encode()]
    assert leaks(json.dumps(record), body) == []
    record["record"]["token"] = OWNER.access_token
    assert len(leaks(json.dumps(record), body)) == 1


LINE = "from test_log_scan import TELL; TELL[{way!r}]({text!r})"
ASK = """
import logging, requests
from sandbox import running
with running() as sandbox:
    answer = requests.get(f"{{sandbox.url}}/2/users?ids=12", timeout=5)
logging.getLogger("tap").info("X said %s", answer.{part})
"""
MARK = f"@pytest.mark.{MARKER}"
SECRET_FOUND = f"a key, token or secret: {APP.consumer_secret}"


def lines_of(name: str, body: str, mark: str = "") -> str:
    """A test with this body."""
    return f"{mark}\ndef test_{name}():\n{textwrap.indent(body.strip(), '    ')}\n"


@pytest.fixture
def outcome(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Run tests in a session of their own; gives the problems that each had, and the output."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))

    def of(*tests: str) -> tuple[dict[str, str], str]:
        path = pytester.makepyfile("import pytest\n\n" + "\n".join(tests))
        options = ("-p", "log_scan.plugin", "-p", "no:cacheprovider", "--junit-xml=report.xml")
        done = pytester.runpytest_subprocess(*options)
        report = path.with_name("report.xml")
        cases = ET.parse(report).iter("testcase") if report.exists() else ()
        problems = {
            case.attrib["name"].removeprefix("test_"): "\n".join(each.text or "" for each in case)
            for case in cases
        }
        return problems, done.stdout.str() + done.stderr.str()

    return of


@pytest.mark.tells_secrets("to see that tests fail by it")
def test_tests_that_tell_a_secret_fail_and_others_pass(outcome: Outcome) -> None:
    problems, _ = outcome(
        *(lines_of(way, LINE.format(way=way, text=APP.consumer_secret)) for way in TELL),
        *(lines_of(f"{way}_nothing", LINE.format(way=way, text="All is well.")) for way in TELL),
        lines_of("marked", LINE.format(way="logged", text=APP.consumer_secret), f"{MARK}('as X')"),
    )
    assert [way for way in TELL if SECRET_FOUND not in problems[way]] == []
    others = {*(f"{way}_nothing" for way in TELL), "marked"}
    assert {name: problems[name] for name in problems.keys() - set(TELL)} == dict.fromkeys(
        others, ""
    )


def test_a_test_that_logs_an_answer_fails(outcome: Outcome) -> None:
    parts = {part: lines_of(part, ASK.format(part=part)) for part in ("text", "status_code")}
    problems, _ = outcome(*parts.values())
    assert "part of an answer: {" in problems["text"]
    assert problems["status_code"] == ""


def test_an_exemption_needs_a_reason(outcome: Outcome) -> None:
    assert "takes the reason" in outcome(lines_of("it", "pass", MARK))[1]
