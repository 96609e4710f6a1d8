"""What a user looks like: profile, counters that grow with time, and a few accounts with names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sandbox import moments
from sandbox.credentials import CITY, FOUNDER, NEWS, OWNER, SECOND_USER

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping
    from datetime import datetime

SHORT_ID_LIMIT: Final = 2**32
_SECONDS_PER_DAY: Final = 86400

_FIRST: Final = ("Ada", "Bo", "Chidi", "Dana", "Élodie", "Farid", "Grace", "Hiro", "Inês", "Jörg")
_LAST: Final = ("Okafor", "Lind", "Nakamura", "da Silva", "O'Neil", "Ivanova", "Müller", "Khan")
_PLACES: Final = (
    "Lisbon",
    "Lagos",
    "Kyoto",
    "São Paulo",
    "Berlin, Germany",
    "everywhere 🌍",
    "東京",
)
_TRADES: Final = ("bakes bread", "maps rivers", "mends bicycles", "writes code", "grows orchids")
_TAGS: Final = ("opendata", "coffee", "gardening", "jazz", "音楽")
_COUNTRIES: Final = ("DE", "FR", "IN", "TR")
_SCALES: Final = {
    "followers_count": 0.4,
    "following_count": 0.1,
    "tweet_count": 0.8,
    "listed_count": 0.01,
    "like_count": 0.9,
    "media_count": 0.1,
}


@dataclass(frozen=True)
class Named:
    """An account that has a name of its own instead of a derived one."""

    username: str
    name: str
    description: str
    verified_type: str = "none"
    posts_per_day: float = 0.2


NAMED: Final[Mapping[int, Named]] = {
    int(OWNER.user_id): Named(
        "NorthwindTea",
        "Northwind Tea",
        "Tea, slowly. Owner of the sandbox's app.",
        "business",
        posts_per_day=2,
    ),
    int(SECOND_USER.user_id): Named(
        "harbour_books", "Harbour Books", "A bookshop by the water.", posts_per_day=0.5
    ),
    int(FOUNDER.user_id): Named("founder", "The Founder", "Was here early.", "blue"),
    int(NEWS.user_id): Named(
        "PlatformNews", "Platform News", "What changed, and when.", "business", posts_per_day=3
    ),
    int(CITY.user_id): Named(
        "CityOfElsewhere", "City of Elsewhere", "Official.", "government", posts_per_day=0.7
    ),
}


@dataclass(frozen=True)
class Person:
    """What the world knows of a user before looking closer."""

    id: int
    username: str
    created_at: datetime
    now: datetime

    @property
    def age_days(self) -> float:
        """Age of the account in days."""
        return (self.now - self.created_at).total_seconds() / _SECONDS_PER_DAY


def user_object(person: Person, rng: random.Random) -> dict[str, Any]:
    """The user object in the tweet vocabulary, whole but for the ids of its posts.

    A key is there only if the user has the thing, as on X.

    Args:
        person: Whose.
        rng: Source of everything that is made up; seeded for this user alone.
    """
    named = NAMED.get(person.id)
    verified_type = named.verified_type if named else _verified_type(rng)
    metrics = {name: int(gain * person.age_days) for name, gain in _gains(rng).items()}
    return {
        "id": str(person.id),
        "name": named.name if named else f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
        "username": person.username,
        "created_at": moments.stamp(person.created_at),
        "protected": False if named else rng.random() < 0.06,
        "verified": verified_type != "none",
        "verified_type": verified_type,
        "verified_followers_count": metrics["followers_count"] // 25,
        "is_identity_verified": rng.random() < 0.1,
        "parody": rng.random() < 0.01,
        "subscription_type": "Premium" if verified_type == "blue" else "None",
        "public_metrics": metrics,
        **_profile(person, rng, named),
        **_relations(rng),
    }


def _verified_type(rng: random.Random) -> str:
    return rng.choices(("none", "blue", "business", "government"), (90, 8, 1.5, 0.5))[0]


def gains(user_id: int, rng: random.Random) -> dict[str, float]:
    """How much each counter of a user gains a day; `rng` as for `user_object`."""
    if user_id not in NAMED:
        _verified_type(rng)
    return _gains(rng)


def _gains(rng: random.Random) -> dict[str, float]:
    """Counters grow at a fixed daily pace, so that they never shrink."""
    return {name: scale * rng.paretovariate(1.2) for name, scale in _SCALES.items()}


def _profile(person: Person, rng: random.Random, named: Named | None) -> dict[str, Any]:
    """What the user filled in, and its entities."""
    profile: dict[str, Any] = {
        "profile_image_url": f"https://pbs.twimg.com/profile_images/{person.id}/a_normal.jpg",
        "confirmed_email": f"{person.username.lower()}@mail.example",
    }
    entities: dict[str, Any] = {}
    if named or rng.random() < 0.8:
        text = named.description if named else f"{rng.choice(_TRADES)} since {person.created_at:%Y}"
        profile["description"], entities["description"] = _description(text, rng)
    if rng.random() < 0.4:
        link = _link(person, rng)
        profile["url"] = link["url"]
        entities["url"] = {"urls": [link]}
    if entities:
        profile["entities"] = entities
    optional = {
        "location": (0.5, rng.choice(_PLACES)),
        "profile_banner_url": (0.5, f"https://pbs.twimg.com/profile_banners/{person.id}/1500000"),
        "withheld": (0.005, {"country_codes": [rng.choice(_COUNTRIES)], "scope": "user"}),
        "affiliation": (0.03, _affiliation(rng)),
    }
    return profile | {
        key: value for key, (share, value) in optional.items() if rng.random() < share
    }


def _description(text: str, rng: random.Random) -> tuple[str, dict[str, Any]]:
    """A profile's text with a tag, and perhaps a mention, added; and where they stand in it."""
    entities: dict[str, Any] = {}
    additions = [("hashtags", "#", "tag", rng.choice(_TAGS))]
    if rng.random() < 0.2:
        mentioned = rng.choice(list(NAMED.values()))
        additions.append(("mentions", "@", "username", mentioned.username))
    for kind, sign, key, word in additions:
        start = len(text) + 1
        text = f"{text} {sign}{word}"
        entities[kind] = [{"start": start, "end": len(text), key: word}]
    return text, entities


def _link(person: Person, rng: random.Random) -> dict[str, Any]:
    short = f"https://t.co/{rng.getrandbits(48):010x}"[:23]
    site = f"{person.username.lower().replace('_', '-')}.example"
    return {
        "start": 0,
        "end": len(short),
        "url": short,
        "expanded_url": f"https://{site}/",
        "display_url": site,
    }


def _affiliation(rng: random.Random) -> dict[str, Any]:
    employer = rng.choice([n for n, named in NAMED.items() if named.verified_type == "business"])
    named = NAMED[employer]
    return {
        "badge_url": f"https://pbs.twimg.com/profile_images/{employer}/a_bigger.jpg",
        "description": named.name,
        "url": f"https://twitter.com/{named.username}",
        "user_id": [str(employer)],
    }


def _relations(rng: random.Random) -> dict[str, Any]:
    """How the user stands to whoever asks; shown in user context only."""
    links = ("followed_by", "following", "muting", "blocking", "follow_request_sent")
    status = sorted(rng.sample(links, k=rng.choice((0, 0, 0, 1, 2))))
    subscribes = rng.random() < 0.02
    return {
        "receives_your_dm": rng.random() < 0.3,
        "subscription": {"subscribes_to_you": subscribes},
        "subscribes_to_you": subscribes,
        **({"connection_status": status} if status else {}),
    }
