"""
Synthetic bars: a seeded random walk whose drift and volatility switch between regimes.

The same seed gives the same bytes on any machine. Chance comes from SHAKE-128 over seed and symbol,
and prices from additions, multiplications, divisions and roundings alone, which IEEE 754 fixes to
the last bit; logarithms and exponentials differ between processors. A shock is the sum of eight
16-bit draws, scaled to variance one: bell-shaped, within 4.9 deviations.
"""

from __future__ import annotations

import re
from hashlib import shake_128
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ropewalk.errors import FeedError, clipped
from ropewalk.feeds.check import FIRST_US, LAST_US, Columns, check_symbol
from ropewalk.feeds.feed import DAY_US, Feed, bound_us
from ropewalk.feeds.findings import Findings
from ropewalk.market.series import Series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

UNITS_US = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": DAY_US, "w": 7 * DAY_US}
BARS_MAX = 50_000_000
SYMBOLS_MAX = 100_000
NOTE = "synthetic bars: a seeded random walk, no market"


class Regime(NamedTuple):
    """Drift and deviation of returns over one day."""

    drift: float
    deviation: float


BULL = Regime(0.0010, 0.010)
BEAR = Regime(-0.0012, 0.020)
SIDEWAYS = Regime(0.0, 0.007)
STEADY = Regime(0.0, 0.011)
REGIMES = (BULL, BULL, BULL, BEAR, BEAR, SIDEWAYS, SIDEWAYS, SIDEWAYS)


def synthetic_feed(
    symbols: int | str | Sequence[str] = 1,
    bars: int = 1000,
    *,
    interval: str = "1d",
    seed: int = 0,
    start: str | date = "2020-01-01",
    regimes: bool = True,
) -> Feed:
    """
    Make bars for that many symbols, or for symbols of these names.

    `interval` is a number and s, m, h, d or w. Bars of one day skip weekends, all others follow
    each other round the clock. Each symbol has its own stream, so neither another symbol nor more
    bars change the bars that it has. Prices are rounded to cents, below one to 1/100 of a cent.
    Without `regimes` drift is zero and volatility constant, but a price that has gone far from its
    start is driven back in either case. Raises FeedError for what cannot be made.
    """
    names = _names(symbols)
    if type(bars) is not int or not 1 <= bars * len(names) <= BARS_MAX:
        raise FeedError(f"{clipped(bars)} bars for {len(names)} symbols — expected 1 to {BARS_MAX} bars in all")
    if type(seed) is not int:
        raise FeedError(f"seed {clipped(seed)} is a {type(seed).__name__} — expected an int")
    interval_us = _interval_us(interval)
    at_us = _times(bound_us(start, "start"), interval_us, bars)
    scale = interval_us / DAY_US
    series = [Series(name, **_walk(name, seed, at_us, scale, regimes)._asdict()) for name in names]
    return Feed(tuple(series), label=f"synthetic, seed {seed}", notes=(NOTE,))


def _names(symbols: int | str | Sequence[str]) -> tuple[str, ...]:
    if isinstance(symbols, int) and not isinstance(symbols, bool) and 1 <= symbols <= SYMBOLS_MAX:
        return tuple(f"SYN{number:03d}" for number in range(1, symbols + 1))
    names = (symbols,) if isinstance(symbols, str) else () if isinstance(symbols, int) else tuple(symbols)
    if not names:
        raise FeedError(f"symbols {clipped(symbols)} — expected 1 to {SYMBOLS_MAX}, or names")
    findings = Findings("synthetic")
    for seat, name in enumerate(names):
        check_symbol(name, f"symbols[{seat}]", findings)
    findings.raise_any()
    return names


def _interval_us(interval: str) -> int:
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", str(interval))
    if match is None:
        raise FeedError(f"interval {clipped(interval)} — expected a number and s, m, h, d or w, such as '1d' or '15m'")
    return int(match[1]) * UNITS_US[match[2]]


def _times(start_us: int, interval_us: int, bars: int) -> NDArray[np.int64]:
    if interval_us == DAY_US:
        first, of_day = divmod(start_us, DAY_US)
        weekdays = np.busday_offset(np.datetime64(first, "D"), np.arange(bars), roll="forward").astype(np.int64)
        last_us = int(weekdays[-1]) * DAY_US + of_day
    else:
        last_us = start_us + (bars - 1) * interval_us
    if start_us < FIRST_US or last_us >= LAST_US:
        raise FeedError(f"{bars} bars do not fit between the years 1900 and 2200; take fewer, or another start")
    if interval_us == DAY_US:
        return weekdays * DAY_US + of_day
    return start_us + interval_us * np.arange(bars, dtype=np.int64)


def _walk(symbol: str, seed: int, at_us: NDArray[np.int64], scale: float, regimes: bool) -> Columns:
    """One symbol's bars: closes regime by regime, then what happened between two closes."""
    bars = len(at_us)
    draws = np.frombuffer(_stream(seed, symbol, "bars", 24 * bars), dtype="<u2").reshape(bars, 12)
    shock = (draws[:, :8].sum(axis=1, dtype=np.int64) - 262_140) / _SHOCK_DEVIATION
    gap, up, down, busy = (draws[:, column] / 65_536.0 for column in range(8, 12))
    switch = np.frombuffer(_stream(seed, symbol, "regimes", 4 * bars + 4), dtype="<u2")
    first = 20.0 + switch[0] * (180.0 / 65_536.0)
    close, deviation = _closes(first, shock, switch[2:], scale, regimes)
    open = np.concatenate(([first], close[:-1])) * (1.0 + (gap - 0.5) * 0.3 * deviation)
    high = np.maximum(open, close) * (1.0 + up * 0.8 * deviation)
    low = np.minimum(open, close) * (1.0 - down * 0.8 * deviation)
    volume = np.rint(1e6 * min(scale, 1.0) * (0.5 + busy) * (1.0 + np.abs(shock))) + 1.0
    return Columns(at_us, quoted(open), quoted(high), quoted(low), quoted(close), volume)


_SHOCK_DEVIATION = sqrt(8 * (65_536**2 - 1) / 12)


def _stream(seed: int, symbol: str, purpose: str, length: int) -> bytes:
    return shake_128(f"ropewalk synthetic 1 {purpose} {seed} {symbol}".encode()).digest(length)


def _closes(
    first: float, shock: NDArray[np.float64], switch: NDArray[np.uint16], scale: float, regimes: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Walk from one regime to the next; each lasts 20 to 147 bars. Returns closes and deviations."""
    bars = len(shock)
    close, deviations = np.empty(bars), np.empty(bars)
    price, begin, seat = first, 0, 0
    while begin < bars:
        kind, length = int(switch[seat]), 20 + int(switch[seat + 1]) % 128
        regime = REGIMES[kind % 8] if regimes else STEADY
        if price < first / 10.0:
            regime = BULL
        elif price > first * 10.0:
            regime = BEAR
        end = min(begin + length, bars)
        # Beyond a month a bar's volatility would leave no price to fall to.
        deviation = regime.deviation * sqrt(min(scale, 30.0))
        steps = 1.0 + (regime.drift * min(scale, 30.0) + deviation * shock[begin:end])
        close[begin:end] = price * np.multiply.accumulate(steps)
        deviations[begin:end] = deviation
        price, begin, seat = float(close[end - 1]), end, seat + 2
    return close, deviations


def quoted(price: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round as prices are quoted. Rounding keeps the order of prices, also across one."""
    cents = np.rint(price * 100.0) / 100.0
    fine = np.maximum(np.rint(price * 10_000.0), 1.0) / 10_000.0
    return np.where(price < 1.0, fine, cents)
