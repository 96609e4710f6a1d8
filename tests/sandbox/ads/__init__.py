"""X's Ads API, versions 11 and 12, as far as organic reports need it."""
