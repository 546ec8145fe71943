"""Series of an equity curve that a page draws, at every instant and not only at session ends: growth, drawdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ropewalk.collectors.equity import EquityCurve


def growth(curve: EquityCurve) -> NDArray[np.float64]:
    """Compound what one unit of capital became, net of flows, at every instant: W₀ = 1, W = Π(1 + r)."""
    return np.concatenate([np.ones(min(len(curve), 1)), np.cumprod(1.0 + curve.returns)])


def drawdown(grown: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Compute how far below its highest so far growth stands: W/max W − 1.

    >>> drawdown(np.array([1.0, 2.0, 1.5])).tolist()
    [0.0, 0.0, -0.25]
    """
    return grown / np.maximum.accumulate(grown) - 1.0 if len(grown) else grown
