"""The ads accounts: one for each account of X with a name, a closed one, and a stranger's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sandbox import moments
from sandbox.ads.zones import Calendar, written
from sandbox.credentials import CITY, FOUNDER, NEWS, OWNER, SECOND_USER

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADMIN: Final = ("ACCOUNT_ADMIN",)
_ANALYST: Final = ("ANALYST",)
_STRANGER: Final = "783214"


@dataclass(frozen=True, kw_only=True)
class AdsAccount:
    """An ads account.

    Attributes:
        id: Its id, in base 36.
        name: Its name.
        timezone: The IANA name of its time zone.
        user_id: The account of X whose posts it is about: its `FULL` promotable user.
        created_at: When it was opened.
        changed_at: When it was last changed, if ever.
        industry_type: Its trade.
        business: Id and name of the business that owns it.
        deleted: Whether it is closed.
        permissions: What users may do with it; others do not see it.
        others: Its further promotable users, whose posts may only be repeated.
    """

    id: str
    name: str
    timezone: str
    user_id: str
    created_at: datetime
    changed_at: datetime | None = None
    industry_type: str | None = None
    business: tuple[str | None, str | None] = (None, None)
    deleted: bool = False
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    def calendar(self, today: datetime | None = None) -> Calendar:
        """Its days; with `today`, all by the offset of that moment."""
        zone = ZoneInfo(self.timezone)
        return Calendar(zone, None if today is None else today.astimezone(zone).utcoffset())

    def as_json(self, *, is_single: bool, has_salt: bool) -> dict[str, Any]:
        """The account as the API shows it: only single ones have an `industry_type`."""
        opened = self.calendar().day(self.created_at)
        found: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "business_name": self.business[1],
            "business_id": self.business[0],
            "timezone": self.timezone,
            "timezone_switch_at": written(self.calendar().midnight(opened)),
            "created_at": written(self.created_at),
            "updated_at": written(self.changed_at or self.created_at),
            "approval_status": "ACCEPTED",
            "deleted": self.deleted,
        }
        if is_single:
            found["industry_type"] = self.industry_type
        if has_salt:
            found["salt"] = f"{moments.salt(self.id):x}"
        return found

    def promotable_users(self) -> list[dict[str, Any]]:
        """Its promotable users as the API shows them."""
        kinds = {self.user_id: "FULL"} | dict.fromkeys(self.others, "RETWEETS_ONLY")
        return [
            {
                "id": f"l{moments.salt(self.id + user_id):x}",
                "user_id": user_id,
                "promotable_user_type": kind,
                "created_at": written(self.created_at),
                "updated_at": written(self.created_at),
                "deleted": False,
            }
            for user_id, kind in kinds.items()
        ]


def _opened(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 18, 22, 41, tzinfo=UTC)


NORTHWIND: Final = AdsAccount(
    id="18ce54d4x5t",
    name="Northwind Tea",
    timezone="America/New_York",
    user_id=OWNER.user_id,
    industry_type="RETAIL",
    business=("4503599627370497", "Northwind Trading"),
    permissions={OWNER.user_id: _ADMIN},
    others=(SECOND_USER.user_id,),
    created_at=_opened(2026, 1, 12),
)
HARBOUR: Final = AdsAccount(
    id="18ce55aaaa1",
    name="Harbour Books Ads",
    timezone="America/Los_Angeles",
    user_id=SECOND_USER.user_id,
    permissions={SECOND_USER.user_id: _ADMIN, OWNER.user_id: _ANALYST},
    created_at=_opened(2025, 2, 3),
)
FOUNDERS: Final = AdsAccount(
    id="18ce56ldn02",
    name="The Founder",
    timezone="Europe/London",
    user_id=FOUNDER.user_id,
    permissions={FOUNDER.user_id: _ADMIN, OWNER.user_id: _ANALYST},
    created_at=_opened(2024, 6, 17),
)
PLATFORM: Final = AdsAccount(
    id="18ce57in3ws",
    name="Platform News",
    timezone="Asia/Kolkata",
    user_id=NEWS.user_id,
    industry_type="NEWS",
    permissions={NEWS.user_id: _ADMIN, OWNER.user_id: _ANALYST},
    created_at=_opened(2022, 4, 4),
)
ELSEWHERE: Final = AdsAccount(
    id="18ce58lhi04",
    name="City of Elsewhere",
    timezone="Australia/Lord_Howe",
    user_id=CITY.user_id,
    industry_type="GOVERNMENT",
    permissions={CITY.user_id: _ADMIN, OWNER.user_id: _ANALYST},
    created_at=_opened(2026, 2, 9),
)
CLOSED: Final = AdsAccount(
    id="18ce59closd",
    name="Northwind Coffee",
    timezone="America/New_York",
    user_id=OWNER.user_id,
    deleted=True,
    permissions={OWNER.user_id: _ADMIN},
    created_at=_opened(2023, 5, 8),
)
STRANGERS: Final = AdsAccount(
    id="18ce5afore1",
    name="Somebody Else",
    timezone="America/New_York",
    user_id=_STRANGER,
    permissions={_STRANGER: _ADMIN},
    created_at=_opened(2021, 9, 13),
)
ACCOUNTS: Final = (NORTHWIND, HARBOUR, FOUNDERS, PLATFORM, ELSEWHERE, CLOSED, STRANGERS)
