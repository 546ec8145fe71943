"""
History: the bars that have happened, shared by everyone, and nothing that has not.

One append-only list a symbol serves every strategy. It ends at the current bar, so handing it to a
strategy costs nothing whatever its length; and it holds no future, so there is none to find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.bus import Phase
from ropewalk.events import Bar, Split
from ropewalk.market.actions import remade, rescaled
from ropewalk.market.bars import Bars, rewrite
from ropewalk.market.instrument import Instrument
from ropewalk.money import price_micros_half_even

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ropewalk.bus import Bus
    from ropewalk.market.series import Series


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
            rewrite(originals, [remade(bar, split) for bar in originals])
        rewrite(bars, [rescaled(bar, split) for bar in bars])

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

    def marks(self) -> dict[str, int]:
        """Begin to keep the marks of this instant: none yet here, since few may be asked for."""
        return {}
