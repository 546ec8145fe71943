"""Bootstrap intervals and Sharpe evidence: seeded, sourced, and right where the right answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from ropewalk import ConfigError
from ropewalk.collectors.bootstrap import confidence, resampled
from ropewalk.collectors.return_metrics import max_drawdown, sharpe
from ropewalk.collectors.sessions import DAY_US, SessionReturns
from ropewalk.collectors.sharpe_evidence import expected_maximum, probability_above, sharpe_evidence, track_record_min


def sessions(returns: np.ndarray) -> SessionReturns:
    return SessionReturns("trend", np.arange(len(returns) + 1) * DAY_US, np.asarray(returns, float), 252)


def normal(size: int, *, mean: float = 0.0005, seed: int = 7) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 0.01, size)


# ── bootstrap ──


def test_equal_seeds_give_equal_intervals_and_others_others() -> None:
    """Chance comes from the seed alone."""
    one, same, other = (confidence(sessions(normal(250)), resamples=200, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one.sharpe_low != other.sharpe_low


def test_intervals_are_those_that_were_seen_before() -> None:
    """The stream of a seed is the same on every machine."""
    one = confidence(sessions(np.sin(np.arange(250)) / 100 + 0.0005), resamples=500)
    assert (one.block_periods, one.seed) == (pytest.approx(250 ** (1 / 3)), 7)
    assert one.sharpe_low == pytest.approx(SEEN[0], abs=1e-9)
    assert one.sharpe_high == pytest.approx(SEEN[1], abs=1e-9)
    assert one.max_drawdown_low == pytest.approx(SEEN[2], abs=1e-9)
    assert one.max_drawdown_high == pytest.approx(SEEN[3], abs=1e-9)


SEEN = (0.007885818944, 2.470073775754, -0.093071403185, -0.032421264798)


@settings(max_examples=examples(50))
@given(st.integers(1, 40), st.integers(1, 9), st.floats(1, 60), st.integers(0, 99))
def test_a_drawn_run_is_made_of_the_run_s_returns(n: int, resamples: int, block: float, seed: int) -> None:
    """So many rows, as long as the run, with nothing in them that was not there."""
    drawn = np.concatenate(list(resampled(np.arange(n) / 7, resamples=resamples, block_periods=block, seed=seed)))
    assert drawn.shape == (resamples, n)
    assert np.isin(drawn, np.arange(n) / 7).all()


def test_blocks_have_the_mean_length_they_should() -> None:
    """What follows one another in the run follows one another in the draw, but for 1 in `block_periods`."""
    n = 1000
    drawn = np.concatenate(list(resampled(np.arange(float(n)), resamples=200, block_periods=20.0, seed=3)))
    follows = (drawn[:, 1:] - drawn[:, :-1]) % n == 1
    assert follows.mean() == pytest.approx(1 - 1 / 20, abs=0.002)
    assert drawn[:, 0].mean() == pytest.approx(n / 2, rel=0.1)


def test_blocks_as_long_as_the_circle_leave_the_run_s_figures_alone() -> None:
    """Whole turns of the circle: every Sharpe ratio is the run's own."""
    one = confidence(sessions(normal(60)), resamples=50, block_periods=1e12)
    assert one.sharpe_low == pytest.approx(one.sharpe, rel=1e-9)
    assert one.sharpe_high == pytest.approx(one.sharpe, rel=1e-9)


def test_single_sessions_agree_with_the_known_spread_of_a_sharpe_ratio() -> None:
    """Independent normal returns: the standard error is √((1 + SR²/2)/n) a period (Lo, 2002)."""
    returns = normal(2000)
    one = confidence(sessions(returns), resamples=2000, block_periods=1.0, level=0.6826895)
    per_session = one.sharpe / math.sqrt(252)
    error = math.sqrt((1 + per_session**2 / 2) / 2000) * math.sqrt(252)
    assert (one.sharpe_high - one.sharpe_low) / 2 == pytest.approx(error, rel=0.08)


def test_a_drawn_run_s_figures_are_those_of_the_metrics() -> None:
    """One run drawn, recomputed by the functions that the metrics use."""
    returns = normal(80)
    (drawn,) = resampled(returns, resamples=2, block_periods=4.0, seed=7)
    one = confidence(sessions(returns), resamples=2, block_periods=4.0, level=0.999999999)
    ratios = sorted(sharpe(row, periods_per_year=252) for row in drawn)
    depths = sorted(max_drawdown(row).depth for row in drawn)
    assert (one.sharpe_low, one.sharpe_high) == (pytest.approx(ratios[0]), pytest.approx(ratios[1]))
    assert (one.max_drawdown_low, one.max_drawdown_high) == (pytest.approx(depths[0]), pytest.approx(depths[1]))


@pytest.mark.parametrize("returns", [[], [0.1], [0.1, 0.1, 0.1], [0.0, 0.0]])
def test_without_spread_there_is_no_interval(returns: list[float]) -> None:
    """None, with its reason."""
    one = confidence(sessions(np.array(returns)), resamples=5)
    assert (one.sharpe_low, one.max_drawdown_high) == (None, None)
    assert one.missing["sharpe_low"] == "n < 2 or all returns equal"


def test_long_runs_are_drawn_in_parts() -> None:
    """Memory stays flat: rows come in blocks, and are as many as were asked."""
    blocks = list(resampled(np.zeros(300_000), resamples=8, block_periods=5.0, seed=1))
    assert [len(block) for block in blocks] == [3, 3, 2]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"level": 95}, "a level of 95; it lies between 0 and 1"),
        ({"level": 0.0}, "a level of 0.0"),
        ({"resamples": 1}, "1 resamples"),
        ({"block_periods": 0.5}, "blocks of 0.5 sessions"),
        ({"block_periods": math.nan}, "blocks of nan sessions"),
    ],
)
def test_what_cannot_be_drawn_is_refused(asked: dict[str, float], found: str) -> None:
    """What was found and what is allowed."""
    with pytest.raises(ConfigError) as caught:
        confidence(sessions(normal(20)), **asked)  # type: ignore[arg-type]
    assert found in str(caught.value)


# ── evidence ──


def test_the_probabilistic_ratio_of_the_paper() -> None:
    """Bailey and López de Prado (2012): 24 months at 0.458, normal 0.982, skewed and fat-tailed 0.913."""
    as_normal = probability_above(0.0, ratio=0.458, n=24, skewness=0.0, kurtosis=3.0)
    as_it_is = probability_above(0.0, ratio=0.458, n=24, skewness=-2.448, kurtosis=10.164)
    assert as_normal == pytest.approx(0.982, abs=5e-4)
    assert as_it_is == pytest.approx(0.913, abs=5e-4)


def test_the_deflated_ratio_of_the_paper() -> None:
    """Bailey and López de Prado (2014): 1,250 days at 2.5 a year, the best of 100 with variance 1/2, gives 0.9004."""
    luck = expected_maximum(math.sqrt(0.5 / 250), trials=100)
    assert luck == pytest.approx(0.1132, abs=5e-5)
    deflated = probability_above(luck, ratio=2.5 / math.sqrt(250), n=1250, skewness=-3.0, kurtosis=10.0)
    assert deflated == pytest.approx(0.9004, abs=5e-5)


def test_a_run_as_long_as_the_minimum_is_just_long_enough() -> None:
    """The minimum track record is where the probabilistic ratio reaches 95 %."""
    shape = {"ratio": 0.08, "skewness": -0.7, "kurtosis": 6.0}
    periods = track_record_min(**shape)
    assert periods is not None
    assert probability_above(0.0, n=math.ceil(periods), **shape) >= 0.95
    assert probability_above(0.0, n=math.floor(periods), **shape) <= 0.95
    assert track_record_min(ratio=0.0, skewness=0.0, kurtosis=3.0) is None


def test_moments_are_those_of_scipy() -> None:
    """Biased, as the papers use them."""
    stats = pytest.importorskip("scipy.stats")
    returns = normal(400)
    one = sharpe_evidence(sessions(returns), trials=())
    assert one.skewness == pytest.approx(stats.skew(returns), abs=1e-12)
    assert one.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), abs=1e-12)


def test_more_trials_are_weaker_evidence() -> None:
    """And without two there is nothing to deflate by."""
    sampled = sessions(normal(500, mean=0.001))
    few, many = (sharpe_evidence(sampled, trials=[1.0, 0.0] * k) for k in (1, 20))
    assert few.deflated_sharpe > many.deflated_sharpe
    # Per year like the ratios themselves: two of them spread by √½.
    assert few.luck_sharpe == pytest.approx(expected_maximum(math.sqrt(0.5), trials=2))
    assert few.probabilistic_sharpe == many.probabilistic_sharpe > few.deflated_sharpe
    alone = sharpe_evidence(sampled, trials=[1.0])
    assert (alone.trials, alone.luck_sharpe, alone.deflated_sharpe) == (1, None, None)
    assert "fewer than two trials" in alone.missing["deflated_sharpe"]


@pytest.mark.parametrize("returns", [[], [0.1], [0.1, 0.1], [0.1, -0.1]])
def test_short_and_flat_runs_prove_nothing(returns: list[float]) -> None:
    """None or a probability, never NaN."""
    one = sharpe_evidence(sessions(np.array(returns)), trials=[0.5, 0.1])
    values = [value for value in one.to_dict().values() if isinstance(value, float)]
    assert all(math.isfinite(value) for value in values)
    if len(set(returns)) < 2:
        assert (one.sharpe, one.probabilistic_sharpe, one.deflated_sharpe) == (None, None, None)
