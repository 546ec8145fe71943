"""
The clock: turns series into instants, and gives each instant its three beats.

1. `Bar` for each symbol with a bar, in symbol order. 2. `Turn`: strategies may speak. 3. `Cutoff`: the
arbiter settles. After each beat the bus is empty. The schedule knows only each series' next bar.

Corporate actions come before the bars of the first instant at or after their time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sortedcontainers import SortedDict

from ropewalk.events import Bar, Cutoff, DataEnded, Dividend, ExDate, Split, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ropewalk.bus import Bus
    from ropewalk.market.series import Series

    Instants = Iterator[tuple[Bar, ...]]


def instants(series: Iterable[Series]) -> Instants:
    """
    Merge series into instants: the bars of one time, in the order of the series.

    >>> list(instants([]))
    []
    """
    streams = [one.bars() for one in series if len(one)]
    return zip(*streams, strict=True) if len(streams) == 1 else _merged(streams)


def _merged(streams: Sequence[Iterator[Bar]]) -> Instants:
    schedule: SortedDict[int, list[tuple[int, Bar]]] = SortedDict()
    for seat, stream in enumerate(streams):
        _arrange(schedule, seat, stream)
    while schedule:
        _, due = schedule.popitem(0)
        # Streams arrive here in the order of their last bars, which need not be that of their seats.
        due.sort(key=_seat)
        yield tuple(bar for _, bar in due)
        for seat, _ in due:
            _arrange(schedule, seat, streams[seat])


def _seat(entry: tuple[int, Bar]) -> int:
    return entry[0]


def _arrange(schedule: SortedDict[int, list[tuple[int, Bar]]], seat: int, stream: Iterator[Bar]) -> None:
    bar = next(stream, None)
    if bar is not None:
        waiting = schedule.get(bar.at_us)
        if waiting is None:
            schedule[bar.at_us] = [(seat, bar)]
        else:
            waiting.append((seat, bar))


class ExDates:
    """
    The instants of a run that has corporate actions: each action is announced before the bars of its instant.

    A walk that is about to stop announces nothing more, so it is asked here, once an instant.
    """

    def __init__(
        self, bus: Bus, actions: Iterable[Split | Dividend], *, should_stop: Callable[[], bool] | None
    ) -> None:
        self._bus = bus
        self._waiting = sorted(actions, key=_latest_first)
        self._asked = should_stop
        self._stops = False

    def should_stop(self) -> bool:
        """Repeat the answer that was given for this instant."""
        return self._stops

    def before(self, walk: Instants) -> Instants:
        """Pass instants on, their corporate actions announced."""
        waiting = self._waiting
        for bars in walk:
            at_us = bars[0].at_us
            if self._asked is not None:
                self._stops = self._asked()
            if waiting and waiting[-1].at_us <= at_us and not self._stops:
                self.announce(at_us)
            yield bars

    def announce(self, at_us: int) -> None:
        """Announce what is due at an instant."""
        bus, due = self._bus, []
        while self._waiting and self._waiting[-1].at_us <= at_us:
            due.append(self._waiting.pop())
        for action in sorted(due, key=_by_symbol):
            effective = msgspec.structs.replace(action, at_us=at_us)
            bus.announce(effective)
            for receive in bus.lane(ExDate).receivers:
                receive(ExDate(at_us, effective, action.at_us))
            bus.drain()


def _latest_first(action: Split | Dividend) -> int:
    return -action.at_us


def _by_symbol(action: Split | Dividend) -> tuple[str, int, bool]:
    # A dividend is per share of its day: after a split of that day, before one of a later day.
    return action.symbol, action.at_us, isinstance(action, Dividend)


class Clock:
    """Publishes a sample, instant by instant, and says at the end that nothing follows."""

    def __init__(self, bus: Bus, series: Iterable[Series], actions: Iterable[Split | Dividend] = ()) -> None:
        self._bus = bus
        self._series = tuple(series)
        self._actions = tuple(actions)
        self.instants = 0

    def run(self, *, should_stop: Callable[[], bool] | None = None) -> bool:
        """
        Walk the sample; False when `should_stop` ended the walk between two instants.

        A walk that was stopped does not end its data: what rests stays resting.
        """
        bus = self._bus
        queue, drain = bus.queue, bus.drain
        bar_lane, turn_lane, cutoff_lane = bus.lane(Bar), bus.lane(Turn), bus.lane(Cutoff)
        turns, brief = turn_lane.receivers, turn_lane.brief
        count = 0
        walk = instants(self._series)
        if self._actions:
            ex_dates = ExDates(bus, self._actions, should_stop=should_stop)
            walk, should_stop = ex_dates.before(walk), ex_dates.should_stop
        try:
            for bars in walk:
                if should_stop is not None and should_stop():
                    return False
                count += 1
                first = bars[0]
                bus.instant_us = first.at_us
                if bus.next != bus.unused:
                    bus.open_step()
                for bar in bars:
                    for receive in bar_lane.receivers:
                        receive(bar)
                    if queue:
                        drain()
                if brief is not None and bar is first:
                    # One bar, and one who hears of it: nobody needs the turn itself.
                    brief(bar)
                elif turns:
                    turn = Turn(first.at_us, bars)
                    for receive in turns:
                        receive(turn)
                if queue:
                    drain()
                if cutoff_lane.receivers:
                    cutoff = Cutoff(first.at_us)
                    for receive in cutoff_lane.receivers:
                        receive(cutoff)
                    if queue:
                        drain()
        finally:
            self.instants = count
        self._end(bus.instant_us if count else 0)
        return True

    def _end(self, at_us: int) -> None:
        # What strategies say now, such as closing what is open, is settled like everything else.
        self._bus.announce(DataEnded(at_us))
        for receive in self._bus.lane(Cutoff).receivers:
            receive(Cutoff(at_us))
        self._bus.drain()
