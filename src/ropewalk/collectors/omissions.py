"""Omissions: what the aggregate would have been without one of its strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from ropewalk.collectors.equity import EquityCurve
from ropewalk.collectors.figures import Figures, Is, Rows
from ropewalk.collectors.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

NONE = "either has none"


class Without(msgspec.Struct, frozen=True, eq=False):
    """The account with one strategy's trades taken out and its capital idle, beside the account as it was."""

    strategy: str
    curve: EquityCurve
    metrics: Metrics
    aggregate: Metrics

    def added(self, name: str) -> float | None:
        """Say what the strategy adds to one metric: the aggregate's less that without it; None where either is."""
        whole, rest = self.aggregate[name], self.metrics[name]
        return None if whole is None or rest is None else whole - rest


class Omission(Figures, frozen=True, kw_only=True):
    """The account's chief figures without one strategy, and what the strategy adds to each: aggregate − without."""

    strategy: str
    total_return: Annotated[float | None, Is("fraction", "as in metrics", "without it", "none")]
    total_return_added: Annotated[float | None, Is("fraction", "aggregate − without", "what it adds", NONE)]
    annual_return: Annotated[float | None, Is("1/year", "as in metrics", "without it", "none")]
    annual_return_added: Annotated[float | None, Is("1/year", "aggregate − without", "what it adds", NONE)]
    annual_volatility: Annotated[float | None, Is("1/year", "as in metrics", "without it", "none")]
    annual_volatility_added: Annotated[float | None, Is("1/year", "aggregate − without", "below 0: it calms", NONE)]
    sharpe: Annotated[float | None, Is("1", "as in metrics", "without it", "none")]
    sharpe_added: Annotated[float | None, Is("1", "aggregate − without", "what it adds", NONE)]
    max_drawdown: Annotated[float | None, Is("fraction", "as in metrics", "without it", "none")]
    max_drawdown_added: Annotated[float | None, Is("fraction", "aggregate − without", "below 0: it deepens", NONE)]


def omissions(every: Iterable[Without]) -> Rows[Omission]:
    """Show the chief figures of each omission, one row a strategy."""
    return Rows(Omission, [_omission(one) for one in every])


def _omission(one: Without) -> Omission:
    return Omission(
        strategy=one.strategy,
        total_return=one.metrics.total_return,
        total_return_added=one.added("total_return"),
        annual_return=one.metrics.annual_return,
        annual_return_added=one.added("annual_return"),
        annual_volatility=one.metrics.annual_volatility,
        annual_volatility_added=one.added("annual_volatility"),
        sharpe=one.metrics.sharpe,
        sharpe_added=one.added("sharpe"),
        max_drawdown=one.metrics.max_drawdown,
        max_drawdown_added=one.added("max_drawdown"),
    )
