"""Bars: the list that strategies are shown; it ends at the current bar, and only its run appends to it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Bars(list[Any]):
    """
    The bars of one symbol so far: a list that only its run appends to.

    Indexing, slices, `len`, `copy()` and iteration are those of a list. `open`, `high`, `low`, `close`
    and `volume` are read-only float64 arrays of the same length. Slices and copies are plain lists
    of the caller's; changing the history itself raises TypeError. At a split all earlier bars are replaced
    by bars in the new shares; slices, copies and arrays taken before keep the old ones.
    """

    __slots__ = ("_columns",)

    def __init__(self) -> None:
        if hasattr(self, "_columns"):
            # A list's own __init__ would empty it.
            self._refuse()
        super().__init__()
        self._columns: dict[str, _Column] = {}

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the bars of a run are shared by all strategies and cannot be changed; take bars.copy()")

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[type, tuple[list[Any]]]:
        # Copies, deep copies and pickles of a history are plain lists, as those of a slice are.
        return list, (self[:],)

    append = extend = insert = pop = remove = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def _column(self, name: str) -> NDArray[np.float64]:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = _Column(name)
        return column.upto(self)

    @property
    def open(self) -> NDArray[np.float64]:
        """Opening prices so far."""
        return self._column("open")

    @property
    def high(self) -> NDArray[np.float64]:
        """Highest prices so far."""
        return self._column("high")

    @property
    def low(self) -> NDArray[np.float64]:
        """Lowest prices so far."""
        return self._column("low")

    @property
    def close(self) -> NDArray[np.float64]:
        """Closing prices so far."""
        return self._column("close")

    @property
    def volume(self) -> NDArray[np.float64]:
        """Volumes so far, in shares."""
        return self._column("volume")


def rewrite(bars: Bars, others: list[Any]) -> None:
    """Put other bars in the place of those there are; for the history of a run, at a split."""
    list.__setitem__(bars, slice(None), others)
    # Arrays that were handed out keep the buffers of these columns.
    bars._columns.clear()


class _Column:
    """
    A growing copy of one field of the bars so far, brought up to date when asked.

    Never a window on the whole sample: an array's `base` would show what is to come.
    """

    __slots__ = ("_buffer", "_filled", "_read")

    def __init__(self, name: str) -> None:
        self._read = attrgetter(name)
        self._buffer = np.zeros(256)
        self._buffer.flags.writeable = False
        self._filled = 0

    def upto(self, bars: Bars) -> NDArray[np.float64]:
        length = len(bars)
        if length > self._filled:
            if length > len(self._buffer):
                grown = np.zeros(max(length, 2 * len(self._buffer)))
                grown[: self._filled] = self._buffer[: self._filled]
                self._buffer = grown
            self._buffer.flags.writeable = True
            read = self._read
            for seat in range(self._filled, length):
                self._buffer[seat] = read(bars[seat])
            self._filled = length
            self._buffer.flags.writeable = False
        return self._buffer[:length]
