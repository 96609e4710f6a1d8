"""The reports of direct messages (Domo: Twitter Direct Messages)."""

from __future__ import annotations
