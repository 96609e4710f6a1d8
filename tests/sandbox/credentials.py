"""The credentials that a sandbox knows: made up, constant, and worth nothing anywhere else.

The id of a token's account stands before the hyphen, as in X's own OAuth 1.0a access tokens.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final, Literal

from sandbox.domo.clients import CLIENT as DOMO

AccessLevel = Literal["read", "read-write", "read-write-directmessages"]


@dataclass(frozen=True)
class App:
    """A developer app; its consumer pair signs requests and buys app-only tokens."""

    id: str
    consumer_key: str
    consumer_secret: str


@dataclass(frozen=True)
class Client:
    """The app as OAuth 2.0 knows it: confidential with a secret, public without one."""

    client_id: str
    client_secret: str | None = None


@dataclass(frozen=True)
class UserToken:
    """An OAuth 1.0a access token that an account granted to the app."""

    user_id: str
    access_token: str
    access_token_secret: str
    access_level: AccessLevel


APP: Final = App(
    id="27000001",
    consumer_key="sandboxConsumerKey0000001",
    consumer_secret="sandboxConsumerSecret0000000000000000000000000001",
)

CLIENT: Final = Client(
    client_id="c2FuZGJveENsaWVudElkMDAwMDAwMDE6MTpjaQ",
    client_secret="sandboxClientSecret0000000000000000000000000000001",
)

PUBLIC_CLIENT: Final = Client(client_id="c2FuZGJveFB1YmxpY0lkMDAwMDAwMDI6MTpuYQ")

CLIENTS: Final = (CLIENT, PUBLIC_CLIENT)

OWNER: Final = UserToken(
    user_id="1214820332314624000",
    access_token="1214820332314624000-sandboxOwnerAccessToken0000001",
    access_token_secret="sandboxOwnerTokenSecret00000000000000000000001",
    access_level="read-write-directmessages",
)

SECOND_USER: Final = UserToken(
    user_id="1359200117321728001",
    access_token="1359200117321728001-sandboxSecondAccessToken000001",
    access_token_secret="sandboxSecondTokenSecret0000000000000000000001",
    access_level="read",
)

FOUNDER: Final = UserToken(
    user_id="12",
    access_token="12-sandboxFounderAccessToken00000000000000000000001",
    access_token_secret="sandboxFounderTokenSecret00000000000000000001",
    access_level="read-write-directmessages",
)

NEWS: Final = UserToken(
    user_id="2244994946",
    access_token="2244994946-sandboxNewsAccessToken00000000000000001",
    access_token_secret="sandboxNewsTokenSecret00000000000000000000001",
    access_level="read-write",
)

CITY: Final = UserToken(
    user_id="1179710990000128000",
    access_token="1179710990000128000-sandboxCityAccessToken00000001",
    access_token_secret="sandboxCityTokenSecret00000000000000000000001",
    access_level="read-write-directmessages",
)

USER_TOKENS: Final = (OWNER, SECOND_USER, FOUNDER, NEWS, CITY)


def as_text(bearer_token: str) -> str:
    """The keys of the app and of its owner, under the names that X's developer console has, and a client of Domo.

    Args:
        bearer_token: The app-only token of a running sandbox.
    """
    keys = {
        "API key": APP.consumer_key,
        "API key secret": APP.consumer_secret,
        "Access token": OWNER.access_token,
        "Access token secret": OWNER.access_token_secret,
        "Bearer token": bearer_token,
        "Client ID": CLIENT.client_id,
        "Client secret": CLIENT.client_secret,
        "Domo client ID": DOMO.client_id,
        "Domo client secret": DOMO.client_secret,
    }
    return "\n".join(f"{name + ':':<21}{key}" for name, key in keys.items())


def as_json() -> dict[str, object]:
    """All credentials, for scripts that configure a client."""
    return {
        "app": asdict(APP),
        "client": asdict(CLIENT),
        "public_client": asdict(PUBLIC_CLIENT),
        "owner": asdict(OWNER),
        "second_user": asdict(SECOND_USER),
        "users": [asdict(token) for token in USER_TOKENS],
    }
