"""
Bootstrap: how far Sharpe and drawdown might have come out otherwise, from the run's own returns drawn anew.

The stationary bootstrap: blocks of random length, geometric about a mean, from random places of a circle of the
returns, so that what follows one another mostly stays together. Source: Politis and Romano, The Stationary Bootstrap
(Journal of the American Statistical Association, 1994). Intervals are of percentiles (Efron, 1979).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import numpy as np

from ropewalk.collectors.figures import Figures, Is
from ropewalk.collectors.moments import quantile_of
from ropewalk.collectors.return_metrics import max_drawdown, sharpe
from ropewalk.errors import ConfigError, clipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ropewalk.collectors.equity import Float64s
    from ropewalk.collectors.sessions import SessionReturns

RESAMPLES = 1_000
LEVEL = 0.95
SEED = 7
CELLS_MAX = 1_000_000
"""Drawn at once: memory stays flat, however long the run."""
SOURCE = "Politis & Romano (1994)"
FEW = "n < 2 or all returns equal"


class Confidence(Figures, frozen=True, kw_only=True):
    """
    Intervals in which the figures of so large a share of the resampled runs lie.

    Equal inputs give equal figures: chance comes from `seed` alone. An interval tells the luck of the draw, not what
    was chosen with hindsight; for that see `SharpeEvidence`.
    """

    strategy: str
    level: Annotated[float, Is("fraction", "given", "share of resampled runs between low and high")]
    resamples: Annotated[int, Is("count", "given", "runs drawn")]
    block_periods: Annotated[float, Is("sessions", "n^(1/3) unless given", "mean length of a block", source=SOURCE)]
    seed: Annotated[int, Is("number", "given", "where chance comes from")]
    sharpe: Annotated[float | None, Is("1", "of the run", "as in its metrics", FEW)]
    sharpe_low: Annotated[float | None, Is("1", "(1−level)/2 quantile", "lower end", FEW, source=SOURCE)]
    sharpe_high: Annotated[float | None, Is("1", "(1+level)/2 quantile", "upper end", FEW, source=SOURCE)]
    max_drawdown: Annotated[float | None, Is("fraction", "of the run", "as in its metrics", FEW)]
    max_drawdown_low: Annotated[
        float | None, Is("fraction", "(1−level)/2 quantile", "the deeper end", FEW, source=SOURCE)
    ]
    max_drawdown_high: Annotated[
        float | None, Is("fraction", "(1+level)/2 quantile", "the shallower end", FEW, source=SOURCE)
    ]


def confidence(
    sampled: SessionReturns,
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    block_periods: float | None = None,
    seed: int = SEED,
) -> Confidence:
    """
    Draw a run's session returns anew and take the percentiles of what they come to.

    Raises ConfigError for a level outside of 0 to 1, fewer than two resamples and blocks shorter than one session.
    """
    if not 0 < level < 1:
        raise ConfigError(f"confidence: a level of {clipped(level)}; it lies between 0 and 1, such as 0.95")
    if resamples < 2:
        raise ConfigError(f"confidence: {clipped(resamples)} resamples; an interval needs two at least, better 1,000")
    n = len(sampled)
    mean_length = max(float(n) ** (1 / 3), 1.0) if block_periods is None else float(block_periods)
    if not 1 <= mean_length < math.inf:
        raise ConfigError(f"confidence: blocks of {clipped(block_periods)} sessions; they have one at least")
    own = sharpe(sampled.returns, periods_per_year=sampled.periods_per_year)
    sharpes, depths = [], []
    if own is not None:
        for drawn in resampled(sampled.returns, resamples=resamples, block_periods=mean_length, seed=seed):
            sharpes += _sharpes(drawn, sampled.periods_per_year)
            depths += _depths(drawn)
    drawdown = max_drawdown(sampled.returns) if own is not None else None
    tails = ((1 - level) / 2, (1 + level) / 2)
    ends = [_ends(sorted(values), tails) for values in (sharpes, depths)]
    return Confidence(
        strategy=sampled.owner,
        level=level,
        resamples=resamples,
        block_periods=mean_length,
        seed=seed,
        sharpe=own,
        sharpe_low=ends[0][0],
        sharpe_high=ends[0][1],
        max_drawdown=None if drawdown is None else drawdown.depth,
        max_drawdown_low=ends[1][0],
        max_drawdown_high=ends[1][1],
    )


def resampled(returns: Float64s, *, resamples: int, block_periods: float, seed: int) -> Iterator[NDArray[np.float64]]:
    """
    Draw runs as long as the given one, one a row, a block of rows at a time.

    Each place begins a new block with probability 1/`block_periods`, else takes what follows the place before it.
    """
    n = len(returns)
    circle = np.concatenate([returns, returns])
    chance = np.random.default_rng(seed)
    rows = max(CELLS_MAX // n, 1)
    places = np.arange(n)
    for begin in range(0, resamples, rows):
        shape = (min(rows, resamples - begin), n)
        # Uniform doubles are the stream's raw bits, which every version of numpy makes alike.
        starts = (chance.random(shape) * n).astype(np.int64)
        is_new = chance.random(shape) < 1 / block_periods
        is_new[:, 0] = True
        latest = np.maximum.accumulate(np.where(is_new, places, 0), axis=1)
        # A block is shorter than the run, so it ends within the second turn of the circle.
        yield circle[np.take_along_axis(starts, latest, axis=1) + (places - latest)]


def _sharpes(drawn: NDArray[np.float64], periods_per_year: int) -> list[float]:
    """The Sharpe ratio of each row that varies."""
    means, deviations = drawn.mean(axis=1), drawn.std(axis=1, ddof=1)
    varies = drawn.max(axis=1) > drawn.min(axis=1)
    ratios: list[float] = (means[varies] / deviations[varies] * math.sqrt(periods_per_year)).tolist()
    return [ratio for ratio in ratios if math.isfinite(ratio)]


def _depths(drawn: NDArray[np.float64]) -> list[float]:
    """The maximum drawdown of each row."""
    with np.errstate(over="ignore", invalid="ignore"):
        wealth = np.cumprod(1.0 + drawn, axis=1)
        peaks = np.maximum(np.maximum.accumulate(wealth, axis=1), 1.0)
        depths: list[float] = np.minimum((wealth / peaks - 1.0).min(axis=1), 0.0).tolist()
    return [depth for depth in depths if math.isfinite(depth)]


def _ends(ranked: list[float], tails: tuple[float, float]) -> tuple[float | None, float | None]:
    if not ranked:
        return None, None
    return quantile_of(ranked, tails[0]), quantile_of(ranked, tails[1])
