"""Plans of streams that are read account by account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from granting import oauth2_login
from harness import selecting, tap_config

from sandbox.credentials import OWNER, SECOND_USER
from tap_twitter.auth.token_store import TokenStore
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from tap_twitter.plan import Estimate

REPORT = {"duration": "date", "report_date": "relative", "days_back": 1}


def planned(sandbox: Sandbox, store: Path, stream: str, *accounts: dict[str, Any]) -> Estimate:
    config = tap_config(sandbox, store) | {"accounts": list(accounts), "engagement": REPORT}
    return TapTwitter(config=config, catalog=selecting(config, [stream])).plan().total


@pytest.mark.parametrize(
    "stream", ["account_insights", "tweet_insights", "direct_messages", "historical_engagement"]
)
def test_an_account_that_x_would_refuse_is_left_out_as_in_the_run(
    sandbox: Sandbox, tmp_path: Path, stream: str, caplog: pytest.LogCaptureFixture
) -> None:
    handle = {"name": "poor", "username": "harbour_books"}
    login = oauth2_login(sandbox, "poor", SECOND_USER.user_id, "offline.access")
    alone = planned(sandbox, tmp_path, stream, {"id": OWNER.user_id})
    TokenStore(tmp_path / "tokens.json").put(login)
    together = planned(sandbox, tmp_path, stream, handle, {"id": OWNER.user_id})
    if stream == "account_insights":  # which whoever may asks
        assert together.objects == alone.objects + 1
    else:
        assert together == alone
        assert f"Stream '{stream}' failed for account 'poor'" in caplog.text
    assert not sandbox.requests
