"""Progress of long work: a live bar on a terminal, a line every 30 seconds elsewhere."""

from __future__ import annotations

from dataset_store.progress.displays import Display, Lines, display
from dataset_store.progress.task import Task
from dataset_store.progress.tracking import Tracker, tracked, untracked

__all__ = ["Display", "Lines", "Task", "Tracker", "display", "tracked", "untracked"]
