"""`/sandbox/ads…`: looks into the ads accounts and steers them from outside."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.ads.creatives import identity
from sandbox.ads.zones import written

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.state import Sandbox


def actions(sandbox: Sandbox) -> dict[tuple[str, str], Callable[[dict[str, Any]], object]]:
    """What can be done, by method and path below `/sandbox/`."""
    ads = sandbox.ads
    return {
        ("GET", "ads"): lambda _: _seen(sandbox),
        ("POST", "ads"): lambda body: ads.set(**body),
        ("POST", "ads/accounts"): lambda body: _open(sandbox, **body),
        ("POST", "ads/accounts/change"): lambda body: _change_account(sandbox, **body),
        ("POST", "ads/accounts/grant"): lambda body: ads.grant(
            body["id"], body["user_id"], *body["permissions"]
        ),
        ("POST", "ads/creatives"): lambda body: _change_creative(sandbox, **body),
        ("POST", "ads/jobs"): lambda body: ads.jobs.finish(body["id"], body["status"]),
        ("POST", "ads/limits"): lambda body: ads.limits.set(body["name"], body["limit"]),
        ("POST", "ads/posts/rename"): lambda body: ads.posts.rename(int(body["id"]), body["name"]),
        ("POST", "ads/scheduled"): lambda body: _schedule(sandbox, **body),
        ("POST", "ads/scheduled/change"): lambda body: ads.schedule.change(
            body["id"], body["text"]
        ),
    }


def _seen(sandbox: Sandbox) -> dict[str, Any]:
    ads = sandbox.ads
    return {
        "switches": asdict(ads.switches),
        "accounts": [
            {
                **account.as_json(is_single=True, has_salt=False),
                "user_id": account.user_id,
                "permissions": dict(account.permissions),
                "cards": [identity(each) for each in ads.creatives.cards(account)],
                "media": [identity(each) for each in ads.creatives.media(account)],
                "jobs": {str(job.id): job.status for job in ads.jobs.of(account.id)},
            }
            for account in ads.accounts
        ],
    }


def _open(
    sandbox: Sandbox,
    *,
    user_id: str,
    timezone: str,
    name: str = "New",
    created_at: str | None = None,
) -> dict[str, str]:
    opened = None if created_at is None else datetime.fromisoformat(created_at)
    added = sandbox.ads.add_account(user_id, timezone, name=name, created_at=opened)
    return {"id": added.id, "created_at": written(added.created_at)}


def _change_account(sandbox: Sandbox, *, id: str, **values: Any) -> None:  # noqa: A002 - a JSON key
    sandbox.ads.change_account(id, **values)


def _change_creative(sandbox: Sandbox, *, id: str, **values: Any) -> None:  # noqa: A002 - a JSON key
    sandbox.ads.creatives.change(id, values)


def _schedule(
    sandbox: Sandbox, *, account_id: str, text: str, at: str, fails: bool = False
) -> dict[str, str]:
    account = sandbox.ads.account(account_id)
    made = sandbox.ads.schedule.add(account, text, datetime.fromisoformat(at), fails=fails)
    return {"id": made}
