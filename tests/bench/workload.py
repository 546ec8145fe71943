"""
The walk's workload: five long-only crossovers on one seeded random walk, and the bare loops it is held against.

The strategies keep their averages incrementally, so that they are cheap and whatever an orchestrator adds
shows: the bare loop with accounts passes about half a million bars a second.
"""

from __future__ import annotations

from collections import deque
from random import Random
from typing import Any

from ropewalk import Bar, Strategy, buy, close

WINDOWS = ((5, 20), (10, 30), (10, 50), (20, 50), (20, 100))
"""Quick: an intent every thirty strategy-bars, the density at which recording is measured, too."""

SLOWER = ((20, 50), (20, 100), (50, 100), (20, 200), (50, 200))
"""The averages of 20, 50, 100 and 200 bars that everybody uses: an intent every eighty strategy-bars."""

SLOWEST = ((50, 200), (100, 200), (50, 250), (100, 300), (100, 400))
"""An intent every two hundred strategy-bars."""
PONDERED = 1_000
"""Additions that a strategy makes which costs about twenty microseconds a bar."""
Windows = tuple[tuple[int, int], ...]
START_US = 946_684_800_000_000
MINUTE_US = 60_000_000


def walk(count: int, *, symbol: str = "WALK", seed: int = 7) -> list[Bar]:
    """Make a random walk of one-minute bars."""
    random = Random(seed)
    bars = []
    price = 100.0
    for row in range(count):
        opening = price
        price = round(max(opening * (1 + random.gauss(0.0, 0.002)), 1.0), 4)
        spread = abs(random.gauss(0.0, 0.001)) * price
        high, low = max(opening, price) + spread, min(opening, price) - spread
        bars.append(
            Bar(
                symbol,
                START_US + row * MINUTE_US,
                opening,
                round(high, 4) + 0.0001,
                round(low, 4) - 0.0001,
                price,
                1000.0,
            )
        )
    return bars


class RollingMean:
    """The mean of the last `window` values, kept by adding one and dropping one; None until there are enough."""

    def __init__(self, window: int) -> None:
        self.window = window
        self.values: deque[float] = deque()
        self.total = 0.0

    def update(self, value: float) -> float | None:
        """Take the next value in."""
        values = self.values
        values.append(value)
        self.total += value
        if len(values) > self.window:
            self.total -= values.popleft()
        return self.total / self.window if len(values) == self.window else None


class Crossover(Strategy):
    """Hold while the short average is above the long one; both averages are kept incrementally."""

    def __init__(self, short_window: int, long_window: int, *, trades: bool = True) -> None:
        self.short = RollingMean(short_window)
        self.long = RollingMean(long_window)
        self.trades = trades
        self.is_in = False

    def on_bar(self, bar: Bar, view: Any) -> Any:
        """Update both averages and want what they say."""
        price = bar.close
        short, long = self.short.update(price), self.long.update(price)
        if short is None or long is None:
            return None
        is_above = short > long
        if is_above is self.is_in or not self.trades:
            return None
        self.is_in = is_above
        return buy(bar.symbol, fraction=1) if is_above else close(bar.symbol)


class Pondering(Crossover):
    """The same, after about twenty microseconds of arithmetic at every bar."""

    def on_bar(self, bar: Bar, view: Any) -> Any:
        """Think, and then want what the averages say."""
        sum(range(PONDERED))
        return super().on_bar(bar, view)


def crossovers(*, trades: bool = True, windows: Windows = WINDOWS) -> list[Crossover]:
    """Make the five strategies."""
    return [Crossover(short, long, trades=trades) for short, long in windows]


def bare_delivery(bars: list[Bar], strategies: list[Crossover]) -> int:
    """Call the strategies bar by bar and nothing else; counts their wants."""
    wants = 0
    calls = [strategy.on_bar for strategy in strategies]
    for bar in bars:
        for call in calls:
            if call(bar, None) is not None:
                wants += 1
    return wants


class Account:
    """A plain float account: cash, shares, and what is to be done at the next open."""

    __slots__ = ("cash", "equity", "pending", "shares")

    def __init__(self, cash: float) -> None:
        self.cash = cash
        self.shares = 0.0
        self.pending: Any = None
        self.equity: list[float] = []


def bare_accounts(bars: list[Bar], strategies: list[Crossover], *, capital: float = 100_000.0) -> list[Account]:
    """Call the strategies, fill at the next open in plain float accounts, and keep each one's equity per bar."""
    seats = [(strategy.on_bar, Account(capital / len(strategies))) for strategy in strategies]
    for bar in bars:
        opening, closing = bar.open, bar.close
        for call, account in seats:
            want = account.pending
            if want is not None:
                account.pending = None
                if want.action == "buy":
                    shares = account.cash // opening
                    account.cash -= shares * opening
                    account.shares += shares
                else:
                    account.cash += account.shares * opening
                    account.shares = 0.0
            want = call(bar, None)
            if want is not None:
                account.pending = want
            account.equity.append(account.cash + account.shares * closing)
    return [account for _, account in seats]
