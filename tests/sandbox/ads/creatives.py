"""Cards and media of an ads account: some that follow from its age, each as it was changed since."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox import moments
from sandbox.ads.zones import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.ads.accounts import AdsAccount
    from sandbox.clock import Clock

Made = dict[str, Any]
CARD_URI: Final = "card://"
_FIRST: Final = timedelta(hours=1)
_CARD_DAYS: Final = timedelta(days=21)
_MEDIA_DAYS: Final = timedelta(days=12)
_APP: Final = {
    "type": "BUTTON",
    "label": {"type": "ENUM", "value": "INSTALL"},
    "destination": {
        "type": "APP",
        "country_code": "US",
        "googleplay_app_id": "com.northwind",
        "googleplay_deep_link": "northwind://tea",
        "ios_app_store_identifier": "333903271",
        "ios_deep_link": "northwind://tea",
    },
}
_IMAGE: Final = {"type": "MEDIA", "media_key": "3_{image}"}
_CLIP: Final = {
    "type": "MEDIA",
    "media_key": "13_{video}",
    "media_metadata": {"13_{video}": {"type": "VIDEO"}},
}
_SWIPES: Final = {"type": "SWIPEABLE_MEDIA", "media_keys": ["3_{image}", "13_{video}"]}


def _site(path: str) -> Made:
    destination = {"type": "WEBSITE", "url": f"https://northwind.example/{path}"}
    return {"type": "DETAILS", "title": f"About {path}", "destination": destination}


_CARDS: Final[tuple[Made, ...]] = (
    {"card_type": "IMAGE_WEBSITE", "components": [_IMAGE, _site("tea")]},
    {"card_type": "VIDEO_WEBSITE", "components": [_CLIP, _site("film")]},
    {"card_type": "IMAGE_CAROUSEL_APP", "components": [_SWIPES, _APP]},
    {"card_type": "IMAGE_APP", "components": [_IMAGE, _APP]},
    {
        "card_type": "IMAGE_MULTI_DEST_CAROUSEL_WEBSITE",
        "slides": [[_IMAGE, _site("green")], [_IMAGE, _site("black")]],
    },
    {"card_type": "VIDEO_APP", "components": [_CLIP, _APP], "deleted": True},
    {"card_type": "MIXED_MEDIA_SINGLE_DEST_CAROUSEL_APP", "components": [_SWIPES, _APP]},
    {"card_type": "WEBSITE", "website_url": "https://northwind.example/", "website_title": "Tea"},
)
_MEDIA: Final[tuple[Made, ...]] = (
    {"media_type": "IMAGE", "media_category": "TWEET_IMAGE"},
    {"media_type": "VIDEO", "media_category": "AMPLIFY_VIDEO", "title": "How it is made"},
    {"media_type": "IMAGE", "media_category": "TWEET_IMAGE"},
    {"media_type": "GIF", "media_category": "TWEET_GIF"},
    {"media_type": "VIDEO", "media_category": "TWEET_VIDEO", "title": None},
)
_KEY_PREFIXES: Final = {
    "TWEET_IMAGE": "3",
    "TWEET_VIDEO": "7",
    "AMPLIFY_VIDEO": "13",
    "TWEET_GIF": "16",
}


class Creatives:
    """The cards and media of all ads accounts.

    Args:
        clock: What lies ahead of it is not there yet.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Take back every change."""
        self._changes: dict[str, Made] = {}

    def cards(self, account: AdsAccount) -> list[Made]:
        """An account's cards, newest first, also those that are deleted and those of old kinds."""
        return self._there(account, _CARD_DAYS, _card)

    def media(self, account: AdsAccount) -> list[Made]:
        """An account's media library, newest first, also what is deleted."""
        return self._there(account, _MEDIA_DAYS, _media)

    def card_uri_before(self, account: AdsAccount, moment: datetime, chosen: int) -> str | None:
        """The address of one of the cards that were there before a moment; None without any."""
        first = account.created_at + _FIRST
        if moment <= first:
            return None
        index = chosen % ((moment - first) // _CARD_DAYS + 1)
        return str(_card(account, index, first + index * _CARD_DAYS)["card_uri"])

    def change(self, identifier: str, values: Made) -> None:
        """Change a card, by id, or a medium, by key, now."""
        known = self._changes.get(identifier, {})
        self._changes[identifier] = {**known, **values, "updated_at": written(self._clock.now())}

    def _there(self, account: AdsAccount, pause: timedelta, make: Any) -> list[Made]:
        made = [make(account, number, at) for number, at in self._moments(account, pause)]
        return [each | self._changes.get(identity(each), {}) for each in reversed(made)]

    def _moments(self, account: AdsAccount, pause: timedelta) -> Iterator[tuple[int, datetime]]:
        for number in itertools.count():
            moment = account.created_at + _FIRST + number * pause
            if moment > self._clock.now():
                return
            yield number, moment


def identity(made: Made) -> str:
    """The id of a card, or the key of a medium."""
    return str(made.get("media_key") or made["id"])


def is_legacy(card: Made) -> bool:
    """Whether a card is of an old kind: flat, with an id in base 36."""
    return "components" not in card and "slides" not in card


def number(made: Made) -> int:
    """A number that falls with age, and that no other card or medium of the account has."""
    return int(datetime.fromisoformat(made["created_at"]).timestamp())


def _card(account: AdsAccount, index: int, made_at: datetime) -> Made:
    template = _CARDS[index % len(_CARDS)]
    card_id = str(moments.snowflake(made_at, moments.salt(f"{account.id}:card")))
    media = {
        "{image}": _media_key(account, 0).partition("_")[2],
        "{video}": _media_key(account, 1).partition("_")[2],
    }
    text = json.dumps(template)
    for name, key in media.items():
        text = text.replace(name, key)
    filled = json.loads(text)
    if is_legacy(template):
        card_id = f"{index:x}{moments.salt(account.id) % 16**5:05x}"
    return {
        "id": card_id,
        "card_uri": f"{CARD_URI}{card_id}",
        "name": f"{account.name} {index + 1}",
        "created_at": written(made_at),
        "updated_at": written(made_at),
        "deleted": False,
        **filled,
    }


def _media_key(account: AdsAccount, index: int) -> str:
    made_at = account.created_at + _FIRST + index * _MEDIA_DAYS
    prefix = _KEY_PREFIXES[_MEDIA[index % len(_MEDIA)]["media_category"]]
    return f"{prefix}_{moments.snowflake(made_at, moments.salt(f'{account.id}:media'))}"


def _media(account: AdsAccount, index: int, made_at: datetime) -> Made:
    key = _media_key(account, index)
    template = _MEDIA[index % len(_MEDIA)]
    found = {
        "media_key": key,
        "media_status": "TRANSCODE_COMPLETED",
        "media_url": f"https://pbs.twimg.com/media/{key}.jpg",
        "name": None,
        "file_name": f"file-{index}",
        "tweeted": index % 3 > 0,
        "created_at": written(made_at),
        "updated_at": written(made_at),
        "deleted": False,
        **template,
    }
    if template["media_type"] == "VIDEO":
        found |= {
            "media_url": f"https://video.twimg.com/amplify_video/{key}.mp4",
            "poster_media_key": _media_key(account, 0),
            "poster_media_url": f"https://pbs.twimg.com/media/{_media_key(account, 0)}.jpg",
            "duration": 10_000 + 971 * index,
            "aspect_ratio": "16:9",
            "description": None,
        }
    return found
