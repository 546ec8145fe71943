"""Presentation: the forms in which a result is handed on, for analysis, for figures and for notebooks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from ropewalk.collectors.books import BookAtEnd, Books
from ropewalk.collectors.equity import close_micros
from ropewalk.collectors.frames import Frames
from ropewalk.collectors.plot import Plot
from ropewalk.collectors.tables import comparison_rows, html_table
from ropewalk.events import Fill

if TYPE_CHECKING:
    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.market.instrument import Instrument


class Presentation:
    """What every result can show of itself; each part is made when it is first asked for."""

    series: tuple[Series, ...]
    instruments: dict[str, Instrument]

    @property
    def _result(self) -> OrchestratorResult:
        # Results are the one kind of thing that is presented.
        return cast("OrchestratorResult", self)

    def lot_scale(self, symbol: str) -> float:
        """Say what a price per lot in micros is divided by to be a price as quoted."""
        return self.instruments[symbol].scale

    @cached_property
    def frames(self) -> Frames:
        """Everything as polars frames, by name."""
        result = self._result
        return Frames(result.record, started=result.started, result=result)

    @cached_property
    def plot(self) -> Plot:
        """Figures, which plotly draws."""
        return Plot(self._result)

    @cached_property
    def books(self) -> Books:
        """What each owner had at the end, in seat order and then the pool."""
        result = self._result
        held: dict[str, dict[str, int]] = {owner: {} for owner in result.equity_curves}
        for move in result.moves:
            lots = held[move.strategy]
            change = move.quantity if isinstance(move, Fill) else move.quantity_after - move.quantity_before
            lots[move.symbol] = lots.get(move.symbol, 0) + change
        marks = {
            one.symbol: int(close_micros(one.close[-1:], scale=self.instruments[one.symbol].scale)[0])
            for one in self.series
            if len(one)
        }
        books = {}
        for owner, curve in result.equity_curves.items():
            lots = {symbol: lots for symbol, lots in sorted(held[owner].items()) if lots}
            books[owner] = BookAtEnd(
                owner, int(curve.cash_micros[-1]), lots, {symbol: marks[symbol] for symbol in lots}
            )
        return Books(books)

    def _repr_html_(self) -> str:
        result = self._result
        return html_table(comparison_rows(result), caption=result.reconciliation, notes=result.notes)
