"""Results: what a run came to, for each strategy and for the account, computed when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.collectors.analyzed import Analyzed
from ropewalk.collectors.postings import POOL
from ropewalk.collectors.presentation import Presentation
from ropewalk.collectors.strategy_result import StrategyResult
from ropewalk.collectors.tables import AGGREGATE, comparison_frame, comparison_rows, metrics_frame
from ropewalk.money import currency

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    import polars

    from ropewalk.collectors.metrics import Metrics
    from ropewalk.collectors.recorder import Recorder
    from ropewalk.events import RunEnded, RunStarted
    from ropewalk.market.instrument import Instrument
    from ropewalk.market.series import Series


class RunJournal(NamedTuple):
    """
    Where a run's journal is, and the SHA-256 of its bytes; `content` has those that are in no file.

    `notes` are about its folder. `earlier` is where a journal of the same run with other bytes was put.
    """

    run_id: str
    digest: str
    path: Path | None
    content: bytes = b""
    notes: tuple[str, ...] = ()
    earlier: Path | None = None


class OrchestratorResult(Analyzed, Presentation):
    """
    What a run came to.

    `Happened` has its events, `Valued` its curves, `Analyzed` its tables and figures, `Presentation` its frames and
    plots. The strategies' equities and the pool's sum to the account's exactly, at every instant; the last one is
    checked against the ledger's own account before a result is given out.
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
        limits: Mapping[str, Any] | None = None,
        is_compounding: bool = True,
        journal: RunJournal | None = None,
        tracebacks: Mapping[int, str] | None = None,
        left_changed: Sequence[str] = (),
    ) -> None:
        super().__init__(
            started=started,
            ended=ended,
            record=record,
            series=series,
            instruments=instruments,
            account_equity_micros=account_equity_micros,
            benchmark=benchmark,
            limits=limits,
            is_compounding=is_compounding,
        )
        self.notes = tuple(notes)
        self.journal = journal
        # What is behind faults, by their numbers; a journal has none of it, its sidecar has.
        self.tracebacks = dict(tracebacks or {})
        # What belongs to the whole process and was not as it was, until it was put back.
        self.left_changed = tuple(left_changed)
        # Figures by metrics of one's own, of each owner; `measures.measure` adds them.
        self.measures: dict[str, dict[str, float | None]] = {}
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

    def get_strategy_result(self, strategy: str) -> StrategyResult:
        """Return one strategy's result. Raises KeyError, which lists the ids, for an unknown one."""
        if strategy not in self.strategy_results:
            raise KeyError(f"there is no strategy {strategy!r}; this run has: {', '.join(self.strategy_results)}")
        return self.strategy_results[strategy]

    def metrics(self, owner: str = AGGREGATE) -> Metrics:
        """Return the metrics of a strategy or of the account. Raises ConfigError for an unknown owner."""
        return self.aggregate_metrics if self._known(owner) == AGGREGATE else self.strategy_results[owner].metrics

    @property
    def metrics_table(self) -> polars.DataFrame:
        """
        Every metric of every strategy and of the account, as a whole and in each symbol that it traded.

        One row an owner and symbol; the symbol is null in the rows of the whole. Columns as in METRICS.
        """
        rows: list[tuple[str, str | None, Metrics]] = []
        for owner in (*self.strategy_results, AGGREGATE):
            rows.append((owner, None, self.metrics(owner)))
            rows += [(owner, symbol, one.metrics) for symbol, one in self.by_symbol(owner).items()]
        return metrics_frame(rows)

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
            "measures": self.measures,
            "reconciliation": self.reconciliation,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        return (
            f"<OrchestratorResult {self.ended.status}: {len(self.strategy_results)} strategies, "
            f"{len(self.record.fills)} fills, {self.initial_capital} → {self.final_equity}>"
        )
