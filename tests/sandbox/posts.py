"""What a post looks like, as far as users refer to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox import moments

if TYPE_CHECKING:
    import random

_SUBJECTS: Final = (
    "The kettle is on.",
    "New stock today.",
    "Rain again ☔",
    "お茶の時間です",
    "Thank you!",
)
_LANGUAGES: Final = ("en", "pt", "de", "ja")
_EDITABLE: Final = timedelta(hours=1)


@dataclass(frozen=True)
class PostKey:
    """Which post: its id, who wrote it and when it is looked at."""

    id: str
    author_id: str
    now: datetime


def post(key: PostKey, rng: random.Random) -> dict[str, Any]:
    """The whole post object in the tweet vocabulary.

    Args:
        key: Which post.
        rng: Source of everything that is made up; seeded for this post alone.
    """
    created = moments.snowflake_time(int(key.id))
    text = rng.choice(_SUBJECTS)
    age_days = (key.now - created).total_seconds() / 86400

    def grown(scale: float) -> int:
        return int(scale * rng.paretovariate(1.3) * min(age_days, 30))

    return {
        "id": key.id,
        "text": text,
        "author_id": key.author_id,
        "conversation_id": key.id,
        "created_at": moments.stamp(created),
        "display_text_range": [0, len(text)],
        "edit_history_tweet_ids": [key.id],
        "edit_controls": {
            "is_edit_eligible": created + _EDITABLE > key.now,
            "editable_until": moments.stamp(created + _EDITABLE),
            "edits_remaining": 5,
        },
        "lang": rng.choice(_LANGUAGES),
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "public_metrics": {
            "retweet_count": grown(0.2),
            "reply_count": grown(0.1),
            "like_count": grown(1),
            "quote_count": grown(0.02),
            "bookmark_count": grown(0.05),
            "impression_count": grown(20),
        },
    }
