"""Managing connected accounts: list them, test them with X, rename and revoke them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from singer_plugin import UserError
from tap_twitter.accounts_command import output, prompts
from tap_twitter.auth.logins import SEEDED
from tap_twitter.errors import AuthError, TapError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_twitter.accounts_command.session import Session
    from tap_twitter.accounts_command.x_client import XServer
    from tap_twitter.auth.token_store import Login, TokenStore

NONE: Final = "No account is connected yet: tap-twitter-accounts connect."


def list_logins(store: TokenStore, *, as_json: bool) -> None:
    """Print all logins of the store."""
    logins = store.logins()
    output.show(map(output.row, logins), as_json=as_json)
    if not logins:
        click.echo(NONE, err=True)


def test_logins(session: Session, name: str | None, *, as_json: bool) -> None:
    """Print whether X accepts a login, or each of them; X charges for one user each.

    Raises:
        UserError: There is no such login, or X refuses some of them.
    """
    logins = session.keyring.logins
    if not logins or name not in {None, *logins}:
        raise _unknown(name, logins)
    click.echo(f"X charges {session.server.price} for each account, once per UTC day.", err=True)
    rows = [_tested(session, each) for each in logins if name in {None, each}]
    output.show(rows, as_json=as_json)
    if failed := [f"'{row['name']}'" for row in rows if not row["is_accepted"]]:
        msg = f"Failed: {', '.join(failed)}; see the column 'problem' for the fix."
        raise UserError(msg)


def _tested(session: Session, name: str) -> dict[str, Any]:
    """X's verdict on a login; its scopes are read after a refresh, which may change them."""
    login = session.keyring.logins[name]
    row: dict[str, Any] = {
        "name": name,
        "kind": login.kind.value,
        "username": login.username,
        "user_id": login.user_id,
        "is_accepted": False,
        "allows": [],
        "problem": None,
    }
    try:
        known = session.server.identity(session.keyring.login(name))
    except TapError as error:
        return {**row, "problem": str(error)}
    scopes = (session.store.get(name) or login).scopes
    allows = known.access_level.split("-") if known.access_level else sorted(scopes)
    return {**row, "username": known.username, "is_accepted": True, "allows": allows}


def remove(session: Session, name: str, *, keeps_grant: bool, yes: bool) -> None:
    """Revoke a login at X and remove it.

    Other processes cannot refresh it meanwhile, so the current token is the one revoked.

    Raises:
        UserError: There is no such login, or X did not revoke it, so it is still there.
    """
    store = session.store
    if name not in store.names():
        raise _unknown(name, store.names())
    what = f"Remove login '{name}'" if keeps_grant else f"Revoke login '{name}' at X and remove it"
    if not (yes or prompts.confirmed(f"{what}?", "add --yes")):
        raise click.Abort
    with store.locked():
        login = store.get(name)
        if login and not keeps_grant:
            click.echo(_revoked(session.server, login, store.logins()), err=True)
        store.remove(name)
    click.echo(f"Removed login '{name}'.", err=True)


def rename(store: TokenStore, old: str, new: str) -> None:
    """Rename a login.

    Raises:
        UserError: There is no such login, or another login has the name.
    """
    if new.startswith(SEEDED):
        msg = f"Names that begin with '{SEEDED}' are reserved for the tap: choose another one."
        raise UserError(msg)
    try:
        store.rename(old, new)
    except KeyError:
        raise _unknown(old, store.names()) from None
    except ValueError:
        msg = f"Login '{new}' already exists: remove it first, or choose another name."
        raise UserError(msg) from None
    click.echo(f"Login '{old}' is now '{new}'. Use that name in 'accounts', too.", err=True)


def _revoked(server: XServer, login: Login, logins: Iterable[Login]) -> str:
    """Revoke a login at X, and say what happened.

    An account has one OAuth 1.0a token per app: revoking it would end other logins that use it.
    """
    others = [each.name for each in logins if each.access_token == login.access_token]
    if shared := [f"'{each}'" for each in others if each != login.name]:
        return f"Not revoked at X: {', '.join(shared)} uses the same access token."
    try:
        server.revoke(login)
    except AuthError:
        return "X no longer accepts it: access had already ended."
    except TapError as error:
        msg = f"{error} Login '{login.name}' is kept; --keep-grant removes it here only."
        raise UserError(msg) from None
    return "Access at X is revoked."


def _unknown(name: str | None, names: Iterable[str]) -> UserError:
    known = ", ".join(f"'{each}'" for each in names)
    return UserError(f"There is no login '{name}'; connected logins: {known}." if known else NONE)
