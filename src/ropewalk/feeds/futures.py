"""Other futures: the same bars up to an instant, and then none, or others. For asking who knew what would come."""

from __future__ import annotations

from dataclasses import replace
from hashlib import shake_128
from typing import TYPE_CHECKING

import numpy as np

from ropewalk.market.series import Series
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ropewalk.feeds.feed import Feed

LOWER, HIGHER = 0.05, 2.0
"""How far scrambled closes may leave the range of the real ones."""


def instants_of(feed: Feed) -> list[int]:
    """List the times at which any symbol has a bar, rising, in microseconds."""
    times: list[int] = np.unique(np.concatenate([one.at_us for one in feed.series])).tolist()
    return times


def cut_after(feed: Feed, at_us: int) -> Feed:
    """
    Leave out what comes after an instant.

    Of a symbol whose first bar comes later that one bar is kept: which symbols there are is an input of a run.
    """
    late = [one for one in feed.series if int(one.at_us[0]) > at_us]
    begun = [one.symbol for one in feed.series if int(one.at_us[0]) <= at_us]
    firsts = [feed.select(one.symbol, end=timestamp(int(one.at_us[0]))).series[0] for one in late]
    if not begun:
        return replace(feed, series=tuple(firsts))
    kept = feed.select(begun, end=timestamp(at_us))
    return replace(kept, series=(*kept.series, *firsts))


def scrambled_after(feed: Feed, at_us: int, *, seed: int = 0) -> Feed:
    """
    Give each bar after an instant other prices and another volume, and leave the times as they are.

    What rose falls and what fell rises, each by half to one and a half times as much; bars stay valid. The same
    seed gives the same bars: chance comes from SHAKE-128 over seed and symbol.
    """
    return replace(feed, series=tuple(_scrambled(one, at_us, seed) for one in feed.series))


def _scrambled(one: Series, at_us: int, seed: int) -> Series:
    first = int(np.searchsorted(one.at_us, at_us, side="right"))
    if first == len(one):
        return one
    draws = np.frombuffer(
        shake_128(f"ropewalk futures 1 {seed} {one.symbol}".encode()).digest(4 * (len(one) - first)), dtype="<u2"
    ).reshape(-1, 2)
    open, high, low, close = (column[first:] for column in (one.open, one.high, one.low, one.close))
    before = np.concatenate((one.close[max(first - 1, 0) : max(first, 1)], close[:-1]))
    path = _other_way(close / before, draws[:, 0]) * before[0]
    path = np.clip(path, one.low.min() * LOWER, one.high.max() * HIGHER)
    busy = one.volume[first:][::-1] * (0.5 + draws[:, 1] / 65_536.0)
    return Series(
        one.symbol,
        at_us=one.at_us,
        open=np.concatenate((one.open[:first], path * (close / open))),
        high=np.concatenate((one.high[:first], path * (close / low))),
        low=np.concatenate((one.low[:first], path * (close / high))),
        close=np.concatenate((one.close[:first], path)),
        volume=np.concatenate((one.volume[:first], np.rint(busy))),
    )


def _other_way(ratios: NDArray[np.float64], draws: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Turn each move into one the other way, of another size, and each rest into a small move; accumulated."""
    back = 1.0 / ratios - 1.0
    part = draws / 65_536.0
    # A fall is only made smaller: half as much again could be more than all.
    moves = np.where(back < 0, back * (0.5 + part / 2.0), back * (0.5 + part))
    rests = np.where(draws % 2 == 0, 0.01, -0.01) * (0.5 + part)
    return np.multiply.accumulate(1.0 + np.where(back == 0, rests, moves))
