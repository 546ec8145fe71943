"""
Visits: the clock of a walk in which it is known beforehand when somebody speaks; it passes over all other instants.

It visits those at which something is to be said, a corporate action takes effect, or an order or an intent waits.
Whoever else listens to every beat, such as a drawdown stop, makes it visit all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.clock import Clock, ExDates, instants
from ropewalk.events import Bar, Cutoff, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ropewalk.bus import Bus
    from ropewalk.feeds.feed import Feed
    from ropewalk.ledger.ledger import Ledger
    from ropewalk.market.columns import ColumnHistory
    from ropewalk.orchestrator.foretold import Foretold


class Visits(Clock):
    """A clock that gives an instant its beats where something can happen, and passes over all others."""

    def __init__(self, bus: Bus, feed: Feed, history: ColumnHistory, speaker: Foretold, ledger: Ledger) -> None:
        super().__init__(bus, feed.series, feed.actions)
        self._history = history
        self._speaker = speaker
        self._ledger = ledger
        self._lanes = bus.lane(Bar), bus.lane(Turn), bus.lane(Cutoff)
        bars, turns, cutoffs = self._lanes
        self._hears_all = bool(bars.receivers or cutoffs.receivers or len(turns.receivers) > 1)
        self._walk = instants(feed.series)

    def run(self, *, should_stop: Callable[[], bool] | None = None) -> bool:
        """Visit the instants in their order; `should_stop` is asked before each, visited or not."""
        bus, history, speaker = self._bus, self._history, self._speaker
        bars, turns, cutoffs = self._lanes
        queue, drain, has_word, time_of = bus.queue, bus.drain, speaker.has_word, history.instants.item
        ex_dates = ExDates(bus, self._actions, should_stop=None)
        for place in self._places():
            if should_stop is not None and self._stops_before(place, should_stop):
                return False
            at_us = time_of(place)
            if self._actions:
                self.instants, history.place = place, place - 1
                ex_dates.announce(at_us)
            self.instants, history.place = place + 1, place
            bus.instant_us = at_us
            if bus.next != bus.unused:
                bus.open_step()
            current: Sequence[Bar] = ()
            if bars.receivers or self._hears_all:
                current = next(self._walk) if self._hears_all else history.current(self._ledger.resting)
                for bar in current:
                    for receive in bars.receivers:
                        receive(bar)
                    if queue:
                        drain()
            if len(turns.receivers) > 1 or has_word(at_us):
                turn = Turn(at_us, tuple(current))
                for receive in turns.receivers:
                    receive(turn)
                if queue:
                    drain()
            if cutoffs.receivers:
                cutoff = Cutoff(at_us)
                for receive in cutoffs.receivers:
                    receive(cutoff)
                if queue:
                    drain()
        count = len(history.instants)
        if should_stop is not None and self._stops_before(count, should_stop):
            return False
        self._pass(count)
        self._end(bus.instant_us if count else 0)
        return True

    def _stops_before(self, place: int, should_stop: Callable[[], bool]) -> bool:
        """Ask for each instant from the last one visited up to a place, standing where a walk would stand then."""
        visited = self.instants
        for passed in range(visited, min(place + 1, len(self._history.instants))):
            if passed > visited:
                self._pass(passed)
            if should_stop():
                return True
        return False

    def _pass(self, count: int) -> None:
        """Stand behind so many instants, as if all of them had been walked."""
        bus, history = self._bus, self._history
        self.instants = count
        history.place = count - 1
        if count:
            bus.instant_us = history.instants.item(count - 1)
            if bus.next != bus.unused:
                bus.open_step()

    def _places(self) -> Iterator[int]:
        """Name the instants to visit, by index: those known beforehand, and the next one while anything waits."""
        times = [*self._speaker.times, *(action.at_us for action in self._actions)]
        known = self._history.places(times)
        known.append(len(self._history.instants))
        bars, _, cutoffs = self._lanes
        speaker, hears_all, seat, place, count = self._speaker, self._hears_all, 0, -1, known[-1]
        while True:
            place += 1
            while known[seat] < place:
                seat += 1
            # Without anything that waits, what lies before the next one known is passed over.
            if not (bars.receivers or hears_all or cutoffs.receivers or speaker.is_waiting):
                place = known[seat]
            if place >= count:
                return
            yield place
