"""What X has told of money and caps elsewhere holds for the Engagement API as far as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.engagement_reports import questions
from support.harness import Messages, selecting, tap_config

from tap_twitter.errors import RunError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from support.engagement_reports import PostIds

    from sandbox import Sandbox


@pytest.mark.parametrize(
    ("fault", "asked"),
    [("payment_required", 0), ("usage_capped", 1)],
    ids=["credits end everything", "a cap on posts ends the asking for posts"],
)
def test_what_another_api_found_used_up(
    sandbox: Sandbox, post_ids: PostIds, tmp_path: Path, clock: Any, fault: str, asked: int
) -> None:
    engagement = {"tweet_selection": "specific", "tweets": post_ids(1)}
    config = {**tap_config(sandbox, tmp_path), "engagement": engagement}
    streams = ("tweet_insights", "historical_engagement")
    written = Messages()
    tap = TapTwitter(config=config, catalog=selecting(config, streams), message_writer=written)
    tap.run_context.clock = clock
    sandbox.faults.add(fault, path="/2/users/*", count=None)
    with pytest.raises(RunError):
        tap.run()
    assert len(questions(sandbox)) == asked
    assert bool(written.records) == bool(asked)
