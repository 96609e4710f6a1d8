"""Posts and users as the Ads API shows them: in the words of API 1.1."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sandbox.attached import PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.ads.switches import Switches

_SOURCE: Final = '<a href="https://mobile.x.com" rel="nofollow">{}</a>'
_PRESENT_NULLS: Final = (
    "utc_offset",
    "time_zone",
    "lang",
    "geo_enabled",
    "contributors_enabled",
    "profile_image_url",
    "profile_background_image_url",
    "profile_background_image_url_https",
    "profile_background_tile",
    "profile_use_background_image",
    "is_translator",
    "is_translation_enabled",
)
_MEDIA_TYPES: Final = {"3": "photo", "7": "video", "13": "video", "16": "animated_gif"}


def tweet(
    post: Mapping[str, Any],
    user: Mapping[str, Any],
    about: Mapping[str, Any],
    switches: Switches,
) -> dict[str, Any]:
    """A published post.

    Args:
        post: The post in API v2.
        user: Its author, as `user` gives them.
        about: What the ads account knows of it: `name`, `nullcast`, `card_uri`, `mentioned` (names by id).
        switches: How ids are spelled.
    """
    as_text = switches.ids == "string"
    metrics = post["public_metrics"]
    replied: Mapping[str, Any] = next(
        (r for r in post.get("referenced_tweets", []) if r["type"] == "replied_to"), {}
    )
    found: dict[str, Any] = {
        "tweet_id": post["id"],
        **_id("id", post["id"], as_text=as_text),
        "name": about["name"],
        "tweet_type": "PUBLISHED",
        "nullcast": about["nullcast"],
        "scheduled_at": None,
        "conversation_settings": "EVERYONE",
        "created_at": _long(post["created_at"]),
        "full_text": post["text"],
        "display_text_range": post["display_text_range"],
        "truncated": False,
        "lang": post["lang"],
        "source": _SOURCE.format(post.get("source", "X Web App")),
        "favorite_count": metrics["like_count"],
        "retweet_count": metrics["retweet_count"],
        "favorited": False,
        "retweeted": False,
        **_id("in_reply_to_status_id", replied.get("id"), as_text=as_text),
        **_id("in_reply_to_user_id", post.get("in_reply_to_user_id"), as_text=as_text),
        "in_reply_to_screen_name": _replied_to(post),
        **_places(post.get("geo", {})),
        "contributors": None,
        "entities": _entities(post, about["mentioned"], as_text=as_text),
        "user": user,
    }
    if about["card_uri"]:
        found["card_uri"] = about["card_uri"]
    if about["nullcast"]:
        found["scopes"] = {"followers": False}
    return found


def user(seen: Mapping[str, Any], switches: Switches, *, is_trimmed: bool) -> dict[str, Any]:
    """A user, whole or nothing but the id, from the user in API v2."""
    ids = _id("id", seen["id"], as_text=switches.ids == "string")
    if is_trimmed:
        return ids
    metrics = seen["public_metrics"]
    found = {
        **ids,
        "name": seen["name"],
        "screen_name": seen["username"],
        "location": seen.get("location", ""),
        "url": seen.get("url"),
        "description": seen.get("description", ""),
        "protected": seen["protected"],
        "verified": seen["verified"],
        "followers_count": metrics["followers_count"],
        "friends_count": metrics["following_count"],
        "listed_count": metrics["listed_count"],
        "favourites_count": metrics["like_count"],
        "statuses_count": metrics["tweet_count"],
        "created_at": _long(seen["created_at"]),
        "profile_image_url_https": seen["profile_image_url"],
        "default_profile": False,
        "default_profile_image": False,
        **dict.fromkeys(_PRESENT_NULLS),
    }
    if "profile_banner_url" in seen:
        found["profile_banner_url"] = seen["profile_banner_url"]
    return found


def _id(name: str, value: str | None, *, as_text: bool) -> dict[str, Any]:
    """An id as a number beside a string, or as a string alone."""
    if as_text:
        return {name: value}
    return {name: None if value is None else int(value), f"{name}_str": value}


def _long(stamp: str) -> str:
    """A time as API 1.1 writes it."""
    return datetime.fromisoformat(stamp).strftime("%a %b %d %H:%M:%S +0000 %Y")


def _replied_to(post: Mapping[str, Any]) -> str | None:
    if "in_reply_to_user_id" not in post:
        return None
    mentions = post.get("entities", {}).get("mentions", [])
    return next((m["username"] for m in mentions if m["id"] == post["in_reply_to_user_id"]), None)


def _places(geo: Mapping[str, Any]) -> dict[str, Any]:
    place = PLACES.get(geo.get("place_id", ""))
    point = geo.get("coordinates")
    return {
        "place": place and {key: place[key] for key in ("id", "full_name", "name", "country")},
        "coordinates": point,
        "geo": point and {"type": "Point", "coordinates": point["coordinates"][::-1]},
    }


def _entities(
    post: Mapping[str, Any], names: Mapping[str, str], *, as_text: bool
) -> dict[str, list[dict[str, Any]]]:
    seen = post.get("entities", {})
    found: dict[str, list[dict[str, Any]]] = {
        "hashtags": [{"text": e["tag"], **_indices(e)} for e in seen.get("hashtags", [])],
        "symbols": [{"text": e["tag"], **_indices(e)} for e in seen.get("cashtags", [])],
        "user_mentions": [
            {
                **_id("id", e["id"], as_text=as_text),
                "name": names.get(e["id"], e["username"]),
                "screen_name": e["username"],
                **_indices(e),
            }
            for e in seen.get("mentions", [])
        ],
        "urls": [
            {key: e[key] for key in ("url", "expanded_url", "display_url")} | _indices(e)
            for e in seen.get("urls", [])
            if "media_key" not in e
        ],
    }
    keys = post.get("attachments", {}).get("media_keys", [])
    if keys:
        found["media"] = [_medium(key, as_text=as_text) for key in keys]
    return found


def _indices(entity: Mapping[str, Any]) -> dict[str, list[int]]:
    return {"indices": [entity["start"], entity["end"]]}


def _medium(key: str, *, as_text: bool) -> dict[str, Any]:
    prefix, _, number = key.partition("_")
    return {
        **_id("id", number, as_text=as_text),
        "media_key": key,
        "type": _MEDIA_TYPES[prefix],
        "media_url_https": f"https://pbs.twimg.com/media/{number}.jpg",
    }
