"""The step about access to X: keys that X accepts, and accounts that grant access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from singer_plugin import UserError
from tap_twitter.accounts_command import prompts
from tap_twitter.accounts_command.app_keys import typed_key
from tap_twitter.accounts_command.connect import ConnectOptions, Connector, has_windows
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.keys import (
    ACCESS,
    BEARER,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER,
    REFRESH,
    keys_in,
)
from tap_twitter.auth.logins import is_seeded
from tap_twitter.auth.oauth1_consent import ConsumerApp
from tap_twitter.auth.oauth2_consent import ClientApp
from tap_twitter.setup_command.answers import KEYS
from tap_twitter.setup_command.key_check import check_keys
from tap_twitter.setup_command.reports import Subject, scopes

if TYPE_CHECKING:
    from tap_twitter.accounts_command.app_keys import App
    from tap_twitter.auth.token_store import Login
    from tap_twitter.setup_command.guide import Guide


@dataclass(frozen=True, slots=True)
class Way:
    """A way to get access.

    Attributes:
        title: For the user.
        kind: The kind of credentials that it gives.
        keys: The keys to type.
        optional: Keys that may be left out.
        connects: Whether an account then grants access on a page of X.
        by_pin: Whether X shows a PIN there, rather than sending the browser back.
    """

    title: str
    kind: AuthKind
    keys: tuple[str, ...]
    optional: tuple[str, ...] = ()
    connects: bool = False
    by_pin: bool = False


BROWSER_2: Final = Way(
    "OAuth 2.0 in the browser: client ID and secret; you choose what the app may read",
    AuthKind.OAUTH2,
    (CLIENT_ID, CLIENT_SECRET),
    optional=(CLIENT_SECRET,),
    connects=True,
)
BROWSER_1: Final = Way(
    "OAuth 1.0a in the browser: API key and secret",
    AuthKind.OAUTH1,
    CONSUMER,
    connects=True,
)
PIN: Final = Way(
    "OAuth 1.0a by PIN, with a browser on any machine: API key and secret",
    AuthKind.OAUTH1,
    CONSUMER,
    connects=True,
    by_pin=True,
)
TOKEN: Final = Way(
    "your own access token, from the developer console: API key and secret, token and its secret",
    AuthKind.OAUTH1,
    (*CONSUMER, *ACCESS),
)
APP: Final = Way("app-only, public data alone: bearer token", AuthKind.APP_ONLY, (BEARER,))
WAYS: Final = (BROWSER_2, BROWSER_1, PIN, TOKEN, APP)

CONSOLE: Final = (
    "Keys are in X's developer console (https://console.x.com): your app > Keys and tokens. What "
    "you type is not shown."
)
TERMINAL: Final = "run it in a terminal"
ELSEWHERE: Final = (
    "No browser can be opened here: choose a PIN, or open the page on this machine yourself."
)


def ask_access(guide: Guide) -> None:
    """Ask for keys until X accepts them, and connect accounts."""
    ways = suitable(guide)
    if guide.answers.reports and not ways:
        names = ", ".join(report.job for report in guide.answers.reports)
        msg = (
            f"No one kind of credentials may read all of: {names}. Start again and choose them in "
            "two rounds."
        )
        raise UserError(msg)
    if not (_keep_keys(guide, ways) or _keep_logins(guide, ways)):
        _ask_way(guide, ways)
    if needs_app(guide) and not has_app(guide.answers.keys):
        click.echo("One of the reports is read in the name of the app.", err=True)
        keys = prompts.insisted(lambda: _accepted(guide, (BEARER,), ()))
        guide.answers.use_keys({**guide.answers.keys, **keys})


def suitable(guide: Guide) -> list[Way]:
    """The ways that give access to all chosen reports; app-only ones are asked for apart."""
    by_user = [each.kinds for each in guide.answers.reports if each.kinds - {AuthKind.APP_ONLY}]
    return [way for way in WAYS if all(way.kind in kinds for kinds in by_user)]


def needs_app(guide: Guide) -> bool:
    """Whether app-only access is needed besides that of an account."""
    app_only = frozenset({AuthKind.APP_ONLY})
    if any(report.kinds == app_only for report in guide.answers.reports):
        return True
    # of several logins, none is the default one
    return guide.login_count > 1 and guide.answers.is_about(
        Subject.USERS, Subject.QUERIES, Subject.LISTS
    )


def has_app(keys: dict[str, str]) -> bool:
    """Whether keys give app-only access: a consumer pair does, unless it signs for an account."""
    return BEARER in keys or (set(CONSUMER) <= set(keys) and not set(ACCESS) & set(keys))


def _keep_keys(guide: Guide, ways: list[Way]) -> bool:
    """Use keys that are set already, if they suffice, X accepts them and the user agrees."""
    present = {name: guide.destination.tap_setting(f"auth.{name}") for name in KEYS}
    keys = keys_in(present, "auth")
    has_user = (*ACCESS, REFRESH)
    kinds = {
        AuthKind.OAUTH1: {*CONSUMER, *ACCESS} <= set(keys),
        AuthKind.OAUTH2: {CLIENT_ID, REFRESH} <= set(keys),
        AuthKind.APP_ONLY: BEARER in keys and not any(name in keys for name in has_user),
    }
    given = {way.kind: None for way in ways if kinds[way.kind]}
    if not given:
        return False
    question = f"Use the keys that are already set ({', '.join(given)})?"
    if not prompts.confirmed(question, TERMINAL, default=True):
        return False
    try:
        check_keys(guide.session, keys)
    except UserError as error:
        click.echo(click.style(str(error), fg="red"), err=True)
        return False
    guide.answers.use_keys(keys)
    guide.accounts = _own_account(keys)
    return True


def _keep_logins(guide: Guide, ways: list[Way]) -> bool:
    """Use accounts that are connected already, if the user agrees."""
    kinds = {way.kind for way in ways}
    logins = [
        each for each in guide.session.store.logins() if not is_seeded(each) and each.kind in kinds
    ]
    if not logins:
        return False
    names = ", ".join(f"'{each.name}' (@{each.username}, {each.kind})" for each in logins)
    if not prompts.confirmed(f"Use what is connected: {names}?", TERMINAL, default=True):
        return False
    guide.accounts = [{"name": each.name} for each in logins]
    guide.answers.use_keys({})
    return True


def _ask_way(guide: Guide, ways: list[Way]) -> None:
    """Let the user choose a way, and go it; if that fails, any way can be chosen again."""
    click.echo(CONSOLE, err=True)
    opens = guide.options.browser and has_windows()
    if not opens and PIN in ways:
        click.echo(ELSEWHERE, err=True)
    start = ways.index(PIN) if not opens and PIN in ways else 0
    while True:
        start = prompts.picked("Access by", [way.title for way in ways], start + 1)
        chosen = ways[start]
        try:
            keys = _accepted(guide, chosen.keys, chosen.optional)
        except UserError as error:
            click.echo(click.style(str(error), fg="red"), err=True)
            continue
        click.echo("X accepts the keys.", err=True)
        guide.answers.use_keys(keys)
        if not chosen.connects:
            guide.accounts = _own_account(keys)
            return
        if logins := _connected(guide, chosen, keys):
            guide.accounts = [{"name": each.name} for each in logins]
            return


def _accepted(guide: Guide, names: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, str]:
    """Keys that the user types and X accepts.

    Raises:
        UserError: X does not, or one of them is damaged.
    """
    typed = {name: typed_key(name, is_optional=name in optional) for name in names}
    keys = keys_in(typed, "auth")
    check_keys(guide.session, keys)
    return keys


def _own_account(keys: dict[str, str]) -> list[dict[str, str]]:
    """The account that an access token belongs to, by the id in front of it."""
    user_id = keys.get("access_token", "").partition("-")[0]
    return [{"id": user_id}] if user_id.isdecimal() else []


def _connected(guide: Guide, way: Way, keys: dict[str, str]) -> list[Login]:
    """Accounts that granted access, one after the other; none if the user gives up."""
    logins: list[Login] = []
    while True:
        try:
            login = _connect(guide, way, keys)
        except UserError as error:
            click.echo(click.style(str(error), fg="red"), err=True)
            if not prompts.confirmed("Try again?", TERMINAL, default=True):
                return logins
            continue
        logins = [*(each for each in logins if each.name != login.name), login]
        click.echo(f"Connected @{login.username}.", err=True)
        another = "Connect another account?"
        if not guide.answers.is_about(Subject.ACCOUNTS) or not prompts.confirmed(another, TERMINAL):
            return logins


def _connect(guide: Guide, way: Way, keys: dict[str, str]) -> Login:
    app: App = (
        ClientApp(keys[CLIENT_ID], keys.get(CLIENT_SECRET))
        if way.kind is AuthKind.OAUTH2
        else ConsumerApp(*(keys[name] for name in CONSUMER))
    )
    options = ConnectOptions(
        name=None,
        scopes=scopes(guide.answers.reports),
        authorize_url=guide.options.authorize_url,
        port=guide.options.port,
        timeout=guide.options.timeout,
        browser=guide.options.browser,
        force=False,
        next_step="Go back to the terminal, where the set-up continues.",
    )
    connector = Connector(guide.session, app, options)
    return connector.by_pin() if way.by_pin else connector.by_browser()
