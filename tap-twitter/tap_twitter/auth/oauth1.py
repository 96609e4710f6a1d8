"""OAuth 1.0a user context."""

from __future__ import annotations

from requests_oauthlib import OAuth1

from tap_twitter.auth.credentials import AuthKind, Credential

NEW_TOKEN = (
    "check the four OAuth 1.0a settings of 'auth', or make a new access token in the developer "
    "console and set 'auth.access_token' and 'auth.access_token_secret'"
)


def oauth1_credential(
    consumer_key: str, consumer_secret: str, access_token: str, access_token_secret: str
) -> Credential:
    """Sign with HMAC-SHA1 in the name of the account that the access token belongs to.

    The token's text begins with that account's id
    (https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens).
    """
    user_id, dash, _ = access_token.partition("-")
    return Credential(
        kind=AuthKind.OAUTH1,
        auth=OAuth1(consumer_key, consumer_secret, access_token, access_token_secret),
        mend=NEW_TOKEN,
        user_id=user_id if dash and user_id.isdecimal() else None,
    )
