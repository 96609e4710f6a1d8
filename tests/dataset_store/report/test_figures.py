"""Which datasets a figure is drawn of, and what the engine sums up for it."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pytest
from support import report_store
from support.report_store import LAST, add, days, moment

from dataset_store import open_store
from dataset_store.report import Figure, collect, known_figures, write_page
from dataset_store.report.results import DailySeries, Ranking, WeekHours
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dataset_store.report.results import Result

FIGURES = {figure.title: figure for figure in known_figures()}
STREAMS = {
    "Followers by day": {"account_insights"},
    "Posts by day": {"tweet_insights"},
    "Best posts": {"tweet_insights"},
    "Best hours to post": {"tweet_insights"},
    "Engagement by day and type": {"historical_engagement"},
    "Impressions by hour": {"historical_engagement"},
    "Organic engagement by day": {"organic_tweet_report"},
    "Messages by day": {"direct_messages", "direct_messages_sent"},
    "Lookup statuses": {"users_lookup"},
    "Bill by stream": {"usage"},
}
"""The streams whose datasets have the columns of a figure, and no others."""


def test_every_figure_belongs_to_the_streams_that_have_its_columns() -> None:
    schemas = {name: target_schema(stream.schema) for name, stream in TapTwitter().streams.items()}
    assert {
        title: {name for name, schema in schemas.items() if figure.fits(schema)}
        for title, figure in FIGURES.items()
    } == STREAMS


def target_schema(schema: dict[str, Any]) -> pa.Schema:
    from dataset_store.schema import arrow_schema

    return arrow_schema(schema)


def test_optional_columns_are_columns_of_the_streams() -> None:
    streams = TapTwitter().streams
    for title, figure in FIGURES.items():
        for name in STREAMS[title]:
            assert set(figure.optional) <= set(streams[name].schema["properties"]), title


def drawn(title: str, schema: pa.Schema, rows: Iterable[dict[str, Any]], folder: Path) -> Result:
    store = open_store(str(folder / "datasets"))
    add(store, "any name", schema, rows)
    (section,) = collect(store, [FIGURES[title]]).sections
    (found,) = section.drawn
    assert found.is_readable
    assert found.result is not None
    return found.result


def test_followers_are_those_of_the_day(tmp_path: Path) -> None:
    rows = [
        {"account_id": account, "date": LAST - timedelta(back), "status": "found", **more}
        for account, back, more in (
            ("1", 1, {"followers_count": 5, "username": "old"}),
            ("1", 0, {"followers_count": 7, "account_name": "Ann"}),
            ("2", 0, {"followers_count": 900}),
            ("3", 0, {"followers_count": 6, "account_name": "Ann"}),
            ("2", 1, {"followers_count": None}),
            ("2", 400, {"followers_count": 1_000_000}),
        )
    ]
    found = drawn("Followers by day", report_store.ACCOUNT_INSIGHTS, rows, tmp_path)

    assert isinstance(found, DailySeries)
    assert [(series.name, list(series.points)) for series in found.series] == [
        ("2", [(LAST, 900.0)]),
        ("Ann", [(LAST - timedelta(1), 5.0), (LAST, 7.0)]),
        ("Ann", [(LAST, 6.0)]),
    ]


def test_the_largest_series_are_drawn_and_the_others_counted(tmp_path: Path) -> None:
    rows = [
        {"account_id": str(n), "date": LAST, "status": "found", "followers_count": n}
        for n in range(1, 101)
    ]
    found = drawn("Followers by day", report_store.ACCOUNT_INSIGHTS, rows, tmp_path)

    assert isinstance(found, DailySeries)
    assert [series.name for series in found.series] == ["100", "99", "98", "97", "96", "95"]
    assert found.total == 100


def test_best_posts_leave_out_reposts_and_deleted_ones(tmp_path: Path) -> None:
    def post(post_id: str, likes: int | None, **more: object) -> dict[str, object]:
        return {"id": post_id, "account_name": "Ann", "created_at": moment(LAST), "like_count": likes, **more}  # fmt: skip

    rows = [
        post("1", 5, text="five", reply_count=1),
        post("2", None, own_retweet_count=2),
        post("3", 50, is_retweet=True),
        post("4", 60, deleted_at=moment(LAST)),
        post("5", 6, text="six", quote_count=0),
    ]
    found = drawn("Best posts", report_store.TWEET_INSIGHTS, rows, tmp_path)

    assert isinstance(found, Ranking)
    assert found.headers == ["Post", "Engagements", "Account", "Day", "Impressions"]
    assert [tuple(row[:2]) for row in found.rows] == [("five", 6), ("six", 6), ("2", 2)]
    assert found.links == ["1", "5", "2"]


def test_hours_are_averaged_by_weekday(tmp_path: Path) -> None:
    # 2026-11-30 is a Monday
    rows = [
        {"id": str(n), "created_at": moment(day, 23), "account_name": "Ann", "like_count": n}
        for n, day in enumerate(days(9))
    ]
    found = drawn("Best hours to post", report_store.TWEET_INSIGHTS, rows, tmp_path)

    assert isinstance(found, WeekHours)
    assert found.values == {
        (0, 23): (0 + 7) / 2,
        (1, 23): (1 + 8) / 2,
        **{(weekday, 23): float(weekday) for weekday in range(2, 7)},
    }


@pytest.mark.parametrize(
    ("midnight", "zone"),
    [(5, "New York"), (8, "Los Angeles"), (10, "Honolulu"), (0, "UTC"), (-9, "Tokyo"), (-13, "Auckland")],
)  # fmt: skip
def test_the_day_of_an_ads_account_is_its_own(midnight: int, zone: str, tmp_path: Path) -> None:
    row = {
        "date": moment(LAST) + timedelta(hours=midnight),
        "organic_tweet_id": "1",
        "impressions": 3,
        "engagements": 2,
        "url_clicks": 1,
    }
    found = drawn("Organic engagement by day", report_store.ORGANIC, [row], tmp_path)

    assert isinstance(found, DailySeries)
    assert [(series.name, list(series.points)) for series in found.series] == [
        ("Impressions", [(LAST, 3.0)]),
        ("Engagements", [(LAST, 2.0)]),
        ("Link clicks", [(LAST, 1.0)]),
    ], zone


def test_messages_are_told_apart_by_their_sender(tmp_path: Path) -> None:
    rows = [
        {"account_id": "1", "sender_id": sender, "event_type": kind, "created_at": moment(LAST)}
        for sender, kind in (
            ("1", "MessageCreate"),
            ("2", "MessageCreate"),
            ("3", "MessageCreate"),
            ("2", "ParticipantsJoin"),
        )
    ]
    found = drawn("Messages by day", report_store.MESSAGES, rows, tmp_path)

    assert isinstance(found, DailySeries)
    assert [(series.name, list(series.points)) for series in found.series] == [
        ("Received", [(LAST, 2.0)]),
        ("Sent", [(LAST, 1.0)]),
    ]


@pytest.mark.parametrize("title", ["Engagement by day and type", "Impressions by hour"])
def test_of_several_groupings_one_counts(title: str, tmp_path: Path) -> None:
    def count(group_by: str, kind: str | None, hour: int | None, number: int) -> dict[str, Any]:
        return {"group_by": group_by, "engagement_type": kind, "date": LAST, "hour": hour, "count": number}  # fmt: skip

    rows = [
        count("by hour", "impressions", 5, 20),
        count("by hour", "impressions", 6, 30),
        count("by day", "impressions", None, 50),
        *(count("all types", None, None, 70) for _ in range(9)),
    ]
    found = drawn(title, report_store.ENGAGEMENT, rows, tmp_path)

    if isinstance(found, WeekHours):
        assert found.values == {(1, 5): 20.0, (1, 6): 30.0}
    else:
        assert isinstance(found, DailySeries)
        assert [list(series.points) for series in found.series] == [[(LAST, 50.0)]]


def test_the_bill_is_summed_by_stream(tmp_path: Path) -> None:
    def day(*costs: tuple[str, float]) -> dict[str, str]:
        listed = [{"stream": stream, "usd": usd} for stream, usd in costs]
        return {"own_cost_by_stream": json.dumps(listed, separators=(",", ":"))}

    rows = [day(("a", 0.1), ("b", 1e-05)), day(("a", 0.2)), day(), {}]
    found = drawn("Bill by stream", report_store.USAGE, rows, tmp_path)

    assert isinstance(found, Ranking)
    assert found.rows == [["a", 0.3], ["b", 0.0]]


def test_rows_that_are_marked_as_deleted_do_not_count(tmp_path: Path) -> None:
    schema = report_store.LOOKUP.append(pa.field("_sdc_deleted_at", pa.timestamp("us", "UTC")))
    rows: list[dict[str, Any]] = [
        {"input_dataset_id": "x", "requested_id": "1", "lookup_status": "found"},
        {"input_dataset_id": "x", "requested_id": "2", "lookup_status": "found", "_sdc_deleted_at": moment(LAST)},
    ]  # fmt: skip
    found = drawn("Lookup statuses", schema, rows, tmp_path)

    assert isinstance(found, Ranking)
    assert found.rows == [["found", 1]]


@pytest.mark.parametrize(
    ("name", "kind"), [("followers_count", pa.string()), ("date", pa.string()), ("status", None)]
)
def test_a_dataset_without_a_column_of_its_type_is_another(
    name: str, kind: pa.DataType | None
) -> None:
    schema = report_store.ACCOUNT_INSIGHTS
    at = schema.get_field_index(name)
    other = schema.remove(at) if kind is None else schema.set(at, pa.field(name, kind))
    assert FIGURES["Followers by day"].fits(schema)
    assert not FIGURES["Followers by day"].fits(other)


def test_the_datasets_with_the_most_rows_are_drawn(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "datasets"))
    for number in range(10):
        rows = [{"requested_id": str(each), "lookup_status": "found"} for each in range(number)]
        add(store, f"lookup {number}", report_store.LOOKUP, rows)
    (section,) = collect(store, [FIGURES["Lookup statuses"]]).sections

    assert [found.dataset.name for found in section.drawn] == [f"lookup {n}" for n in range(9, 1, -1)]  # fmt: skip
    assert section.left_out == 2


def test_a_misspelled_declaration_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `colums`"):
        msgspec.convert({"title": "t", "colums": {}}, Figure)


@pytest.mark.parametrize("title", FIGURES)
def test_what_fills_a_figure_names_its_streams_or_settings(title: str) -> None:
    words = FIGURES[title].empty
    settings = set(re.findall(r"[a-z_]+\.[a-z_]+", words))
    if settings:
        known = {f"{group}.{name}" for group, name in group_settings()}
        assert settings <= known
    else:
        assert all(stream in words for stream in STREAMS[title])


def group_settings() -> set[tuple[str, str]]:
    groups = TapTwitter.config_jsonschema["properties"]
    return {(name, each) for name, group in groups.items() for each in group.get("properties", ())}


def test_a_figure_without_values_says_what_fills_it(tmp_path: Path) -> None:
    report_store.empty(tmp_path / "datasets")
    page = io.BytesIO()
    contents = collect(open_store(str(tmp_path / "datasets")), list(FIGURES.values()))
    write_page(contents, "X report", datetime(2026, 12, 1, tzinfo=UTC), page)
    for figure in FIGURES.values():
        assert f"no values for this figure. {figure.empty}" in page.getvalue().decode()
