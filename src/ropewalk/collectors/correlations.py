"""Correlations: how alike strategies earn, fall and hold; pairs that diversify, and pairs that are nearly one."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from ropewalk.collectors.drawdowns import underwater
from ropewalk.collectors.figures import Figures, Is, Rows
from ropewalk.collectors.moments import correlation_of
from ropewalk.collectors.sessions import at_session_ends

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ropewalk.collectors.equity import EquityCurve, Float64s
    from ropewalk.collectors.sessions import SessionReturns

Kind = Literal["returns", "drawdowns", "positions"]
Kinship = Literal["diversifying", "related", "redundant", "unknown"]

DIVERSIFYING_BELOW = 0.3
REDUNDANT_ABOVE = 0.8
ALONE = "a correlation needs two strategies"
FLAT = "fewer than two sessions, or one of them does not vary"


class Correlation(Figures, frozen=True, kw_only=True):
    """
    Two strategies beside each other, over all sessions.

    `kinship` follows from the returns: `diversifying` below 0.3, `redundant` above 0.8, `related` in between,
    `unknown` where there is no correlation.
    """

    strategy: str
    other: str
    returns: Annotated[float | None, Is("1", "corr(r, s) of session returns", "how alike they earn", FLAT)]
    drawdowns: Annotated[
        float | None, Is("1", "corr of W/max W − 1 at session ends", "how alike they are below their peaks", FLAT)
    ]
    positions: Annotated[
        float | None,
        Is("1", "corr of q·mark/equity over symbols and session ends", "how alike they hold", FLAT),
    ]
    kinship: Kinship

    @property
    def is_diversifying(self) -> bool:
        """Whether the returns' correlation is below 0.3."""
        return self.kinship == "diversifying"

    @property
    def is_redundant(self) -> bool:
        """Whether the returns' correlation is above 0.8: two names for nearly one strategy."""
        return self.kinship == "redundant"

    def __str__(self) -> str:
        told = {
            "diversifying": "they diversify each other",
            "related": "related",
            "redundant": "warning: nearly one strategy, twice the capital on one idea",
            "unknown": f"no correlation: {FLAT}",
        }[self.kinship]
        return f"{self.strategy} and {self.other}: " + (
            told if self.returns is None else f"{self.returns:+.2f}, {told}"
        )


class Correlations(Rows[Correlation]):
    """The pairs of a run's strategies, in their order."""

    __slots__ = ("strategies",)

    def __init__(self, rows: Sequence[Correlation], *, strategies: Sequence[str]) -> None:
        super().__init__(Correlation, rows, missing=ALONE)
        self.strategies = tuple(strategies)

    @property
    def diversifying(self) -> tuple[Correlation, ...]:
        """The pairs below 0.3."""
        return tuple(row for row in self if row.is_diversifying)

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each pair above 0.8."""
        return tuple(str(row) for row in self if row.is_redundant)

    def matrix(self, kind: Kind = "returns") -> tuple[tuple[float | None, ...], ...]:
        """One row and one column a strategy, in their order; 1 on the diagonal, None where there is no correlation."""
        of = {(row.strategy, row.other): row[kind] for row in self}
        of |= {(other, strategy): value for (strategy, other), value in of.items()}
        return tuple(
            tuple(1.0 if name == other else of[name, other] for other in self.strategies) for name in self.strategies
        )


def correlations(
    sampled: Mapping[str, SessionReturns], *, positions: Mapping[str, Mapping[str, Float64s]]
) -> Correlations:
    """
    Correlate every pair of strategies.

    `positions` has, by strategy and symbol, the position over equity at each session end; a symbol that a strategy
    never held counts as zeros where the other held it.
    """
    rows = [
        _pair(sampled[name], sampled[other], positions[name], positions[other])
        for name, other in combinations(sampled, 2)
    ]
    return Correlations(rows, strategies=tuple(sampled))


def positions_of(curve: EquityCurve, of_symbols: Mapping[str, EquityCurve]) -> dict[str, Float64s]:
    """Sample each symbol's position over the owner's equity at session ends; 0 where equity is not positive."""
    equity = at_session_ends(curve.at_us, curve.equity_micros)
    found = {}
    for symbol, one in of_symbols.items():
        share = np.zeros(len(equity))
        np.divide(at_session_ends(one.at_us, one.net_exposure_micros), equity, out=share, where=equity > 0)
        found[symbol] = share
    return found


def _pair(
    own: SessionReturns, its: SessionReturns, held: Mapping[str, Float64s], other_held: Mapping[str, Float64s]
) -> Correlation:
    returns = correlation_of(own.returns.tolist(), its.returns.tolist())
    symbols = sorted(dict.fromkeys((*held, *other_held)))
    none = np.zeros(max((len(one) for one in (*held.values(), *other_held.values())), default=0))
    stacked = [[value for symbol in symbols for value in of.get(symbol, none).tolist()] for of in (held, other_held)]
    return Correlation(
        strategy=own.owner,
        other=its.owner,
        returns=returns,
        drawdowns=correlation_of(underwater(own.returns).tolist(), underwater(its.returns).tolist()),
        positions=correlation_of(*stacked),
        kinship=_kinship(returns),
    )


def _kinship(returns: float | None) -> Kinship:
    if returns is None:
        return "unknown"
    if returns < DIVERSIFYING_BELOW:
        return "diversifying"
    return "redundant" if returns > REDUNDANT_ABOVE else "related"
