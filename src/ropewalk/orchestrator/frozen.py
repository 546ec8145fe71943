"""The frozen walk: recorded intents, settled and filled again, without strategies and without the bars in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.orchestrator.walk import Walk
from ropewalk.strategies.recital import Recital

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ropewalk.feeds.feed import Feed
    from ropewalk.orchestrator.orchestrator import StrategyOrchestrator
    from ropewalk.orchestrator.seats import Seat
    from ropewalk.strategies.recital import Play


class FrozenWalk(Walk):
    """
    A walk whose strategies are a play: `recital` says what they said in another run.

    What else there is `beside` goes to the walk.
    """

    def __init__(
        self,
        orchestrator: StrategyOrchestrator,
        feed: Feed,
        play: Play,
        *,
        fills_at_close: bool,
        **beside: Any,
    ) -> None:
        self._play = play
        self._played_at_close = fills_at_close
        super().__init__(orchestrator, feed, None, (), **beside)

    def is_foretold(self, strategies: Mapping[str, Any] | None) -> bool:
        """Know it all: it is on record."""
        return True

    def _seat(self, seats: Mapping[str, Seat], strategies: Mapping[str, Any] | None, observers: Sequence[Any]) -> None:
        self._speaker = self.recital = Recital(self._bus, self._play, fills_at_close=self._played_at_close)
        super()._seat(seats, strategies, observers)
