"""The streams of cards, scheduled posts and media."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.ads import CARDS, MEDIA_LIBRARY, SCHEDULED_TWEETS
from tap_twitter.objects.fields import objects
from tap_twitter.reports.organic.creative_columns import CARD, COMPONENT, MEDIA, SCHEDULED
from tap_twitter.reports.organic.listing import Listing, ListingStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALL_CARDS: Final = Listing(CARDS, {"with_deleted": "true"})


class CardHistoryStream(ListingStream):
    """The present version of each card; a row that is there keeps what it was."""

    name = "card_history"
    primary_keys = ("id", "updated_at")
    COLUMNS = CARD
    LISTING = ALL_CARDS


class CardComponentStream(ListingStream):
    """What cards are made of, those of slides one slide after the other."""

    name = "card_component"
    primary_keys = ("card_id", "index")
    COLUMNS = COMPONENT
    LISTING = ALL_CARDS
    FINDS_DELETIONS = True

    def parts(self, entry: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """The components; of several media, all keys."""
        slides = entry.get("slides") or []
        lists = [entry.get("components"), *(slides if isinstance(slides, list) else [])]
        for component in (each for components in lists for each in objects(components)):
            keys = component.get("media_keys")
            if isinstance(keys, list):
                component = {**component, "media_key": ",".join(map(str, keys))}  # noqa: PLW2901
            yield component


class ScheduledTweetHistoryStream(ListingStream):
    """The present version of each scheduled post; a row that is there keeps what it was."""

    name = "scheduled_tweet_history"
    primary_keys = ("id", "updated_at")
    COLUMNS = SCHEDULED
    LISTING = Listing(SCHEDULED_TWEETS)


class MediaLibraryStream(ListingStream):
    """The media of an ads account."""

    name = "media_library"
    primary_keys = ("media_key",)
    COLUMNS = MEDIA
    LISTING = Listing(MEDIA_LIBRARY)
    FINDS_DELETIONS = True
