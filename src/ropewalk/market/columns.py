"""
History from columns: the last bar of each symbol at the instant that is looked at, whatever was walked before.

Who visits only some instants of a sample need not append the bars between them. It holds no future either: what is
asked for is looked up when it is asked, at `place`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ropewalk.bus import Phase
from ropewalk.events import Bar, Split
from ropewalk.market.actions import rescaled
from ropewalk.market.bars import Bars, rewrite
from ropewalk.market.history import History
from ropewalk.money import price_micros_half_even

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from ropewalk.bus import Bus
    from ropewalk.market.instrument import Instrument
    from ropewalk.market.series import Series


DENSE = 4
"""How many places for each bar a table of rows may have."""


class ColumnHistory(History):
    """
    A history that knows each symbol's last bar and none before it.

    `instants` are the times of the sample, rising and distinct; `place` is the index of the one that is looked at,
    −1 before the first. Strategies have nothing to look at here.
    """

    __slots__ = ("_closes", "_marks", "_restated", "_rows", "_seats", "_series", "_table", "instants", "place")

    def __init__(
        self,
        series: Sequence[Series],
        *,
        instants: NDArray[np.int64],
        instruments: Mapping[str, Instrument] | None = None,
    ) -> None:
        super().__init__(series, instruments=instruments)
        self.instants = instants
        self.place = -1
        self._series = {one.symbol: one for one in series}
        self._seats = {one.symbol: seat for seat, one in enumerate(series)}
        self._closes = {one.symbol: one.close for one in series}
        # A symbol with a bar at every instant has row i at place i. Where symbols share few instants, a table of rows
        # would be far larger than the sample; then each is looked for.
        is_sparse = len(series) * len(instants) > DENSE * sum(map(len, series))
        self._rows = {
            one.symbol: None if is_sparse else np.searchsorted(one.at_us, instants, side="right") - 1
            for one in series
            if len(one) != len(instants)
        }
        self._marks: dict[str, tuple[int, int | None]] = {}
        self._restated: dict[str, tuple[int, Bar]] = {}
        self._table: NDArray[np.int64] | None = None

    def seat(self, bus: Bus) -> None:
        """Take the first seat for splits; bars need not be heard."""
        bus.subscribe(Split, self.on_split, phase=Phase.MARKET)

    def on_split(self, split: Split) -> None:
        """Show the last bar in the new shares, until the symbol's next one."""
        last = self._last(split.symbol)
        if last is not None:
            self._restated[split.symbol] = self._row(split.symbol), rescaled(last, split)
            self._marks.pop(split.symbol, None)

    def bars(self, symbol: str) -> Bars:
        """The last bar of a symbol, alone; nothing before its first."""
        bars, last = super().bars(symbol), self._last(symbol)
        rewrite(bars, [] if last is None else [last])
        return bars

    def mark_micros(self, symbol: str) -> int | None:
        """The last close of one lot, or None before the symbol's first bar."""
        place, mark = self._marks.get(symbol, (-1, None))
        if place != self.place or mark is None:
            mark = self._mark(symbol)
            self._marks[symbol] = self.place, mark
        return mark

    def marks(self) -> dict[str, int]:
        """Give the marks of all symbols at once, where every symbol has a bar at every instant and none was split."""
        if self._rows or self._restated or self.place < 0:
            return {}
        if self._table is None:
            scaled = [one.close * self.instruments[symbol].scale for symbol, one in self._series.items()]
            # A feed and the settings keep every mark within what is exact.
            self._table = np.rint(np.array(scaled)).astype(np.int64).T.copy()
        return dict(zip(self._series, self._table[self.place].tolist(), strict=True))

    def places(self, times: Sequence[int]) -> list[int]:
        """Find the first instant at or after each of some times: rising and distinct indices."""
        found: list[int] = np.unique(np.searchsorted(self.instants, times)).tolist()
        return found

    def current(self, symbols: Collection[str]) -> list[Bar]:
        """Make the bars of the instant that is looked at, of some symbols, in the run's order."""
        in_order = symbols if len(symbols) < 2 else sorted(symbols, key=self._seats.__getitem__)
        return [bar for symbol in in_order if (bar := self.now(symbol)) is not None]

    def now(self, symbol: str) -> Bar | None:
        """Make a symbol's bar of the instant that is looked at; None where it has none."""
        if symbol not in self._rows:
            # It has a bar at every instant.
            return self._bar(symbol, self.place) if self.place >= 0 else None
        row = self._row(symbol)
        if row < 0 or self._series[symbol].at_us.item(row) != self.instants.item(self.place):
            return None
        return self._bar(symbol, row)

    def _row(self, symbol: str) -> int:
        if self.place < 0 or symbol not in self._rows:
            return self.place
        rows = self._rows[symbol]
        if rows is not None:
            return int(rows.item(self.place))
        return int(self._series[symbol].at_us.searchsorted(self.instants[self.place], side="right")) - 1

    def _mark(self, symbol: str) -> int | None:
        row = self._row(symbol) if self._rows else self.place
        if row < 0:
            return None
        close = self._closes[symbol].item(row)
        if self._restated:
            at, restated = self._restated.get(symbol, (-1, None))
            if restated is not None and at == row:
                close = restated.close
        return price_micros_half_even(close, self.instruments[symbol].scale)

    def _last(self, symbol: str) -> Bar | None:
        row = self._row(symbol)
        if row < 0:
            return None
        at, restated = self._restated.get(symbol, (-1, None))
        return restated if restated is not None and at == row else self._bar(symbol, row)

    def _bar(self, symbol: str, row: int) -> Bar:
        one = self._series[symbol]
        if one.made is not None:
            return one.made[row]
        opened, high, low = one.open.item(row), one.high.item(row), one.low.item(row)
        return Bar(symbol, one.at_us.item(row), opened, high, low, one.close.item(row), one.volume.item(row))
