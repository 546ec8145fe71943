"""
Settings: what a person types, checked strictly, and turned into the core's plain objects.

Unknown keys, numbers in quotes and floats for money are refused: what is not understood is not guessed.
All that is wrong is said at once, in the same words in Python and in a run file.
"""

from __future__ import annotations

from ropewalk.config.limits import LimitSettings
from ropewalk.config.orchestrator import OrchestratorConfig
from ropewalk.config.settings import Amount, Exact, Settings, Table, Tables

__all__ = ["Amount", "Exact", "LimitSettings", "OrchestratorConfig", "Settings", "Table", "Tables"]
