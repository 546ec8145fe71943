"""The frozen walk: recorded intents, settled and filled again, without strategies and without the bars in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.collectors.equity import instants_of
from ropewalk.market.columns import ColumnHistory
from ropewalk.orchestrator.visits import Visits
from ropewalk.orchestrator.walk import Walk
from ropewalk.strategies.recital import Recital

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ropewalk.clock import Clock
    from ropewalk.feeds.feed import Feed
    from ropewalk.market.history import History
    from ropewalk.orchestrator.orchestrator import StrategyOrchestrator
    from ropewalk.orchestrator.seats import Seat
    from ropewalk.strategies.recital import Play


class FrozenWalk(Walk):
    """
    A walk whose strategies are a play: `recital` says what they said in another run.

    It ends after `instants_max` instants, as a run that was stopped there, or with the data where that is None. What
    else there is `beside` goes to the walk.
    """

    def __init__(
        self,
        orchestrator: StrategyOrchestrator,
        feed: Feed,
        play: Play,
        *,
        fills_at_close: bool,
        instants_max: int | None = None,
        **beside: Any,
    ) -> None:
        self._play = play
        self._played_at_close = fills_at_close
        self._instants_max = instants_max
        super().__init__(orchestrator, feed, None, (), **beside)

    def history_of(self, feed: Feed) -> History:
        """Look bars up instead of walking them."""
        self._columns = ColumnHistory(
            feed.series,
            instants=instants_of(one.at_us for one in feed.series),
            instruments=self._config.instrument_map(),
        )
        return self._columns

    def _seat(self, seats: Mapping[str, Seat], strategies: Mapping[str, Any] | None, observers: Sequence[Any]) -> None:
        self.recital = Recital(self._bus, self._play, fills_at_close=self._played_at_close)
        super()._seat(seats, strategies, observers)

    def clock_of(self, feed: Feed) -> Clock:
        """Visit only what matters."""
        return Visits(self._bus, feed, self._columns, self.recital, self._ledger, self._instants_max)
