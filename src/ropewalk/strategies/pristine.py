"""
Pristine strategies: as they were handed over, for a second run.

Strategies keep state, so a second run with the same objects would begin where the first one ended, and
two runs of the same inputs would differ. Copies taken before the first run begin like it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.errors import StrategyError
from ropewalk.strategies.copying import untouched_copy

if TYPE_CHECKING:
    from collections.abc import Mapping


class Pristine:
    """Strategies by id, as they were when this was made."""

    def __init__(self, strategies: Mapping[str, Any]) -> None:
        self._copies: dict[str, Any] = {}
        self._error: Exception | None = None
        try:
            self._copies = untouched_copy(dict(strategies))
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Keep the reason why there is no copy: only a second run needs one, and is told then."""
        self._error = error

    def fresh(self) -> dict[str, Any]:
        """Return new copies. Raises StrategyError when the strategies could not be copied."""
        if self._error is not None:
            raise StrategyError(
                f"a second run needs fresh strategies, and these could not be copied ({self._error}); make a new "
                "StrategyOrchestrator with new strategies"
            ) from self._error
        copies: dict[str, Any] = untouched_copy(self._copies)
        return copies
