"""What a login may read, and for how long, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_twitter.auth.credentials import AuthKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_twitter.auth.token_store import Login

LASTING: Final = "offline.access"

READS: Final[Mapping[str, str]] = {
    "tweet.read": "Posts that the account can see, and its own with all their metrics",
    "users.read": "Profiles of users that the account can see, and its own",
    "dm.read": "Direct messages of the account, received and sent",
    "follows.read": "Who follows the account, and whom it follows",
    "list.read": "Lists of the account and their members, private ones too",
    "like.read": "Posts that the account has liked",
    "bookmark.read": "Bookmarks of the account",
    "block.read": "Users whom the account has blocked",
    "mute.read": "Users whom the account has muted",
    "space.read": "Spaces that the account can see",
    "users.email": "The email address of the account",
}
"""The scopes that read (https://docs.x.com/fundamentals/authentication/guides/v2-authentication-mapping)."""

NO_WRITING: Final = "Nothing else: it cannot post, follow, like or send messages"
UNUSED: Final = "{}: granted, but never used by tap-twitter"

OAUTH1: Final = (
    "Whatever the permissions of the X app allow: public data, and the account's own data",
    "Direct messages only if the app has the permission to read them, in the developer console",
    "tap-twitter only reads, even if the app has the permission to write",
)


def permissions(login: Login) -> list[str]:
    """What a login may read, a line each."""
    if login.kind is not AuthKind.OAUTH2:
        return list(OAUTH1)
    reads = [READS[scope] for scope in READS if scope in login.scopes]
    others = sorted(login.scopes - READS.keys() - {LASTING})
    return [*reads, *(UNUSED.format(scope) for scope in others), *([] if others else [NO_WRITING])]


def duration(login: Login) -> str:
    """How long access lasts."""
    if login.kind is AuthKind.OAUTH2 and login.refresh_token is None:
        return f"two hours, because the scope {LASTING} was not granted"
    return "until you end it"
