"""
Sharpe evidence: how likely it is that a Sharpe ratio is more than luck, and more than the best of many tries.

Sources: Bailey and López de Prado, The Sharpe Ratio Efficient Frontier (Journal of Risk, 2012), for the probabilistic
Sharpe ratio and the minimum track record; The Deflated Sharpe Ratio (Journal of Portfolio Management, 2014). Both work
on ratios per session; what is shown per year is theirs times √N.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from ropewalk.collectors.figures import Figures, Is
from ropewalk.collectors.moments import deviation_of, finite, standardized_moment
from ropewalk.collectors.return_metrics import sharpe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from statistics import NormalDist

    from ropewalk.collectors.sessions import SessionReturns

EULER_MASCHERONI = 0.5772156649015329
PROBABILISTIC = "Bailey & López de Prado (2012)"
DEFLATED = "Bailey & López de Prado (2014)"
FEW = "n < 2 or all returns equal"
FEW_TRIALS = "n < 2, all returns equal, or fewer than two trials with a Sharpe ratio"


class SharpeEvidence(Figures, frozen=True, kw_only=True):
    """
    How much a Sharpe ratio is worth, given how long the run is, how its returns are spread, and how much was tried.

    Trials are the strategies of the run unless others are given. Whoever tried more, parameters above all, and does
    not say so has a ratio that is worth less than this.
    """

    strategy: str
    periods: Annotated[int, Is("sessions", "n", "returns the figures rest on")]
    sharpe: Annotated[
        float | None, Is("1", "mean(r)/std(r, ddof=1)·√N", "the ratio", FEW, source="empyrical.sharpe_ratio")
    ]
    skewness: Annotated[float | None, Is("1", "m₃/m₂^1.5", "below 0: the long tail is of losses", FEW)]
    kurtosis: Annotated[float | None, Is("1", "m₄/m₂²", "3 is normal; more is fatter tails", FEW)]
    probabilistic_sharpe: Annotated[
        float | None,
        Is(
            "probability",
            "Φ(SR·√(n−1)/√(1−γ₃·SR+(γ₄−1)/4·SR²))",
            "that the true ratio is above 0",
            FEW,
            source=PROBABILISTIC,
        ),
    ]
    track_record_min_periods: Annotated[
        float | None,
        Is(
            "sessions",
            "1+(1−γ₃·SR+(γ₄−1)/4·SR²)·(Φ⁻¹(0.95)/SR)²",
            "how long a run would have to be for 95 %",
            "no ratio, or it is not above 0",
            source=PROBABILISTIC,
        ),
    ]
    trials: Annotated[int, Is("count", "K", "ratios that were tried", source=DEFLATED)]
    luck_sharpe: Annotated[
        float | None,
        Is(
            "1",
            "std(SR of trials)·((1−γ)·Φ⁻¹(1−1/K)+γ·Φ⁻¹(1−1/(K·e)))",
            "the best ratio to be expected of so many tries without skill",
            FEW_TRIALS,
            source=DEFLATED,
        ),
    ]
    deflated_sharpe: Annotated[
        float | None,
        Is(
            "probability",
            "the probabilistic ratio against the luck ratio",
            "that the true ratio is above what luck gives",
            FEW_TRIALS,
            source=DEFLATED,
        ),
    ]


def sharpe_evidence(sampled: SessionReturns, *, trials: Sequence[float]) -> SharpeEvidence:
    """Weigh the Sharpe ratio of a curve; `trials` are the annual ratios of all that was tried, this one included."""
    n, a_year = len(sampled), math.sqrt(sampled.periods_per_year)
    annual = sharpe(sampled.returns, periods_per_year=sampled.periods_per_year)
    values = sampled.returns.tolist()
    skewness, kurtosis = standardized_moment(values, 3), standardized_moment(values, 4)
    luck = expected_maximum(deviation_of(list(trials)) / a_year, trials=len(trials)) if len(trials) > 1 else None
    shape = None if annual is None or skewness is None or kurtosis is None else (skewness, kurtosis)
    ratio = None if annual is None else annual / a_year
    likely = deflated = shortest = None
    if ratio is not None and shape is not None:
        likely = probability_above(0.0, ratio=ratio, n=n, skewness=shape[0], kurtosis=shape[1])
        shortest = track_record_min(ratio=ratio, skewness=shape[0], kurtosis=shape[1])
        if luck is not None:
            deflated = probability_above(luck, ratio=ratio, n=n, skewness=shape[0], kurtosis=shape[1])
    return SharpeEvidence(
        strategy=sampled.owner,
        periods=n,
        sharpe=annual,
        skewness=skewness,
        kurtosis=kurtosis,
        probabilistic_sharpe=likely,
        track_record_min_periods=shortest,
        trials=len(trials),
        luck_sharpe=None if luck is None or ratio is None else luck * a_year,
        deflated_sharpe=deflated,
    )


def probability_above(threshold: float, *, ratio: float, n: int, skewness: float, kurtosis: float) -> float | None:
    """
    Say how likely the true ratio is above a threshold, all per period: the probabilistic Sharpe ratio.

    `Φ((SR−SR*)·√(n−1)/√(1−γ₃·SR+(γ₄−1)/4·SR²))`. Source: Bailey and López de Prado (2012), equation 11. None where
    the variance of the estimate is not positive.
    """
    variance = _variance(ratio, skewness, kurtosis)
    if variance <= 0 or not math.isfinite(variance):
        return None
    return _normal().cdf((ratio - threshold) * math.sqrt(n - 1) / math.sqrt(variance))


def track_record_min(*, ratio: float, skewness: float, kurtosis: float, level: float = 0.95) -> float | None:
    """
    Say how many periods it takes until a ratio is above 0 with some confidence: the minimum track record length.

    `1+(1−γ₃·SR+(γ₄−1)/4·SR²)·(Φ⁻¹(level)/SR)²`. Source: Bailey and López de Prado (2012). None for ratios of 0 and
    below.
    """
    variance = _variance(ratio, skewness, kurtosis)
    if ratio <= 0 or variance <= 0:
        return None
    return finite(1.0 + variance * (_normal().inv_cdf(level) / ratio) ** 2)


def expected_maximum(deviation: float, *, trials: int) -> float:
    """
    Say what the best of so many ratios without skill is expected to be, from how widely the ratios spread.

    `σ·((1−γ)·Φ⁻¹(1−1/K)+γ·Φ⁻¹(1−1/(K·e)))`, γ Euler's and Mascheroni's constant. Source: Bailey and López de Prado
    (2014), equation 1. For two trials and more.
    """
    best = _normal().inv_cdf(1 - 1 / trials)
    next_best = _normal().inv_cdf(1 - 1 / (trials * math.e))
    return deviation * ((1 - EULER_MASCHERONI) * best + EULER_MASCHERONI * next_best)


def _variance(ratio: float, skewness: float, kurtosis: float) -> float:
    return 1.0 - skewness * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio


def _normal() -> NormalDist:
    # Its module brings much that a run does not need.
    from statistics import NormalDist

    return NormalDist()
