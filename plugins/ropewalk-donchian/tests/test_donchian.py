"""What the strategy wants, on bars that a person can follow, and the suite that every plugin should pass."""

import pytest

from ropewalk import Bar, ConfigError, StrategyOrchestrator, feed_of, plugin, split_of, synthetic_feed
from ropewalk.testing import check_strategy
from ropewalk_donchian import Donchian, DonchianSettings

DAY_US = 86_400_000_000


def bars_of(closes, symbol="ABC"):
    """A bar a day that reaches one above and one below its close."""
    return [Bar(symbol, day * DAY_US, close, close + 1, close - 1, close) for day, close in enumerate(closes)]


def wanted(closes, **settings):
    """The days on which it wanted something, and the part of its capital that it wanted to hold."""
    result = StrategyOrchestrator({"own": (Donchian(DonchianSettings(**settings)), "1")}).run(bars_of(closes))
    return [(intent.at_us // DAY_US, intent.amount / 1_000_000) for intent in result.intents]


UP_AND_DOWN = [10, 10, 10, 11, 12, 15, 15, 14, 10, 10, 10, 5, 5]
#               0   1   2   3   4   5   6   7   8   9  10 11 12


def test_it_is_in_above_the_highest_high_and_out_below_the_lowest_low():
    """Three bars before day 5 reach 13, so 15 is above all of them; two before day 8 reach down to 13."""
    assert wanted(UP_AND_DOWN, entry_bars=3, exit_bars=2) == [(5, 1.0), (8, 0.0)]


def test_a_close_at_the_edge_of_the_channel_is_within_it():
    """Day 4 closes at 12, the highest high of the days before, which is no breakout."""
    assert wanted([10, 10, 10, 11, 12, 12], entry_bars=3, exit_bars=2) == []


def test_with_shorts_it_sells_what_breaks_down_also_out_of_a_long():
    """Day 8 leaves both ranges downwards, so one target takes it from long to short; day 11 says nothing new."""
    assert wanted(UP_AND_DOWN, entry_bars=3, exit_bars=2, shorts=True) == [(5, 1.0), (8, -1.0)]


def test_a_short_ends_above_the_shorter_channel():
    """Mirrored: sold on day 3, covered on day 6, when only the range of two bars is left."""
    closes = [20, 20, 20, 15, 10, 10, 12.5, 12.5]
    assert wanted(closes, entry_bars=3, exit_bars=2, shorts=True) == [(3, -1.0), (6, 0.0)]


def test_symbols_get_equal_parts_unless_told():
    """Of two symbols each gets half; `fraction` says otherwise."""
    both = bars_of(UP_AND_DOWN) + bars_of([1.5] * len(UP_AND_DOWN), "FLAT")
    for settings, part in (({}, 500_000), ({"fraction": 0.2}, 200_000)):
        own = Donchian(DonchianSettings(entry_bars=3, exit_bars=2, **settings))
        result = StrategyOrchestrator({"own": (own, "1")}).run(both)
        assert [(intent.symbol, intent.amount) for intent in result.intents] == [("ABC", part), ("ABC", 0)]


def test_a_split_is_no_breakout():
    """The channel is in new shares, too."""
    closes = [30, 30, 30, 30, 10, 10, 10, 10]
    feed = feed_of(bars_of(closes))
    settings = DonchianSettings(entry_bars=3, exit_bars=2, shorts=True)
    for actions, intents in (([split_of("ABC", "1970-01-05", 3)], 0), ([], 1)):
        result = StrategyOrchestrator({"own": (Donchian(settings), "1")}).run(feed.with_actions(actions))
        assert len(result.intents) == intents


def test_it_agrees_with_the_rule_written_down_naively():
    """On a random walk: every change of its position is one that the rule asks for, and none is missed."""
    feed = synthetic_feed(1, 400, seed=3)
    result = StrategyOrchestrator({"own": (Donchian(DonchianSettings(entry_bars=9, exit_bars=4)), "1")}).run(feed)
    said = {intent.at_us: intent.amount > 0 for intent in result.intents}
    bars, is_in, expected = list(feed.series[0].bars()), False, {}
    for day in range(9, len(bars)):
        was_in = is_in
        if is_in and bars[day].close < min(bar.low for bar in bars[day - 4 : day]):
            is_in = False
        if not is_in and bars[day].close > max(bar.high for bar in bars[day - 9 : day]):
            is_in = True
        if is_in != was_in:
            expected[bars[day].at_us] = is_in
    assert said == expected
    assert len(said) > 10


@pytest.mark.parametrize(
    ("settings", "place"), [({"entry_bars": 0}, "entry_bars"), ({"fraction": 1.5}, "fraction"), ({"days": 5}, "days")]
)
def test_settings_that_cannot_be_are_refused_by_name(settings, place):
    """Before a run."""
    with pytest.raises(ConfigError, match=place):
        plugin("strategy", "donchian", settings)


def test_it_is_a_good_plugin():
    """Found by its name: protocol, nothing shared is changed, determinism, no look-ahead."""
    report = check_strategy("donchian", settings={"entry_bars": 10, "exit_bars": 5, "shorts": True})
    assert report.is_passed, report
