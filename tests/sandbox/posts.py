"""What a post looks like: text, what it carries, whom it answers, and counters that move with time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox import attached, moments
from sandbox.metrics import metrics
from sandbox.writing import Entities, Writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.publications import Kind

_LINES: Final = (
    ("The kettle is on.", "en"),
    ("New stock today.", "en"),
    ("Rain again ☔", "en"),
    ("お茶の時間です", "ja"),
    ("Obrigado pela visita!", "pt"),
    ("Heute frisch gebacken.", "de"),
)
_TAGS: Final = ("tea", "opendata", "books", "音楽")
_LINK: Final = ("start", "end", "url", "expanded_url", "display_url")
_SHOWN: Final = 280
_REPOST_SHOWN: Final = 140
_FIRST_EDITABLE: Final = datetime(2022, 9, 29, tzinfo=UTC)
_EDIT_WINDOW: Final = timedelta(minutes=30)
_EDITS: Final = 5
_PROMOTED: Final = 0.05
_BORROWED: Final = 0.1
_CONTEXT: Final = {
    "domain": {"id": "131", "name": "Unified Taxonomy", "description": "A taxonomy of topics."},
    "entity": {"id": "1104", "name": "Tea"},
}


@dataclass(frozen=True)
class Target:
    """The post that another one answers, repeats or quotes.

    Attributes:
        kind: What is done with it.
        id: Its id, as it was when that was done.
        author_id: Who wrote it.
        handle: The author's handle.
        post: The whole object; None where it is gone.
    """

    kind: Kind
    id: int
    author_id: str
    handle: str
    post: dict[str, Any] | None


@dataclass(frozen=True)
class Version:
    """One version of a post, as it is looked at.

    Attributes:
        id: Of this version.
        history: Ids of all versions that there are, oldest first.
        author_id: Who wrote it.
        text: Its text; made up where empty.
        resolve: Gives the id behind a handle in a text that was given.
        greeted: Handle and id of whom a text that is made up mentions in passing.
        target: The post that it answers, repeats or quotes.
        seed: The world's.
        now: When it is looked at.
    """

    id: int
    history: tuple[int, ...]
    author_id: str
    text: str
    resolve: Callable[[str], str | None]
    greeted: tuple[str, str] | None
    target: Target | None
    seed: int
    now: datetime

    @property
    def created(self) -> datetime:
        """When this version was published."""
        return moments.snowflake_time(self.id)

    @property
    def counted_until(self) -> datetime:
        """Up to when its metrics move: until the next version comes."""
        later = [version for version in self.history if version > self.id]
        return moments.snowflake_time(later[0]) if later else self.now


def post(version: Version) -> dict[str, Any]:
    """The whole post object in the tweet vocabulary, private metrics included."""
    rng = random.Random(f"{version.seed}:post:{version.history[0]}")
    line, lang = rng.choice(_LINES)
    writing, carried = _written(version, line, rng)
    shown = writing.cut(_REPOST_SHOWN if _repeats(version.target) else _SHOWN)
    found = {
        "id": str(version.id),
        "text": shown.text,
        "author_id": version.author_id,
        "conversation_id": str(version.history[0]),
        "created_at": moments.stamp(version.created),
        "display_text_range": [0, len(shown.text)],
        "edit_controls": _edit_controls(version),
        "lang": _language(version.target, lang),
        "possibly_sensitive": rng.random() < 0.02,
        "paid_partnership": rng.random() < 0.02,
        "reply_settings": rng.choices(("everyone", "mentionedUsers", "following"), (90, 5, 5))[0],
        **carried,
        **_referring(version.target),
        **metrics(
            version.id,
            version.seed,
            version.counted_until,
            version.target,
            has_link="urls" in shown.entities,
        ),
    }
    if version.created >= _FIRST_EDITABLE:
        found["edit_history_tweet_ids"] = [str(each) for each in version.history]
    if shown.entities:
        found["entities"] = shown.entities
    if shown is not writing and not _repeats(version.target):
        more = {"entities": _plain(writing.entities)} if writing.entities else {}
        found["note_tweet"] = {"text": writing.text, **more}
    optional = {
        "context_annotations": (0.1, [_CONTEXT]),
        "withheld": (0.005, {"copyright": False, "country_codes": ["DE"]}),
        "geo": (0.05, {"place_id": rng.choice(tuple(attached.PLACES))}),
    }
    found |= {key: value for key, (share, value) in optional.items() if rng.random() < share}
    return found | _rarities(version, found)


def _rarities(version: Version, found: dict[str, Any]) -> dict[str, Any]:
    """What few posts have; made up apart from all else, which stays as it is."""
    rng = random.Random(f"{version.seed}:rarities:{version.history[0]}")
    rare: dict[str, Any] = {
        "community_id": (0.03, str(1_493_446_837_214_187_000 + rng.randrange(500))),
        "source": (0.05, rng.choice(("X for iPhone", "X Web App", "Buffer"))),
    }
    if not _repeats(version.target):
        rare["withheld"] = (
            0.01,
            {"copyright": rng.random() < 0.5, "country_codes": ["DE", "FR"], "scope": "tweet"},
        )
        rare["geo"] = (0.02, _point(rng))
        rare["article"] = (0.02, {"title": f"On tea, part {rng.randrange(1, 99)}"})
    more = {key: value for key, (share, value) in rare.items() if rng.random() < share}
    if "organic_metrics" in found and rng.random() < _PROMOTED:
        more["scopes"] = {"followers": rng.random() < 0.5}
        more["promoted_metrics"] = {
            name: 3 * count for name, count in found["organic_metrics"].items()
        }
    if "media_keys" in found.get("attachments", {}) and rng.random() < _BORROWED:
        sources = [each["id"] for each in found.get("referenced_tweets", [found])]
        more["attachments"] = {**found["attachments"], "media_source_tweet_id": sources}
    return more


def _point(rng: random.Random) -> dict[str, Any]:
    """A place with the point in it where somebody was."""
    place_id, place = rng.choice(tuple(attached.PLACES.items()))
    west, south, east, north = place["geo"]["bbox"]
    at = [round(rng.uniform(west, east), 5), round(rng.uniform(south, north), 5)]
    return {"place_id": place_id, "coordinates": {"type": "Point", "coordinates": at}}


def _language(target: Target | None, own: str) -> str:
    """A repost speaks the language of what it repeats."""
    repeated = target.post if target is not None and target.kind == "retweeted" else None
    return str(repeated["lang"]) if repeated else own


def _plain(entities: Entities) -> Entities:
    """Entities as long texts have them: links without what is known of their pages."""
    links = [{key: link[key] for key in _LINK} for link in entities.get("urls", [])]
    return entities | ({"urls": links} if links else {})


def _repeats(target: Target | None) -> bool:
    return target is not None and target.kind == "retweeted"


def _written(version: Version, line: str, rng: random.Random) -> tuple[Writing, dict[str, Any]]:
    """The text, and the keys of what comes with it."""
    target = version.target
    if target is not None and target.kind == "retweeted":
        whole = (target.post or {}).get("note_tweet") or target.post or {}
        return Writing("RT").mention(target.handle, target.author_id).say(
            f": {whole['text']}", gap=""
        ), {}
    writing = Writing()
    if target is not None and target.kind == "replied_to":
        writing.mention(target.handle, target.author_id)
    if version.text:
        return writing.quote(version.text, version.resolve), {}
    writing.say(line)
    if version.greeted:
        writing.say("Hello").mention(*version.greeted)
    if version.history.index(version.id):
        writing.say(f"(Version {version.history.index(version.id) + 1})")
    return _adorned(writing, version, rng)


def _adorned(
    writing: Writing, version: Version, rng: random.Random
) -> tuple[Writing, dict[str, Any]]:
    """A made-up text with tags, links, media or a poll."""
    short = f"https://t.co/{version.history[0] % 36**9:010d}"
    if rng.random() < 0.06:
        writing.say(" ".join(["Steep it slowly, and steep it twice."] * 12))
    if rng.random() < 0.4:
        writing.tag(rng.choice(_TAGS))
    if rng.random() < 0.04:
        writing.tag("NWT", sign="$")
    target = version.target
    if target is not None and target.kind == "quoted":
        url = f"https://twitter.com/{target.handle}/status/{target.id}"
        return writing.link(short, url), {}
    if rng.random() < 0.3:
        keys = attached.media_keys(version.history[0], rng)
        url = f"https://twitter.com/i/status/{version.history[0]}/photo/1"
        writing.link(short, url, media_key=keys[0])
        return writing, {"attachments": {"media_keys": keys}}
    if rng.random() < 0.05:
        return writing, {"attachments": {"poll_ids": [str(version.history[0])]}}
    if rng.random() < 0.3:
        writing.link(short, "https://northwind.example/blog", status=200, title="The blog")
    return writing, {}


def _referring(target: Target | None) -> dict[str, Any]:
    """The keys that lead to a post's target."""
    if target is None:
        return {}
    referring: dict[str, Any] = {"referenced_tweets": [{"type": target.kind, "id": str(target.id)}]}
    if target.kind == "replied_to":
        referring["in_reply_to_user_id"] = target.author_id
        referring["conversation_id"] = (target.post or {}).get("conversation_id", str(target.id))
    return referring


def _edit_controls(version: Version) -> dict[str, Any]:
    until = moments.snowflake_time(version.history[0]) + _EDIT_WINDOW
    made = len(version.history) - 1
    can_be = not _repeats(version.target) and (
        version.target is None or version.target.kind != "replied_to"
    )
    return {
        "edits_remaining": _EDITS - made,
        "is_edit_eligible": can_be,
        "editable_until": moments.stamp(until),
    }
