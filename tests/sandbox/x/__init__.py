"""X's API v2 and its OAuth endpoints, one module per API."""
