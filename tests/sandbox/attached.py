"""Media, polls and places that posts and messages carry; each is worked out from its key alone.

A media key holds the id of the post that it came with, and so tells when and by whom.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any, Final

from sandbox import moments

_PREFIXES: Final = {"3": "photo", "7": "video", "16": "animated_gif"}
_PLAYBACKS: Final = ("playback_0", "playback_25", "playback_50", "playback_75", "playback_100")
_CHOICES: Final = ("Green", "Black", "White", "None of these")
_POLL_MINUTES: Final = (60, 1440, 4320)

PLACES: Final[dict[str, dict[str, Any]]] = {
    place_id: {
        "id": place_id,
        "full_name": f"{name}, {country}",
        "name": name,
        "country": country,
        "country_code": code,
        "place_type": "city",
        "geo": {"type": "Feature", "bbox": box, "properties": {}},
    }
    for place_id, name, country, code, box in (
        ("01a9a39529b27f36", "Lisbon", "Portugal", "PT", [-9.23, 38.69, -9.09, 38.8]),
        ("1fac5a6a9a0b8a10", "Berlin", "Germany", "DE", [13.09, 52.34, 13.76, 52.68]),
        ("06ef846bfc783874", "Kyoto", "Japan", "JP", [135.56, 34.87, 135.88, 35.32]),
    )
}


def media_keys(source_id: int, rng: random.Random) -> list[str]:
    """The keys of what a post or message carries: up to three photos, a video or a moving picture."""
    prefix = rng.choices(tuple(_PREFIXES), (75, 20, 5))[0]
    count = rng.choice((1, 1, 1, 2, 3)) if prefix == "3" else 1
    one_ms_later = 1 << 22
    return [f"{prefix}_{source_id + number * one_ms_later}" for number in range(count)]


def media(key: str, now: datetime, seed: int) -> dict[str, Any]:
    """The whole media object of a key.

    Args:
        key: The media key.
        now: When it is looked at: views grow for 30 days.
        seed: The world's.
    """
    prefix, _, source = key.partition("_")
    rng = random.Random(f"{seed}:media:{key}")
    kind = _PREFIXES[prefix]
    found: dict[str, Any] = {
        "media_key": key,
        "type": kind,
        "width": rng.choice((680, 1080, 1920)),
        "height": rng.choice((480, 1080)),
    }
    if kind == "photo":
        found["url"] = f"https://pbs.twimg.com/media/{source}.jpg"
        return found | ({"alt_text": "A cup of tea."} if rng.random() < 0.4 else {})
    found["preview_image_url"] = f"https://pbs.twimg.com/thumb/{source}.jpg"
    found["variants"] = [_variant(source, rate) for rate in (432_000, 2_176_000)]
    if kind == "video":
        age = min((now - moments.snowflake_time(int(source))).total_seconds() / 86400, 30)
        views = int(30 * rng.paretovariate(1.3) * age)
        found["duration_ms"] = rng.randrange(3000, 120_000)
        found |= _views(views)
    return found


def poll(poll_id: str, now: datetime, seed: int) -> dict[str, Any]:
    """The whole poll object; its id is that of the post that it came with."""
    rng = random.Random(f"{seed}:poll:{poll_id}")
    created = moments.snowflake_time(int(poll_id))
    minutes = rng.choice(_POLL_MINUTES)
    share = min(1.0, (now - created).total_seconds() / 60 / minutes)
    labels = _CHOICES[: rng.choice((2, 3, 4))]
    return {
        "id": poll_id,
        "options": [
            {"position": place, "label": label, "votes": int(rng.paretovariate(1) * 40 * share)}
            for place, label in enumerate(labels, 1)
        ],
        "duration_minutes": minutes,
        "end_datetime": moments.stamp(created + timedelta(minutes=minutes)),
        "voting_status": "closed" if share >= 1 else "open",
    }


def _variant(source: str, bit_rate: int) -> dict[str, Any]:
    url = f"https://video.twimg.com/{source}/{bit_rate}.mp4"
    return {"bit_rate": bit_rate, "content_type": "video/mp4", "url": url}


def _views(views: int) -> dict[str, Any]:
    played = {f"{name}_count": views // (1 + step) for step, name in enumerate(_PLAYBACKS)}
    return {
        "public_metrics": {"view_count": views},
        "non_public_metrics": played,
        "organic_metrics": {**played, "view_count": views},
    }
