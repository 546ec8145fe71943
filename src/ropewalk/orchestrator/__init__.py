"""The composition root: seats everyone on the bus, runs the clock, and hands out the result."""

from __future__ import annotations

from ropewalk.orchestrator.orchestrator import StrategyOrchestrator
from ropewalk.orchestrator.profile import Profile
from ropewalk.orchestrator.seats import Seat
from ropewalk.orchestrator.watchdog import Watchdog

__all__ = ["StrategyOrchestrator", "Profile", "Seat", "Watchdog"]
