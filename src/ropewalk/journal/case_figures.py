"""Figures: what a run came to, in the numbers by which runs are laid side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.collectors.tables import is_refusal
from ropewalk.money import currency

if TYPE_CHECKING:
    from ropewalk.collectors.metrics import Metrics
    from ropewalk.collectors.result import OrchestratorResult


class CaseFigures(msgspec.Struct, frozen=True, kw_only=True):
    """
    A run in numbers: amounts in exact micros, counts, and the account's metrics.

    `refused_micros` is the capital that was asked for and not granted; `strategies` are final equities in their order,
    and the pool's, whose name is empty.
    """

    equity_micros: int
    costs_micros: int
    intents: int
    conflicts: int
    trimmed: int
    refused: int
    refused_micros: int
    fills: int
    lapses: int
    strategies: dict[str, int]
    metrics: Metrics

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON; money in currency."""
        told: dict[str, Any] = {
            name: getattr(self, name) for name in self.__struct_fields__ if name not in ("strategies", "metrics")
        }
        for name in ("equity", "costs", "refused"):
            told[f"{name}_capital" if name == "refused" else name] = float(currency(told.pop(f"{name}_micros")))
        strategies = {name: float(currency(micros)) for name, micros in self.strategies.items()}
        return {**told, "strategies": strategies, "metrics": self.metrics.to_dict()}


def figures_of(result: OrchestratorResult) -> CaseFigures:
    """Take the figures of a result."""
    decisions = result.decisions
    return CaseFigures(
        equity_micros=result.account_equity_micros,
        costs_micros=sum(fill.commission_micros + fill.slippage_micros for fill in result.fills),
        intents=len(result.intents),
        conflicts=len(result.conflicts),
        trimmed=sum(one.verdict == "trimmed" for one in decisions),
        refused=sum(map(is_refusal, decisions)),
        refused_micros=sum(one.asked_micros - one.granted_micros for one in decisions),
        fills=len(result.fills),
        lapses=len(result.lapses),
        strategies={owner: int(curve.equity_micros[-1]) for owner, curve in result.equity_curves.items()},
        metrics=result.aggregate_metrics,
    )
