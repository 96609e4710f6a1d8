"""The command line of `tap-twitter-accounts`; `connect` and `manage` run the commands."""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from dataset_store.unexpected import ReportingGroup
from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_twitter.accounts_command.session import Session

DEFAULT_PORT: Final = 8481
NEEDED_SCOPES: Final = ("tweet.read", "users.read")
"""Without them X does not say whose login it is."""

MAX_NAME: Final = 100
MAX_TIMEOUT: Final = 86_400


class _Notes(logging.Handler):
    """Shows what the package logs, such as waits, as lines on the standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(record.getMessage(), err=True)


class _Group(ReportingGroup):
    """Commands that report an error as one line."""

    known_errors = (UserError,)
    debug_variable = "TAP_TWITTER_LOGLEVEL"


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="opendataset-tap-twitter")
def main() -> None:
    """Connect accounts of X with tap-twitter and manage them.

    Settings are read like those of tap-twitter: from variables such as
    TAP_TWITTER_AUTH_CONSUMER_KEY, or from the file of --config.
    """
    show_notes()


def show_notes() -> None:
    """Show what the package logs, such as waits, at the terminal."""
    package = logging.getLogger("tap_twitter")
    package.setLevel(logging.INFO)
    if not package.handlers:
        package.addHandler(_Notes())


def _configured(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options for X and the token store, and a session with both."""

    @click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A JSON file with settings of tap-twitter.",
    )
    @click.option("--token-store", help="The file with the logins: setting auth.token_store.")
    @click.option("--base-url", help="The address of X's API: setting api.base_url.")
    @click.option("--oauth-url", help="The address that issues tokens: setting api.oauth_url.")
    @functools.wraps(command)
    def wrapped(
        config: Path | None,
        token_store: str | None,
        base_url: str | None,
        oauth_url: str | None,
        **arguments: Any,
    ) -> None:
        from tap_twitter.accounts_command.session import Session  # noqa: PLC0415 - help needs none

        api = {"base_url": base_url, "oauth_url": oauth_url}
        command(Session(config, {"auth": {"token_store": token_store}, "api": api}), **arguments)

    return wrapped


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
port_option = click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port of the callback address http://127.0.0.1:PORT/callback, which must be registered "
    "for the app in X's developer console.",
)
timeout_option = click.option(
    "--timeout",
    type=click.IntRange(1, MAX_TIMEOUT),
    default=300,
    show_default=True,
    help="Seconds to wait for X to send the browser back.",
)
browser_option = click.option(
    "--browser/--no-browser", default=True, help="Open a browser, or only print."
)
authorize_url_option = click.option(
    "--authorize-url", help="The OAuth 2.0 page where users decide, if it is not X's."
)


def _name(_context: click.Context, _argument: click.Parameter, value: str | None) -> str | None:
    if value is not None and not (value.isprintable() and 0 < len(value.strip()) <= MAX_NAME):
        msg = f"use a name of 1 to {MAX_NAME} printable characters"
        raise click.BadParameter(msg)
    return value


def _scopes(_context: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> list[str]:
    scopes = " ".join(value).split()
    if value and (missing := [scope for scope in NEEDED_SCOPES if scope not in scopes]):
        msg = f"X does not say whose login it is without {' and '.join(missing)}: add it"
        raise click.BadParameter(msg)
    return scopes


@main.command()
@click.argument("name", required=False, callback=_name)
@click.option("--oauth1", "way", flag_value="oauth1", help="Connect by OAuth 1.0a.")
@click.option("--oauth2", "way", flag_value="oauth2", help="Connect by OAuth 2.0 with PKCE.")
@click.option(
    "--pin",
    is_flag=True,
    help="Enter the PIN that X shows, for machines without a browser; OAuth 1.0a only.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    callback=_scopes,
    help="Scope to request by OAuth 2.0, instead of tweet.read, users.read, dm.read and "
    "offline.access; may be repeated.",
)
@port_option
@timeout_option
@authorize_url_option
@browser_option
@click.option("--force", is_flag=True, help="Replace another login of that name without asking.")
@_configured
def connect(session: Session, way: str | None, *, pin: bool, **options: Any) -> None:
    """Connect an account, as login NAME or by its handle.

    Prints the page of X where access is granted, opens it in a browser and waits for the response.
    The keys of the app come from the settings; missing ones are prompted for.
    """
    from tap_twitter.accounts_command.connect import (  # noqa: PLC0415
        ConnectOptions,
        connect_account,
    )
    from tap_twitter.auth.credentials import AuthKind  # noqa: PLC0415

    if pin and way == "oauth2":
        msg = "--pin is for OAuth 1.0a; remove --oauth2"
        raise click.UsageError(msg)
    kinds = {"oauth1": AuthKind.OAUTH1, "oauth2": AuthKind.OAUTH2}
    kind = kinds.get("oauth1" if pin else way or "")
    connect_account(session, kind, ConnectOptions(**options), pin=pin)


@main.command("list")
@_as_json
@_configured
def list_logins(session: Session, *, as_json: bool) -> None:
    """List the connected accounts, without secrets and without asking X."""
    from tap_twitter.accounts_command import manage  # noqa: PLC0415

    manage.list_logins(session.store, as_json=as_json)


@main.command("test")
@click.argument("name", required=False)
@_as_json
@_configured
def test_logins(session: Session, name: str | None, *, as_json: bool) -> None:
    """Ask X whether it accepts login NAME, or each of them.

    X charges for one user each, once per account and UTC day. The exit code is 1 if X refuses
    a login.
    """
    from tap_twitter.accounts_command import manage  # noqa: PLC0415

    manage.test_logins(session, name, as_json=as_json)


@main.command()
@click.argument("name")
@click.option("--keep-grant", "keeps_grant", is_flag=True, help="Do not revoke access at X.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@_configured
def remove(session: Session, name: str, **options: Any) -> None:
    """Revoke login NAME at X and remove it."""
    from tap_twitter.accounts_command import manage  # noqa: PLC0415

    manage.remove(session, name, **options)


@main.command()
@click.argument("old")
@click.argument("new", callback=_name)
@_configured
def rename(session: Session, old: str, new: str) -> None:
    """Rename login OLD to NEW, without asking X."""
    from tap_twitter.accounts_command import manage  # noqa: PLC0415

    manage.rename(session.store, old, new)


@main.command("from-fivetran")
@click.argument("body", type=click.Path(allow_dash=True, dir_okay=False, path_type=Path))
@click.argument("settings", type=click.Path(path_type=Path))
@click.argument("catalog", type=click.Path(path_type=Path))
def from_fivetran(body: Path, settings: Path, catalog: Path) -> None:
    """Write SETTINGS of the tap from BODY, a request that creates a connection in Fivetran.

    BODY is a JSON file with the body of `POST /v1/connections` for the service `twitter`; `-` reads
    the standard input. CATALOG gets a Singer catalog that selects Fivetran's twelve tables. Both
    files are readable by their owner alone. Prints what stands for each field, without values.
    """
    from tap_twitter.accounts_command import fivetran  # noqa: PLC0415

    fivetran.write_settings(body, settings, catalog)
