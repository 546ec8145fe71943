"""
Pristine objects: strategies, and rules of one's own, as they were handed over, for a second run.

They may keep state, so a second run with the same objects would begin where the first one ended, and
two runs of the same inputs would differ. Copies taken before the first run begin like it.
"""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from sys import getrefcount
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.errors import StrategyError

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN_AND_OURS = 3
"""References to a dict that only its object has: the object's, our name for it, and getrefcount's argument."""


class Cast(NamedTuple):
    """Who takes part in a run: strategies by id, and a policy or cost models of one's own by their settings."""

    strategies: Mapping[str, Any]
    rules: Mapping[str, Any]


class Pristine:
    """A cast as it was when this was made; what its members share, their copies share."""

    def __init__(self, cast: Cast) -> None:
        self._copies = Cast({}, {})
        self._error: Exception | None = None
        memo: dict[int, Any] = {}
        try:
            self._copies = deepcopy(Cast(dict(cast.strategies), dict(cast.rules)), memo)
        except Exception as error:
            self.fail(error)
        # What was copied stands in one of the memo's lists; the others hold copies, and are no worse for it.
        copied = [one for kept in memo.values() if type(kept) is list for one in kept if hasattr(one, "__dict__")]
        memo.clear()
        for one in copied:
            _quicken(one)

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
        return deepcopy(self._copies)


def _quicken(one: Any) -> None:
    # Copying reads __dict__, after which CPython 3.11 finds an object's attributes half as fast. A dict of its own
    # mends that; but one that somebody else holds, too, is shared on purpose.
    held = one.__dict__
    if type(held) is dict and held is not one and getrefcount(held) <= OWN_AND_OURS:
        with suppress(AttributeError, TypeError):
            object.__setattr__(one, "__dict__", dict(held))
