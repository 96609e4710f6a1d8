from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.limited_x import FakeClock, rate_limits

if TYPE_CHECKING:
    from tap_twitter.api.rate_limits import RateLimits


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def limits(clock: FakeClock) -> RateLimits:
    return rate_limits(clock)
