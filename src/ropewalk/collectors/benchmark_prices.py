"""Benchmark prices: whatever somebody holds up as a benchmark, as returns over a run's sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import numpy as np

from ropewalk.errors import ConfigError, clipped
from ropewalk.events import Bar
from ropewalk.notation import EPOCH

if TYPE_CHECKING:
    from datetime import timedelta

    from ropewalk.collectors.changes import Int64s
    from ropewalk.collectors.equity import Float64s

PRICE_MIN, PRICE_MAX = 1e-9, 1e15
"""Between these no figure of a benchmark's returns is beyond a float."""
FORMS = "give a symbol of the run, bars, or pairs of a time and a price, in the order of time"


def benchmark_returns(at_us: Int64s, prices: Float64s, *, sessions_at_us: Int64s) -> Float64s:
    """
    Compute a benchmark's returns over the last of a run's sessions: those from its first price on.

    `sessions_at_us` are the run's first instant and its session ends. Each has the last price at or before it.
    """
    rows = np.searchsorted(at_us, sessions_at_us, side="right") - 1
    known = prices[rows[rows >= 0]]
    returns: Float64s = known[1:] / known[:-1] - 1.0
    return returns


def prices_of(given: Any) -> tuple[Int64s, Float64s]:
    """
    Read bars, a mapping of times to prices, or pairs of them; a bar counts with its close.

    Times are datetimes, dates (their last microsecond) or integer microseconds since 1970; naive ones are UTC. Whatever
    has `items()` (a mapping, a pandas series) or `iter_rows()` (a polars frame of two columns) is read by that.
    Raises ConfigError for anything else, prices outside of 1e-9 to 1e15, and times that do not rise.
    """
    if isinstance(given, Mapping) or callable(getattr(given, "items", None)):
        rows: Any = given.items()
    elif callable(getattr(given, "iter_rows", None)):
        rows = given.iter_rows()
    elif isinstance(given, Iterable) and not isinstance(given, (str, bytes)):
        rows = given
    else:
        raise ConfigError(f"benchmark: {clipped(given)} has no prices; {FORMS}")
    times: list[int] = []
    prices: list[float] = []
    for number, row in enumerate(rows, start=1):
        at_us, price = _pair(row, number)
        if times and at_us <= times[-1]:
            raise ConfigError(f"benchmark: row {number} is not after the one before it; {FORMS}")
        times.append(at_us)
        prices.append(price)
    if not times:
        raise ConfigError(f"benchmark: there is no price; {FORMS}")
    return np.array(times, np.int64), np.array(prices)


def _pair(row: Any, number: int) -> tuple[int, float]:
    if isinstance(row, Bar):
        return row.at_us, row.close
    try:
        at, price = row
        price = float(price)
    except (TypeError, ValueError):
        raise ConfigError(f"benchmark: row {number} is {clipped(row)}; {FORMS}") from None
    if not PRICE_MIN <= price <= PRICE_MAX:
        raise ConfigError(f"benchmark: row {number} has the price {price}; a price is above 0, from 1e-9 to 1e15")
    return _microseconds(at, number), price


def _microseconds(at: Any, number: int) -> int:
    if isinstance(at, int) and not isinstance(at, bool):
        return at
    if isinstance(at, date) and not isinstance(at, datetime):
        at = datetime.combine(at, time.max)
    # What is not equal to itself, such as pandas' NaT, is no time.
    if not isinstance(at, datetime) or at != at:
        raise ConfigError(f"benchmark: row {number} has the time {clipped(at)}; a time is a datetime or a date")
    since: timedelta = (at if at.tzinfo else at.replace(tzinfo=UTC)) - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
