"""
The checks that every feed applies, whole columns at a time, before a bar is believed.

What passes is what `Bar` promises: finite prices above zero, low ≤ open, close ≤ high, volumes that
are not negative, and for each symbol rising, distinct times.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ropewalk.errors import clipped
from ropewalk.feeds.findings import finding
from ropewalk.money import MICROS, MICROS_MAX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ropewalk.feeds.findings import Findings, Place

PRICES = ("open", "high", "low", "close")
NUMBERS = (*PRICES, "volume")
PRICE_MAX = float(MICROS_MAX // MICROS)
"""Beyond this a price is no exact number of micros in a float."""

SYMBOL = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
FIRST_US = int(np.datetime64("1900-01-01", "us").astype(np.int64))
LAST_US = int(np.datetime64("2201-01-01", "us").astype(np.int64))


class Columns(NamedTuple):
    """The bars of a source as columns of equal length: times in int64 microseconds, the rest in float64."""

    at_us: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]

    def taken(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Columns:
        """Take some rows, in the order given."""
        at_us, open, high, low, close, volume = self
        return Columns(at_us[rows], open[rows], high[rows], low[rows], close[rows], volume[rows])


def shown(at_us: int) -> str:
    """
    Show a time in UTC, however far from today it is.

    >>> shown(1_583_020_800_000_000)
    '2020-03-01T00:00:00Z'
    """
    text = str(np.datetime64(at_us, "us"))
    return text.removesuffix(".000000") + "Z"


def check_symbol(symbol: object, place: str, findings: Findings) -> None:
    """Find a symbol that the journal could not carry."""
    if not isinstance(symbol, str) or not SYMBOL.fullmatch(symbol):
        long = f", {len(symbol)} characters" if isinstance(symbol, str) and len(symbol) > 64 else ""
        wrong = f"{clipped(symbol)} is no symbol{long}"
        findings.add(finding("F26", place, wrong, expected="1 to 64 of the characters A-Z a-z 0-9 . _ : / -"))


def check_values(columns: Columns, findings: Findings, place: Place) -> None:
    """Find times and numbers that no bar can have, each row for itself."""
    at_us = columns.at_us
    findings.mark((at_us < FIRST_US) | (at_us >= LAST_US), lambda row: _tell_time(row, columns, place))
    for name in NUMBERS:
        _check_numbers(name, columns, findings, place)
    _check_shape(columns, findings, place)


def _check_numbers(name: str, columns: Columns, findings: Findings, place: Place) -> None:
    column: NDArray[np.float64] = getattr(columns, name)
    usable = np.isfinite(column)
    if not usable.all():
        findings.mark(np.isnan(column), lambda row: _tell_missing(row, name, place))
        findings.mark(np.isinf(column), lambda row: _tell_infinite(row, name, place))
    if name == "volume":
        findings.mark(usable & (column < 0), lambda row: _tell_volume(row, columns, place))
    else:
        findings.mark(usable & (column <= 0), lambda row: _tell_low_price(row, name, columns, place))
        findings.mark(usable & (column >= PRICE_MAX), lambda row: _tell_huge_price(row, name, columns, place))


def _check_shape(columns: Columns, findings: Findings, place: Place) -> None:
    _, open, high, low, close, _ = columns
    outside = (low > high) | (open > high) | (open < low) | (close > high) | (close < low)
    if outside.any():
        # A row with an unusable price has its finding already.
        usable = np.logical_and.reduce([np.isfinite(price) & (price > 0) for price in (open, high, low, close)])
        findings.mark(outside & usable, lambda row: _tell_shape(row, columns, place))


def check_times(
    at_us: NDArray[np.int64], findings: Findings, place: Place, *, hint: str, codes: NDArray[np.uint32] | None = None
) -> None:
    """
    Find times that go back or repeat within a symbol, naming both rows.

    `codes` number the symbols of mixed rows; without them all rows are of one symbol.
    """
    order = None if codes is None else np.argsort(codes, kind="stable")
    times = at_us if order is None else at_us[order]
    step_us = np.diff(times)
    if codes is not None and order is not None:
        step_us[np.diff(codes[order]) != 0] = 1
    if (step_us > 0).all():
        return
    # A time that no bar can have has its finding already.
    usable = (times >= FIRST_US) & (times < LAST_US)
    step_us[~(usable[1:] & usable[:-1])] = 1
    later = np.arange(1, len(times)) if order is None else order[1:]
    earlier = np.arange(len(times) - 1) if order is None else order[:-1]
    before = np.empty(len(times), dtype=np.int64)
    before[later] = earlier
    steps = np.ones(len(times), dtype=np.int64)
    steps[later] = step_us
    findings.mark(steps == 0, lambda row: _tell_twice(row, int(before[row]), at_us, place))
    findings.mark(steps < 0, lambda row: _tell_back(row, int(before[row]), at_us, place, hint))


def _tell_time(row: int, columns: Columns, place: Place) -> str:
    wrong = f"decodes to {shown(int(columns.at_us[row]))}"
    return finding("F22", place(row, "timestamp"), wrong, expected="a year from 1900 to 2200", hint="check its unit")


def _tell_missing(row: int, name: str, place: Place) -> str:
    hint = "drop or fill such rows before"
    return finding("F10", place(row, name), "is missing or not a number (NaN)", expected="a number", hint=hint)


def _tell_infinite(row: int, name: str, place: Place) -> str:
    return finding("F11", place(row, name), "is infinite", expected="a finite number")


def _tell_volume(row: int, columns: Columns, place: Place) -> str:
    wrong = f"{columns.volume[row]} is negative"
    return finding("F14", place(row, "volume"), wrong, expected="zero or more", hint="has a 32-bit count overflowed?")


def _tell_low_price(row: int, name: str, columns: Columns, place: Place) -> str:
    wrong = f"{getattr(columns, name)[row]} is no price"
    return finding("F12", place(row, name), wrong, expected="a number above zero")


def _tell_huge_price(row: int, name: str, columns: Columns, place: Place) -> str:
    wrong = f"{getattr(columns, name)[row]} is more than money can be exact at"
    return finding("F43", place(row, name), wrong, expected=f"a price below {PRICE_MAX:.0f}")


def _tell_shape(row: int, columns: Columns, place: Place) -> str:
    four = ", ".join(f"{name} {getattr(columns, name)[row]}" for name in PRICES)
    below = columns.high[row] < columns.low[row]
    wrong = ("high is below low" if below else "open or close is outside low to high") + f" ({four})"
    return finding("F13", place(row, "high"), wrong, expected="low ≤ open, close ≤ high")


def _tell_twice(row: int, before: int, at_us: NDArray[np.int64], place: Place) -> str:
    wrong = f"{shown(int(at_us[row]))} was already given at {place(before, 'timestamp')}"
    return finding("F16", place(row, "timestamp"), wrong, expected="one bar a symbol and time")


def _tell_back(row: int, before: int, at_us: NDArray[np.int64], place: Place, hint: str) -> str:
    wrong = f"{shown(int(at_us[row]))} comes after {shown(int(at_us[before]))}, given at {place(before, 'timestamp')}"
    return finding("F17", place(row, "timestamp"), wrong, expected="rising times", hint=hint)
