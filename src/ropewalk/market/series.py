"""Series: one symbol's whole sample as columns, from which the clock makes bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ropewalk.events import Bar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

CHUNK = 4096


class Series:
    """
    One symbol's whole sample: columns of equal length in rising, distinct times.

    `at_us` is int64, the others float64; all are read-only. `made` are bars that exist already, which
    are then passed on as they are. `originals` are the caller's own objects of another class:
    strategies written for lists of them see those.
    """

    __slots__ = ("at_us", "close", "high", "low", "made", "open", "originals", "symbol", "volume")

    def __init__(
        self,
        symbol: str,
        *,
        at_us: NDArray[np.int64],
        open: NDArray[np.float64],
        high: NDArray[np.float64],
        low: NDArray[np.float64],
        close: NDArray[np.float64],
        volume: NDArray[np.float64],
        made: Sequence[Bar] | None = None,
        originals: Sequence[Any] | None = None,
    ) -> None:
        self.symbol = symbol
        self.at_us = at_us
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
        self.made = made
        self.originals = originals
        for column in (at_us, open, high, low, close, volume):
            column.setflags(write=False)

    def __len__(self) -> int:
        return len(self.at_us)

    def bars(self) -> Iterator[Bar]:
        """Make the bars one after the other, or pass on those that are made."""
        if self.made is not None:
            yield from self.made
            return
        symbol = self.symbol
        columns = (self.at_us, self.open, self.high, self.low, self.close, self.volume)
        for start in range(0, len(self), CHUNK):
            # Chunks keep memory flat: a million Python floats at once would cost more than the bars.
            for row in zip(*(column[start : start + CHUNK].tolist() for column in columns), strict=True):
                yield Bar(symbol, *row)
