"""
Pristine strategies: as they were handed over, for a second run.

Strategies keep state, so a second run with the same objects would begin where the first one ended, and
two runs of the same inputs would differ. Copies taken before the first run begin like it.
"""

from __future__ import annotations

from contextlib import suppress
from copy import Error as CopyError
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ropewalk.errors import StrategyError

if TYPE_CHECKING:
    from collections.abc import Mapping

COPY_ERRORS = (TypeError, ValueError, AttributeError, NotImplementedError, RuntimeError, CopyError)


class Pristine:
    """Strategies by id, as they were when this was made."""

    def __init__(self, strategies: Mapping[str, Any]) -> None:
        self._copies: dict[str, Any] = {}
        self._error: Exception | None = None
        memo: dict[int, Any] = {}
        try:
            self._copies = deepcopy(dict(strategies), memo)
        except COPY_ERRORS as error:
            # Only a second run needs the copies; it is told then.
            self._error = error
        # Copying reads __dict__, after which CPython 3.11 finds an object's attributes half as fast; a dict of its
        # own mends that. What was copied stands in one of the memo's lists; the others are copies, and no worse for it.
        for copied in [one for kept in memo.values() if type(kept) is list for one in kept]:
            with suppress(AttributeError, TypeError):
                object.__setattr__(copied, "__dict__", dict(copied.__dict__))

    def fresh(self) -> dict[str, Any]:
        """Return new copies. Raises StrategyError when the strategies could not be copied."""
        if self._error is not None:
            raise StrategyError(
                f"a second run needs fresh strategies, and these could not be copied ({self._error}); make a new "
                "StrategyOrchestrator with new strategies"
            ) from self._error
        return deepcopy(self._copies)
