"""Results: what a run came to, for each strategy and for the account, computed when it is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ropewalk.collectors.crossing import Crossing, crossing_of
from ropewalk.collectors.equity import EquityCurve, close_micros, closes_of, equity_curves, instants_of, summed
from ropewalk.collectors.metrics import Metrics, metrics_of
from ropewalk.collectors.postings import POOL, Postings
from ropewalk.collectors.sessions import session_returns
from ropewalk.collectors.strategy_result import StrategyResult
from ropewalk.collectors.tables import comparison_frame, comparison_rows, html_table
from ropewalk.collectors.trades import RoundTrip, round_trips
from ropewalk.errors import LedgerError
from ropewalk.events import (
    Adjustment,
    Conflict,
    Decision,
    Dividend,
    Fault,
    Fill,
    Intent,
    Lapse,
    Payment,
    Split,
    Transfer,
)
from ropewalk.market.actions import continuous
from ropewalk.money import currency

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    import polars

    from ropewalk.collectors.recorder import Recorder
    from ropewalk.events import RunEnded, RunStarted
    from ropewalk.market.instrument import Instrument
    from ropewalk.market.series import Series


class RunJournal(NamedTuple):
    """Where a run's journal is, and the SHA-256 of its bytes; `content` has those that are in no file."""

    run_id: str
    digest: str
    path: Path | None
    content: bytes = b""


class OrchestratorResult:
    """
    What a run came to.

    The strategies' equities and the pool's sum to the account's exactly, at every instant; the last
    one is checked against the ledger's own account before a result is given out.
    """

    def __init__(
        self,
        *,
        started: RunStarted,
        ended: RunEnded,
        weights: Mapping[str, Decimal],
        record: Recorder,
        series: Sequence[Series],
        instruments: Mapping[str, Instrument],
        account_equity_micros: int,
        notes: Sequence[str] = (),
        benchmark: str | None = None,
        journal: RunJournal | None = None,
    ) -> None:
        self.journal = journal
        self.started = started
        self.ended = ended
        self.record = record
        self.notes = tuple(notes)
        self.account_equity_micros = account_equity_micros
        self._series = tuple(series)
        self._instruments = dict(instruments)
        self._benchmark = benchmark
        self.strategy_results = {
            strategy: StrategyResult(strategy, weight=weight, run=self) for strategy, weight in weights.items()
        }

    @property
    def initial_capital(self) -> Decimal:
        """The pot, in currency."""
        return currency(self.started.capital_micros)

    @property
    def final_equity(self) -> Decimal:
        """What the account was worth at the end, in currency."""
        return currency(self.account_equity_micros)

    @cached_property
    def intents(self) -> tuple[Intent, ...]:
        """All intents; `record` has them with numbers and causes, like everything below."""
        return self.record.events(Intent)

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, one an intent."""
        return self.record.events(Decision)

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """All conflicts."""
        return self.record.events(Conflict)

    @cached_property
    def fills(self) -> tuple[Fill, ...]:
        """All fills."""
        return self.record.events(Fill)

    @cached_property
    def lapses(self) -> tuple[Lapse, ...]:
        """All orders that ended unfilled."""
        return self.record.events(Lapse)

    @cached_property
    def transfers(self) -> tuple[Transfer, ...]:
        """All capital that moved, beginning with each strategy's own."""
        return self.record.events(Transfer)

    @cached_property
    def actions(self) -> tuple[Split | Dividend, ...]:
        """All corporate actions, at the instants at which they took effect."""
        return self.record.events(Split, Dividend)

    @cached_property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """What splits did to positions."""
        return self.record.events(Adjustment)

    @cached_property
    def payments(self) -> tuple[Payment, ...]:
        """What dividends brought, and cost the short."""
        return self.record.events(Payment)

    @property
    def dividends(self) -> Decimal:
        """All dividends received less those that shorts paid, in currency: the strategies' sum."""
        return currency(sum(payment.micros for payment in self.payments))

    @cached_property
    def crossing(self) -> Crossing:
        """What crossed inside the account under the policy `net`, each cross once, and what that saved in total."""
        return crossing_of(self.fills, sides=2)

    @cached_property
    def moves(self) -> tuple[Fill | Adjustment, ...]:
        """Whatever changed positions, in its order: fills, and adjustments where there were splits."""
        return self.record.events(Fill, Adjustment) if self.actions else self.fills

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """All exceptions of strategies and observers."""
        return self.record.events(Fault)

    @cached_property
    def round_trips(self) -> tuple[RoundTrip, ...]:
        """The round trips of all strategies, each tagged with its strategy, in the order they closed."""
        return round_trips(self.moves)

    @cached_property
    def _instants(self) -> Any:
        return instants_of(one.at_us for one in self._series)

    @cached_property
    def equity_curves(self) -> dict[str, EquityCurve]:
        """The curve of each strategy, in their order, and of the pool, whose name is empty."""
        books = {owner: Postings(owner) for owner in (*self.strategy_results, POOL)}
        books[POOL].fund(self.started.at_us, self.started.capital_micros)
        for transfer in self.transfers:
            for owner in (transfer.giver, transfer.taker):
                books[owner].on_transfer(transfer)
        for strategy, result in self.strategy_results.items():
            books[strategy].on_fills(result.fills)
            books[strategy].on_adjustments(result.adjustments)
            books[strategy].on_payments(result.payments)
        held = dict.fromkeys(symbol for book in books.values() for symbol in book.positions)
        closes = {
            one.symbol: closes_of(
                one.at_us, one.close, splits=self._splits(one.symbol), scale=self._instruments[one.symbol].scale
            )
            for one in self._series
            if one.symbol in held
        }
        curves = equity_curves(tuple(books.values()), instants=self._instants, closes=closes)
        return dict(zip(books, curves, strict=True))

    def _splits(self, symbol: str) -> list[Split]:
        return [action for action in self.actions if isinstance(action, Split) and action.symbol == symbol]

    @cached_property
    def equity_curve(self) -> EquityCurve:
        """
        The account's curve: the exact sum of the strategies' and the pool's.

        Raises LedgerError if it does not end at what the ledger's account is worth.
        """
        curve = summed(tuple(self.equity_curves.values()))
        last = int(curve.equity_micros[-1])
        if last != self.account_equity_micros:
            raise LedgerError(f"the curves end at {last} micros, the account at {self.account_equity_micros}")
        return curve

    @cached_property
    def benchmark_returns(self) -> Any:
        """The benchmark's returns over the same sessions, or None when none was named."""
        if self._benchmark is None:
            return None
        one = next(series for series in self._series if series.symbol == self._benchmark)
        if not len(one):
            return None
        # Without its dividends, which nobody received.
        one = continuous(one, self._splits(one.symbol))
        rows = np.maximum(np.searchsorted(one.at_us, self._instants, side="right") - 1, 0)
        marks = close_micros(one.close)[rows]
        none = np.zeros(len(marks), np.int64)
        flow = none.copy()
        flow[0] = marks[0]
        return session_returns(EquityCurve(one.symbol, self._instants, marks, none, marks, marks, flow))

    @cached_property
    def aggregate_metrics(self) -> Metrics:
        """The account's metrics, over all strategies and the pool."""
        return metrics_of(
            self.equity_curve,
            round_trips=self.round_trips,
            # What crosses moves between strategies; the account trades none of it.
            traded_micros=sum(abs(fill.quantity * fill.price_micros) for fill in self.fills if not fill.is_crossed),
            benchmark=self.benchmark_returns,
        )

    def get_strategy_result(self, strategy: str) -> StrategyResult:
        """Return one strategy's result. Raises KeyError, which lists the ids, for an unknown one."""
        if strategy not in self.strategy_results:
            raise KeyError(f"there is no strategy {strategy!r}; this run has: {', '.join(self.strategy_results)}")
        return self.strategy_results[strategy]

    @property
    def comparison_table(self) -> polars.DataFrame:
        """One row a strategy and one, `aggregate`, for the account; money in currency, the rest as in METRICS."""
        return comparison_frame(comparison_rows(self))

    @property
    def reconciliation(self) -> str:
        """One line that adds the strategies' equities and the pool up, and compares with the account."""
        ends = {owner: int(curve.equity_micros[-1]) for owner, curve in self.equity_curves.items()}
        pool = ends.pop(POOL)
        total = sum(ends.values()) + pool
        sign = "=" if total == self.account_equity_micros else "≠"
        return (
            f"strategies {currency(sum(ends.values())):,} + pool {currency(pool):,} "
            f"{sign} aggregate {currency(self.account_equity_micros):,}"
        )

    def to_dict(self) -> dict[str, Any]:
        """The result ready for JSON: money as floats of currency, no value as null."""
        return {
            "status": self.ended.status,
            "initial_capital": float(self.initial_capital),
            "final_equity": float(self.final_equity),
            "pool": float(currency(int(self.equity_curves[POOL].equity_micros[-1]))),
            "data_digest": self.started.data_digest,
            "events_digest": self.record.digest(),
            "instants": self.ended.instants,
            "intents": len(self.record.intents),
            "decisions": len(self.record.decisions),
            "conflicts": len(self.record.conflicts),
            "fills": len(self.record.fills),
            "lapses": len(self.record.lapses),
            "actions": len(self.actions),
            "dividends": float(self.dividends),
            "crossing": self.crossing.to_dict(),
            "faults": len(self.record.faults),
            "strategies": {name: result.to_dict() for name, result in self.strategy_results.items()},
            "aggregate": {"final_equity": float(self.final_equity), "metrics": self.aggregate_metrics.to_dict()},
            "reconciliation": self.reconciliation,
            "notes": list(self.notes),
        }

    def _repr_html_(self) -> str:
        return html_table(comparison_rows(self), caption=self.reconciliation, notes=self.notes)

    def __repr__(self) -> str:
        return (
            f"<OrchestratorResult {self.ended.status}: {len(self.strategy_results)} strategies, "
            f"{len(self.record.fills)} fills, {self.initial_capital} → {self.final_equity}>"
        )
