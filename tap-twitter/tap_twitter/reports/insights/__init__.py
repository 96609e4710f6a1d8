"""Reports about accounts and their posts, one's own and others' (ForePaaS and OVHcloud: X)."""

from __future__ import annotations
