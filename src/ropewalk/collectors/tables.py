"""Tables: results as rows, for frames, notebooks and terminals."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.collectors.figures import Rows
from ropewalk.collectors.metrics import Metrics
from ropewalk.money import MICROS, currency

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.events import Decision

AGGREGATE = "aggregate"

FIGURES = (
    "total_return",
    "annual_return",
    "annual_volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "calmar",
    "win_rate",
    "profit_factor",
    "time_in_market",
    "turnover",
)
"""The metrics that the comparison shows; a result's `metrics` have them all."""


def comparison_rows(result: OrchestratorResult) -> list[dict[str, Any]]:
    """List a row for each strategy and a last one for the account; money as floats of currency."""
    rows = [
        _row(
            name,
            float(one.weight),
            float(one.initial_capital),
            float(one.final_equity),
            one.metrics,
            one.fills,
            one.decisions,
            len(one.conflicts),
        )
        for name, one in result.strategy_results.items()
    ]
    total = _row(
        AGGREGATE,
        float(sum(one.weight for one in result.strategy_results.values())),
        float(result.initial_capital),
        float(result.final_equity),
        result.aggregate_metrics,
        result.fills,
        result.decisions,
        len(result.conflicts),
    )
    return [*rows, total]


def _row(
    strategy: str,
    weight: float,
    initial_capital: float,
    final_equity: float,
    metrics: Metrics,
    fills: Sequence[Any],
    decisions: Sequence[Any],
    conflicts: int,
) -> dict[str, Any]:
    return {
        "strategy": strategy,
        "weight": weight,
        "initial_capital": initial_capital,
        "final_equity": final_equity,
        **{name: getattr(metrics, name) for name in FIGURES},
        "round_trips": metrics.round_trips,
        "intents": len(decisions),
        "refused": sum(is_refusal(decision) for decision in decisions),
        "fills": len(fills),
        "conflicts": conflicts,
        "costs": float(currency(sum(fill.commission_micros + fill.slippage_micros for fill in fills))),
    }


def is_refusal(decision: Decision) -> bool:
    """Say whether something was wanted and not given: a target that is held already is not such a case."""
    return decision.verdict == "refused" and decision.reason != "held_already"


def comparison_frame(rows: Sequence[dict[str, Any]]) -> polars.DataFrame:
    """Make a frame of comparison rows; no value is null."""
    import polars as pl

    whole = ("round_trips", "intents", "refused", "fills", "conflicts")
    types = {name: pl.Int64 if name in whole else pl.Float64 for name in rows[0]}
    return pl.DataFrame(rows, schema={**types, "strategy": pl.String})


def metrics_frame(rows: Sequence[tuple[str, str | None, Metrics]]) -> polars.DataFrame:
    """Make a frame of whole metrics, a row an owner and symbol; no value is null."""
    import polars as pl

    labels = pl.DataFrame(
        [(owner, symbol) for owner, symbol, _ in rows], {"strategy": pl.String, "symbol": pl.String}, orient="row"
    )
    return labels.hstack(Rows(Metrics, [metrics for _, _, metrics in rows]).to_frame())


def html_table(rows: Sequence[dict[str, Any]], *, caption: str, notes: Sequence[str] = ()) -> str:
    """Draw comparison rows as an HTML table; no value is an em dash."""
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{escape(_shown(value))}</td>' for value in row.values())}</tr>" for row in rows)
    said = "".join(f"<p>{escape(note)}</p>" for note in notes)
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{said}"
    )


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    return (
        f"{value:,.4g}"
        if isinstance(value, float) and abs(value) < 1
        else f"{value:,.2f}"
        if isinstance(value, float)
        else str(value)
    )


def plain(event: Any) -> dict[str, Any]:
    """
    Show an event or a round trip as a dict for JSON, with money as floats of currency.

    A field `…_micros` becomes `…`, in currency.
    """
    shown = {}
    for name, value in msgspec.structs.asdict(event).items():
        if name.endswith("_micros"):
            shown[name.removesuffix("_micros")] = value / MICROS
        else:
            shown[name] = value
    return shown
