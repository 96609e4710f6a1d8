"""Accounts, who may do what with them, and their promotable users.

https://docs.x.com/x-ads-api/campaign-management/reference
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.ads.endpoint import Call, Endpoint
from sandbox.ads.limits import Limit
from sandbox.ads.listing import listed, one
from sandbox.ads.parameters import MAX_IDS, SORT, TOTAL, WITH_DELETED, Parameter, items, page


def _accounts(call: Call) -> dict[str, Any]:
    wanted = call.query["account_ids"]
    found = [
        account.as_json(is_single=False, has_salt=call.ads.switches.account_salt)
        for account in call.ads.accounts
        if call.credential.user_id in account.permissions
        and (wanted is None or account.id in wanted)
    ]
    found.sort(key=_account_number, reverse=True)
    return listed(call, found, _account_number)


def _account_number(account: dict[str, Any]) -> int:
    return int(account["id"], 36)


def _account(call: Call) -> dict[str, Any]:
    shown = call.owned.as_json(is_single=True, has_salt=call.ads.switches.account_salt)
    return {"data": one([shown], call.owned.id, "NOT_FOUND", call)}


def _access(call: Call) -> dict[str, Any]:
    user_id = str(call.credential.user_id)
    return {"data": {"user_id": user_id, "permissions": list(call.owned.permissions[user_id])}}


def _promotable_users(call: Call) -> dict[str, Any]:
    wanted = call.query["promotable_user_ids"]
    found = [each for each in call.owned.promotable_users() if not wanted or each["id"] in wanted]
    found.sort(key=_promotable_number, reverse=True)
    return listed(call, found, _promotable_number)


def _promotable_number(each: dict[str, Any]) -> int:
    return int(each["id"][1:], 16)


_LISTS: Final = (SORT, WITH_DELETED, TOTAL, *page(200, 1000))
_ONE_ACCOUNT: Final = "accounts/{account_id}"

ENDPOINTS: Final = (
    Endpoint(
        "accounts",
        _accounts,
        Limit("accounts", 5),
        (Parameter("account_ids", items(MAX_IDS)), Parameter("q"), *_LISTS),
    ),
    Endpoint(_ONE_ACCOUNT, _account, Limit("account"), (WITH_DELETED,)),
    Endpoint(f"{_ONE_ACCOUNT}/authenticated_user_access", _access, Limit("user_access")),
    Endpoint(
        f"{_ONE_ACCOUNT}/promotable_users",
        _promotable_users,
        Limit("promotable_users"),
        (Parameter("promotable_user_ids", items(MAX_IDS)), *_LISTS),
    ),
)
