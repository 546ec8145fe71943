"""
Visits: the clock of a frozen walk, which passes over instants at which nothing can happen.

It visits those at which something was said, a corporate action takes effect, or an order or an intent waits. Whoever
else listens to every beat, such as a drawdown stop, makes it visit all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.clock import Clock, ExDates
from ropewalk.events import Bar, Cutoff, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ropewalk.bus import Bus
    from ropewalk.feeds.feed import Feed
    from ropewalk.ledger.ledger import Ledger
    from ropewalk.market.columns import ColumnHistory
    from ropewalk.strategies.recital import Recital


class Visits(Clock):
    """A clock that gives an instant its beats where something can happen, and passes over all others."""

    def __init__(
        self,
        bus: Bus,
        feed: Feed,
        history: ColumnHistory,
        recital: Recital,
        ledger: Ledger,
        instants_max: int | None,
    ) -> None:
        super().__init__(bus, feed.series, feed.actions)
        self._history = history
        self._recital = recital
        self._ledger = ledger
        self._is_stopped = instants_max is not None
        self._count = len(history.instants) if instants_max is None else instants_max
        self._lanes = bus.lane(Bar), bus.lane(Turn), bus.lane(Cutoff)
        bars, turns, cutoffs = self._lanes
        self._hears_all = bool(bars.receivers or cutoffs.receivers or len(turns.receivers) > 1)

    def run(self, *, should_stop: Callable[[], bool] | None = None) -> bool:
        """Visit the instants in their order; False where the run that is played was stopped."""
        bus, history, count = self._bus, self._history, self._count
        ex_dates = ExDates(bus, self._actions, should_stop=None)
        for place in self._places():
            at_us = history.instants.item(place)
            history.place = place - 1
            ex_dates.announce(at_us)
            history.place = place
            self._visit(at_us)
        self.instants = count
        if count:
            history.place = count - 1
            bus.instant_us = history.instants.item(count - 1)
        if self._is_stopped:
            return False
        self._end(bus.instant_us)
        return True

    def _places(self) -> Iterator[int]:
        """Name the instants to visit, by index: those known beforehand, and the next one while anything waits."""
        times = [*self._recital.times, *(action.at_us for action in self._actions)]
        known = self._history.places(times)
        bars, _, cutoffs = self._lanes
        seat, place = 0, -1
        while True:
            while seat < len(known) and known[seat] <= place:
                seat += 1
            waits = self._hears_all or bars.receivers or cutoffs.receivers or self._recital.is_waiting
            place = place + 1 if waits else known[seat] if seat < len(known) else self._count
            if place >= self._count:
                return
            yield place

    def _visit(self, at_us: int) -> None:
        bus, history = self._bus, self._history
        bars, turns, cutoffs = self._lanes
        bus.instant_us = at_us
        if bus.next != bus.unused:
            bus.open_step()
        current: tuple[Bar, ...] = ()
        if self._hears_all:
            current = tuple(history.current())
        elif bars.receivers:
            resting = self._ledger.resting
            current = tuple([bar for one in history.symbols if one in resting and (bar := history.now(one))])
        for bar in current:
            for receive in bars.receivers:
                receive(bar)
            if bus.queue:
                bus.drain()
        if len(turns.receivers) > 1 or self._recital.has_word(at_us):
            turn = Turn(at_us, current)
            for receive in turns.receivers:
                receive(turn)
            if bus.queue:
                bus.drain()
        if cutoffs.receivers:
            cutoff = Cutoff(at_us)
            for receive in cutoffs.receivers:
                receive(cutoff)
            if bus.queue:
                bus.drain()
