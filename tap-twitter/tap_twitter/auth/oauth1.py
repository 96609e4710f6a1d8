"""OAuth 1.0a user context."""

from __future__ import annotations

from typing import Final

from requests_oauthlib import OAuth1

from tap_twitter.auth.credentials import AuthKind, Credential

NEW_TOKEN: Final = (
    "check the four OAuth 1.0a settings of '{where}', or make a new access token in the developer "
    "console and set '{where}.access_token' and '{where}.access_token_secret'"
)


def oauth1_credential(
    consumer_key: str,
    consumer_secret: str,
    access_token: str,
    access_token_secret: str,
    where: str = "auth",
) -> Credential:
    """Sign with HMAC-SHA1 in the name of the account that the access token belongs to.

    The token's text begins with that account's id
    (https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens).
    `where` is the group of settings that the keys come from.
    """
    user_id, dash, _ = access_token.partition("-")
    return Credential(
        kind=AuthKind.OAUTH1,
        auth=OAuth1(consumer_key, consumer_secret, access_token, access_token_secret),
        hint=NEW_TOKEN.format(where=where),
        user_id=user_id if dash and user_id.isdecimal() else None,
        name=where,
        app=consumer_key,
    )
