"""
The workloads beside the crossovers on one symbol: many symbols, a cross-section, and conflicts at every instant.

Each has the bare loop that it is held against, where one can be written down: the same strategy objects called on the
same bars, with plain float accounts.
"""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from bench.workload import WINDOWS, RollingMean
from ropewalk import Bar, Strategy, buy, close, feed_of, target

DAY_US = 86_400_000_000
START_US = 946_684_800_000_000
SYMBOLS = 100
DAYS = 2_520


def many(symbols: int = SYMBOLS, days: int = DAYS, *, seed: int = 3) -> Any:
    """Make a feed of daily bars of many symbols, each a seeded random walk."""
    random = Random(seed)
    bars: dict[str, list[Bar]] = {}
    for seat in range(symbols):
        symbol, price = f"S{seat:03}", 50.0 + random.random() * 100
        walk = bars[symbol] = []
        for day in range(days):
            opening = price
            price = round(max(opening * (1 + random.gauss(0.0003, 0.015)), 1.0), 4)
            high, low = max(opening, price) + 0.01, min(opening, price) - 0.01
            walk.append(Bar(symbol, START_US + day * DAY_US, opening, round(high, 4), round(low, 4), price, 1000.0))
    return feed_of(bars)


def instants_of(feed: Any) -> list[list[Bar]]:
    """Lay the same bars out as a bare loop reads them: a list an instant."""
    return [list(bars) for bars in zip(*(one.bars() for one in feed.series), strict=True)]


class Crossovers(Strategy):
    """The crossover, on as many symbols as there are; what it holds of each is an equal share."""

    def __init__(self, short_window: int, long_window: int, *, symbols: int, trades: bool = True) -> None:
        self.windows = (short_window, long_window)
        self.share = 1 / symbols
        self.trades = trades
        self.averages: dict[str, tuple[RollingMean, RollingMean]] = {}
        self.is_in: dict[str, bool] = {}

    def on_bar(self, bar: Bar, view: Any) -> Any:
        """Update both averages of the symbol and want what they say."""
        symbol, price = bar.symbol, bar.close
        averages = self.averages.get(symbol)
        if averages is None:
            averages = self.averages[symbol] = (RollingMean(self.windows[0]), RollingMean(self.windows[1]))
            self.is_in[symbol] = False
        short, long = averages[0].update(price), averages[1].update(price)
        if short is None or long is None:
            return None
        is_above = short > long
        if is_above is self.is_in[symbol] or not self.trades:
            return None
        self.is_in[symbol] = is_above
        return buy(symbol, fraction=self.share) if is_above else close(symbol)


def many_crossovers(*, symbols: int = SYMBOLS, trades: bool = True) -> list[Crossovers]:
    """Make the five of them."""
    return [Crossovers(short, long, symbols=symbols, trades=trades) for short, long in WINDOWS]


def bare_many(instants: list[list[Bar]], strategies: list[Crossovers]) -> int:
    """Call the strategies bar by bar and nothing else; counts their wants."""
    wants = 0
    for bars in instants:
        for strategy in strategies:
            call = strategy.on_bar
            for bar in bars:
                if call(bar, None) is not None:
                    wants += 1
    return wants


class Accounts:
    """A plain float account on many symbols: cash, shares, what is to be done at the next open, and equity."""

    __slots__ = ("cash", "equity", "pending", "shares", "value")

    def __init__(self, cash: float) -> None:
        self.cash = self.value = cash
        self.shares: dict[str, float] = {}
        self.pending: dict[str, Any] = {}
        self.equity: list[float] = []


def bare_many_accounts(
    instants: list[list[Bar]], strategies: list[Crossovers], *, capital: float = 1_000_000.0
) -> list[Accounts]:
    """Call the strategies, fill at the next open in plain accounts, and keep each one's equity at every instant."""
    seats = [(one.on_bar, one.share, Accounts(capital / len(strategies))) for one in strategies]
    for bars in instants:
        for call, share, account in seats:
            shares, pending = account.shares, account.pending
            if pending:
                for bar in bars:
                    want = pending.pop(bar.symbol, None)
                    if want is None:
                        continue
                    if want.action == "buy":
                        count = min(account.value * share, account.cash) // bar.open
                        account.cash -= count * bar.open
                        shares[bar.symbol] = count
                    else:
                        account.cash += shares.pop(bar.symbol, 0.0) * bar.open
            for bar in bars:
                want = call(bar, None)
                if want is not None:
                    pending[bar.symbol] = want
            held = account.cash
            for bar in bars:
                if bar.symbol in shares:
                    held += shares[bar.symbol] * bar.close
            account.value = held
            account.equity.append(held)
    return [account for _, _, account in seats]


class Retarget:
    """Wants another target for every symbol every day, computed for the whole sample at once."""

    def __init__(self, window: int) -> None:
        self.window = window

    def signals(self, history: Any) -> Any:
        """Lean against the return of the last days, between a tenth and the whole of a share."""
        closes = np.asarray(history.close)
        past = np.concatenate((closes[: self.window], closes[: -self.window]))
        return np.clip(0.55 - 4 * (closes / past - 1), 0.1, 1.0)


class Contrarian(Strategy):
    """At every instant wants the other side of every symbol; every second strategy begins on the other one."""

    def __init__(self, seat: int, symbols: tuple[str, ...]) -> None:
        self.side = 1 if seat % 2 else -1
        self.symbols = symbols

    def on_turn(self, view: Any) -> Any:
        """Turn around."""
        self.side = -self.side
        return [target(symbol, fraction=0.05 * self.side) for symbol in self.symbols]
