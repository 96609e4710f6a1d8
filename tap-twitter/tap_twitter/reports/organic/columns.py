"""The columns of Fivetran's tables, but for the report.

Source: https://fivetran.com/docs/connectors/applications/twitter/connector-schema. Fivetran does
not publish the columns of card_history, card_component, scheduled_tweet_history, media_library,
tweet_url and twitter_user_history for this connector: those follow its X Ads connector, its dbt
package, and X's answers. `account_id`, `index` and `parent` are added to what X sends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tap_twitter.objects.fields import Column
from tap_twitter.reports.organic.payload import FLAG, INSTANT, JSON, LONG, TEXT
from tap_twitter.reports.organic.payload import PayloadColumn as Payload

if TYPE_CHECKING:
    from collections.abc import Sequence

DELETED: Final = Column("_fivetran_deleted", FLAG, "Whether X no longer has the object.")
SYNCED: Final = Column("_fivetran_synced", INSTANT, "When a run last read the row, in UTC.")

ACCOUNT_ID: Final = Payload("account_id", TEXT, "The ads account.")
TWEET_ID: Final = Payload(
    "tweet_id",
    TEXT,
    "The post.",
    source="parent.tweet_id|parent.id_str|parent.id",
    is_nullable=False,
)
INDEX: Final = Payload("index", LONG, "Its place in the list, from 0.", is_nullable=False)
INDICES: Final = Payload("indices", JSON, "From where to where it stands in the text, as JSON.")

ACCOUNT: Final[Sequence[Column]] = (
    Payload("id", TEXT, "The ads account.", is_nullable=False),
    Payload("updated_at", INSTANT, "When this version was made.", is_nullable=False),
    Payload("approval_status", TEXT, "Whether X has approved the account, such as ACCEPTED."),
    Payload("business_id", TEXT, "The business that owns it."),
    Payload("business_name", TEXT, "The name of that business."),
    Payload("created_at", INSTANT, "When the account was opened."),
    Payload("deleted", FLAG, "Whether it is closed."),
    Payload("industry_type", TEXT, "Its trade."),
    Payload("name", TEXT, "Its name."),
    Payload("salt", TEXT, "A value that older answers of X had."),
    Payload("timezone", TEXT, "The IANA name of its time zone."),
    Payload("timezone_switch_at", INSTANT, "Since when it has this time zone."),
)

TWEET: Final[Sequence[Column]] = (
    Payload("id", TEXT, "The post.", source="tweet_id|id_str|id", is_nullable=False),
    ACCOUNT_ID,
    Payload("user_id", LONG, "Its author.", source="user.id_str|user.id"),
    Payload("card_uri", TEXT, "The card that it was made with."),
    Payload(
        "coordinates_coordinates",
        JSON,
        "Longitude and latitude, as JSON.",
        source="coordinates.coordinates",
    ),
    Payload("coordinates_type", TEXT, "Their GeoJSON type.", source="coordinates.type"),
    Payload("created_at", INSTANT, "When it was published."),
    Payload("favorite_count", LONG, "Its likes."),
    Payload("favorited", FLAG, "Whether the user of the credentials likes it."),
    Payload("followers", FLAG, "Whether followers alone are shown it.", source="scopes.followers"),
    Payload("full_text", TEXT, "Its text."),
    Payload("geo_coordinates", JSON, "Latitude and longitude, as JSON.", source="geo.coordinates"),
    Payload("geo_type", TEXT, "Their type.", source="geo.type"),
    Payload("in_reply_to_screen_name", TEXT, "The handle of the author that it answers."),
    Payload(
        "in_reply_to_status_id",
        TEXT,
        "The post that it answers.",
        source="in_reply_to_status_id_str|in_reply_to_status_id",
    ),
    Payload(
        "in_reply_to_user_id",
        TEXT,
        "The author that it answers.",
        source="in_reply_to_user_id_str|in_reply_to_user_id",
    ),
    Payload("lang", TEXT, "Its language."),
    Payload(
        "media_key",
        TEXT,
        "Its first photo, video or GIF (source unconfirmed).",
        source="entities.media.0.media_key",
    ),
    Payload("name", TEXT, "Its name in the ads account."),
    Payload("retweet_count", LONG, "Its reposts."),
    Payload("retweeted", FLAG, "Whether the user of the credentials has reposted it."),
    Payload("source", TEXT, "The app that it was written with, as a link in HTML."),
    Payload("truncated", FLAG, "Whether X has cut the text."),
    Payload("tweet_type", TEXT, "PUBLISHED."),
)

HASHTAG: Final[Sequence[Column]] = (
    TWEET_ID,
    INDEX,
    INDICES,
    Payload("text", TEXT, "The hashtag, without #."),
)
SYMBOL: Final[Sequence[Column]] = (
    TWEET_ID,
    INDEX,
    INDICES,
    Payload("text", TEXT, "The cashtag, without $."),
)
URL: Final[Sequence[Column]] = (
    TWEET_ID,
    INDEX,
    INDICES,
    Payload("display_url", TEXT, "The link as shown."),
    Payload("expanded_url", TEXT, "Where it leads."),
    Payload("url", TEXT, "The link in the text, of t.co."),
)
MENTION: Final[Sequence[Column]] = (
    TWEET_ID,
    Payload("id", TEXT, "The user; one row for several mentions.", source="id_str|id",
            is_nullable=False),
    INDICES,
    Payload("name", TEXT, "The user's name."),
    Payload("screen_name", TEXT, "The user's handle."),
)  # fmt: skip

USER: Final[Sequence[Column]] = (
    Payload("id", LONG, "The user.", source="id_str|id", is_nullable=False),
    Payload("contributors_enabled", FLAG, "Deprecated by X."),
    Payload("created_at", INSTANT, "When the account of X was made."),
    Payload("default_profile", FLAG, "Whether the profile has X's own theme."),
    Payload("default_profile_image", FLAG, "Whether the profile has X's own image."),
    Payload("description", TEXT, "The text of the profile."),
    Payload("favourites_count", LONG, "Posts that the user likes."),
    Payload("followers_count", LONG, "Followers."),
    Payload("friends_count", LONG, "Accounts that the user follows."),
    Payload("geo_enabled", FLAG, "Deprecated by X."),
    Payload("is_translation_enabled", FLAG, "Deprecated by X."),
    Payload("is_translator", FLAG, "Deprecated by X."),
    Payload("lang", TEXT, "Deprecated by X."),
    Payload("listed_count", LONG, "Lists that the user is in."),
    Payload("location", TEXT, "The place on the profile."),
    Payload("name", TEXT, "The name on the profile."),
    Payload("profile_background_image_url", TEXT, "Deprecated by X."),
    Payload("profile_background_image_url_https", TEXT, "Deprecated by X."),
    Payload("profile_background_tile", FLAG, "Deprecated by X."),
    Payload("profile_banner_url", TEXT, "The banner of the profile."),
    Payload("profile_image_url", TEXT, "Deprecated by X."),
    Payload("profile_image_url_https", TEXT, "The image of the profile."),
    Payload("profile_use_background_image", TEXT, "Deprecated by X."),
    Payload(
        "protected_user",
        FLAG,
        "Whether the user's posts are for followers alone.",
        source="protected",
    ),
    Payload("screen_name", TEXT, "The handle."),
    Payload("statuses_count", LONG, "Posts of the user."),
    Payload("time_zone", TEXT, "Deprecated by X."),
    Payload("url", TEXT, "The link of the profile."),
    Payload("utc_offset", LONG, "Deprecated by X."),
    Payload("verified", FLAG, "Whether X has verified the user."),
)
