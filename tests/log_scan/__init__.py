"""Fails every test in which something is logged that must never be: tokens, secrets, texts, bodies."""

from __future__ import annotations
