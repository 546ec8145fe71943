"""What a split does to what strategies see, and to what rests."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from ropewalk import (
    Bar,
    Dividend,
    FeedError,
    HistoricalDataBar,
    Split,
    Strategy,
    StrategyOrchestrator,
    buy,
    close,
    feed_of,
)
from ropewalk.events import Decision
from ropewalk.market.actions import continuous, extremes, is_spent, remade, requoted, rescaled
from ropewalk.notation import timestamp

DAY_US = 86_400_000_000
TWO = Split(2 * DAY_US, "GLD", 2, 1)


def bars_of(*prices: float) -> list[Bar]:
    return [Bar("GLD", day * DAY_US, price, price, price, price, 10.0) for day, price in enumerate(prices)]


RAW = bars_of(98.0, 100.0, 52.0, 54.0)


class Looking(Strategy):
    """Notes what it is shown, and what it was told when."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.told: list[Any] = []
        self.kept: Any = None

    def on_bar(self, bar: Any, view: Any) -> Any:
        bars = view.history(bar.symbol)
        self.seen.append((len(bars), [one.close for one in bars], bars.close.tolist(), bars.volume.tolist()))
        if len(bars) == 2:
            self.kept = (bars[:], bars.close, bars)
        return buy(bar.symbol, quantity=5) if len(bars) == 1 else None

    def on_fill(self, fill: Any, view: Any) -> None:
        self.told.append(("fill", fill.quantity))

    def on_split(self, split: Any, view: Any) -> Any:
        position = view.position("GLD")
        self.told.append(("split", split.numerator, view.quantity("GLD"), position.entry_price, position.current_price))
        return close("GLD", fraction=0.5) if split.numerator == 2 else None

    def on_dividend(self, dividend: Any, view: Any) -> None:
        self.told.append(("dividend", dividend.per_share_micros, view.equity))


def test_the_history_is_continuous_and_what_was_taken_before_stays() -> None:
    """Bars and columns are in the new shares; slices and arrays of before keep the old ones; the list is the same."""
    looking = Looking()
    StrategyOrchestrator([(looking, 1)], "1000").run(feed_of(RAW).with_actions([TWO]))
    assert looking.seen[1] == (2, [98.0, 100.0], [98.0, 100.0], [10.0, 10.0])
    assert looking.seen[2] == (3, [49.0, 50.0, 52.0], [49.0, 50.0, 52.0], [20.0, 20.0, 10.0])
    bars, column, shared = looking.kept
    assert [bar.close for bar in bars] == column.tolist() == [98.0, 100.0]
    assert [bar.close for bar in shared] == [49.0, 50.0, 52.0, 54.0]


def test_a_strategy_hears_of_an_action_once_it_is_in_its_book() -> None:
    """Position, average, mark and cash are as after it; what it then wants is settled at the cutoff."""
    looking = Looking()
    actions = [TWO, Dividend(2 * DAY_US, "GLD", 500_000)]
    result = StrategyOrchestrator([(looking, 1)], "1000").run(feed_of(RAW).with_actions(actions))
    assert looking.told == [
        ("fill", 5), ("split", 2, 10, 50.0, 50.0), ("dividend", 500_000, Decimal("1005.000000")), ("fill", -5),
    ]  # fmt: skip
    half = result.record.intents[1]
    assert (half.event.at_us, half.event.action) == (2 * DAY_US, "close")
    # The reason it was wanted is the split.
    assert half.cause == result.record.actions[0].number
    assert (result.dividends, result.get_strategy_result("strategy_0").dividends) == (5, 5)
    assert result.to_dict()["dividends"] == result.to_dict()["strategies"]["strategy_0"]["dividends"] == 5.0


def test_only_the_symbols_of_a_seat_are_told() -> None:
    """A strategy that is not shown a symbol does not hear of its splits."""
    looking = Looking()
    data = {"GLD": RAW, "SLV": [Bar("SLV", bar.at_us, 9.0, 9.0, 9.0, 9.0) for bar in RAW]}
    StrategyOrchestrator([(looking, 1, ["SLV"])], "1000").run(feed_of(data).with_actions([TWO]))
    assert looking.told == [("fill", 5)]


def test_what_on_split_raises_is_a_fault() -> None:
    """As everywhere: the callback is named."""

    class Broken(Looking):
        def on_split(self, split: Any, view: Any) -> Any:
            raise ValueError("no")

    from ropewalk import OrchestratorConfig

    config = OrchestratorConfig(on_strategy_error="suspend")
    result = StrategyOrchestrator([(Broken(), 1)], "1000", config).run(feed_of(RAW).with_actions([TWO]))
    assert [(fault.callback, fault.symbol, fault.action) for fault in result.faults] == [("on_split", "GLD", "suspend")]
    assert result.adjustments[0].quantity_after == 10


@dataclass(frozen=True)
class Dated:
    symbol: str
    timestamp: datetime
    open: Any
    high: Any
    low: Any
    close: Any
    volume: int = 7


Named = namedtuple("Named", "symbol timestamp open high low close")


class Own:
    """A class of one's own that can be replaced."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __replace__(self, **changes: Any) -> Any:
        return Own(**{**self.__dict__, **changes})


class Plain(Own):
    __replace__ = None  # type: ignore[assignment]


def given(kind: Any, price: Any) -> Any:
    fields = dict.fromkeys(("open", "high", "low", "close"), price)
    return kind(symbol="GLD", timestamp=datetime(2020, 1, 1, tzinfo=UTC), **fields)


@pytest.mark.parametrize("kind", [HistoricalDataBar, Dated, Named, Own])
@pytest.mark.parametrize(("price", "half"), [(Decimal("10.01"), Decimal("5.005")), (10.5, 5.25), (10, 5), (9, 4.5)])
def test_bars_of_the_caller_are_made_anew_in_their_own_types(kind: Any, price: Any, half: Any) -> None:
    """Same class, same kind of number, other prices; volume where there is one."""
    made = remade(given(kind, price), TWO)
    assert type(made) is kind
    assert (made.open, made.high, made.low, made.close) == (half,) * 4
    assert type(made.close) is type(half)
    assert made.timestamp == datetime(2020, 1, 1, tzinfo=UTC)
    if kind is Dated:
        assert made.volume == 14


def test_bars_that_cannot_be_made_anew_are_refused_before_the_run() -> None:
    """Nobody is shown a series that jumps because its class is opaque."""

    class Opaque:
        def __init__(self, day: int) -> None:
            self.symbol, self.timestamp = "GLD", timestamp(day * DAY_US)
            self.open = self.high = self.low = self.close = 100.0

    feed = feed_of([Opaque(day) for day in range(4)])
    feed.with_actions([Dividend(DAY_US, "GLD", 1)])
    with pytest.raises(FeedError, match=r"F55 actions\[0\]: bars of GLD .* a Opaque cannot be made anew .* dataclass"):
        feed.with_actions([TWO])


def test_strategies_for_lists_see_their_own_class_in_the_new_shares() -> None:
    """An `IStrategy` on Decimals goes on in Decimals."""
    closes: list[Any] = []

    class Listing:
        def should_enter(self, bars: Any) -> bool:
            closes.append([bar.close for bar in bars])
            return len(bars) == 1

        def should_exit(self, position: Any, bars: Any) -> bool:
            closes.append((position.shares, position.entry_price, position.current_price, bars[0].close))
            return False

    data = [
        HistoricalDataBar("GLD", bar.timestamp, *[Decimal(str(bar.close))] * 4) for bar in bars_of(90.5, 100.1, 52.0)
    ]
    StrategyOrchestrator([(Listing(), 1)], "1000").run(feed_of(data).with_actions([TWO]))
    assert closes[0] == [Decimal("90.5")]
    assert closes[1][1:] == (Decimal("100.1"), Decimal("100.1"), Decimal("90.5"))
    assert closes[2] == (2 * closes[1][0], Decimal("50.05"), Decimal("52.0"), Decimal("45.25"))


def test_a_whole_sample_is_shown_in_the_shares_of_its_first_bar() -> None:
    """A row depends on splits up to it only: later rows are scaled up, earlier ones stay as traded."""
    (series,) = feed_of(RAW).series
    shown = continuous(series, [TWO, Split(3 * DAY_US, "GLD", 3, 2), Split(0, "SLV", 9, 1)])
    assert shown.close.tolist() == [98.0, 100.0, 104.0, 162.0]
    assert shown.volume.tolist() == [10.0, 10.0, 5.0, 10 / 3]
    assert continuous(series, []) is series
    assert extremes(series, [TWO]) == (49.0, 100.0)
    assert extremes(series, [Split(3 * DAY_US, "GLD", 1, 10)]) == (52.0, 1000.0)


def test_a_bar_keeps_its_shape() -> None:
    """Prices are divided, volume multiplied, time and symbol stay."""
    assert rescaled(Bar("GLD", 5, 3.0, 6.0, 2.0, 5.0, 8.0), TWO) == Bar("GLD", 5, 1.5, 3.0, 1.0, 2.5, 16.0)


@pytest.mark.parametrize(
    ("order", "expected", "spent"),
    [
        ({"open_quantity": 5, "granted_micros": 9}, (0, 10, 9), False),
        ({"open_quantity": -3, "granted_micros": 9, "close_quantity": -1}, (-2, -6, 9), False),
        ({"granted_micros": 9}, (0, 0, 9), False),
        ({"close_quantity": 4}, (8, 0, 0), False),
    ],
)
def test_lots_scale_and_capital_stays(order: dict[str, int], expected: tuple[int, ...], spent: bool) -> None:
    told = requoted(Decision(0, "s", "GLD", "granted", "in_full", 1, reserved_micros=11, **order), TWO)
    assert (told.close_quantity, told.open_quantity, told.granted_micros, told.reserved_micros) == (*expected, 11)
    assert is_spent(told) is spent


def test_an_opening_without_a_lot_has_no_grant() -> None:
    """It would look like an ask for capital otherwise; its reserve comes back when the order ends."""
    order = Decision(0, "s", "GLD", "granted", "in_full", -1, open_quantity=-9, granted_micros=9, reserved_micros=11)
    told = requoted(order, Split(0, "GLD", 1, 10))
    assert (told.open_quantity, told.granted_micros, told.reserved_micros) == (0, 0, 11)
    assert is_spent(told)


def test_the_benchmark_does_not_jump() -> None:
    """Its returns are those of the split-continuous closes."""
    from ropewalk import OrchestratorConfig

    config = OrchestratorConfig(benchmark="GLD")
    result = StrategyOrchestrator([(Looking(), 1)], "1000", config).run(feed_of(RAW).with_actions([TWO]))
    assert np.allclose(result.benchmark_returns[-2:], [0.04, 54 / 52 - 1])
