"""Processor cores that a run may use beside the one that it needs."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Final

CPU_QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")
_UNLIMITED: Final = 1 << 16


def spare_cores() -> int:
    """The number of cores beside the first; 0 on systems that do not give it."""
    try:
        cores = min(len(os.sched_getaffinity(0)), _quota())
    except AttributeError:
        # macOS; a fork is not known to be safe beside its libraries' threads anyway
        return 0
    return cores - 1


def _quota() -> int:
    """The cores that the control group of a container allows, rounded down, but at least 1."""
    try:
        quota, period = CPU_QUOTA.read_text(encoding="ascii").split()
        return max(1, math.floor(int(quota) / int(period)))
    except (OSError, ValueError):
        return _UNLIMITED
