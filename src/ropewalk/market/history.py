"""
History: the bars that have happened, shared by everyone, and nothing that has not.

One append-only list a symbol serves every strategy. It ends at the current bar, so handing it to a
strategy costs nothing whatever its length; and it holds no future, so there is none to find.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex

import numpy as np

from ropewalk.bus import Phase
from ropewalk.events import Bar, Split
from ropewalk.market.actions import remade, rescaled
from ropewalk.market.instrument import Instrument
from ropewalk.money import price_micros_half_even

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from ropewalk.bus import Bus
    from ropewalk.market.series import Series


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

    def _rewrite(self, bars: list[Any]) -> None:
        super().__setitem__(slice(None), bars)
        # Arrays that were handed out keep the buffers of these columns.
        self._columns.clear()

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


class History:
    """
    The bars so far of every symbol of a run.

    `bars(symbol)` holds `Bar` events; `originals(symbol)` holds the caller's own objects where the
    caller handed in objects, else the same list.
    """

    __slots__ = ("_append", "_bars", "_originals", "instruments")

    def __init__(self, series: Iterable[Series], *, instruments: Mapping[str, Instrument] | None = None) -> None:
        declared = instruments or {}
        self.instruments: dict[str, Instrument] = {}
        self._bars: dict[str, Bars] = {}
        self._originals: dict[str, Bars] = {}
        self._append: dict[str, Callable[[Bar], None]] = {}
        for one in series:
            symbol = one.symbol
            self.instruments[symbol] = declared.get(symbol) or Instrument(symbol)
            bars = self._bars[symbol] = Bars()
            self._append[symbol] = list.append.__get__(bars)
            self._originals[symbol] = bars
            if one.originals is not None:
                self._shadow(symbol, one.originals)

    def _shadow(self, symbol: str, given: Sequence[Any]) -> None:
        bars, originals = self._bars[symbol], Bars()
        self._originals[symbol] = originals
        append_bar, append_original = list.append.__get__(bars), list.append.__get__(originals)

        def append(bar: Bar) -> None:
            append_original(given[len(originals)])
            append_bar(bar)

        self._append[symbol] = append

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols of the run, in their order."""
        return tuple(self._bars)

    def seat(self, bus: Bus) -> None:
        """Take the first seat, so that everyone else finds the bar in its place."""
        appends = list(self._append.values())
        # With one symbol there is nothing to look up: its list's own append is the receiver.
        bus.subscribe(Bar, appends[0] if len(appends) == 1 else self.on_bar, phase=Phase.MARKET)
        bus.subscribe(Split, self.on_split, phase=Phase.MARKET)

    def on_bar(self, bar: Bar) -> None:
        """Append a bar that has happened."""
        self._append[bar.symbol](bar)

    def on_split(self, split: Split) -> None:
        """Show what has happened in the new shares, so that the series stays continuous and its marks right."""
        bars, originals = self._bars[split.symbol], self._originals[split.symbol]
        if originals is not bars:
            originals._rewrite([remade(bar, split) for bar in originals])
        bars._rewrite([rescaled(bar, split) for bar in bars])

    def bars(self, symbol: str) -> Bars:
        """The bars of a symbol so far. Raises KeyError for a symbol that the run does not have."""
        return self._bars[symbol]

    def originals(self, symbol: str) -> Bars:
        """The caller's own bar objects of a symbol so far."""
        return self._originals[symbol]

    def mark_micros(self, symbol: str) -> int | None:
        """The last close of one lot, or None before the symbol's first bar."""
        bars = self._bars[symbol]
        return price_micros_half_even(bars[-1].close, self.instruments[symbol].scale) if bars else None
