"""Trades, capital, conflicts, costs and exposure: what they come to in cases that can be redone by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ropewalk.collectors.capital import capital, capital_by_reason
from ropewalk.collectors.conflict_pairs import conflict_pairs, meetings
from ropewalk.collectors.equity import EquityCurve
from ropewalk.collectors.excursions import Ranges, excursions
from ropewalk.collectors.exposure import exposure_of
from ropewalk.collectors.sessions import DAY_US
from ropewalk.collectors.trade_statistics import trade_statistics
from ropewalk.collectors.trades import RoundTrip, paths_of, round_trips
from ropewalk.collectors.trading_costs import trading_costs
from ropewalk.events import Adjustment, Conflict, Decision, Fill


def fill(at_us: int, quantity: int, price: int, *, closed: int = 0, realised: int = 0, commission: int = 0) -> Fill:
    return Fill(at_us, "trend", "GLD", quantity, price, commission, 0, closed, realised, 0)


def bars(*rows: tuple[int, int, int, int, int]) -> dict[str, Ranges]:
    """Time, open, high, low, close."""
    return {"GLD": Ranges(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))}


# ── excursions ──

MARKET = bars((10, 100, 150, 50, 110), (20, 110, 130, 90, 100), (30, 105, 300, 10, 120), (40, 120, 120, 120, 120))


def test_an_excursion_counts_only_prices_that_surely_came_while_it_was_open() -> None:
    """Not the range of the bar of the entry or of the exit; its close and its open, and all of what lies between."""
    moves = [fill(10, 2, 100), fill(30, -2, 105, closed=-2, realised=10)]
    (row,) = excursions(paths_of(moves), ranges=MARKET)
    assert (row.adverse_micros, row.favorable_micros, row.net_micros) == (2 * (90 - 100), 2 * (130 - 100), 10)
    assert (row.adverse_fraction, row.favorable_fraction) == (-20 / 200, 60 / 200)


def test_a_short_suffers_from_rises() -> None:
    """Highs are its worst, lows its best."""
    moves = [fill(10, -2, 100), fill(30, 2, 105, closed=2, realised=-10)]
    (row,) = excursions(paths_of(moves), ranges=MARKET)
    assert (row.adverse_micros, row.favorable_micros) == (-60, 20)


def test_an_entry_and_exit_within_one_bar_saw_their_fills_alone() -> None:
    """Whether high or low came in between nobody knows."""
    moves = [fill(30, 1, 105), fill(30, -1, 120, closed=-1, realised=15)]
    (row,) = excursions(paths_of(moves), ranges=MARKET)
    assert (row.adverse_micros, row.favorable_micros) == (0, 15)


def test_fees_and_partial_closes_are_in_an_excursion() -> None:
    """Worth is all cash so far and what is left at the price."""
    moves = [
        fill(10, 2, 100, commission=7),
        fill(20, -1, 110, closed=-1, realised=10, commission=3),
        fill(40, -1, 120, closed=-1, realised=20, commission=1),
    ]
    (row,) = excursions(paths_of(moves), ranges=MARKET)
    # Between the second and the third fill one lot is left, from 10 to 300; before it there is no bar but the entry's.
    assert row.net_micros == 30 - 11
    assert row.adverse_micros == -207 + 107 + 10
    assert row.favorable_micros == -207 + 107 + 300


def test_a_split_inside_a_round_trip_does_not_look_like_a_loss() -> None:
    """Two for one: twice the lots at half the price are worth the same."""
    split = Adjustment(20, "trend", "GLD", 2, 1, 1, 2, 0, 0)
    moves = [fill(10, 1, 100), split, fill(30, -2, 50, closed=-2, realised=0)]
    market = bars((10, 100, 100, 100, 100), (20, 50, 51, 49, 50), (30, 50, 50, 50, 50))
    (row,) = excursions(paths_of(moves), ranges=market)
    assert (row.adverse_micros, row.favorable_micros) == (0, 0)


def test_a_reverse_split_to_nothing_does_not_look_like_a_gain() -> None:
    """One for ten ends the trip in cash; the open of that bar is a price of other lots."""
    split = Adjustment(30, "trend", "GLD", 1, 10, 1, 0, 100, 0)
    market = bars((10, 100, 100, 100, 100), (20, 100, 101, 99, 100), (30, 1000, 1000, 1000, 1000))
    (row,) = excursions(paths_of([fill(10, 1, 100), split]), ranges=market)
    assert (row.adverse_micros, row.favorable_micros, row.net_micros) == (-1, 1, 0)


def test_a_fill_through_zero_has_two_excursions() -> None:
    """Each with its share of the fees; the last stop's cash is the net."""
    moves = [
        fill(10, 1, 100),
        fill(20, -3, 110, closed=-1, realised=10, commission=3),
        fill(30, 2, 105, closed=2, realised=10),
    ]
    paths = paths_of(moves)
    assert [stops[-1].cash_micros for _, stops in paths] == [trip.net_micros for trip, _ in paths] == [9, 8]
    assert [trip for trip, _ in paths] == list(round_trips(moves))
    assert len(excursions(paths, ranges=MARKET)) == 2


# ── trade statistics ──


def trip(net: int, *, direction: int = 1, held: int = 1) -> RoundTrip:
    return RoundTrip("trend", "GLD", direction, 1, 0, held, 100, 100, net + 1, 1, 2)


def test_statistics_of_six_round_trips() -> None:
    """Two winners of 10 and 30, three losers of 5 each, one even."""
    nets = [10, -5, -5, 0, -5, 30]
    trips = [trip(net, direction=-1 if net < 0 else 1, held=seat) for seat, net in enumerate(nets)]
    one = trade_statistics(trips, excursions=(), open_round_trips=2)
    assert (one.round_trips, one.open_round_trips, one.longs, one.shorts) == (6, 2, 3, 3)
    assert (one.wins, one.losses, one.evens, one.win_rate) == (2, 3, 1, 2 / 6)
    assert (one.gross_micros, one.commission_micros, one.slippage_micros, one.net_micros) == (31, 6, 12, 25)
    assert (one.expectancy_micros, one.median_micros) == (4, -2)  # 25/6 and (−5 + 0)/2, to even
    assert (one.win_mean_micros, one.loss_mean_micros, one.best_micros, one.worst_micros) == (20, -5, 30, -5)
    assert (one.profit_factor, one.payoff_ratio) == (40 / 15, 4.0)
    assert (one.holding_mean_us, one.holding_median_us, one.holding_min_us, one.holding_max_us) == (2, 2, 0, 5)
    assert (one.win_streak_max, one.loss_streak_max) == (1, 2)


@pytest.mark.parametrize(
    ("nets", "streaks"),
    [([], (0, 0)), ([1, 1, 1], (3, 0)), ([-1, 0, -1], (0, 1)), ([1, -1, -1, 1, 1, 0, 1], (2, 2))],
)
def test_streaks_end_with_the_other_sign_and_with_none(nets: list[int], streaks: tuple[int, int]) -> None:
    """One that came out even ends both."""
    one = trade_statistics([trip(net) for net in nets], excursions=(), open_round_trips=0)
    assert (one.win_streak_max, one.loss_streak_max) == streaks


def test_without_round_trips_there_are_counts_and_reasons() -> None:
    """Sums are 0, means are None."""
    one = trade_statistics((), excursions=(), open_round_trips=0)
    assert (one.net_micros, one.round_trips, one.expectancy_micros) == (0, 0, None)
    assert one.missing["payoff_ratio"] == "no winner or no loser"
    assert one.missing["adverse_mean_micros"] == "no round trip"


# ── capital ──


def decision(strategy: str, verdict: str, reason: str, asked: int, granted: int) -> Decision:
    return Decision(0, strategy, "GLD", verdict, reason, 1, asked_micros=asked, granted_micros=granted)  # type: ignore[arg-type]


DECISIONS = [
    decision("revert", "granted", "in_full", 5, 5),
    decision("trend", "trimmed", "allocation", 10, 4),
    decision("trend", "refused", "policy", 20, 0),
    decision("trend", "trimmed", "allocation", 3, 2),
]


def test_capital_is_summed_by_strategy_and_by_reason() -> None:
    """In the strategies' order; of one strategy the largest refusal first; the last row is the sum."""
    rows = capital(DECISIONS, strategies=("trend", "revert", "idle"))
    told = [(row.strategy, row.granted, row.trimmed, row.refused, row.asked_micros, row.refused_micros) for row in rows]
    assert told == [
        ("trend", 0, 2, 1, 33, 27),
        ("revert", 1, 0, 0, 5, 0),
        ("idle", 0, 0, 0, 0, 0),
        ("aggregate", 1, 2, 1, 38, 27),
    ]
    assert [row.granted_fraction for row in rows] == [6 / 33, 1.0, None, 11 / 38]
    reasons = capital_by_reason(DECISIONS, strategies=("trend", "revert", "idle"))
    assert [(row.strategy, row.verdict, row.reason, row.decisions, row.refused_micros) for row in reasons] == [
        ("trend", "refused", "policy", 1, 20),
        ("trend", "trimmed", "allocation", 2, 7),
        ("revert", "granted", "in_full", 1, 0),
    ]


# ── conflicts ──


def conflict(strategies: tuple[str, ...], sides: tuple[int, ...], allowed: tuple[int, ...], **named: Any) -> Conflict:
    n = len(strategies)
    given = {"asked_micros": (10,) * n, "asked_close": (0,) * n, "allowed_close": (0,) * n, **named}
    return Conflict(0, "GLD", "crowded", "own", tuple(range(n)), strategies, sides, allowed_micros=allowed, **given)


def test_a_conflict_of_three_is_three_pairs_each_of_its_own_kind() -> None:
    """Two buy and one sells: one pair is crowded, two are opposed."""
    rows = conflict_pairs([conflict(("a", "z", "b"), (1, 1, -1), (10, 4, 0))], strategies=("z", "b", "a"))
    told = [(row.strategy, row.other, row.kind, row.outcome, row.other_outcome) for row in rows]
    assert told == [
        ("z", "b", "opposed", "trimmed", "refused"),
        ("z", "a", "crowded", "trimmed", "allowed"),
        ("b", "a", "opposed", "refused", "allowed"),
    ]
    assert (rows[0].asked_micros, rows[0].allowed_micros, rows[0].other_allowed_micros) == (10, 4, 0)


def test_the_same_meeting_is_counted_and_the_most_frequent_comes_first() -> None:
    """Amounts add up; another outcome is another row."""
    met = [conflict(("a", "b"), (1, -1), (10, 10)), *[conflict(("b", "a"), (1, -1), (0, 10))] * 2]
    rows = conflict_pairs(met, strategies=("a", "b"))
    assert [(row.outcome, row.other_outcome, row.conflicts, row.asked_micros) for row in rows] == [
        ("allowed", "refused", 2, 20),
        ("allowed", "allowed", 1, 10),
    ]


def test_lots_to_close_count_for_the_outcome() -> None:
    """A close that the policy refused is refused, though no capital was asked."""
    one = conflict(("a", "b"), (1, -1), (10, 10), asked_close=(0, -5), allowed_close=(0, 0))
    (row,) = conflict_pairs([one], strategies=("a", "b"))
    assert (row.outcome, row.other_outcome) == ("allowed", "trimmed")


def test_who_only_holds_is_met_by_who_would_open_against_it() -> None:
    """Once, with what it held as its outcome; who wants the holder's side, or only closes, does not meet it."""
    named = {"holders": ("c",), "held": (-5,), "asked_close": (0, 0), "allowed_close": (0, 0)}
    alone = conflict(("a",), (1,), (4,), holders=("c",), held=(-5,), asked_close=(0,), allowed_close=(0,))
    (row,) = conflict_pairs([alone], strategies=("c", "a", "b"))
    assert (row.strategy, row.other, row.kind) == ("c", "a", "against_position")
    assert (row.outcome, row.other_outcome) == ("held", "trimmed")
    assert (row.asked_micros, row.other_asked_micros, row.other_allowed_micros) == (0, 10, 4)
    rows = conflict_pairs([conflict(("a", "b"), (1, -1), (10, 10), **named)], strategies=("a", "b", "c"))
    assert [(row.strategy, row.other, row.kind) for row in rows] == [
        ("a", "b", "opposed"),
        ("a", "c", "against_position"),
    ]
    both = conflict(("a",), (1,), (10,), holders=("b", "c"), held=(-5, -1), asked_close=(0,), allowed_close=(0,))
    rows = conflict_pairs([both], strategies=("a", "b", "c"))
    assert [(row.strategy, row.other) for row in rows] == [("a", "b"), ("a", "c")]


def test_an_entry_against_an_exit_is_a_kind_of_its_own() -> None:
    """One opens what the other closes; with two entries or two exits on both sides they are opposed."""
    met = conflict(("a", "b"), (1, -1), (10, 0), asked_micros=(10, 0), asked_close=(0, -5), allowed_close=(0, -5))
    (row,) = conflict_pairs([met], strategies=("a", "b"))
    assert (row.kind, row.outcome, row.other_outcome) == ("entry_against_exit", "allowed", "allowed")


# ── costs and exposure ──


def test_costs_are_sums_over_fills() -> None:
    """Basis points are of what was traded, fractions of what was given; nothing was crossed, nothing was saved."""
    fills = [
        Fill(0, "trend", "GLD", 10, 100, 3, 2, 0, 0, 0),
        Fill(1, "trend", "GLD", -10, 100, 3, 2, -10, 0, 0),
    ]
    trend, idle, whole = trading_costs(fills, capital_micros={"trend": 1000, "idle": 0, "aggregate": 4000})
    assert (trend.fills, trend.traded_micros, trend.commission_micros, trend.slippage_micros) == (2, 2000, 6, 4)
    assert (trend.cost_micros, trend.cost_bps, trend.cost_fraction, trend.saved_micros) == (10, 50.0, 0.01, 0)
    assert (idle.cost_bps, idle.cost_fraction, whole.cost_fraction) == (None, None, 0.0025)
    assert idle.missing == {"cost_bps": "nothing was traded", "cost_fraction": "no capital"}


def curve(equity: list[int], gross: list[int], net: list[int]) -> EquityCurve:
    columns = [np.array(values, np.int64) for values in (equity, equity, gross, net)]
    flow = np.where(np.arange(len(equity)) == 0, columns[0], 0)
    return EquityCurve("trend", (19_723 + np.arange(len(equity))) * DAY_US, *columns, flow)


def test_exposure_has_means_and_extremes() -> None:
    """Flat, half long, long and short."""
    one = exposure_of(curve([100] * 4, [0, 50, 150, 100], [0, 50, -50, 100]), traded_micros=300)
    assert (one.time_in_market, one.gross_mean, one.gross_max) == (0.75, 0.75, 1.5)
    assert (one.net_mean, one.net_min, one.net_max) == (0.25, -0.5, 1.0)
    assert (one.long_mean, one.short_mean) == (0.5, 0.25)
    assert one.turnover == 300 / (2 * 100) * 252 / 3


def test_a_bust_book_has_no_exposure_ratio() -> None:
    """There is no equity to divide by; what was held still counts as time in the market."""
    one = exposure_of(curve([0, -5], [3, 3], [3, 3]), traded_micros=3)
    assert (one.time_in_market, one.gross_max, one.turnover) == (1.0, None, None)
    assert one.missing["gross_max"] == "no instant with equity above 0"


def test_who_only_holds_has_met_too() -> None:
    """Two on the same side are crowded; one that wants to sell what another holds long is opposed to it."""
    crowd = Conflict(0, "GLD", "crowded", "independent", (1, 2), ("a", "b"), (1, 1), (5, 5), (5, 5), (0, 0), (0, 0))
    against = Conflict(
        1,
        "GLD",
        "against_position",
        "independent",
        (3,),
        ("a",),
        (-1,),
        (5,),
        (5,),
        (0,),
        (0,),
        holders=("c",),
        held=(7,),
    )
    found = meetings([crowd, against], strategies=("a", "b", "c"))
    assert {pair: (met.conflicts, met.opposed, met.often) for pair, met in found.items()} == {
        ("a", "b"): (1, 0, "GLD 1"),
        ("a", "c"): (1, 1, "GLD 1"),
    }
