"""Holds requests and the sandbox's answers against X's published OpenAPI specs: `python -m contract`."""

from __future__ import annotations
