"""Connecting an account: consent in a browser or by PIN, its identity, the token store."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from dataclasses import dataclass, replace
from http import HTTPStatus
from threading import Thread
from typing import TYPE_CHECKING, Final

import click

from singer_plugin import UserError
from tap_twitter.accounts_command import html_pages, prompts
from tap_twitter.accounts_command.app_keys import app_of
from tap_twitter.accounts_command.callback import CallbackServer
from tap_twitter.accounts_command.x_client import identity_of
from tap_twitter.auth.bearer import BearerAuth
from tap_twitter.auth.credentials import AuthKind, Credential
from tap_twitter.auth.logins import SEEDED
from tap_twitter.auth.oauth1_consent import OUT_OF_BAND, ConsumerApp, OAuth1Consent
from tap_twitter.auth.oauth2_consent import ClientApp, OAuth2Consent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_twitter.accounts_command.app_keys import App
    from tap_twitter.accounts_command.callback import Visit
    from tap_twitter.accounts_command.session import Session
    from tap_twitter.auth.consent import Consent
    from tap_twitter.auth.token_store import Login

DEFAULT_SCOPES: Final = ("tweet.read", "users.read", "dm.read", "offline.access")
"""Enough for every report; `users.email` would add the account's email address."""

HINT: Final = "connect again"
"""For an access token that X refuses although it has just issued it."""


CALLBACK: Final = (
    "The X app must have exactly this callback address for {}: {} (X's developer console, "
    "the app's user authentication settings; both OAuths share the list)."
)


@dataclass(frozen=True, kw_only=True)
class ConnectOptions:
    """How to connect an account.

    Attributes:
        name: The name of the login; None for the account's handle.
        scopes: The scopes to request by OAuth 2.0; none for `DEFAULT_SCOPES`.
        authorize_url: The OAuth 2.0 page where the user decides; None for X's.
        port: The port of the callback server.
        timeout: How many seconds to wait for the user.
        browser: Whether to open a browser in addition to printing the address.
        force: Whether to replace another login of that name without asking.
        next_step: What the page in the browser says to do once the account is connected; None for
            a test of the login.
    """

    name: str | None
    scopes: Sequence[str]
    authorize_url: str | None
    port: int
    timeout: int
    browser: bool
    force: bool
    next_step: str | None = None


class Connector:
    """Connects accounts with an app.

    Args:
        session: X and the logins.
        app: The app.
        options: How to connect.
    """

    def __init__(self, session: Session, app: App, options: ConnectOptions) -> None:
        self._session = session
        self._store = session.store
        self._app = app
        self._options = options

    def by_browser(self) -> Login:
        """Let a user decide in a browser that X sends back to this machine.

        Raises:
            UserError: No account was connected; the browser shows the reason, too.
        """
        self._check()
        with CallbackServer(self._options.port) as callback:
            click.echo(CALLBACK.format(self._app_kind, callback.address), err=True)
            consent = self._consent(callback.address)
            self._show(consent.address)
            visit = self._awaited(callback, consent)
            try:
                login = self._named(consent.login(visit.query))
                rival = self._rival(login)
                if rival is None:
                    self._store.put(login)
            except UserError as error:
                _tell(callback, visit, html_pages.failed(str(error)))
                raise
            _tell(callback, visit, self._page(login, rival))
        if rival is not None:
            self._replace(rival, login)
        return login

    def _page(self, login: Login, rival: Login | None) -> str:
        """The page for the browser, once X has granted access."""
        if rival is not None:
            return html_pages.undecided(login)
        step = self._options.next_step
        return html_pages.connected(login, step, None) if step else html_pages.connected(login)

    @property
    def _app_kind(self) -> AuthKind:
        return AuthKind.OAUTH1 if isinstance(self._app, ConsumerApp) else AuthKind.OAUTH2

    def by_pin(self) -> Login:
        """Let a user type the PIN that X shows in any browser; OAuth 1.0a only.

        Raises:
            UserError: No account was connected.
        """
        self._check()
        consent = self._consent(OUT_OF_BAND)
        self._show(consent.address)
        pin = prompts.answer("The PIN that X shows")
        login = self._named(consent.login({"oauth_verifier": pin}))
        rival = self._rival(login)
        if rival is None:
            self._store.put(login)
        else:
            self._replace(rival, login)
        return login

    def _check(self) -> None:
        """Fail early if a login could not be stored, before the user does anything."""
        if (self._options.name or "").startswith(SEEDED):
            msg = f"Names that begin with '{SEEDED}' are reserved for the tap: choose another one."
            raise UserError(msg)
        with self._store.locked():
            self._store.names()

    def _consent(self, callback: str) -> Consent:
        session = self._session
        if isinstance(self._app, ConsumerApp):
            post = session.server.post_signed
            return OAuth1Consent.begun(self._app, session.oauth_url, post, callback)
        return OAuth2Consent(
            self._app,
            self._options.authorize_url or session.authorize_url,
            session.oauth_url,
            callback,
            self._options.scopes or DEFAULT_SCOPES,
            session.server.post_form,
            session.clock,
        )

    def _show(self, address: str) -> None:
        click.echo("Allow access on this page of X, signed in as the account to connect:", err=True)
        click.echo(address)
        if self._options.browser and has_windows():
            # some browsers only return when they are closed
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    def _awaited(self, callback: CallbackServer, consent: Consent) -> Visit:
        """The visit that belongs to our request; other visits are refused."""
        deadline = time.monotonic() + self._options.timeout
        while visit := callback.next_visit(deadline - time.monotonic()):
            if consent.owns(visit.query):
                return visit
            visit.answer(html_pages.refused(), HTTPStatus.BAD_REQUEST)
            click.echo(f"Refused: {html_pages.NOT_OURS} Still waiting.", err=True)
        msg = (
            f"X sent no browser back within {self._options.timeout} s: connect again, with "
            "--timeout for more time, or with --pin if the browser runs on another machine. "
            f"X does so only if the app has the callback address {callback.address}."
        )
        raise UserError(msg)

    def _named(self, login: Login) -> Login:
        """The login with its name and its account."""
        if login.kind is AuthKind.OAUTH1:
            known = identity_of(login.user_id, login.username)
        else:
            auth = BearerAuth(login.access_token)
            known = self._session.server.identity(Credential(login.kind, auth, HINT))
        return replace(
            login,
            name=self._options.name or known.username,
            user_id=known.user_id,
            username=known.username,
            connected_at=self._session.clock.now(),
        )

    def _rival(self, login: Login) -> Login | None:
        """The login of another account or kind with that name, unless it may be replaced."""
        known = self._store.get(login.name)
        if known is None or self._options.force:
            return None
        is_same = (known.kind, known.user_id) == (login.kind, login.user_id)
        return None if is_same else known

    def _replace(self, rival: Login, login: Login) -> None:
        """Replace another login, if the user agrees.

        Raises:
            UserError: The user does not agree, or nobody is there to answer.
        """
        what = f"Login '{rival.name}' currently is {rival.kind} as @{rival.username or '?'}."
        question = f"{what} Replace it with {login.kind} as @{login.username}?"
        if not prompts.confirmed(question, "add --force, or choose another NAME"):
            msg = "Nothing was stored; connect again with another NAME."
            raise UserError(msg)
        self._store.put(login)


def has_windows() -> bool:
    """Whether a browser would open a window; one in the terminal would take the terminal over."""
    names = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform != "linux" or any(os.environ.get(name) for name in names)


def _tell(callback: CallbackServer, visit: Visit, page: str) -> None:
    """Show a page to the awaited visit, and to those that repeat it, such as reloads."""
    visit.answer(page)
    while another := callback.next_visit(0):
        if another.query == visit.query:
            another.answer(page)
        else:
            another.answer(html_pages.refused(), HTTPStatus.BAD_REQUEST)


def connect_account(
    session: Session, kind: AuthKind | None, options: ConnectOptions, *, pin: bool
) -> None:
    """Connect an account and report it.

    Args:
        session: X and the logins.
        kind: OAuth 1.0a or 2.0; None to decide by the keys at hand, or ask the user.
        options: How to connect.
        pin: Whether the user types a PIN instead of being sent back by X.

    Raises:
        UserError: No account was connected.
    """
    app = app_of(session.config["auth"], kind)
    if isinstance(app, ConsumerApp) and (options.scopes or options.authorize_url):
        msg = "--scope and --authorize-url are for OAuth 2.0: remove them, or add --oauth2."
        raise UserError(msg)
    if isinstance(app, ClientApp):
        click.echo(f"X charges {session.server.price} to identify the account.", err=True)
    connector = Connector(session, app, options)
    login = connector.by_pin() if pin else connector.by_browser()
    store = session.config["auth"]["token_store"]
    click.echo(f"Connected @{login.username} as login '{login.name}', stored in {store}.", err=True)
    if login.kind is AuthKind.OAUTH2 and login.refresh_token is None:
        click.echo(
            "Without the scope offline.access, the login ends with its access token, in two hours.",
            err=True,
        )
