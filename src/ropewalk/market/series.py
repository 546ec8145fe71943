"""Series: one symbol's whole sample as columns, from which the clock makes bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

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

    symbol: str
    at_us: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
    made: Sequence[Bar] | None
    originals: Sequence[Any] | None

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
        columns = {"at_us": at_us, "open": open, "high": high, "low": low, "close": close, "volume": volume}
        for name, column in columns.items():
            column.setflags(write=False)
            object.__setattr__(self, name, column)
        object.__setattr__(self, "symbol", symbol)
        object.__setattr__(self, "made", made)
        object.__setattr__(self, "originals", originals)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name} of {self.symbol}: a series is shared by all strategies and cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        self.__setattr__(name, None)

    def __len__(self) -> int:
        return len(self.at_us)

    def bars(self) -> Iterator[Bar]:
        """Make the bars one after the other, or pass on those that are made."""
        return iter(self.made) if self.made is not None else self._make()

    def _make(self) -> Iterator[Bar]:
        symbol = self.symbol
        columns = (self.at_us, self.open, self.high, self.low, self.close, self.volume)
        for start in range(0, len(self), CHUNK):
            # Chunks keep memory flat: a million Python floats at once would cost more than the bars.
            for row in zip(*(column[start : start + CHUNK].tolist() for column in columns), strict=True):
                yield Bar(symbol, *row)
