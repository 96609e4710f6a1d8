"""The settings for the accounts to read and their credentials: `auth`, `accounts` and others."""

from __future__ import annotations

from typing import Any, Final

from singer_sdk import typing as th

from tap_twitter.errors import OnAccountFailure


def _secret(name: str, title: str, description: str) -> th.Property[Any]:
    return th.Property(name, th.StringType, secret=True, title=title, description=description)


KEYS: Final = (
    _secret(
        "consumer_key",
        "Consumer key",
        "API key of the X app, for OAuth 1.0a. Without an access token, it gives app-only access.",
    ),
    _secret("consumer_secret", "Consumer secret", "API key secret of the X app."),
    _secret(
        "access_token",
        "Access token",
        "OAuth 1.0a access token of the account that makes the requests.",
    ),
    _secret("access_token_secret", "Access token secret", "OAuth 1.0a access token secret."),
    _secret(
        "bearer_token",
        "Bearer token",
        "App-only bearer token. Not needed if `consumer_key` and `consumer_secret` are set.",
    ),
    _secret("client_id", "Client ID", "OAuth 2.0 client ID of the X app."),
    _secret(
        "client_secret",
        "Client secret",
        "OAuth 2.0 client secret of the X app. Public clients have none.",
    ),
    _secret(
        "refresh_token",
        "Refresh token",
        "OAuth 2.0 refresh token of the account that makes the requests. It works once; the token "
        "store keeps its successors.",
    ),
    _secret("oauth_token", "OAuth token", "Fivetran's name for `access_token`."),
    _secret(
        "oauth_token_secret",
        "OAuth token secret",
        "Fivetran's name for `access_token_secret`.",
    ),
    th.Property(
        "client_access",
        th.ObjectType(
            _secret(
                "client_id",
                "Client access: client ID",
                "Fivetran's name for `consumer_key`.",
            ),
            _secret(
                "client_secret",
                "Client access: client secret",
                "Fivetran's name for `consumer_secret`.",
            ),
            additional_properties=False,
        ),
        title="Client access",
        description="Fivetran's names for the keys of the X app.",
    ),
)

AUTH: Final = th.ObjectType(
    *KEYS,
    th.Property(
        "token_store",
        th.StringType,
        default="~/.tap-twitter/tokens.json",
        title="Token store",
        description="The file that keeps the logins of `tap-twitter-accounts connect`.",
    ),
    additional_properties=False,
)

KEY_GROUP: Final[dict[str, Any]] = {
    **th.ObjectType(*KEYS, additional_properties=False).to_dict(),
    "type": ["object", "string", "null"],
}
"""A text is no group of keys; it passes here so that one message covers every empty `auth`."""

USER_ID: Final[dict[str, Any]] = {
    "type": ["string", "integer", "null"],
    "pattern": r"^[1-9][0-9]{0,18}$(?!\n)",
    "errorMessage": "must be a user id of X: 1 to 19 digits, as text if it comes from a "
    "spreadsheet (a float such as 1.23E+18 has lost the last ones)",
    "minimum": 1,
    "maximum": 9_999_999_999_999_999_999,
}

ADS_ACCOUNT_ID: Final[dict[str, Any]] = {
    "type": ["string", "null"],
    "pattern": r"^[0-9a-z]{1,20}$(?!\n)",
    "errorMessage": "must be the id of an ads account, such as 18ce54d4x5t, as in the URLs of "
    "ads.x.com",
}

ACCOUNT: Final[dict[str, Any]] = {
    "type": ["object", "string", "integer"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": ["string", "null"], "minLength": 1},
        "id": {"type": ["string", "integer", "null"]},
        "username": {"type": ["string", "integer", "null"]},
        "ads_account_id": ADS_ACCOUNT_ID,
        "auth": KEY_GROUP,
    },
}

ACCOUNTS: Final = th.Property(
    "accounts",
    th.CustomType({"type": ["array", "null"], "items": ACCOUNT}),
    secret=True,
    title="Accounts",
    description="The accounts to read, your own and others: a list of objects. Each has an `id` "
    "or a `username`; a `name` for messages; an `auth` with keys as in the group `auth`, which may "
    "leave out the keys of the app; and an `ads_account_id` if its credentials should read that "
    "ads account in the organic streams. An entry may also be a text: an id, a handle or the URL "
    "of a profile. An account without `auth` uses the connected login of its name, else the "
    "default credentials. Unset: the account of the default credentials.",
)

ON_ACCOUNT_FAILURE: Final = th.Property(
    "on_account_failure",
    th.StringType,
    default=OnAccountFailure.FAIL.value,
    allowed_values=[each.value for each in OnAccountFailure],
    title="On account failure",
    description="What to do if X refuses single accounts: revoked or insufficient credentials, or "
    "accounts that are suspended, protected or missing. The other accounts are read in either "
    "case. `fail` ends the run with exit code 1. `warn` logs warnings and ends it with exit code 0 "
    "if each stream could read at least one account. All other errors fail the run, such as "
    "missing access of the X app, used-up credits or a missing setting.",
)

SOURCE_DEFAULT_SCHEMA: Final = th.Property(
    "source_default_schema",
    th.CustomType(
        {
            "type": ["object", "null"],
            "propertyNames": {
                "minLength": 1,
                "errorMessage": "has a column whose name is empty: give it a name",
            },
            "additionalProperties": {"type": ["string", "integer", "number", "boolean"]},
        }
    ),
    title="Source default schema",
    description="Constant columns, added to every row of every stream, with their values: "
    '`{"source": "x", "team": 7}`.',
)
