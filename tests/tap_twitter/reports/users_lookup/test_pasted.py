"""Lookups of lists as people bring them: what is asked for, what is refused, what is told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.harness import (
    make_dataset,
    run_tap,
    summary_in,
    tap_config,
)

from tap_twitter.errors import InputDatasetError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox import Sandbox

INTENT = [
    "https://twitter.com/intent/user?user_id=12",
    "https://twitter.com/intent/user?screen_name=founder",
    "https://x.com/founder/status/20",
    "https://x.com/founder/with_replies",
    "https://twitter.com/#!/founder",
    "https://m.twitter.com/founder",
    "<https://x.com/founder>",
    "https://x.com/home",
    "https://x.com/search?q=tea",
    "x.com/i",
    "https://nitter.net/founder",
]
SHOP_IDS = ["1294030472427830000", "1214820332314620000"]
WHOLE_IDS = [str(1_214_820_332_314_624_000 + 7 * each) for each in range(1, 40)]


def looked_up(
    sandbox: Sandbox, folder: Path, column: str, values: Sequence[Any], **settings: Any
) -> dict[str, list[str]]:
    """Look a list up; gives the requested ids by kind."""
    make_dataset(folder, "list", {column: values, "n": list(range(len(values)))})
    found: dict[str, list[str]] = {}
    for row in run_tap(tap_config(sandbox, folder, inputs="list", **settings)).records:
        found.setdefault(row["requested_kind"], []).append(row["requested_id"])
    return found


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        (
            "username",
            ["\u2066@founder\u2069", "\u202aNorthwindTea\u202c", "\u200ePlatformNews",
             "CityOfElsewhere\u200f", "\u2068harbour_books\u2069"],
            {"username": ["cityofelsewhere", "founder", "harbour_books", "northwindtea",
                          "platformnews"]},
        ),
        ("user_id", ['="1214820332314624000"', '="12"'], {"id": ["12", "1214820332314624000"]}),
        ("user_id ", ["12 ", " 2244994946\t"], {"id": ["12", "2244994946"]}),
        (
            "user_id",
            INTENT,
            {"id": ["12"], "username": ["founder"],
             "invalid": ["https://nitter.net/founder", "https://x.com/home",
                         "https://x.com/search?q=tea", "x.com/i"]},
        ),
        ("Twitter Handle", ["@founder", "12"], {"username": ["@12", "founder"]}),
        ("Twitter", ["@founder", "12"], {"id": ["12"], "username": ["founder"]}),
    ],
    ids=["bidi", "formula", "blank-in-header", "addresses", "handles", "any-form"],
)  # fmt: skip
def test_a_list_is_read_as_it_is_meant(
    sandbox: Sandbox,
    tmp_path: Path,
    column: str,
    values: list[str],
    expected: dict[str, list[str]],
) -> None:
    assert looked_up(sandbox, tmp_path, column, values) == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["12", "7.9155723368987E+017"], "holds floats"),
        (["12", "1e5"], "holds floats"),
        (["12", '="1,23E+18"'], "holds floats"),
        ([*SHOP_IDS, "1359200117321720000", "2244994946000000000"], "4 of 4 long ids end in zeros"),
        ([*SHOP_IDS, *WHOLE_IDS[:18]], "2 of 20 long ids end in zeros"),
        ([*SHOP_IDS, "12", "2244994946"], "2 of 2 long ids end in zeros"),
        ([int(each) for each in SHOP_IDS], "2 of 2 long ids end in zeros"),
    ],
    ids=["exponent-of-3", "exponent-of-1", "formula", "all", "a-tenth", "beside-short", "numbers"],
)
def test_a_column_that_has_lost_its_ids_is_refused_before_the_first_request(
    sandbox: Sandbox, tmp_path: Path, values: list[Any], message: str
) -> None:
    with pytest.raises(InputDatasetError, match=message):
        looked_up(sandbox, tmp_path, "user_id", values)
    assert len(sandbox.requests) == 0


@pytest.mark.parametrize(
    ("values", "settings", "warns"),
    [
        ([SHOP_IDS[0], "12"], {}, True),
        ([*SHOP_IDS, *WHOLE_IDS], {}, True),
        (SHOP_IDS, {"allow_rounded_ids": True}, True),
        (WHOLE_IDS, {}, False),
        (["1000", "12300000000000"], {}, False),
    ],
    ids=["one", "less-than-a-tenth", "allowed", "whole", "short"],
)
def test_single_ids_that_end_in_zeros_are_looked_up_with_a_warning(
    sandbox: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    values: list[str],
    settings: dict[str, Any],
    warns: bool,
) -> None:
    found = looked_up(sandbox, tmp_path, "user_id", values, **settings)
    assert found == {"id": sorted(values, key=int)}
    assert ("end in zeros" in caplog.text) is warns


def test_rounded_ids_are_counted_over_all_of_a_dataset(sandbox: Sandbox, tmp_path: Path) -> None:
    values = [SHOP_IDS[0], *WHOLE_IDS[:3], SHOP_IDS[1]]
    dataset = make_dataset(tmp_path, "list", {"user_id": values[:3]})
    dataset.append(pa.table({"user_id": values[3:]}))
    with pytest.raises(InputDatasetError, match="2 of 5 long ids"):
        run_tap(tap_config(sandbox, tmp_path, inputs="list"))


def test_a_lookup_ends_with_what_it_has_found(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = sandbox.world.sample_ids(3, "found")
    missing, suspended = (
        sandbox.world.sample_ids(2, status) for status in ("not_found", "suspended")
    )
    with caplog.at_level(logging.INFO):
        looked_up(sandbox, tmp_path, "user_id", [*found, *missing, *suspended, "x", "0"])
    (stream,) = summary_in(caplog)["streams"]
    assert stream["outcomes"] == {"found": 3, "not_found": 2, "suspended": 2, "invalid": 2}
    assert "\n  3 found, 2 not found, 2 suspended, 2 invalid\n" in caplog.text
    assert "Nothing could be requested" not in caplog.text


def test_a_lookup_in_which_nothing_could_be_asked_warns(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    looked_up(sandbox, tmp_path, "user_id", ["12;a", "0", "https://x.com/home"])
    warnings = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert [each for each in warnings if each.startswith("Nothing could be requested: no value")]
    assert len(sandbox.requests) == 0
