"""The settings that say whom X is asked for and in whose name: `auth`, `accounts`, and the like."""

from __future__ import annotations

from typing import Any, Final

from singer_sdk import typing as th

from tap_twitter.streams.failures import OnAccountFailure


def _secret(name: str, title: str, description: str) -> th.Property[Any]:
    return th.Property(name, th.StringType, secret=True, title=title, description=description)


KEYS: Final = (
    _secret(
        "consumer_key",
        "Consumer key",
        "API key of the X app (OAuth 1.0a; alone with its secret: app-only access).",
    ),
    _secret("consumer_secret", "Consumer secret", "API key secret of the X app."),
    _secret(
        "access_token",
        "Access token",
        "OAuth 1.0a access token of the account in whose name X is asked.",
    ),
    _secret("access_token_secret", "Access token secret", "OAuth 1.0a access token secret."),
    _secret(
        "bearer_token",
        "Bearer token",
        "App-only bearer token; not needed where the consumer pair is given.",
    ),
    _secret("client_id", "Client ID", "OAuth 2.0 client ID of the X app."),
    _secret(
        "client_secret",
        "Client secret",
        "OAuth 2.0 client secret of the X app; none for public clients.",
    ),
    _secret(
        "refresh_token",
        "Refresh token",
        "OAuth 2.0 refresh token of the account in whose name X is asked. It works once: what "
        "follows it is kept in the token store.",
    ),
    _secret("oauth_token", "OAuth token", "The same as `access_token`, as Fivetran spells it."),
    _secret(
        "oauth_token_secret",
        "OAuth token secret",
        "The same as `access_token_secret`, as Fivetran spells it.",
    ),
    th.Property(
        "client_access",
        th.ObjectType(
            _secret(
                "client_id",
                "Client access: client ID",
                "The same as `consumer_key`, as Fivetran spells it.",
            ),
            _secret(
                "client_secret",
                "Client access: client secret",
                "The same as `consumer_secret`, as Fivetran spells it.",
            ),
            additional_properties=False,
        ),
        title="Client access",
        description="The keys of the X app, as Fivetran spells them.",
    ),
)

AUTH: Final = th.ObjectType(
    *KEYS,
    th.Property(
        "token_store",
        th.StringType,
        default="~/.tap-twitter/tokens.json",
        title="Token store",
        description="The file with the accounts that `tap-twitter-accounts connect` has connected.",
    ),
    additional_properties=False,
)

KEY_GROUP: Final[dict[str, Any]] = {
    **th.ObjectType(*KEYS, additional_properties=False).to_dict(),
    "type": ["object", "string", "null"],
}
"""A text is none; it passes here so that one message tells what empty `auth` needs."""

USER_ID: Final[dict[str, Any]] = {
    "type": ["string", "integer", "null"],
    "pattern": r"^[1-9][0-9]{0,18}$(?!\n)",
    "errorMessage": "must be a user id of X: 1 to 19 digits, as text where it comes from a "
    "spreadsheet (a float such as 1.23E+18 has lost the last ones)",
    "minimum": 1,
    "maximum": 9_999_999_999_999_999_999,
}

ACCOUNT: Final[dict[str, Any]] = {
    "type": ["object", "string", "integer"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": ["string", "null"], "minLength": 1},
        "id": {"type": ["string", "integer", "null"]},
        "username": {"type": ["string", "integer", "null"]},
        "auth": KEY_GROUP,
    },
}

ACCOUNTS: Final = th.Property(
    "accounts",
    th.CustomType({"type": ["array", "null"], "items": ACCOUNT}),
    secret=True,
    title="Accounts",
    description="The accounts to read, one's own and others: a list of objects with `id` or "
    "`username`; `name`, by which messages call it; `auth` with keys as in the group `auth`, whose "
    "keys of the app need not be repeated. A text in the list is an id, a handle or the address of "
    "a profile, as in the input of a lookup. An account without `auth` is asked for with the "
    "connected login of its name, else with the default credentials. Unset: the account that the "
    "default credentials belong to.",
)

ON_ACCOUNT_FAILURE: Final = th.Property(
    "on_account_failure",
    th.StringType,
    default=OnAccountFailure.FAIL.value,
    allowed_values=[each.value for each in OnAccountFailure],
    title="On account failure",
    description="What becomes of the run where X refuses single accounts: revoked or insufficient "
    "credentials, accounts that are suspended, protected or not there. All others are read either "
    "way. `fail` ends the run with exit code 1, `warn` with warnings and exit code 0 as long as "
    "each stream could read another of its accounts. Whatever else fails, such as the access of "
    "the X app, used-up credits or a missing setting, fails the run.",
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
    description="Columns that every row of every stream gets, with their values, such as "
    '`{"source": "x", "team": 7}`.',
)
