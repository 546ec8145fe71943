"""One strategy's part of a result."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ropewalk.collectors.conflicts import Conflicts
from ropewalk.collectors.crossing import Crossing, crossing_of
from ropewalk.collectors.metrics import Metrics, metrics_of
from ropewalk.collectors.tables import comparison_rows, html_table, is_refusal, plain
from ropewalk.collectors.trades import OpenRoundTrip, RoundTrip, open_round_trips, round_trips
from ropewalk.money import currency

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from ropewalk.collectors.equity import EquityCurve
    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.events import Adjustment, Decision, Fill, Intent, Lapse, Payment


class StrategyResult:
    """One strategy's part of a run: its events, its equity curve and its metrics."""

    def __init__(self, strategy: str, *, weight: Decimal, run: OrchestratorResult) -> None:
        self.strategy = strategy
        self.weight = weight
        self._run = run

    def _own(self, events: Sequence[Any]) -> tuple[Any, ...]:
        return tuple([event for event in events if event.strategy == self.strategy])

    @cached_property
    def intents(self) -> tuple[Intent, ...]:
        """What it wanted."""
        return self._own(self._run.intents)

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """What became of each intent."""
        return self._own(self._run.decisions)

    @cached_property
    def fills(self) -> tuple[Fill, ...]:
        """What was executed."""
        return self._own(self._run.fills)

    @cached_property
    def lapses(self) -> tuple[Lapse, ...]:
        """What was granted and never filled."""
        return self._own(self._run.lapses)

    @cached_property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """What splits did to its positions."""
        return self._own(self._run.adjustments)

    @cached_property
    def payments(self) -> tuple[Payment, ...]:
        """What dividends brought it, or cost it when it was short."""
        return self._own(self._run.payments)

    @property
    def dividends(self) -> Decimal:
        """Dividends received less dividends paid, in currency; they are no part of round trips."""
        return currency(sum(payment.micros for payment in self.payments))

    @cached_property
    def crossing(self) -> Crossing:
        """What crossed inside the account under the policy `net`, its own side, and what that saved it."""
        return crossing_of(self.fills, sides=1)

    @cached_property
    def conflicts(self) -> Conflicts:
        """The conflicts it was part of."""
        return Conflicts(one for one in self._run.conflicts if self.strategy in one.strategies)

    @cached_property
    def round_trips(self) -> tuple[RoundTrip, ...]:
        """From flat to flat, in the order they closed."""
        return round_trips(self._own(self._run.moves))

    @cached_property
    def open_round_trips(self) -> tuple[OpenRoundTrip, ...]:
        """What is still open at the end."""
        return open_round_trips(self._own(self._run.moves))

    @property
    def equity_curve(self) -> EquityCurve:
        """Equity at each instant's closes, in micros."""
        return self._run.equity_curves[self.strategy]

    @property
    def initial_capital(self) -> Decimal:
        """What it was given as the run began, in currency; what moved between strategies later is no part of it."""
        started = self._run.started
        return currency(started.allocated_micros[started.strategies.index(self.strategy)])

    @property
    def final_equity(self) -> Decimal:
        """What it was worth at the end, in currency."""
        return currency(int(self.equity_curve.equity_micros[-1]))

    @cached_property
    def metrics(self) -> Metrics:
        """Its metrics; `collectors.metrics.METRICS` explains each."""
        return metrics_of(
            self.equity_curve,
            round_trips=self.round_trips,
            traded_micros=sum(abs(fill.quantity * fill.price_micros) for fill in self.fills),
            benchmark=self._run.benchmark_returns,
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything but the curves, ready for JSON; money as floats of currency."""
        return {
            "strategy": self.strategy,
            "weight": float(self.weight),
            "initial_capital": float(self.initial_capital),
            "final_equity": float(self.final_equity),
            "dividends": float(self.dividends),
            "crossing": self.crossing.to_dict(),
            "metrics": self.metrics.to_dict(),
            "counts": {
                "intents": len(self.intents),
                "decisions": len(self.decisions),
                "refused": sum(map(is_refusal, self.decisions)),
                "trimmed": sum(decision.verdict == "trimmed" for decision in self.decisions),
                "fills": len(self.fills),
                "lapses": len(self.lapses),
                "conflicts": len(self.conflicts),
            },
            "round_trips": [plain(trip) for trip in self.round_trips],
        }

    def _repr_html_(self) -> str:
        own = [row for row in comparison_rows(self._run) if row["strategy"] == self.strategy]
        return html_table(own, caption=self.strategy)

    def __repr__(self) -> str:
        return f"<StrategyResult {self.strategy}: {self.initial_capital} → {self.final_equity}>"
