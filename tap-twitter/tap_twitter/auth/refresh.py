"""New tokens for a login whose access token is no longer valid.

A refresh token works once: X's response contains its successor. So runs that share a login take
turns, and new tokens are stored before they are used. One gap remains that no client can close: if
a process dies after X has exchanged the token and before the response is stored, the login is lost.
A mark in the store, made before the request, lets the next run say so.

Source: https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token. That X refuses a
used token with HTTP 400 was observed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from requests.auth import AuthBase

from tap_twitter.auth.oauth2_client import ClientAuth, with_tokens
from tap_twitter.errors import AuthError, InvalidRequestError, TapError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import requests

    from tap_twitter.auth.app_only import PostForm
    from tap_twitter.auth.logins import LoginSource
    from tap_twitter.auth.token_store import Login
    from tap_twitter.clock import Clock

MARGIN: Final = timedelta(seconds=60)
"""A token that expires sooner may do so while a request is under way."""

CLIENT_ERRORS: Final = range(400, 500)


class Refresher:
    """Refreshes one login, in turn with the other processes that use it.

    Args:
        source: Reads the current login, and knows its store.
        token_url: The address that issues new tokens.
        post_form: Sends the request, with retries.
        clock: Tells when tokens expire.
    """

    def __init__(
        self, source: LoginSource, token_url: str, post_form: PostForm, clock: Clock
    ) -> None:
        self._source = source
        self._token_url = token_url
        self._post_form = post_form
        self._clock = clock

    def is_valid(self, login: Login) -> bool:
        """Whether the access token is valid for another request, by the local clock."""
        if not login.access_token:
            return False
        return login.expires_at is None or self._clock.now() + MARGIN < login.expires_at

    def renewed(self, refused: str) -> Login:
        """The login with an access token other than one that has expired or was refused.

        If another process has refreshed it meanwhile, no request is made.

        Raises:
            AuthError: X gives no new tokens; the text has the reason and the fix.
            SettingError: The token store cannot be used.
            TapError: X did not answer, as for any other request.
        """
        with self._source.store.locked():
            login = self._source.current()
            if login.access_token != refused and self.is_valid(login):
                return login
            return self._refreshed(login)

    def _refreshed(self, login: Login) -> Login:
        if login.refresh_token is None:
            msg = (
                f"The access of login '{login.name}' has ended and cannot be refreshed, because "
                f"the scope 'offline.access' was not granted; {self._source.reconnect}."
            )
            raise AuthError(msg)
        since = login.refreshing_since or self._clock.now()
        self._source.store.put(replace(login, refreshing_since=since))
        question = _Question(login)
        try:
            body = self._post_form(self._token_url, question.form, question)
        except TapError as error:
            if not question.may_be_granted:
                self._source.store.put(login)
            lost = login.refreshing_since is not None or question.may_be_granted
            raise self._explained(error, login, since if lost else None) from None
        granted = self._granted(login, body)
        self._source.store.put(granted)
        return granted

    def _explained(self, error: TapError, login: Login, lost_since: datetime | None) -> TapError:
        """The meaning of a refused refresh; other errors are returned as they are."""
        if isinstance(error, AuthError):
            msg = f"X does not know the app that refreshes login '{login.name}'"
            return AuthError(f"{msg}; {self._source.check_client}.")
        if not isinstance(error, InvalidRequestError):
            return error
        if lost_since is None:
            msg = (
                f"X no longer accepts the refresh token of login '{login.name}': access was "
                "revoked, the token has expired, or another program has used it"
            )
        else:
            msg = (
                f"Login '{login.name}' is lost: a refresh that started at "
                f"{lost_since.isoformat(timespec='seconds')} was interrupted after X had exchanged "
                "the refresh token and before the new one was stored, and X accepts each one once"
            )
        return AuthError(f"{msg}; {self._source.reconnect}.")

    def _granted(self, login: Login, body: Mapping[str, Any]) -> Login:
        granted = with_tokens(login, body, self._clock.now())
        if granted is None:
            msg = (
                f"X's response to the refresh of login '{login.name}' contains no tokens; check "
                f"'api.oauth_url'; if it is right, {self._source.reconnect}."
            )
            raise AuthError(msg)
        return granted


class _Question(AuthBase):
    """The request for new tokens: its form, its signature, and the outcome of its tries."""

    def __init__(self, login: Login) -> None:
        self._client = ClientAuth(login.client_id, login.client_secret)
        self.form = self._client.completed(
            {"grant_type": "refresh_token", "refresh_token": login.refresh_token or ""}
        )
        self._tries = 0
        self._refusals = 0

    @property
    def may_be_granted(self) -> bool:
        """Whether X may have exchanged the token in a response that did not arrive."""
        return self._tries > self._refusals

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a try."""
        self._tries += 1
        request.register_hook("response", self._note)  # type: ignore[no-untyped-call]  # its stub
        return self._client(request)

    def _note(self, response: requests.Response, **_: Any) -> None:
        self._refusals += response.status_code in CLIENT_ERRORS
