"""Singer target that writes streams into datasets."""

from __future__ import annotations
