"""Between strategies: how alike they are, and what each adds to the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.collectors.correlations import DIVERSIFYING_BELOW, Correlations, correlations
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.reports.page.calendar import Cell
from ropewalk.reports.page.figures import NO_VALUE, Figure, money, percent, ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.collectors.result import OrchestratorResult

CELLS_MAX = 4_000_000
"""Instants × symbols × owners: beyond, positions are not correlated, since that would take gigabytes."""
TITLES = {"returns": "Returns", "drawdowns": "Drawdowns", "positions": "Positions"}


def correlation(result: OrchestratorResult) -> dict[str, Any]:
    """Lay out the correlations as a matrix each, and say in words who diversifies and who is nearly one."""
    names = result.started.strategies
    cells = len(result.equity_curve) * len(result.symbols_of()) * (len(names) + 1)
    found = _lighter(result) if cells > CELLS_MAX else result.correlations()
    kinds = ("returns", "drawdowns") if cells > CELLS_MAX else ("returns", "drawdowns", "positions")
    told = [str(one) for one in found if one.is_redundant]
    pairs = [f"{one.strategy} and {one.other}" for one in found.diversifying]
    if pairs:
        told.insert(0, f"diversifying, below {DIVERSIFYING_BELOW}: {', '.join(pairs)}")
    return {
        "names": names,
        "matrices": [
            (TITLES[kind], [(name, [_cell(one) for one in row]) for name, row in zip(names, matrix, strict=True)])
            for kind in kinds
            for matrix in [found.matrix(kind)]  # type: ignore[arg-type]
        ],
        "told": told,
    }


def _lighter(result: OrchestratorResult) -> Correlations:
    names = result.started.strategies
    return correlations({name: result.sampled(name) for name in names}, positions={name: {} for name in names})


def _cell(value: float | None) -> Cell:
    return Cell(NO_VALUE) if value is None else Cell(ratio(value), round(value * 100))


def added(result: OrchestratorResult) -> list[tuple[str, int, list[Figure]]]:
    """Say for each strategy, the pool and the account what it added; seats are −2 for the pool, −1 for the account."""
    names = result.started.strategies
    seats = {name: seat for seat, name in enumerate(names)} | {"pool": -2, AGGREGATE: -1}
    without = {one.strategy: one for one in result.omissions()}
    rows = []
    for one in result.contributions():
        shares = [_shown(one[name], percent, one.missing.get(name, "")) for name in ("profit_share", "risk_share")]
        other = without.get(one.strategy)
        alone = [
            Figure("") if other is None else _shown(other[name], show, "without it there is none")
            for name, show in (("annual_return", percent), ("sharpe", ratio), ("max_drawdown", percent))
        ]
        sign = (one.profit_micros > 0) - (one.profit_micros < 0)
        rows.append((one.strategy, seats[one.strategy], [Figure(money(one.profit_micros), sign=sign), *shares, *alone]))
    return rows


def _shown(value: float | None, show: Callable[[float], str], why: str) -> Figure:
    return Figure(NO_VALUE, why) if value is None else Figure(show(value))
