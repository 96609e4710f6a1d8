"""A faithful local X: for tests, demonstrations and benchmarks. `README.md` says how to use it."""

from __future__ import annotations

from sandbox.options import Options
from sandbox.server import running
from sandbox.state import Sandbox

__all__ = ["Options", "Sandbox", "running"]
