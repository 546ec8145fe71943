"""
Corporate actions: what a split does to bars, to columns of bars, and to orders that rest.

Pure functions. What it does to money is the ledger's to say, in `Adjustment` and `Payment`.
"""

from __future__ import annotations

import dataclasses
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ropewalk.events import Bar, Decision, Split
from ropewalk.market.series import Series
from ropewalk.money import scaled_towards_zero

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

PRICES = ("open", "high", "low", "close")
DIGITS = Context(prec=28)
"""Decimals are divided alike, whatever the decimal context of the caller."""


def requoted(order: Decision, split: Split) -> Decision:
    """
    Quote an order that rests in the shares of after a split: its lots scale, towards zero, its capital stays.

    Where no lot is left of what a quantity would open, its grant is gone, though its reserve is not: it comes
    back when the order ends.
    """
    closing = scaled_towards_zero(order.close_quantity, split.numerator, split.denominator)
    opening = scaled_towards_zero(order.open_quantity, split.numerator, split.denominator)
    granted = 0 if order.open_quantity and not opening else order.granted_micros
    return msgspec.structs.replace(order, close_quantity=closing, open_quantity=opening, granted_micros=granted)


def is_spent(order: Decision) -> bool:
    """Say whether nothing is left of an order that was re-quoted."""
    return not order.close_quantity and not order.granted_micros


def rescaled(bar: Bar, split: Split) -> Bar:
    """Show a bar of before a split in the shares of after it: prices divided by the ratio, volume multiplied."""
    up, down = split.numerator, split.denominator
    return Bar(
        bar.symbol,
        bar.at_us,
        bar.open * down / up,
        bar.high * down / up,
        bar.low * down / up,
        bar.close * down / up,
        bar.volume * up / down,
    )


def remade(bar: Any, split: Split) -> Any:
    """
    Make a caller's own bar object anew in the shares of after a split, in the types it has.

    Structs, dataclasses, named tuples and whatever has `__replace__` can be made anew. Raises TypeError
    for all else.
    """
    up, down = split.numerator, split.denominator
    changes = {name: _scaled(getattr(bar, name), down, up) for name in PRICES}
    if hasattr(bar, "volume"):
        changes["volume"] = _scaled(bar.volume, up, down)
    if isinstance(bar, msgspec.Struct):
        return msgspec.structs.replace(bar, **changes)
    if dataclasses.is_dataclass(bar) and not isinstance(bar, type):
        return dataclasses.replace(bar, **changes)
    for name in ("__replace__", "_replace"):
        if hasattr(bar, name):
            return getattr(bar, name)(**changes)
    raise TypeError(f"a {type(bar).__name__} cannot be made anew with other prices")


def _scaled(number: Any, times: int, by: int) -> Any:
    if isinstance(number, Decimal):
        return DIGITS.divide(DIGITS.multiply(number, Decimal(times)), Decimal(by))
    if isinstance(number, int) and number * times % by == 0:
        return number * times // by
    return number * times / by


def continuous(series: Series, splits: Iterable[Split]) -> Series:
    """
    Show a whole sample in the shares of its first bar, so that no split shows as a jump.

    Rows after a split are scaled up, so a row depends on the splits up to it and on no later ones.
    """
    own = [split for split in splits if split.symbol == series.symbol]
    if not own:
        return series
    columns = {name: np.array(getattr(series, name)) for name in (*PRICES, "volume")}
    for split in own:
        row = int(np.searchsorted(series.at_us, split.at_us))
        for name in PRICES:
            columns[name][row:] = columns[name][row:] * split.numerator / split.denominator
        columns["volume"][row:] = columns["volume"][row:] * split.denominator / split.numerator
    open, high, low, close, volume = columns.values()
    return Series(series.symbol, at_us=series.at_us, open=open, high=high, low=low, close=close, volume=volume)


def extremes(series: Series, splits: Iterable[Split]) -> tuple[float, float]:
    """Find the lowest and the highest price at which the series ever stands, before and after its splits."""
    low: NDArray[np.float64] = np.array(series.low)
    high: NDArray[np.float64] = np.array(series.high)
    lowest, highest = float(low.min()), float(high.max())
    for split in splits:
        row = int(np.searchsorted(series.at_us, split.at_us)) if split.symbol == series.symbol else 0
        if row:
            low[:row] = low[:row] * split.denominator / split.numerator
            high[:row] = high[:row] * split.denominator / split.numerator
            lowest, highest = min(lowest, float(low.min())), max(highest, float(high.max()))
    return lowest, highest
