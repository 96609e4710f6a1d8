"""What the subcommands share: the settings, and through them X, the logins and the clock."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.accounts_command.configuration import configuration
from tap_twitter.accounts_command.x_client import XServer
from tap_twitter.auth.keyring import Keyring
from tap_twitter.auth.token_store import TokenStore
from tap_twitter.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Mapping

X: Final = "https://api.x.com"
CONSENT_PATH: Final = "/i/oauth2/authorize"
XS_CONSENT_PAGE: Final = f"https://x.com{CONSENT_PATH}"


class Session:
    """One run of the command.

    Args:
        file: The file of `--config`.
        options: Settings by group, from options.

    Raises:
        UserError: Settings are not valid.
    """

    def __init__(self, file: Path | None, options: Mapping[str, Mapping[str, Any]]) -> None:
        self.config = configuration(file, options)
        self.clock: Clock = SystemClock()

    @cached_property
    def store(self) -> TokenStore:
        """The store of the logins."""
        return TokenStore(Path(self.config["auth"]["token_store"]))

    @cached_property
    def server(self) -> XServer:
        """X."""
        return XServer(self.config, self.oauth_url, self.clock)

    @cached_property
    def keyring(self) -> Keyring:
        """The maker of credentials for logins."""
        return Keyring(self.store, self.oauth_url, self.server.post_form, self.clock)

    @property
    def oauth_url(self) -> str:
        """The server that issues tokens."""
        api = self.config["api"]
        return str(api.get("oauth_url") or api["base_url"]).rstrip("/")

    @property
    def authorize_url(self) -> str:
        """X's consent page of OAuth 2.0; any other server is assumed to have its own."""
        return XS_CONSENT_PAGE if self.oauth_url == X else f"{self.oauth_url}{CONSENT_PATH}"
