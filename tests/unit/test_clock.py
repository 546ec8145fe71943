"""The clock: instants in order, bars of an instant in the order of their symbols, three beats each."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.bus import Bus, Phase
from ropewalk.clock import Clock, instants
from ropewalk.events import Bar, Cutoff, DataEnded, Dividend, ExDate, Split, Turn
from ropewalk.market.series import CHUNK, Series


def series_of(symbol: str, times: list[int]) -> Series:
    """A series whose prices tell its rows."""
    prices = [np.arange(1.0, len(times) + 1) for _ in range(4)]
    named = dict(zip(("open", "high", "low", "close"), prices, strict=True))
    return Series(symbol, at_us=np.array(times, np.int64), **named, volume=np.zeros(len(times)))


times_of = st.lists(st.integers(-20, 20), unique=True, max_size=12).map(sorted)


@given(st.lists(times_of, max_size=5))
def test_instants_are_a_sorted_merge(every: list[list[int]]) -> None:
    """Rising distinct times; at each, the bars of that time in seat order; nothing lost, nothing twice."""
    series = [series_of(f"S{seat}", times) for seat, times in enumerate(every)]
    merged = list(instants(series))
    assert [bars[0].at_us for bars in merged] == sorted({at_us for times in every for at_us in times})
    for bars in merged:
        at_us = bars[0].at_us
        assert [bar.symbol for bar in bars] == [f"S{seat}" for seat, times in enumerate(every) if at_us in times]
        assert all(bar.at_us == at_us for bar in bars)


def test_series_longer_than_a_chunk_come_whole() -> None:
    """Bars are made in chunks; the seams do not show."""
    times = list(range(2 * CHUNK + 3))
    assert [bar.close for (bar,) in instants([series_of("S", times)])] == [row + 1.0 for row in times]


def test_bars_that_exist_are_passed_on() -> None:
    """Bars that the caller made are not made again."""
    made = [Bar("S", 1, 1.0, 1.0, 1.0, 1.0), Bar("S", 2, 1.0, 1.0, 1.0, 1.0)]
    one = Series(
        "S", at_us=np.array([1, 2]), **{n: np.ones(2) for n in ("open", "high", "low", "close", "volume")}, made=made
    )
    assert [bars[0] for bars in instants([one])] == made


def walked(series: list[Series], **named: Any) -> tuple[list[Any], Clock, bool]:
    bus, heard = Bus(), []
    for kind in (Bar, Turn, Cutoff, DataEnded):
        bus.subscribe(kind, lambda event: heard.append((bus.instant_us, event)), phase=Phase.COLLECTORS)
    bus.seal()
    clock = Clock(bus, series)
    return heard, clock, clock.run(**named)


def test_each_instant_has_three_beats_and_the_end_a_cutoff() -> None:
    """Bars in symbol order, Turn with those bars, Cutoff; then DataEnded and a last Cutoff."""
    heard, clock, is_complete = walked([series_of("A", [1, 2]), series_of("B", [2])])
    kinds = [type(event).__name__ for _, event in heard]
    assert kinds == ["Bar", "Turn", "Cutoff", "Bar", "Bar", "Turn", "Cutoff", "DataEnded", "Cutoff"]
    assert all(at_us == event.at_us for at_us, event in heard)
    turns = [event for _, event in heard if isinstance(event, Turn)]
    assert [[bar.symbol for bar in turn.bars] for turn in turns] == [["A"], ["A", "B"]]
    assert clock.instants == 2
    assert is_complete


def test_a_walk_that_is_stopped_does_not_end_its_data() -> None:
    """Asked before each instant; what is stopped has no DataEnded."""
    asked = iter([False, False, True])
    heard, clock, is_complete = walked([series_of("A", [1, 2, 3])], should_stop=lambda: next(asked))
    assert not is_complete
    assert clock.instants == 2
    assert [event.at_us for _, event in heard if isinstance(event, Turn)] == [1, 2]
    assert not any(isinstance(event, DataEnded) for _, event in heard)


def test_actions_come_before_the_bars_of_the_first_instant_at_or_after_them() -> None:
    """By symbol, then by day, a split before a dividend; each carries the instant, and its beat the time it had."""
    actions = [Dividend(5, "B", 9), Split(5, "B", 3, 1), Dividend(4, "B", 8), Split(5, "A", 2, 1), Split(6, "A", 4, 1)]
    bus, heard = Bus(), []
    for kind in (Split, Dividend, ExDate, Bar, Turn, DataEnded):
        bus.subscribe(kind, heard.append, phase=Phase.COLLECTORS)
    bus.seal()
    assert Clock(bus, [series_of("A", [1, 5, 7]), series_of("B", [1, 7])], actions).run()
    told = [(type(event).__name__, event.at_us) for event in heard]
    assert told[2:13] == [
        ("Turn", 1),
        *(("Split", 5), ("ExDate", 5), ("Dividend", 5), ("ExDate", 5), ("Split", 5), ("ExDate", 5)),
        *(("Dividend", 5), ("ExDate", 5), ("Bar", 5), ("Turn", 5)),
    ]
    beats = [event.action for event in heard if isinstance(event, ExDate)]
    assert beats[:4] == [Split(5, "A", 2, 1), Dividend(5, "B", 8), Split(5, "B", 3, 1), Dividend(5, "B", 9)]
    assert beats[4:] == [Split(7, "A", 4, 1)]
    assert [event.given_us for event in heard if isinstance(event, ExDate)] == [5, 4, 5, 5, 6]


def test_a_walk_that_stops_announces_nothing_more() -> None:
    """It is asked once an instant, before the actions of that instant."""
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) == 2

    bus, heard = Bus(), []
    bus.subscribe(Split, heard.append, phase=Phase.COLLECTORS)
    bus.seal()
    clock = Clock(bus, [series_of("A", [1, 2, 3])], [Split(2, "A", 2, 1)])
    assert not clock.run(should_stop=should_stop)
    assert (len(asked), heard, clock.instants) == (2, [], 1)
