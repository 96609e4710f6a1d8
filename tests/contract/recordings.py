"""What the tap asks: its streams run against sandboxes of both vocabularies, with each credential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

from support.granting import seed_auth
from support.harness import APP_AUTH, USER_AUTH, make_dataset, run_tap, selecting, tap_config
from support.required_settings import required_settings

from sandbox import running
from sandbox.ads.accounts import FOUNDERS
from sandbox.credentials import NEWS
from sandbox.x.oauth2_authorize import SCOPES
from sandbox.x.vocabulary import VocabularyName
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sandbox import Sandbox

USERS: Final = 30
SETTINGS: Final[Mapping[str, Any]] = {
    **required_settings(limit=150, query="tea OR kettle"),
    "organic": {"sync_mode": "SpecificAccounts", "accounts": [FOUNDERS.id]},
}
"""What streams do not run without, or read only a part of."""


@dataclass(frozen=True)
class Login:
    """A way to ask X.

    Attributes:
        kind: What X calls it.
        auth: Gives the settings of `auth` for a sandbox.
        user_id: The account that is read, where it is not the login's own; by its handle.
    """

    kind: AuthKind
    auth: Callable[[Sandbox], Mapping[str, str]]
    user_id: str | None = None


LOGINS: Final = (
    Login(AuthKind.OAUTH1, lambda _: USER_AUTH),
    # everything is granted, but the refresh token has to be spent first
    Login(AuthKind.OAUTH2, lambda sandbox: seed_auth(sandbox, scopes=sorted(SCOPES))),
    Login(AuthKind.APP_ONLY, lambda _: APP_AUTH, NEWS.user_id),
)


def record(folder: Path) -> Iterator[dict[str, Any]]:
    """Test and run every stream, and give the sandboxes' log of what was asked.

    Args:
        folder: For datasets and token stores.

    Raises:
        RunError: A stream fails where it may be read.
        LookupError: A stream asked nothing, whoever it asked as.
    """
    silent = {stream.name for stream in TapTwitter().x_streams}
    for vocabulary in get_args(VocabularyName):
        with running(vocabulary=vocabulary, limit_scale=1000) as sandbox:
            for login in LOGINS:
                for name in _served(login):
                    before = len(sandbox.requests)
                    _run(sandbox, login, name, folder / vocabulary / login.kind.name / name)
                    silent -= {name} if len(sandbox.requests) > before else set()
            yield from sandbox.requests.as_json()
    if silent:
        msg = f"These streams asked X nothing: {', '.join(sorted(silent))}"
        raise LookupError(msg)


def _served(login: Login) -> Iterator[str]:
    """The streams whose endpoints all take a login."""
    for stream in TapTwitter().x_streams:
        if all(login.kind in endpoint.kinds for endpoint in stream.ENDPOINTS):
            yield stream.name


def _run(sandbox: Sandbox, login: Login, stream: str, folder: Path) -> None:
    ids = sandbox.world.sample_ids(USERS)
    handles = [f"@{sandbox.world.handle(each)}" for each in ids[:5]]
    make_dataset(folder, "people", {"who": [*ids, *handles]})
    auth = {**login.auth(sandbox), "token_store": str(folder / "private" / "tokens.json")}
    config = tap_config(sandbox, folder, auth=auth)
    config |= SETTINGS
    if login.user_id:
        config["accounts"] = [{"username": sandbox.world.handle(login.user_id)}]
    TapTwitter(config=config, catalog=selecting(config, [stream])).test().run()
    run_tap(config, streams=[stream])
