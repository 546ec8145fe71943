"""What the strategy wants on bars that a person can follow, and the suite that every plugin should pass."""

from math import log
from statistics import fmean, pstdev

import pytest

from ropewalk import (
    Bar,
    ConfigError,
    OrchestratorConfig,
    StrategyError,
    StrategyOrchestrator,
    plugin,
    synthetic_feed,
)
from ropewalk.testing import check_strategy
from ropewalk_pairs import Pairs, PairsSettings, unusualness

DAY_US = 86_400_000_000


def bars_of(symbol, closes):
    """A bar a day; None is a day without."""
    days = ((day, close) for day, close in enumerate(closes) if close is not None)
    return [Bar(symbol, day * DAY_US, close, close, close, close) for day, close in days]


def ran(first, second, config=None, **settings):
    own = Pairs(PairsSettings(window=4, enter_z=1.5, exit_z=0.5, **settings))
    data = [*bars_of("AAA", first), *bars_of("BBB", second)]
    return StrategyOrchestrator({"own": (own, "1")}, config=config).run(data)


def wanted(result):
    """The days, symbols and signed parts of capital that were wanted; closing is None."""
    parts = {"close": lambda amount: None, "target": lambda amount: amount / 1_000_000}
    return [(one.at_us // DAY_US, one.symbol, parts[one.action](one.amount)) for one in result.intents]


STEADY = [100.0] * 8
DIPS = [100, 101, 100, 101, 80, 80, 100, 100]


def test_it_buys_what_fell_behind_and_sells_the_other_until_they_are_back():
    """AAA falls on day 4; the ratio is back within half a deviation of its new mean on day 6."""
    result = ran(DIPS, STEADY)
    assert wanted(result) == [(4, "AAA", 0.4), (4, "BBB", -0.4), (6, "AAA", None), (6, "BBB", None)]
    assert {fill.symbol: fill.quantity > 0 for fill in result.fills[:2]} == {"AAA": True, "BBB": False}


def test_the_other_way_round_it_sells_the_first():
    """The pair is symmetrical."""
    assert wanted(ran(STEADY, DIPS))[:2] == [(4, "AAA", -0.4), (4, "BBB", 0.4)]


def test_a_leg_without_the_other_is_closed():
    """A limit lets only one symbol in: the second leg is refused, so the first one goes."""
    config = OrchestratorConfig(limits={"positions": 1})
    result = ran(DIPS, STEADY, config=config)
    assert [decision.verdict for decision in result.decisions][:2] == ["granted", "refused"]
    assert wanted(result)[2] == (5, "AAA", None)
    assert result.intents[2].note == "the other leg is missing"


def test_instants_that_only_one_of_them_has_do_not_count():
    """Day 2 is missing in one, day 3 in the other: neither shifts the ratios, and neither lets it speak."""
    first = [100.0, 101, None, 105, 100, 101, 80, 80]
    second = [100.0, 100, 150, None, 100, 100, 100, 100]
    assert wanted(ran(first, second))[0] == (6, "AAA", 0.4)
    ratios = [log(a / b) for a, b in zip(first, second, strict=True) if a and b][-4:]
    z = unusualness(bars_of("AAA", first), bars_of("BBB", second), 4)
    assert z == pytest.approx((ratios[-1] - fmean(ratios)) / pstdev(ratios))


def test_a_ratio_that_does_not_move_is_no_reason():
    """Nor are too few bars."""
    assert unusualness(bars_of("AAA", STEADY), bars_of("BBB", STEADY), 4) is None
    assert unusualness(bars_of("AAA", [1, 2, 3]), bars_of("BBB", [1, 2, 2]), 4) is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"exit_z": 2.5}, "exit_z 2.5 is not below enter_z 2.0"),
        ({"first": "AAA", "second": "AAA"}, "a pair has two symbols"),
        ({"fraction": 0.6}, "fraction"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, said):
    """Before a run."""
    with pytest.raises(ConfigError, match=said):
        plugin("strategy", "pairs", settings)


@pytest.mark.parametrize(
    ("settings", "symbols", "said"),
    [({"second": "CCC"}, 2, "'CCC' is none of the symbols"), ({}, 1, "a pair needs two symbols")],
)
def test_symbols_that_are_not_there_are_told_at_the_start(settings, symbols, said):
    """Which there are is known when the data are."""
    orchestrator = StrategyOrchestrator({"own": (Pairs(PairsSettings(**settings)), "1")})
    with pytest.raises(StrategyError, match=said):
        orchestrator.run(synthetic_feed(symbols, 10))


def test_it_is_a_good_plugin():
    """Found by its name: protocol, nothing shared is changed, determinism, no look-ahead."""
    report = check_strategy("pairs", settings={"window": 20, "enter_z": 1.5})
    assert report.is_passed, report
