"""`python -m target_dataset`."""

from __future__ import annotations

from target_dataset.target import TargetDataset

TargetDataset.cli()
