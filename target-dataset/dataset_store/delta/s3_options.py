"""The options of a store in S3, and the credentials for it."""

from __future__ import annotations

import os
from configparser import ConfigParser, Error
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from dataset_store.delta.upkeep import Upkeep
from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obstore.store import S3Config

_DEFAULT_REGION: Final = "us-east-1"


class S3Options(Upkeep, frozen=True, forbid_unknown_fields=True):
    """The options of a store in S3; what is not given comes from the environment."""

    endpoint: str | None = None
    """The address of a server other than AWS: `http://127.0.0.1:8333`; else `AWS_ENDPOINT_URL`."""

    region: str | None = None
    """The region; else `AWS_REGION`, then that of the profile."""

    access_key_id: str | None = None
    """The access key; else `AWS_ACCESS_KEY_ID`, then that of the profile."""

    secret_access_key: str | None = None
    """Its secret; else `AWS_SECRET_ACCESS_KEY`, then that of the profile."""

    session_token: str | None = None
    """The token of temporary keys; else `AWS_SESSION_TOKEN`, then that of the profile."""

    profile: str | None = None
    """The section of `~/.aws/credentials`; else `AWS_PROFILE`, then `default`."""

    timeout_seconds: Annotated[int, msgspec.Meta(ge=1)] = 60
    """How long one request may take."""

    retry_seconds: Annotated[int, msgspec.Meta(ge=0)] = 180
    """How long a request that fails for a passing reason is repeated."""


class S3Access(msgspec.Struct, frozen=True):
    """What a client needs to reach the server."""

    key: str
    secret: str
    token: str | None
    region: str
    endpoint: str | None

    @property
    def client_settings(self) -> S3Config:
        """The settings by the names that obstore knows, and the engine with `aws_` before them."""
        found: S3Config = {
            "access_key_id": self.key,
            "secret_access_key": self.secret,
            "region": self.region,
        }
        if self.token:
            found["session_token"] = self.token
        if self.endpoint:
            found["endpoint"] = self.endpoint
        return found

    @property
    def is_plain_http(self) -> bool:
        """Whether requests are not encrypted, as to a server on the same machine."""
        return (self.endpoint or "").startswith("http://")


def access(options: S3Options, environment: Mapping[str, str] = os.environ) -> S3Access:
    """How to reach the server: by the options, else the environment, else the profile.

    Without keys the engine would ask the metadata address of a cloud, from any machine; so they
    have to be given.

    Raises:
        StoreError: There are no keys, half of a pair, or an unusable endpoint.
    """
    profile = _profile(options, environment)
    key, secret, token = _keys(options, environment, profile)
    endpoint = options.endpoint or environment.get("AWS_ENDPOINT_URL") or None
    if endpoint and not endpoint.startswith(("http://", "https://")):
        message = (
            "store_options.endpoint: it does not begin with http:// or https://; give the address "
            "of the server, such as https://s3.example.com"
        )
        raise StoreError(message)
    region = options.region or environment.get("AWS_REGION") or profile.get("region")
    return S3Access(key, secret, token, region or _DEFAULT_REGION, endpoint)


def _keys(
    options: S3Options, environment: Mapping[str, str], profile: Mapping[str, str]
) -> tuple[str, str, str | None]:
    sources = {
        "store_options": (options.access_key_id, options.secret_access_key, options.session_token),
        "the environment": tuple(
            environment.get(name)
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        ),
        "the profile": tuple(
            profile.get(name)
            for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        ),
    }
    for source, (key, secret, token) in sources.items():
        if key and secret:
            return key, secret, token or None
        if key or secret:
            missing = "secret_access_key" if key else "access_key_id"
            message = (
                f"store_options: {source} has one half of a key pair without {missing}; give both"
            )
            raise StoreError(message)
    message = (
        "store_options: there are no keys for S3; give access_key_id and secret_access_key there, "
        "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or a profile in "
        "~/.aws/credentials"
    )
    raise StoreError(message)


def _profile(options: S3Options, environment: Mapping[str, str]) -> Mapping[str, str]:
    """The section of the shared credentials file; empty if there is no file.

    Raises:
        StoreError: A profile was named that is not there, or the file is not readable.
    """
    named = options.profile or environment.get("AWS_PROFILE")
    path = Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials").expanduser()
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (Error, OSError, UnicodeDecodeError):
        # its text has lines of the file
        message = f"store_options.profile: the file {path} of profiles is not readable; correct it"
        raise StoreError(message) from None
    section = named or "default"
    if parser.has_section(section):
        return dict(parser[section])
    if named:
        message = f"store_options.profile: there is no profile {named!r} in {path}"
        raise StoreError(message)
    return {}
