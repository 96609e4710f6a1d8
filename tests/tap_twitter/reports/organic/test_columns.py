"""Column for column: what Fivetran's connector publishes, and what the streams have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tap_twitter.objects.fields import Column
from tap_twitter.reports.organic.payload import FLAG, INSTANT, JSON, LONG, TEXT, PayloadColumn
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from support.organic import OrganicRuns

TABLES = {
    "account_history": (
        "id updated_at",
        "id:String updated_at:Instant approval_status:String business_id:String "
        "business_name:String created_at:Instant deleted:Boolean industry_type:String name:String "
        "salt:String timezone:String timezone_switch_at:Instant",
    ),
    "tweet": (
        "id",
        "id:String account_id:String user_id:Long card_uri:String coordinates_coordinates:Json "
        "coordinates_type:String created_at:Instant favorite_count:Long favorited:Boolean "
        "followers:Boolean full_text:String geo_coordinates:Json geo_type:String "
        "in_reply_to_screen_name:String in_reply_to_status_id:String in_reply_to_user_id:String "
        "lang:String media_key:String name:String retweet_count:Long retweeted:Boolean "
        "source:String truncated:Boolean tweet_type:String",
    ),
    "tweet_hashtag": ("tweet_id index", "index:Long tweet_id:String indices:Json text:String"),
    "tweet_symbols": ("tweet_id index", "index:Long tweet_id:String indices:Json text:String"),
    "tweet_user_mention": (
        "tweet_id id",
        "id:String tweet_id:String indices:Json name:String screen_name:String",
    ),
    "tweet_url": (
        "tweet_id index",
        "index:Long tweet_id:String indices:Json display_url:String expanded_url:String url:String",
    ),
    "card_component": (
        "card_id index",
        "index:Int card_id:String type:String title:String media_key:String label_type:String "
        "label_value:String destination_type:String destination_url:String "
        "destination_country_code:String destination_googleplay_app_id:String "
        "destination_googleplay_deep_link:String destination_ios_app_store_identifier:String "
        "destination_ios_deep_link:String",
    ),
    "card_history": (
        "id updated_at",
        "id:String updated_at:Instant account_id:String card_type:String card_uri:String "
        "name:String created_at:Instant deleted:Boolean",
    ),
    "scheduled_tweet_history": (
        "id updated_at",
        "id:String updated_at:Instant account_id:String tweet_id:String card_uri:String "
        "completed_at:Instant created_at:Instant nullcast:Boolean scheduled_at:Instant "
        "scheduled_status:String text:String user_id:String",
    ),
    "media_library": (
        "media_key",
        "media_key:String account_id:String aspect_ratio:String created_at:Instant deleted:Boolean "
        "description:String duration:Long file_name:String media_category:String "
        "media_status:String media_type:String media_url:String name:String "
        "poster_media_key:String poster_media_url:String title:String tweeted:Boolean "
        "updated_at:Instant",
    ),
    "twitter_user_history": (
        "id",
        "contributors_enabled:Boolean default_profile:Boolean default_profile_image:Boolean "
        "geo_enabled:Boolean is_translation_enabled:Boolean is_translator:Boolean "
        "profile_background_tile:Boolean protected_user:Boolean verified:Boolean id:Long "
        "favourites_count:Long followers_count:Long friends_count:Long listed_count:Long "
        "statuses_count:Long utc_offset:Long description:String lang:String location:String "
        "name:String profile_background_image_url:String "
        "profile_background_image_url_https:String profile_banner_url:String "
        "profile_image_url:String profile_image_url_https:String "
        "profile_use_background_image:String screen_name:String time_zone:String url:String "
        "created_at:Instant",
    ),
    "organic_tweet_report": (
        "account_id date organic_tweet_id placement",
        "account_id:String date:Instant organic_tweet_id:String placement:String "
        "app_clicks:Long card_engagements:Long carousel_swipes:Long clicks:Long engagements:Long "
        "follows:Long impressions:Long likes:Long poll_card_vote:Long qualified_impressions:Long "
        "replies:Long retweets:Long tweets_send:Long unfollows:Long url_clicks:Long "
        "video_15_s_views:Long video_3_s_100_pct_views:Long video_6_s_views:Long "
        "video_content_starts:Long video_cta_clicks:Long video_total_views:Long "
        "video_views_25:Long video_views_50:Long video_views_75:Long video_views_100:Long",
    ),
}
"""By table: its key, and its columns with their types in the words of Fivetran's diagrams."""

SCHEMAS: dict[str, dict[str, Any]] = {
    "String": {"type": "string"},
    "Json": {"type": "string"},
    "Long": {"type": "integer"},
    "Int": {"type": "integer"},
    "Boolean": {"type": "boolean"},
    "Instant": {"type": "string", "format": "date-time"},
}


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A column's schema without its words and its null."""
    kinds = schema["type"]
    kind = next(each for each in kinds if each != "null") if isinstance(kinds, list) else kinds
    return {"type": kind} | ({"format": schema["format"]} if "format" in schema else {})


@pytest.mark.parametrize("stream", TABLES)
def test_a_stream_is_fivetrans_table(stream: str) -> None:
    keys, columns = TABLES[stream]
    found = TapTwitter().streams[stream]
    expected = dict(each.split(":") for each in columns.split())
    assert {name: plain(each) for name, each in found.schema["properties"].items()} == {
        name: SCHEMAS[kind] for name, kind in expected.items()
    }
    assert list(found.primary_keys) == keys.split()


@pytest.mark.parametrize("stream", TABLES)
def test_fivetrans_own_columns_come_with_the_setting(stream: str, runs: OrganicRuns) -> None:
    config = {**runs.config, "organic": {"fivetran_columns": True}}
    schema = TapTwitter(config=config).streams[stream].schema["properties"]
    added = {"_fivetran_synced": SCHEMAS["Instant"]}
    if not stream.endswith("_history") and stream != "organic_tweet_report":
        added["_fivetran_deleted"] = SCHEMAS["Boolean"]
    assert {name: plain(schema[name]) for name in added} == added
    assert len(schema) == len(TABLES[stream][1].split()) + len(added)


@pytest.mark.parametrize(
    ("kind", "sent", "held"),
    [
        (TEXT, "a", "a"),
        (TEXT, 1790000000000000001, "1790000000000000001"),
        (TEXT, True, "true"),
        (TEXT, 1.5, None),
        (TEXT, None, None),
        (LONG, 2**63 - 1, 2**63 - 1),
        (LONG, 2**63, None),
        (LONG, "1790000000000000001", 1790000000000000001),
        (LONG, -18000, -18000),
        (LONG, "", None),
        (LONG, None, None),
        (LONG, True, None),
        (FLAG, False, False),
        (FLAG, "false", None),
        (INSTANT, "Mon May 13 16:04:05 +0000 2024", "2024-05-13T16:04:05Z"),
        (INSTANT, "Mon May 13 18:04:05 +0200 2024", "2024-05-13T16:04:05Z"),
        (INSTANT, "2024-05-13T16:04:05Z", "2024-05-13T16:04:05Z"),
        (INSTANT, "2024-05-13T18:04:05+02:00", "2024-05-13T16:04:05Z"),
        (INSTANT, "May", None),
        (INSTANT, 5, None),
        (JSON, [0, 23], "[0,23]"),
        (JSON, "[0,23]", None),
    ],
)
def test_a_value(kind: Any, sent: Any, held: Any) -> None:
    assert kind.read(sent) == held


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KINDS = [TEXT, LONG, FLAG, INSTANT, JSON]


@given(st.sampled_from(KINDS), ANYTHING)
def test_whatever_x_sends_a_column_holds_what_its_schema_says(kind: Any, sent: Any) -> None:
    Draft7Validator(kind.schema).validate(kind.read(sent))


@given(ANYTHING)
def test_a_path_leads_to_a_value_or_to_none(sent: Any) -> None:
    column = PayloadColumn("a", TEXT, "", source="b.0.c|d")
    value = column.value({"b": sent, "d": sent})
    assert value is None or isinstance(value, str)
    assert isinstance(column, Column)


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        ({"id_str": "12", "id": 11}, "12"),
        ({"id": 11}, "11"),
        ({"id_str": None, "id": "11"}, "11"),
        ({}, None),
    ],
)
def test_the_first_source_with_a_value_counts(payload: dict[str, Any], value: Any) -> None:
    assert PayloadColumn("id", TEXT, "", source="id_str|id").value(payload) == value
