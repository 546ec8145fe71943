"""Bars given as Python objects: any class will do, each fault has its place, nothing is lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.errors import FeedError
from ropewalk.events import Bar
from ropewalk.feeds import HistoricalDataBar, feed_of
from ropewalk.feeds.objects import objects_feed

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
MONDAY_US = 1_704_067_200_000_000
MINUTE = timedelta(minutes=1)


@dataclass
class Candle:
    """Somebody's own class: no volume, and a method of its own."""

    symbol: str
    timestamp: datetime
    open: Any = 10
    high: Any = 12
    low: Any = 9
    close: Any = 11


def candles(count: int = 3, **changed: Any) -> list[Candle]:
    bars = [Candle("X", MONDAY + minute * MINUTE) for minute in range(count)]
    for name, value in changed.items():
        setattr(bars[1], name, value)
    return bars


def message(data: Any) -> str:
    with pytest.raises(FeedError) as caught:
        objects_feed(data)
    return str(caught.value)


prices = st.tuples(*[st.integers(min_value=1, max_value=10**15)] * 4).map(sorted)


@st.composite
def bar_lists(draw: st.DrawFn) -> list[Bar]:
    bars = []
    for symbol in draw(st.lists(st.sampled_from(["A", "B.C", "D/E"]), min_size=1, max_size=3, unique=True)):
        times = draw(st.lists(st.integers(-(2 * 10**15), 7 * 10**15), min_size=1, max_size=8, unique=True))
        for at_us in sorted(times):
            low, one, other, high = (micros / 1e6 for micros in draw(prices))
            bars.append(Bar(symbol, at_us, one, high, low, other, float(draw(st.integers(0, 10**12)))))
    return bars


@given(bar_lists())
def test_bars_go_in_and_come_out(bars: list[Bar]) -> None:
    """As bars, as objects of another class and by symbol: the same bars, the same digest."""
    feed = objects_feed(bars)
    assert [bar for one in feed.series for bar in one.bars()] == sorted(bars, key=lambda bar: bar.symbol)
    objects = [
        HistoricalDataBar(bar.symbol, bar.timestamp, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars
    ]
    others = feed_of(objects)
    assert [list(one.bars()) for one in others.series] == [list(one.bars()) for one in feed.series]
    by_symbol = {symbol: [bar for bar in objects if bar.symbol == symbol] for symbol in feed.symbols}
    assert others.digest == feed.digest == objects_feed(by_symbol).digest


def test_bars_are_passed_on_as_they_are() -> None:
    bars = [Bar("X", MONDAY_US, 10.0, 12.0, 9.0, 11.0), Bar("X", MONDAY_US + 1, 10.0, 12.0, 9.0, 11.0)]
    one = objects_feed(bars).series[0]
    assert one.originals is None
    assert [passed is given for passed, given in zip(one.bars(), bars, strict=True)] == [True, True]


def test_bars_that_do_not_hold_floats_are_made_anew() -> None:
    """The ledger counts on floats; the caller's strategy still sees the caller's objects."""
    bars = [Bar("X", MONDAY_US, Decimal("10.5"), 12, 9, 11)]  # type: ignore[arg-type]
    one = objects_feed(bars).series[0]
    assert one.made is None
    assert one.originals == bars
    assert [type(bar.open) for bar in one.bars()] == [float]


def test_the_callers_objects_are_kept() -> None:
    bars = candles()
    one = objects_feed({"X": bars}).series[0]
    assert one.originals is not None
    assert all(kept is given for kept, given in zip(one.originals, bars, strict=True))
    assert next(one.bars()) == Bar("X", MONDAY_US, 10.0, 12.0, 9.0, 11.0, 0.0)


def test_mixed_symbols_are_grouped_in_their_order() -> None:
    bars = [Candle(symbol, MONDAY + minute * MINUTE) for minute in range(3) for symbol in ("B", "A")]
    feed = objects_feed(bars)
    assert feed.symbols == ("A", "B")
    assert [list(one.originals or ()) for one in feed.series] == [bars[1::2], bars[::2]]


def test_bars_and_other_objects_may_be_mixed() -> None:
    bars = [Candle("X", MONDAY), Bar("X", MONDAY_US + 5, 10.0, 12.0, 9.0, 11.0)]
    assert objects_feed(bars).series[0].at_us.tolist() == [MONDAY_US, MONDAY_US + 5]


@pytest.mark.parametrize(
    ("timestamp", "at_us"),
    [
        (datetime(2024, 1, 1, 0, 0, 0, 1, tzinfo=UTC), MONDAY_US + 1),
        (datetime(2024, 1, 1, 5, 0, tzinfo=timezone(timedelta(hours=5))), MONDAY_US),
        (datetime(2024, 1, 1), MONDAY_US),
        (date(2024, 1, 1), MONDAY_US),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2199, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 7_258_118_399_999_999),
    ],
)
def test_times_are_exact_to_the_microsecond(timestamp: date, at_us: int) -> None:
    """No float on the way; naive datetimes and dates are UTC."""
    assert objects_feed([HistoricalDataBar("X", timestamp, 1, 1, 1, 1)]).series[0].at_us.tolist() == [at_us]


@pytest.mark.parametrize("number", [10, 10.0, Decimal("10.0"), np.float64(10), np.int32(10), np.float32(10)])
def test_prices_are_any_real_number(number: Any) -> None:
    assert objects_feed(candles(open=number)).series[0].open.tolist() == [10.0, 10.0, 10.0]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"open": float("nan")}, "F10 [1].open: is missing or not a number (NaN) — expected a number; drop or fill"),
        ({"open": Decimal("sNaN")}, "F10 [1].open: is missing"),
        ({"high": float("inf")}, "F11 [1].high: is infinite"),
        ({"high": 10**400}, "F11 [1].high: is infinite"),
        ({"low": 0}, "F12 [1].low: 0.0 is no price"),
        ({"close": Decimal("-1")}, "F12 [1].close: -1.0 is no price"),
        ({"high": 8}, "F13 [1].high: high is below low (open 10.0, high 8.0, low 9.0, close 11.0)"),
        ({"close": 13}, "F13 [1].high: open or close is outside low to high (open 10.0, high 12.0"),
        ({"volume": -5}, "F14 [1].volume: -5.0 is negative"),
        ({"timestamp": MONDAY}, "F16 [1].timestamp: 2024-01-01T00:00:00Z was already given at [0].timestamp"),
        (
            {"timestamp": MONDAY - MINUTE},
            "F17 [1].timestamp: 2023-12-31T23:59:00Z comes after 2024-01-01T00:00:00Z, given at [0].timestamp"
            " — expected rising times; sort the list by timestamp",
        ),
        ({"timestamp": datetime(2024, 1, 1, 0, 1)}, "F21 [1].timestamp: is naive, [0].timestamp is aware"),
        ({"timestamp": datetime(1492, 1, 1, tzinfo=UTC)}, "F22 [1].timestamp: decodes to 1492-01-01T00:00:00Z"),
        ({"timestamp": 1704067260}, "F36 [1].timestamp: 1704067260 is a int — expected an aware datetime"),
        ({"timestamp": None}, "F36 [1].timestamp: None is a NoneType"),
        ({"symbol": "no way"}, "F26 [1].symbol: 'no way' is no symbol — expected 1 to 64 of the characters"),
        ({"symbol": "Z" * 256}, "is no symbol, 256 characters"),
        ({"symbol": ["X"]}, "F26 [1].symbol: ['X'] is no symbol"),
        ({"symbol": None}, "F26 [1].symbol: None is no symbol"),
        ({"open": "10.5"}, "F36 [1].open: '10.5' is a str — expected a float, a Decimal or an int"),
        ({"open": True}, "F36 [1].open: True is a bool"),
        ({"volume": None}, "F36 [1].volume: None is a NoneType"),
        (
            {"close": 10**30},
            "F43 [1].close: 1e+30 is more than money can be exact at — expected a price below 900719925",
        ),
    ],
)
def test_what_cannot_be_believed_is_shown_with_its_place(changed: dict[str, Any], expected: str) -> None:
    assert expected in message([*candles(**changed)])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], "F05 bar objects: holds no bar"),
        ({}, "F05 bar objects: holds no symbol"),
        ({"X": []}, "F05 ['X']: holds no bar"),
        ({"X": 5}, "F36 ['X']: is a int — expected a list of bars"),
        ({"X": "bars"}, "F36 ['X']: is a str"),
        ({"a b": candles()}, "F26 ['a b']: 'a b' is no symbol"),
        ({"Y": candles(1)}, "F26 ['Y'][0].symbol: is 'X' — expected 'Y', its key"),
        ({"Y": candles(30)}, "30 findings"),
        ([5], "F06 [0].symbol: the int 5 has no symbol — expected a bar"),
        ([{"symbol": "X"}], "rows that are dicts become bars as a frame: polars.DataFrame(rows)"),
        ([SimpleNamespace(symbol="X")], "F06 [0].timestamp: the SimpleNamespace"),
        ([SimpleNamespace(symbol="X", timestamp=MONDAY, open=1)], "has no high"),
        (
            {"X": candles(2), "Y": [HistoricalDataBar("Y", datetime(2024, 1, 1), 1, 1, 1, 1)]},
            "F21 timestamp: is naive for some symbols (X aware, Y naive)",
        ),
        ([Bar("X", 1.5, 1.0, 1.0, 1.0, 1.0)], "F36 [0].at_us: 1.5 is a float — expected integer microseconds"),
        ([Bar("X", 10**30, 1.0, 1.0, 1.0, 1.0)], "F22 [0].timestamp: decodes to"),
        ([Bar("X", -(10**30), 1.0, 1.0, 1.0, 1.0)], "F22 [0].timestamp: decodes to"),
    ],
)
def test_what_holds_no_bars_is_refused(data: Any, expected: str) -> None:
    assert expected in message(data)


def test_every_object_that_is_no_bar_is_named() -> None:
    text = message([*candles(1), 5, *candles(1), None])
    assert "F06 [1].symbol: the int 5 has no symbol" in text
    assert "F06 [3].symbol: the NoneType None has no symbol" in text
    assert "2 findings" in text


def test_a_property_that_fails_now_and_then_is_no_traceback() -> None:
    class Moody(SimpleNamespace):
        asked = 0

        @property
        def symbol(self) -> str:
            self.asked += 1
            if self.asked == 1:
                raise AttributeError
            return "X"

    assert "F06 [0].symbol: the Moody" in message([Moody()])


def test_places_of_mixed_symbols_are_those_of_the_list() -> None:
    bars = [Candle("A", MONDAY), Candle("B", MONDAY), Candle("B", MONDAY)]
    assert "F16 [2].timestamp: 2024-01-01T00:00:00Z was already given at [1].timestamp" in message(bars)


def test_twenty_findings_are_shown_and_all_are_counted() -> None:
    bars = [Candle("X", MONDAY + minute * MINUTE, low=0) for minute in range(50)]
    text = message(bars)
    assert "no bars taken from bar objects: 50 findings" in text
    assert text.count("F12") == 20
    assert text.endswith("… and 30 more")


def test_findings_stand_in_the_order_of_rows() -> None:
    bars = candles()
    bars[2].open, bars[0].volume = 0, -1  # type: ignore[attr-defined]
    text = message(bars)
    assert text.index("[0].volume") < text.index("[2].open")


def test_one_bar_is_enough() -> None:
    assert objects_feed(candles(1)).rows == 1


def test_negative_zero_is_zero() -> None:
    """Equal bars have equal bytes."""
    bars = [HistoricalDataBar("X", MONDAY, 1, 1, 1, 1, volume) for volume in (0.0,)]
    others = [HistoricalDataBar("X", MONDAY, 1, 1, 1, 1, volume) for volume in (-0.0,)]
    assert objects_feed(bars).digest == objects_feed(others).digest


def test_a_bar_by_hand_takes_positions_and_keywords() -> None:
    bar = HistoricalDataBar("X", MONDAY, Decimal("1.5"), high=2, low=1, close=1.75)
    assert bar == HistoricalDataBar(symbol="X", timestamp=MONDAY, open=Decimal("1.5"), high=2, low=1, close=1.75)
    assert bar.volume == 0
    with pytest.raises(AttributeError):
        bar.close = 2  # type: ignore[misc]
