"""The SDK's standard suite for taps, run against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_tap_test_class
from singer_sdk.testing.templates import AttributeTestTemplate
from support.harness import make_dataset, selecting, tap_config
from support.required_settings import required_settings

from sandbox import running
from sandbox.ads.accounts import NORTHWIND
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG: dict[str, Any] = {"auth": {}}
"""Filled when the sandbox runs; the suite wants the settings when this module is read."""

NAMES = [stream.__dict__["name"] for stream in TapTwitter.STREAMS]
CATALOG = selecting({"auth": {"bearer_token": "unused"}}, NAMES)
"""Everything: what is not selected has no columns, which the suite does not expect."""

Suite: Any = get_tap_test_class(TapTwitter, config=CONFIG, catalog=CATALOG)


# the suite takes a column that is null in all rows of the sample for one without rows
@pytest.mark.filterwarnings("ignore:No records were available to test:UserWarning")
class TestTapTwitter(Suite):  # type: ignore[misc]
    @pytest.fixture(autouse=True)
    def _each_column(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Look at each column: singer-sdk 0.54.9 keeps the values of the first one."""
        values = AttributeTestTemplate.__dict__["non_null_attribute_values"].func
        monkeypatch.setattr(AttributeTestTemplate, "non_null_attribute_values", property(values))

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _sandbox(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
        store = tmp_path_factory.mktemp("datasets")
        with running(limit_scale=100) as sandbox:
            ids = [*sandbox.world.sample_ids(250), *sandbox.world.sample_ids(3, "suspended")]
            make_dataset(store, "people", {"who": [*ids, "@nobody_at_all", "bad one"]})
            CONFIG.update(tap_config(sandbox, store))
            CONFIG["auth"]["bearer_token"] = sandbox.tokens.app_only()  # for `tweet_counts`
            every_word = ["tweet", "engagement_type", "date", "hour"]
            CONFIG["direct_messages"] = {"limit": 20}
            CONFIG["engagement"] = {"number_of_tweets": 5, "group_by": every_word}
            CONFIG.update(required_settings(limit=5))
            # X gives analytics of posts to their author alone
            CONFIG["organic"] = {"sync_mode": "SpecificAccounts", "accounts": [NORTHWIND.id]}
            yield
