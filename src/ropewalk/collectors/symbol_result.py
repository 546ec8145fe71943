"""One owner's part of a result in one symbol."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ropewalk.collectors.contributions import profit_of
from ropewalk.collectors.exposure import Exposure, exposure_of
from ropewalk.collectors.metrics import Metrics, metrics_of
from ropewalk.money import currency

if TYPE_CHECKING:
    from decimal import Decimal

    from ropewalk.collectors.equity import EquityCurve, Float64s
    from ropewalk.collectors.trades import RoundTrip
    from ropewalk.events import Fill


class SymbolResult:
    """
    What one owner came to in one symbol, as if all its capital had been there for this symbol alone.

    So profits of an owner's symbols sum to its own, to the micro; ratios stand on the whole of its capital.
    """

    def __init__(
        self,
        symbol: str,
        *,
        curve: EquityCurve,
        round_trips: tuple[RoundTrip, ...],
        fills: tuple[Fill, ...],
        benchmark: Float64s | None,
    ) -> None:
        self.symbol = symbol
        self.strategy = curve.owner
        self.equity_curve = curve
        self.round_trips = round_trips
        self.fills = fills
        self._benchmark = benchmark

    @property
    def profit_micros(self) -> int:
        """What the owner earned in the symbol, dividends and unrealised gains included, less fees."""
        return profit_of(self.equity_curve)

    @property
    def profit(self) -> Decimal:
        """The same in currency."""
        return currency(self.profit_micros)

    @property
    def _traded_micros(self) -> int:
        return sum(abs(fill.quantity * fill.price_micros) for fill in self.fills)

    @cached_property
    def metrics(self) -> Metrics:
        """The full table, as for a strategy."""
        return metrics_of(
            self.equity_curve,
            round_trips=self.round_trips,
            traded_micros=self._traded_micros,
            benchmark=self._benchmark,
        )

    @cached_property
    def exposure(self) -> Exposure:
        """How much of the owner's capital was at work in the symbol."""
        return exposure_of(self.equity_curve, traded_micros=self._traded_micros)

    def __repr__(self) -> str:
        return f"<SymbolResult {self.strategy} in {self.symbol}: {self.profit:+,}>"
