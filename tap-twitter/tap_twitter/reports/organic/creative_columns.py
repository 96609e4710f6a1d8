"""The columns of cards, scheduled posts and media (see `columns` for their sources)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_twitter.reports.organic.columns import ACCOUNT_ID, INDEX
from tap_twitter.reports.organic.payload import FLAG, INSTANT, LONG, TEXT
from tap_twitter.reports.organic.payload import PayloadColumn as Payload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_twitter.objects.fields import Column

UPDATED_AT: Final = Payload("updated_at", INSTANT, "When this version was made.", is_nullable=False)

CARD: Final[Sequence[Column]] = (
    Payload("id", TEXT, "The card.", is_nullable=False),
    UPDATED_AT,
    ACCOUNT_ID,
    Payload("card_type", TEXT, "Its kind, such as IMAGE_WEBSITE."),
    Payload("card_uri", TEXT, "By what posts name it."),
    Payload("created_at", INSTANT, "When it was made."),
    Payload("deleted", FLAG, "Whether it is deleted."),
    Payload("name", TEXT, "Its name."),
)

COMPONENT: Final[Sequence[Column]] = (
    Payload("card_id", TEXT, "The card.", source="parent.id", is_nullable=False),
    INDEX,
    Payload("type", TEXT, "MEDIA, SWIPEABLE_MEDIA, DETAILS or BUTTON."),
    Payload("title", TEXT, "The title of details."),
    Payload("media_key", TEXT, "The medium; of several, all with commas between."),
    Payload("label_type", TEXT, "The kind of a button's label.", source="label.type"),
    Payload("label_value", TEXT, "The label of a button.", source="label.value"),
    Payload("destination_type", TEXT, "WEBSITE or APP.", source="destination.type"),
    Payload("destination_url", TEXT, "The web address that it leads to.", source="destination.url"),
    Payload(
        "destination_country_code",
        TEXT,
        "The country of the app store.",
        source="destination.country_code",
    ),
    Payload(
        "destination_googleplay_app_id",
        TEXT,
        "The app at Google Play.",
        source="destination.googleplay_app_id",
    ),
    Payload(
        "destination_googleplay_deep_link",
        TEXT,
        "A place in that app.",
        source="destination.googleplay_deep_link",
    ),
    Payload(
        "destination_ios_app_store_identifier",
        TEXT,
        "The app in the App Store.",
        source="destination.ios_app_store_identifier",
    ),
    Payload(
        "destination_ios_deep_link",
        TEXT,
        "A place in that app.",
        source="destination.ios_deep_link",
    ),
)

SCHEDULED: Final[Sequence[Column]] = (
    Payload("id", TEXT, "The scheduled post.", is_nullable=False),
    UPDATED_AT,
    ACCOUNT_ID,
    Payload("card_uri", TEXT, "The card that it is made with."),
    Payload("completed_at", INSTANT, "When it was published."),
    Payload("created_at", INSTANT, "When it was scheduled."),
    Payload("nullcast", FLAG, "Whether it is for ads alone."),
    Payload("scheduled_at", INSTANT, "For when."),
    Payload("scheduled_status", TEXT, "SCHEDULED, SUCCESS or FAILED."),
    Payload("text", TEXT, "Its text."),
    Payload("tweet_id", TEXT, "The post that it has become."),
    Payload("user_id", TEXT, "Its author."),
)

MEDIA: Final[Sequence[Column]] = (
    Payload("media_key", TEXT, "The medium.", is_nullable=False),
    ACCOUNT_ID,
    Payload("aspect_ratio", TEXT, "Width to height, of videos."),
    Payload("created_at", INSTANT, "When it was added."),
    Payload("deleted", FLAG, "Whether it is deleted."),
    Payload("description", TEXT, "Its description."),
    Payload("duration", LONG, "Milliseconds, of videos."),
    Payload("file_name", TEXT, "The name of its file."),
    Payload("media_category", TEXT, "Its category, such as TWEET_IMAGE."),
    Payload("media_status", TEXT, "How far X has processed it."),
    Payload("media_type", TEXT, "GIF, IMAGE or VIDEO."),
    Payload("media_url", TEXT, "Its address."),
    Payload("name", TEXT, "Its name."),
    Payload("poster_media_key", TEXT, "The poster of a video."),
    Payload("poster_media_url", TEXT, "The address of the poster."),
    Payload("title", TEXT, "Its title."),
    Payload("tweeted", FLAG, "Whether it was used in a post."),
    Payload("updated_at", INSTANT, "When it was last changed."),
)
