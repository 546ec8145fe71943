"""
Pristine objects: strategies, and rules of one's own, as they were handed over, for a second run.

They may keep state, so a second run with the same objects would begin where the first one ended, and
two runs of the same inputs would differ. Copies taken before the first run begin like it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.errors import StrategyError
from ropewalk.strategies.copying import untouched_copy

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cast(NamedTuple):
    """Who takes part in a run: strategies by id, and a policy or cost models of one's own by their settings."""

    strategies: Mapping[str, Any]
    rules: Mapping[str, Any]


class Pristine:
    """A cast as it was when this was made; what its members share, their copies share."""

    def __init__(self, cast: Cast) -> None:
        self._copies = Cast({}, {})
        self._error: Exception | None = None
        try:
            self._copies = _copied(cast)
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Keep the reason why there is no copy: only a second run needs one, and is told then."""
        self._error = error

    def fresh(self) -> Cast:
        """Return new copies. Raises StrategyError when somebody could not be copied."""
        if self._error is not None:
            raise StrategyError(
                f"a second run needs fresh strategies and rules, and these could not be copied ({self._error}); make a "
                "new StrategyOrchestrator with new ones"
            ) from self._error
        return _copied(self._copies)


def _copied(cast: Cast) -> Cast:
    return Cast(*untouched_copy([dict(cast.strategies), dict(cast.rules)]))
