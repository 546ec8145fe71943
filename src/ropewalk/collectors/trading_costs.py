"""Trading costs: what fills cost in commission and slippage, and what crossing saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from ropewalk.collectors.figures import Figures, Is, Rows
from ropewalk.collectors.tables import AGGREGATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.events import Fill


class TradingCosts(Figures, frozen=True, kw_only=True):
    """What the fills of one strategy, or of all, cost. `cost_micros = commission_micros + slippage_micros`."""

    strategy: str
    fills: Annotated[int, Is("count", "fills", "how many fills")]
    traded_micros: Annotated[int, Is("micros", "Σ|q·price|", "value bought and sold")]
    commission_micros: Annotated[int, Is("micros", "Σ commission", "what a broker took")]
    slippage_micros: Annotated[int, Is("micros", "Σ slippage", "what was lost against reference prices")]
    cost_micros: Annotated[int, Is("micros", "Σ (commission + slippage)", "both")]
    saved_micros: Annotated[int, Is("micros", "Σ saved", "what crossing saved, as the fills say; 0 where none does")]
    cost_bps: Annotated[
        float | None, Is("basis points", "10,000·cost/traded", "cost of what was traded", "nothing was traded")
    ]
    cost_fraction: Annotated[
        float | None, Is("fraction", "cost/initial capital", "cost of the capital, over the whole run", "no capital")
    ]


def trading_costs(fills: Sequence[Fill], *, capital_micros: dict[str, int]) -> Rows[TradingCosts]:
    """
    Sum up what fills cost: one row a strategy and a last one, `aggregate`, for all.

    `capital_micros` has the initial capital of each strategy, in their order, and of the aggregate.
    """
    rows = []
    for strategy, initial_micros in capital_micros.items():
        own = fills if strategy == AGGREGATE else [one for one in fills if one.strategy == strategy]
        rows.append(_costs(strategy, own, initial_micros))
    return Rows(TradingCosts, rows)


def _costs(strategy: str, fills: Sequence[Fill], capital_micros: int) -> TradingCosts:
    traded = sum(abs(one.quantity * one.price_micros) for one in fills)
    commission = sum(one.commission_micros for one in fills)
    slippage = sum(one.slippage_micros for one in fills)
    cost = commission + slippage
    return TradingCosts(
        strategy=strategy,
        fills=len(fills),
        traded_micros=traded,
        commission_micros=commission,
        slippage_micros=slippage,
        cost_micros=cost,
        saved_micros=sum(map(_saved, fills)),
        cost_bps=10_000 * cost / traded if traded else None,
        cost_fraction=cost / capital_micros if capital_micros > 0 else None,
    )


def _saved(fill: Any) -> int:
    """What a fill says that crossing saved it; fills that were not crossed say nothing."""
    return int(getattr(fill, "saved_micros", 0))
