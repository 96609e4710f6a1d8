"""Whether X accepts keys, asked at once and free of charge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tap_twitter.auth.app_only import bearer_credential, consumer_credential
from tap_twitter.auth.keys import ACCESS, BEARER, CLIENT_ID, CLIENT_SECRET, CONSUMER
from tap_twitter.auth.oauth1 import oauth1_credential

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_twitter.accounts_command.session import Session


FOUR: Final = "copy all four again, or make a new access token in the developer console"
TOKEN: Final = "copy the bearer token again, or make a new one in the developer console"


def check_keys(session: Session, keys: Mapping[str, str]) -> None:
    """Ask X about every kind of key.

    Args:
        session: X.
        keys: Keys of the group `auth`, complete for each kind that is there.

    Raises:
        TapError: X refuses one of them, or does not answer; the text has the fix.
    """
    server = session.server
    consumer = {name: keys[name] for name in CONSUMER if name in keys}
    access = {name: keys[name] for name in ACCESS if name in keys}
    if consumer and access:
        server.check_credential(replace(oauth1_credential(**consumer, **access), hint=FOUR))
    elif consumer:
        post = server.post_form
        app = consumer_credential(**consumer, oauth_url=session.oauth_url, post_form=post)
        server.check_credential(app)
    if CLIENT_ID in keys:
        server.check_client(keys[CLIENT_ID], keys.get(CLIENT_SECRET))
    if BEARER in keys:
        server.check_credential(replace(bearer_credential(keys[BEARER]), hint=TOKEN))
