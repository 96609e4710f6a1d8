"""`python -m tap_twitter` is `tap-twitter`."""

from __future__ import annotations

from tap_twitter.tap import TapTwitter

TapTwitter.cli()
