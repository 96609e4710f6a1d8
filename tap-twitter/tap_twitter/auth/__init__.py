"""Credentials for requests to X."""
