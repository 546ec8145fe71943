"""
The clock: turns series into instants, and gives each instant its three beats.

1. `Bar` for each symbol with a bar, in symbol order. 2. `Turn`: strategies may speak. 3. `Cutoff`: the
arbiter settles. After each beat the bus is empty. The schedule knows only each series' next bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sortedcontainers import SortedDict

from ropewalk.events import Bar, Cutoff, DataEnded, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ropewalk.bus import Bus
    from ropewalk.market.series import Series


def instants(series: Iterable[Series]) -> Iterator[tuple[Bar, ...]]:
    """
    Merge series into instants: the bars of one time, in the order of the series.

    >>> list(instants([]))
    []
    """
    streams = [one.bars() for one in series if len(one)]
    return zip(*streams, strict=True) if len(streams) == 1 else _merged(streams)


def _merged(streams: Sequence[Iterator[Bar]]) -> Iterator[tuple[Bar, ...]]:
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


class Clock:
    """Publishes a sample, instant by instant, and says at the end that nothing follows."""

    def __init__(self, bus: Bus, series: Iterable[Series]) -> None:
        self._bus = bus
        self._series = tuple(series)
        self.instants = 0

    def run(self, *, should_stop: Callable[[], bool] | None = None) -> bool:
        """
        Walk the sample; False when `should_stop` ended the walk between two instants.

        A walk that was stopped does not end its data: what rests stays resting.
        """
        bus = self._bus
        queue, drain = bus.queue, bus.drain
        bar_lane, turns, cutoff_lane = bus.lane(Bar), bus.lane(Turn).receivers, bus.lane(Cutoff)
        at_us = count = 0
        unused = -1
        try:
            for bars in instants(self._series):
                if should_stop is not None and should_stop():
                    return False
                count += 1
                bus.instant_us = at_us = bars[0].at_us
                if bus.next != unused:
                    unused = bus.open_step()
                for bar in bars:
                    for receive in bar_lane.receivers:
                        receive(bar)
                    if queue:
                        drain()
                if turns:
                    turn = Turn(at_us, bars)
                    for receive in turns:
                        receive(turn)
                    if queue:
                        drain()
                if cutoff_lane.receivers:
                    cutoff = Cutoff(at_us)
                    for receive in cutoff_lane.receivers:
                        receive(cutoff)
                    if queue:
                        drain()
        finally:
            self.instants = count
        self._end(at_us)
        return True

    def _end(self, at_us: int) -> None:
        # What strategies say now, such as closing what is open, is settled like everything else.
        self._bus.announce(DataEnded(at_us))
        for receive in self._bus.lane(Cutoff).receivers:
            receive(Cutoff(at_us))
        self._bus.drain()
