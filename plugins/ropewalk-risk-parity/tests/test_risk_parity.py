"""Equal contributions to risk, on returns that a person can follow, and the suite that every plugin should pass."""

from fractions import Fraction
from random import Random

import pytest

from ropewalk import (
    ConfigError,
    MeanReversion,
    Member,
    Momentum,
    OrchestratorConfig,
    StrategyOrchestrator,
    plugin,
    synthetic_feed,
)
from ropewalk.testing import check_rebalancer
from ropewalk_risk_parity import RiskParity, RiskParitySettings, within
from ropewalk_risk_parity.parity import balanced, covariances

FOREVER = 1e12


def members_of(returns, weight=Fraction(1, 4)):
    """Strategies with these returns in percent, all of one weight."""
    return [
        Member(
            strategy=name,
            weight=weight,
            share=weight,
            equity_micros=1_000_000,
            drawdown=Fraction(0),
            returns_billionths=tuple(round(one * 10_000_000) for one in column),
            is_suspended=False,
        )
        for name, column in returns.items()
    ]


def shares_of(returns, **settings):
    asked = RiskParitySettings(**{"lookback": 8, "half_life": FOREVER, **settings})
    answer = RiskParity(asked).targets(members_of(returns))
    return None if answer is None else {name: round(float(share), 4) for name, share in answer.items()}


CALM = [1, -1, 1, -1, 1, -1, 1, -1]
WILD = [3, 3, -3, -3, 3, 3, -3, -3]


def test_who_moves_three_times_as_much_gets_a_third():
    """They do not move together, so risk is equal when shares are the inverse of the volatilities."""
    assert shares_of({"calm": CALM, "wild": WILD}) == {"calm": 0.375, "wild": 0.125}


def test_who_moves_with_another_gets_less():
    """Two that are one and the same bring together what a third brings alone, and more than half of that each."""
    found = shares_of({"one": CALM, "same": CALM, "other": [one / 3 for one in WILD]})
    assert found["one"] == found["same"] < found["other"]
    assert sum(found.values()) == pytest.approx(0.75, abs=1e-3)


def test_every_strategy_contributes_the_same():
    """The definition, on returns by chance: share times covariance with the whole is one number."""
    stream = Random(11)
    shared = [stream.gauss(0, 1) for _ in range(60)]
    columns = [[scale * (one + stream.gauss(0, 2)) for one in shared] for scale in (1, 2, 5, 0.5)]
    matrix = covariances(columns, half_life=15)
    loads = balanced(matrix)
    parts = [
        load * sum(a * b for a, b in zip(row, loads, strict=True)) for load, row in zip(loads, matrix, strict=True)
    ]
    assert parts == pytest.approx([parts[0]] * 4, rel=1e-9)
    assert min(loads) > 0


def test_late_returns_count_more():
    """Wild at first and calm now: with a short half-life it gets more than with none."""
    settled = [6, -6, 6, -6, 0.5, -0.5, 0.5, -0.5]
    alike, late = (shares_of({"calm": CALM, "settled": settled}, half_life=life) for life in (FOREVER, 1.0))
    assert late["settled"] > alike["settled"]
    # Every half-life counts half: four times 1, 1/2, 1/4 and so on.
    (((found,),),) = [covariances([[4.0, 0.0, 0.0]], half_life=1.0)]
    mean = 4 * 1 / 7
    assert found == pytest.approx((1 * (4 - mean) ** 2 + 6 * mean**2) / 7)


def test_nobody_gets_more_than_most():
    """What is cut goes to the others; what nobody has room for, to nobody."""
    columns = {"calm": [one / 10 for one in CALM], "wild": WILD, "wilder": [2 * one for one in CALM[::-1]]}
    assert shares_of(columns)["calm"] > 0.6
    found = shares_of(columns, most=0.5)
    assert found["calm"] == 0.375
    assert sum(found.values()) == pytest.approx(0.75)
    assert set(shares_of(columns, most=0.2).values()) == {0.15}
    parts = {"a": Fraction(6, 10), "b": Fraction(3, 10), "c": Fraction(1, 10)}
    assert within(parts, most=Fraction(2, 5)) == {"a": Fraction(2, 5), "b": Fraction(2, 5), "c": Fraction(1, 5)}


def test_who_never_moved_keeps_its_weight_and_nothing_is_done_too_early():
    """There is no risk to make equal, or no way to tell."""
    assert shares_of({"calm": CALM, "idle": [0] * 8, "wild": WILD})["idle"] == 0.25
    assert shares_of({"idle": [0] * 8}) is None
    long_ago = {"calm": CALM * 300, "stopped": [1, -1] + [0] * 2398}
    assert shares_of(long_ago, lookback=2400, half_life=0.5) == {"calm": 0.25, "stopped": 0.25}
    assert shares_of({"calm": CALM[1:], "wild": WILD[1:]}) is None


def test_it_moves_capital_in_a_run():
    """Every month from the first at which there are returns enough; books stay exact, which ropewalk sees to."""
    seats = {"trend": (Momentum(5, 20), "0.4"), "revert": (MeanReversion(5), "0.3")}
    config = OrchestratorConfig(rebalance=RiskParity(RiskParitySettings(lookback=40, half_life=20.0)))
    result = StrategyOrchestrator(seats, config=config).run(synthetic_feed(2, 300))
    moved = [one for one in result.record.entries if type(one[2]).__name__ == "Rebalance"]
    assert len(moved) > 5
    assert moved[0][2].rebalancer == "risk-parity"


@pytest.mark.parametrize(
    ("settings", "place"), [({"lookback": 2}, "lookback"), ({"every": "day"}, "every"), ({"most": 0}, "most")]
)
def test_settings_that_cannot_be_are_refused_by_name(settings, place):
    """Before a run."""
    with pytest.raises(ConfigError, match=place):
        plugin("rebalancer", "risk-parity", settings)


def test_it_is_a_good_plugin():
    """Found by its name: exact shares, nothing shared is changed, determinism."""
    report = check_rebalancer("risk-parity", settings={"lookback": 40}, data={"bars": 200})
    assert report.is_passed, report
