"""Between strategies: correlations, contributions and omissions in cases that can be redone by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ropewalk import BuyAndHold, ConfigError, LedgerError, MeanReversion, Momentum, StrategyOrchestrator, sample_feed
from ropewalk.collectors.contributions import contributions, without
from ropewalk.collectors.correlations import correlations
from ropewalk.collectors.equity import EquityCurve, summed
from ropewalk.collectors.sessions import DAY_US, SessionReturns


def sessions(owner: str, returns: np.ndarray) -> SessionReturns:
    return SessionReturns(owner, np.arange(len(returns) + 1) * DAY_US, returns, 252)


def curve(owner: str, equity: list[int], *, flow: list[int] | None = None) -> EquityCurve:
    """Cash alone, funded at the first instant unless it says otherwise."""
    worth, none = np.array(equity, np.int64), np.zeros(len(equity), np.int64)
    flows = np.array(flow if flow is not None else [equity[0], *[0] * (len(equity) - 1)], np.int64)
    return EquityCurve(owner, (19_723 + np.arange(len(equity))) * DAY_US, worth, worth, none, none, flows)


# ── correlations ──


def test_pairs_are_named_by_their_correlation() -> None:
    """Below 0.3 diversifying, above 0.8 redundant with a warning, in between related, without spread unknown."""
    chance = np.random.default_rng(1)
    market, noise = chance.normal(0, 0.01, 400), chance.normal(0, 0.01, 400)
    every = {"a": market, "b": market + noise / 5, "c": market + noise * 1.2, "d": -market, "e": np.zeros(400)}
    found = correlations({name: sessions(name, one) for name, one in every.items()}, positions={n: {} for n in every})
    kinships = {(row.strategy, row.other): row.kinship for row in found}
    assert kinships["a", "b"] == "redundant"
    assert kinships["a", "c"] == "related"
    assert kinships["a", "d"] == kinships["c", "d"] == "diversifying"
    assert kinships["a", "e"] == "unknown"
    assert [row.is_diversifying for row in found].count(True) == len(found.diversifying)
    (warning,) = [one for one in found.warnings if one.startswith("a and b")]
    assert "warning: nearly one strategy" in warning
    reason = next(row for row in found if row.other == "e").missing["returns"]
    assert reason == "fewer than two sessions, or one of them does not vary"


@pytest.mark.parametrize(("share", "kinship"), [(0.29999, "diversifying"), (0.3, "related"), (0.8, "related")])
def test_the_bounds_belong_to_the_middle(share: float, kinship: str) -> None:
    """Under 0.3 and over 0.8, as promised: neither bound is meant."""
    from ropewalk.collectors.correlations import _kinship

    assert _kinship(share) == kinship


def test_a_correlation_is_numpy_s() -> None:
    """Of returns, of drawdowns and of positions over all symbols that either held."""
    chance = np.random.default_rng(2)
    own, its = chance.normal(0, 0.01, 50), chance.normal(0, 0.01, 50)
    held, other_held, third = chance.random(51), chance.random(51), chance.random(51)
    (row,) = correlations(
        {"a": sessions("a", own), "b": sessions("b", its)},
        positions={"a": {"X": held, "Y": held / 2}, "b": {"Y": other_held, "Z": third}},
    )
    assert row.returns == pytest.approx(np.corrcoef(own, its)[0, 1], abs=1e-12)
    wealth = [np.cumprod(np.append(1, 1 + one)) for one in (own, its)]
    under = [(one / np.maximum.accumulate(one) - 1)[1:] for one in wealth]
    assert row.drawdowns == pytest.approx(np.corrcoef(*under)[0, 1], abs=1e-12)
    none = np.zeros(51)
    stacked = np.concatenate([held, held / 2, none]), np.concatenate([none, other_held, third])
    assert row.positions == pytest.approx(np.corrcoef(*stacked)[0, 1], abs=1e-12)


def test_a_matrix_is_symmetric_with_ones() -> None:
    """One row a strategy; None where there is no correlation."""
    chance = np.random.default_rng(3)
    every = {name: sessions(name, chance.normal(0, 0.01, 30)) for name in "abc"} | {"d": sessions("d", np.zeros(30))}
    found = correlations(every, positions={name: {} for name in every})
    matrix = found.matrix()
    assert found.strategies == ("a", "b", "c", "d")
    assert [matrix[seat][seat] for seat in range(4)] == [1.0] * 4
    assert all(matrix[i][j] == matrix[j][i] for i in range(4) for j in range(4))
    assert matrix[0][1] == found[0].returns
    assert matrix[0][3] is None
    assert found.matrix("positions")[0][1] is None


# ── contributions ──


def test_two_strategies_and_an_idle_pool_by_hand() -> None:
    """30 and −10 of a pot of 200: a tenth of the total return is theirs together."""
    parts = {"a": curve("a", [100, 120, 130]), "b": curve("b", [50, 40, 40]), "pool": curve("pool", [50, 50, 50])}
    a, b, pool, whole = contributions(parts, summed(tuple(parts.values())))
    assert [one.profit_micros for one in (a, b, pool, whole)] == [30, -10, 0, 20]
    assert [one.return_contribution for one in (a, b, pool, whole)] == [0.15, -0.05, 0.0, 0.1]
    assert [one.profit_share for one in (a, b, whole)] == [1.5, -0.5, 1.0]
    # Parts of the returns: a 20/200 and 10/210, b −10/200 and 0.
    returns = np.array([[0.1, 10 / 210], [-0.05, 0.0]])
    total = returns.sum(axis=0)
    shares = [np.cov(part, total)[0, 1] / np.var(total, ddof=1) for part in returns]
    assert [a.risk_share, b.risk_share] == pytest.approx(shares)
    assert a.risk_contribution == pytest.approx(shares[0] * np.std(total, ddof=1) * np.sqrt(252))
    assert (pool.risk_share, whole.risk_share) == (0.0, pytest.approx(1.0))


def test_parts_that_are_not_the_whole_are_a_defect() -> None:
    """A strategy left out is noticed, to the micro, and so is risk that nobody has."""
    parts = {"a": curve("a", [100, 120, 130]), "b": curve("b", [50, 40, 40])}
    account = summed(tuple(parts.values()))
    with pytest.raises(LedgerError, match="the strategies earned 30 micros, the account 20"):
        contributions({"a": parts["a"]}, account)
    with pytest.raises(LedgerError, match="shares of risk sum to"):
        contributions({"a": parts["a"], "b": curve("b", [50, 45, 40])}, account)


def test_what_earned_nothing_has_no_shares() -> None:
    """None with a reason where there is nothing to share."""
    rows = contributions({"a": curve("a", [100, 100])}, curve("aggregate", [100, 100]))
    assert rows[0].missing == {
        "profit_share": "the aggregate earned nothing",
        "risk_contribution": "fewer than two sessions, or the aggregate does not vary",
        "risk_share": "fewer than two sessions, or the aggregate does not vary",
    }


# ── omissions ──


def test_without_a_strategy_its_capital_lies_idle() -> None:
    """Profit goes, capital stays, also where it came in two parts."""
    own = curve("a", [100, 130, 150], flow=[100, 20, 0])
    pool = curve("pool", [100, 80, 80], flow=[100, -20, 0])
    left = without(summed((own, pool), owner="aggregate"), own)
    assert left.equity_micros.tolist() == [200, 200, 200]
    assert left.owner == "aggregate without a"


@pytest.fixture(scope="module")
def walked() -> object:
    """Three strategies on packaged data."""
    seats = {"trend": (Momentum(), "0.4"), "revert": (MeanReversion(), "0.3"), "hold": (BuyAndHold(), "0.2")}
    return StrategyOrchestrator(seats, 100_000).run(sample_feed(["AAPL", "IBM"]))


def test_an_omission_says_what_a_strategy_adds(walked: object) -> None:
    """The aggregate's figure less the figure without it."""
    left = walked.without("hold")  # type: ignore[attr-defined]
    whole = walked.aggregate_metrics  # type: ignore[attr-defined]
    assert left.added("sharpe") == whole.sharpe - left.metrics.sharpe
    assert left.added("beta") is None
    row = walked.omissions()[2]  # type: ignore[attr-defined]
    assert (row.strategy, row.sharpe_added, row.sharpe) == ("hold", left.added("sharpe"), left.metrics.sharpe)


def test_only_a_strategy_can_be_left_out(walked: object) -> None:
    """Not the whole, and not what there is not."""
    with pytest.raises(ConfigError, match="name one: trend, revert, hold"):
        walked.without("aggregate")  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match="did you mean 'trend'"):
        walked.without("tend")  # type: ignore[attr-defined]
