"""What `connect` does without a browser of its own: PINs, questions, and everything that fails."""

from __future__ import annotations

import json
import shlex
import signal
import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from support.connecting import COMMAND, KEYS
from support.terminal import Terminal
from test_sandbox.consenting import Page, press

from sandbox.credentials import APP, CITY, CLIENT, OWNER
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.logins import SEEDED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.connecting import Accounts

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.tells_secrets("plays the browser; what the command tells is scanned apart"),
]


@pytest.fixture
def user() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def allow(user: requests.Session, address: str, user_id: str = OWNER.user_id) -> str:
    """Allow access on X's page and go where it leads; gives the text there."""
    back = press(user, address, user_id=user_id).headers["location"]
    return user.get(back, timeout=30).text


def test_by_pin(accounts: Accounts, user: requests.Session) -> None:
    with accounts.connecting("brand", "--pin", keys="oauth1") as command:
        pin = Page(press(user, command.address).text).texts["pin"]
        code, told = command.end(f" {pin}\n")
    assert code == 0, told
    login = accounts.stored()["brand"]
    assert (login.kind, login.user_id) == (AuthKind.OAUTH1, OWNER.user_id)
    assert accounts.sandbox.bill.as_json()["total"]["gross_objects"] == 0


@pytest.mark.parametrize(
    ("typed", "message"),
    [("1234567\n", "X rejected the answer: it was mistyped"), ("", "the input has ended")],
    ids=["wrong", "none"],
)
def test_a_pin_that_does_not_serve(
    accounts: Accounts, user: requests.Session, typed: str, message: str
) -> None:
    with accounts.connecting("--pin", keys="oauth1") as command:
        press(user, command.address)
        code, told = command.end(typed)
    assert code == 1
    assert message in told.splitlines()[-1]
    assert accounts.stored() == {}


def test_the_browser_opens_what_is_printed(
    accounts: Accounts, user: requests.Session, tmp_path: Path
) -> None:
    seen, is_closed = tmp_path / "seen", tmp_path / "closed"
    script = tmp_path / "browser"
    script.write_text(
        f'#!/bin/sh\necho "$1" > {seen}.new && mv {seen}.new {seen}\nexec >&- 2>&-\n'
        f"while ! test -e {is_closed}; do sleep 0.1; done\n"
    )
    script.chmod(0o700)
    with accounts.connecting(keys="oauth2", BROWSER=str(script)) as command:
        while not seen.exists():
            assert command.process.poll() is None
        allow(user, command.address)
        code, told = command.end()
    is_closed.touch()
    assert seen.read_text().strip() == command.address
    assert code == 0, told


def test_no_browser_takes_over_the_terminal(accounts: Accounts, tmp_path: Path) -> None:
    seen, script = tmp_path / "seen", tmp_path / "w3m"
    script.write_text(f"#!/bin/sh\ntouch {seen}\n")
    script.chmod(0o700)
    variables = {"BROWSER": "", "TERM": "xterm", "PATH": f"{tmp_path}:/usr/bin:/bin"}
    with accounts.connecting("--timeout", "1", keys="oauth2", **variables) as command:
        assert command.end()[0] == 1
    assert not seen.exists()


def test_a_page_that_is_loaded_twice_says_the_same(
    accounts: Accounts, user: requests.Session
) -> None:
    with accounts.connecting(keys="oauth2") as command:
        back = urlsplit(press(user, command.address).headers["location"])
        command.process.send_signal(signal.SIGSTOP)
        loads = [socket.create_connection(("127.0.0.1", accounts.port)) for _ in range(2)]
        for load in loads:
            load.sendall(f"GET {back.path}?{back.query} HTTP/1.0\r\n\r\n".encode())
        command.process.send_signal(signal.SIGCONT)
        code, told = command.end()
    pages = [b"".join(iter(partial(load.recv, 4096), b"")).decode() for load in loads]
    for load in loads:
        load.close()
    assert code == 0, told
    assert all("Connected as @NorthwindTea" in page for page in pages)
    assert set(accounts.stored()) == {"NorthwindTea"}


def test_a_login_by_oauth2_is_complete(accounts: Accounts, user: requests.Session) -> None:
    with accounts.connecting(keys="oauth2") as command:
        asked = parse_qs(urlsplit(command.address).query)
        allow(user, command.address)
        code, told = command.end()
    assert code == 0
    assert asked["scope"] == ["tweet.read users.read dm.read offline.access"]
    assert asked["code_challenge_method"] == ["S256"]
    assert "X charges 0.010 USD to identify the account." in told
    assert "offline.access" not in told
    login = accounts.stored()["NorthwindTea"]
    assert login.scopes == frozenset(asked["scope"][0].split())
    assert login.refresh_token is not None
    assert login.expires_at is not None
    assert accounts.asked[-2:] == ["/2/oauth2/token", "/2/users/me"]
    assert accounts.sandbox.bill.as_json()["total"]["gross_usd"] == 0.01


def test_fewer_scopes_are_possible(accounts: Accounts, user: requests.Session) -> None:
    scopes = ("--scope", "tweet.read", "--scope", "users.read", "--scope", "users.email")
    with accounts.connecting(*scopes, keys="oauth2") as command:
        allow(user, command.address)
        code, told = command.end()
    assert code == 0
    assert "Without the scope offline.access" in told
    login = accounts.stored()["NorthwindTea"]
    assert login.scopes == {"tweet.read", "users.read", "users.email"}
    assert login.refresh_token is None


def test_connecting_again_renews_and_other_ways_need_force(
    accounts: Accounts, user: requests.Session
) -> None:
    tokens = []
    for words, keys, expected in (
        (("us",), "oauth2", 0),
        (("us",), "oauth2", 0),
        (("us",), "oauth1", 1),
        (("us", "--force"), "oauth1", 0),
    ):
        with accounts.connecting(*words, keys=keys) as command:
            allow(user, command.address)
            code, told = command.end()
        assert code == expected, told
        tokens.append(accounts.stored()["us"].access_token)
    assert len(set(tokens)) == 3
    assert tokens[1] == tokens[2]


TOKEN_FAULTS = {
    "oauth1-again": ("oauth1", "service_unavailable", "/oauth/access_token", 0, "Try 2 follows"),
    "oauth2-again": ("oauth2", "service_unavailable", "/2/oauth2/token", 0, "Try 2 follows"),
    "oauth2-secret": ("oauth2", "unauthorized", "/2/oauth2/token", 1, "check 'auth.client_id'"),
    "oauth2-credits": ("oauth2", "credits_depleted", "/2/users/me", 1, "buy credits"),
    "oauth1-no-form": ("oauth1", "html_success", "/oauth/access_token", 1, "check 'api.oauth_url'"),
}


@pytest.mark.parametrize("fault", TOKEN_FAULTS)
def test_faults_of_x_while_the_browser_waits(
    accounts: Accounts, user: requests.Session, fault: str
) -> None:
    keys, kind, path, expected, words = TOKEN_FAULTS[fault]
    accounts.sandbox.faults.add(kind, path=path)
    with accounts.connecting(keys=keys) as command:
        page = allow(user, command.address)
        code, told = command.end()
    assert code == expected, told
    assert words in told
    assert ("Connected as @NorthwindTea" in page) == (expected == 0)
    assert bool(accounts.stored()) == (expected == 0)


def test_nobody_comes_back(accounts: Accounts) -> None:
    with accounts.connecting("--timeout", "1", keys="oauth2") as command:
        code, told = command.end()
    assert code == 1
    assert "X sent no browser back within 1 s: connect again" in told.splitlines()[-1]


def test_the_port_is_taken(accounts: Accounts) -> None:
    with socket.create_server(("127.0.0.1", accounts.port)):
        code, told = accounts.connect()
    assert code == 1
    assert f"Port {accounts.port} cannot be used: another program listens there" in told
    assert accounts.asked == []


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        (["https://example.org/"], "X does not know the callback address"),
        ([], "connect with --pin"),
    ],
    ids=["another", "none"],
)
def test_the_callback_is_not_registered(
    accounts: Accounts, callbacks: list[str], message: str
) -> None:
    accounts.sandbox.register_callbacks(*callbacks)
    code, told = accounts.connect()
    assert code == 1
    assert message in told


REFUSED = {
    "secret": (["--oauth1"], {"TAP_TWITTER_AUTH_CONSUMER_SECRET": "wrong"}, "check 'auth.consumer_key'"),
    "damaged": (["--oauth1"], {"TAP_TWITTER_AUTH_CONSUMER_KEY": "two words"}, "copy it again"),
    "missing": (["--oauth2"], {}, "Client ID is missing. There is no terminal to ask on: set TAP_TWITTER"),
    "both": ([], KEYS["oauth2"], "Connect by OAuth? There is no terminal to ask on: give --oauth1 or"),
    "pin": (["--pin", "--oauth2"], {}, "--pin is for OAuth 1.0a"),
    "scope": (["--scope", "tweet.read users.read"], {}, "--scope and --authorize-url are for OAuth 2.0"),
    "scopes": (["--scope", "dm.read"], {}, "without tweet.read and users.read"),
    "blank": (["  "], {}, "printable characters"),
    "control": (["a\nb"], {}, "printable characters"),
    "own": ([f"{SEEDED}x"], {}, "reserved for the tap: choose another one"),
    "url": (["--base-url", "api.x.com"], {}, "Setting 'api.base_url' must be an address"),
    "nowhere": (["--oauth-url", "http://127.0.0.1:99999"], {}, "check 'api.oauth_url'"),
    "config": (["--config", "/nonexistent"], {}, "does not exist"),
    "endless": (["--timeout", "inf"], {}, "'--timeout'"),
    "never": (["--timeout", "nan"], {}, "'--timeout'"),
    "ages": (["--timeout", "1000000000000"], {}, "'--timeout'"),
    "group": (["--oauth1"], {"TAP_TWITTER_AUTH": '{"consumer_key'}, "Setting 'auth' must be of type object"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_is_one_line(accounts: Accounts, case: str) -> None:
    words, variables, message = REFUSED[case]
    code, told = accounts.connect(*words, **variables)
    assert code in {1, 2}
    assert message in told.splitlines()[-1]
    assert "Traceback" not in told
    assert not any(path.endswith("access_token") for path in accounts.asked)


def test_a_store_that_does_not_serve_is_noticed_before_x_is_asked(accounts: Accounts) -> None:
    with accounts.store.locked():
        pass
    path = Path(accounts.settings["TAP_TWITTER_AUTH_TOKEN_STORE"])
    path.write_text("{}")
    path.chmod(0o600)
    code, told = accounts.connect()
    assert code == 1
    assert "Setting 'auth.token_store'" in told
    assert "it is damaged" in told
    assert accounts.asked == []


def test_a_file_of_settings_wins_over_the_environment(
    accounts: Accounts, user: requests.Session, tmp_path: Path
) -> None:
    pair = {"client_id": APP.consumer_key, "client_secret": APP.consumer_secret}
    config = {
        "auth": {"client_access": pair, "token_store": str(tmp_path / "other.json")},
        "users_lookup": {"no": "such setting"},
    }
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    with accounts.connecting("--config", str(file), "--oauth1", keys="oauth2") as command:
        allow(user, command.address, CITY.user_id)
        code, told = command.end()
    assert code == 0, told
    assert accounts.stored() == {}
    listed = accounts.run("list", "--json", "--token-store", str(tmp_path / "other.json"))
    assert [login["name"] for login in json.loads(listed.stdout)] == ["CityOfElsewhere"]


@pytest.mark.parametrize(
    ("words", "question"),
    [(("--oauth2",), "Client ID: "), (("--oauth1", "--pin"), "PIN that X shows: ")],
    ids=["hidden", "shown"],
)
def test_ctrl_c_ends_a_question_and_leaves_the_terminal_as_it_was(
    accounts: Accounts, tmp_path: Path, words: tuple[str, ...], question: str
) -> None:
    keys = KEYS["oauth1"] if "--oauth1" in words else {}
    line = shlex.join([str(COMMAND), "connect", "--no-browser", *words])
    script = f"trap : INT; {line}; echo ended with $?; stty -a"
    env = {"PATH": "/usr/bin:/bin", **accounts.settings, **keys}
    with Terminal(["sh", "-c", script], tmp_path, env) as at:
        at.stop(question)
    assert "Aborted!" in at.shown
    assert "ended with 1" in at.shown
    assert "Traceback" not in at.shown
    assert " echo " in at.shown
    assert accounts.stored() == {}


def test_ctrl_c_ends_the_wait_and_frees_the_port(accounts: Accounts) -> None:
    with accounts.connecting(keys="oauth2") as command:
        command.process.send_signal(signal.SIGINT)
        code, told = command.end()
    assert (code, told.splitlines()[-1]) == (1, "Aborted!")
    assert accounts.stored() == {}
    with socket.create_server(("127.0.0.1", accounts.port)):
        pass
    assert accounts.store.names() == []
    with accounts.store.locked():
        pass


def test_keys_are_typed_unseen(accounts: Accounts, tmp_path: Path) -> None:
    words = ("connect", "--oauth2", "--no-browser", "--timeout", "1", "--port", str(accounts.port))
    with Terminal(
        [COMMAND, *words], tmp_path, {"PATH": "/usr/bin:/bin", **accounts.settings}
    ) as at:
        at.answer("Client ID: ", CLIENT.client_id)
        at.answer("Client secret (none for a public client): ", str(CLIENT.client_secret))
        assert at.end() == 1
    shown = at.shown
    assert shown.count(CLIENT.client_id) == 1
    assert f"&client_id={CLIENT.client_id}&" in shown
    assert str(CLIENT.client_secret) not in shown
    assert "X sent no browser back" in shown
