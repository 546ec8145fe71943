"""What a result says of any run: parts sum to wholes, tables agree with figures, and nothing is ever NaN."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from generators import START_US, SYMBOLS, Case, Player
from generators import cases as minutely_cases
from generators import held_cases as minutely_held_cases
from ropewalk.collectors.conflict_pairs import conflict_pairs
from ropewalk.collectors.equity import COLUMNS
from ropewalk.collectors.figures import Figures, Rows
from ropewalk.collectors.return_metrics import max_drawdown, total_return

ROWS = (
    *("returns", "drawdowns", "monthly_returns", "yearly_returns", "excursions"),
    *("capital", "capital_by_reason", "conflict_pairs", "costs", "correlations", "contributions", "omissions"),
)
OF_AN_OWNER = ("returns", "drawdowns", "monthly_returns", "yearly_returns", "excursions")
FIGURES = ("metrics", "trade_statistics", "exposure", "evidence")


def stretched(case: Case, factor: int) -> Case:
    """The same run with its minutes drawn out: 720 makes two instants a session, 1,440 one, 20,000 leaves gaps."""

    def later(at_us: int) -> int:
        return START_US + (at_us - START_US) * factor

    return case.but(
        bars={symbol: tuple((later(row[0]), *row[1:]) for row in rows) for symbol, rows in case.bars.items()},
        actions=tuple((kind, later(at_us), *rest) for kind, at_us, *rest in case.actions),
    )


def cases(**named: Any) -> st.SearchStrategy[Case]:
    """Whole runs over minutes, half days, days and fortnights."""
    return st.builds(stretched, minutely_cases(**named), st.sampled_from((1, 720, 1440, 1440, 20_000)))


def held_cases() -> st.SearchStrategy[Case]:
    """Runs in which corporate actions meet positions, likewise."""
    return st.builds(stretched, minutely_held_cases(), st.sampled_from((1, 720, 1440)))


def owners(result: Any) -> tuple[str, ...]:
    return (*result.strategy_results, "aggregate")


def profit(curve: Any) -> int:
    return int(curve.equity_micros[-1]) - int(curve.flow_micros.sum())


def everything(result: Any) -> list[Figures]:
    """All figures that a result can be asked for."""
    said: list[Figures] = []
    for owner in owners(result):
        said += [getattr(result, name)(owner) for name in FIGURES]
        said += [row for name in OF_AN_OWNER for row in getattr(result, name)(owner)]
        said += result.rolling(owner, sessions=2, against=result.started.symbols[0])
        said.append(result.confidence(owner, resamples=3))
        said.append(result.benchmark(result.started.symbols[-1], owner))
        for one in result.by_symbol(owner).values():
            said += [one.metrics, one.exposure]
    said += [row for name in ROWS if name not in OF_AN_OWNER for row in getattr(result, name)()]
    return said


@settings(max_examples=examples(60))
@given(cases())
def test_whatever_is_said_is_a_number_or_none_with_a_reason(case: Case) -> None:
    """No fills, one bar, ruin, gaps: JSON without NaN, and each None has words for why."""
    said = everything(case.run())
    for one in said:
        json.dumps(one.to_dict(), allow_nan=False)
        assert all(one.missing.values()), (type(one).__name__, one.missing)


@settings(max_examples=examples(40))
@given(held_cases())
def test_corporate_actions_leave_no_gap_in_what_is_said(case: Case) -> None:
    """Splits and dividends of longs, shorts and orders that rest."""
    for one in everything(case.run()):
        json.dumps(one.to_dict(), allow_nan=False)


@settings(max_examples=examples(40))
@given(cases())
def test_every_table_is_a_frame_without_nan(case: Case) -> None:
    """One column a field, one row a row, null where there is no value; empty tables have their columns and a reason."""
    result = case.run()
    for name in ROWS:
        table = getattr(result, name)()
        frame = table.to_frame()
        assert frame.height == len(table)
        assert frame.width == len(table.kind.__struct_fields__)
        assert bool(table.missing) is (len(table) == 0), name
        assert not any(column.is_nan().any() for column in frame if column.dtype.is_float())
    assert result.metrics_table.height == len(owners(result)) + sum(
        len(result.by_symbol(one)) for one in owners(result)
    )


@settings(max_examples=examples(60))
@given(cases(actions_max=0) | held_cases())
def test_profits_of_symbols_sum_to_the_book_s_to_the_micro(case: Case) -> None:
    """At every instant, for each strategy and for the account; and no symbol is left out."""
    result = case.run()
    for owner in owners(result):
        curve = result.curve(owner)
        own = result.by_symbol(owner)
        assert sum(one.profit_micros for one in own.values()) == profit(curve)
        earned = [one.equity_curve.equity_micros - np.cumsum(one.equity_curve.flow_micros) for one in own.values()]
        total = sum(earned, np.zeros(len(curve), np.int64))
        assert np.array_equal(total, curve.equity_micros - np.cumsum(curve.flow_micros))
        (costs,) = [row for row in result.costs() if row.strategy == owner]
        assert sum(len(one.fills) for one in own.values()) == costs.fills


@settings(max_examples=examples(60))
@given(cases())
def test_contributions_are_additive(case: Case) -> None:
    """Money exactly; returns and risk to the last bits; nothing but the parts is in the whole."""
    result = case.run()
    *parts, whole = result.contributions()
    assert [one.strategy for one in parts] == [*result.strategy_results, "pool"]
    assert sum(one.profit_micros for one in parts) == whole.profit_micros == profit(result.equity_curve)
    assert whole.return_contribution == whole.profit_micros / result.started.capital_micros
    assert math.isclose(math.fsum(one.return_contribution for one in parts), whole.return_contribution, abs_tol=1e-12)
    if whole.risk_share is not None:
        size = math.fsum(abs(one.risk_share) for one in parts)
        assert math.isclose(math.fsum(one.risk_share for one in parts), 1.0, abs_tol=1e-9 * max(size, 1.0))
        assert whole.risk_share == pytest.approx(1.0, abs=1e-9)
        assert whole.risk_contribution == pytest.approx(result.aggregate_metrics.annual_volatility, rel=1e-9)


@settings(max_examples=examples(60))
@given(cases())
def test_the_deepest_drawdown_is_the_maximum_drawdown(case: Case) -> None:
    """The table and the figure say the same, and drawdowns follow one another without overlap."""
    result = case.run()
    for owner in owners(result):
        rows, metrics = result.drawdowns(owner), result.metrics(owner)
        if not len(rows):
            assert metrics.max_drawdown in (None, 0.0)
            continue
        assert rows[0].depth == metrics.max_drawdown
        assert rows[0].periods == metrics.max_drawdown_periods
        assert rows[0].recovery_periods == metrics.max_drawdown_recovery_periods
        by_time = sorted(rows, key=lambda row: row.start_at_us)
        for before, after in pairwise(by_time):
            assert before.recovery_at_us is not None
            assert before.start_at_us < before.trough_at_us < before.recovery_at_us <= after.start_at_us
        assert min(row.drawdown for row in result.returns(owner)) == rows[0].depth


@settings(max_examples=examples(60))
@given(cases())
def test_months_and_years_compound_to_the_total(case: Case) -> None:
    """Every session is in one month and in one year."""
    result = case.run()
    for owner in owners(result):
        sampled, metrics = result.sampled(owner), result.metrics(owner)
        months, years = result.monthly_returns(owner), result.yearly_returns(owner)
        assert sum(row.sessions for row in months) == sum(row.sessions for row in years) == len(sampled)
        if metrics.total_return is not None:
            for grown in ([row.monthly_return for row in months], [row.yearly_return for row in years]):
                assert math.prod(1.0 + one for one in grown) - 1.0 == pytest.approx(metrics.total_return, abs=1e-12)


@settings(max_examples=examples(60))
@given(cases() | held_cases())
def test_a_round_trip_ends_between_its_worst_and_its_best(case: Case) -> None:
    """MAE ≤ net ≤ MFE and MAE ≤ 0 ≤ MFE, and there is one excursion a closed round trip."""
    result = case.run()
    rows = result.excursions()
    assert [row.net_micros for row in rows] == [trip.net_micros for trip in result.round_trips]
    for row in rows:
        assert row.adverse_micros <= min(row.net_micros, 0)
        assert max(row.net_micros, 0) <= row.favorable_micros


@settings(max_examples=examples(60))
@given(cases())
def test_capital_and_costs_sum_to_what_the_record_says(case: Case) -> None:
    """Asked is granted and refused; the last row is the sum of the others; reasons sum to strategies."""
    result = case.run()
    *parts, whole = result.capital()
    for name in ("asked_micros", "granted_micros", "refused_micros", "granted", "trimmed", "refused"):
        assert sum(one[name] for one in parts) == whole[name]
    assert whole.asked_micros == sum(one.asked_micros for one in result.decisions)
    assert whole.asked_micros == whole.granted_micros + whole.refused_micros
    assert whole.granted + whole.trimmed + whole.refused == len(result.decisions)
    reasons = result.capital_by_reason()
    for one in parts:
        own = [row for row in reasons if row.strategy == one.strategy]
        assert sum(row.refused_micros for row in own) == one.refused_micros
        assert sum(row.decisions for row in own) == one.granted + one.trimmed + one.refused
    *own_costs, all_costs = result.costs()
    for name in ("fills", "traded_micros", "commission_micros", "slippage_micros", "cost_micros", "saved_micros"):
        assert sum(one[name] for one in own_costs) == all_costs[name]
    assert all_costs.cost_micros == sum(fill.commission_micros + fill.slippage_micros for fill in result.fills)


@settings(max_examples=examples(60))
@given(cases(players_max=3))
def test_pairs_account_for_every_conflict(case: Case) -> None:
    """A conflict of k strategies that want something counts once for each of its k(k−1)/2 pairs; none is left out."""
    result = case.run()
    expected = sum(math.comb(len(dict.fromkeys(one.strategies)), 2) for one in result.conflicts)
    rows = result.conflict_pairs()
    assert sum(row.conflicts for row in rows if row.kind != "against_position") == expected
    assert all(len(conflict_pairs([one], strategies=result.started.strategies)) for one in result.conflicts)
    seats = {name: seat for seat, name in enumerate(result.started.strategies)}
    assert all(seats[row.strategy] < seats[row.other] for row in rows)


@settings(max_examples=examples(40))
@given(cases(players_max=3))
def test_without_a_strategy_is_what_a_run_without_it_comes_to(case: Case) -> None:
    """Where strategies do not meet in a policy or a limit, the arithmetic and the other run agree to the micro."""
    result = case.run()
    for name in case.players:
        rest = {other: player for other, player in case.players.items() if other != name}
        if not rest:
            continue
        other = case.but(players=rest).run()
        left = result.without(name)
        for column in COLUMNS:
            assert np.array_equal(getattr(left.curve, column), getattr(other.equity_curve, column)), (name, column)
        assert left.metrics == other.aggregate_metrics
        row = next(row for row in result.omissions() if row.strategy == name)
        assert (row.sharpe, row.total_return) == (left.metrics.sharpe, left.metrics.total_return)


@settings(max_examples=examples(40))
@given(cases())
def test_sampled_returns_are_what_the_metrics_rest_on(case: Case) -> None:
    """One time more than returns, rising; the same total return and depth."""
    result = case.run()
    for owner in owners(result):
        sampled, metrics = result.sampled(owner), result.metrics(owner)
        assert len(sampled.at_us) == len(sampled) + 1
        assert (np.diff(sampled.at_us) > 0).all()
        assert (len(sampled), sampled.periods_per_year) == (metrics.periods, metrics.periods_per_year)
        assert total_return(sampled.returns) == metrics.total_return
        drawdown = max_drawdown(sampled.returns)
        assert (drawdown and drawdown.depth) == metrics.max_drawdown


def test_a_run_in_which_nothing_happens_says_why_there_is_nothing() -> None:
    """No fills: tables are empty with a reason, figures are None with one."""
    rows = tuple((day * 86_400_000_000, 10.0, 10.0, 10.0, 10.0) for day in range(5))
    result = Case({SYMBOLS[0]: rows}, {"idle": Player("script")}).run()
    assert result.drawdowns().missing == "wealth never fell below its peak"
    assert result.excursions("idle").missing == "no round trip was closed"
    assert result.conflict_pairs().missing == "no strategy was in another's way"
    assert result.correlations().missing == "a correlation needs two strategies"
    assert result.capital_by_reason().missing.startswith("nothing was wanted")
    assert result.metrics().missing["sharpe"] == "n < 2 or all returns equal"
    assert result.by_symbol() == {}
    assert isinstance(result.returns(), Rows)


def test_one_bar_says_that_one_bar_is_too_few() -> None:
    """There is no return, so there is nothing by session."""
    result = Case({SYMBOLS[0]: ((0, 10.0, 10.0, 10.0, 10.0),)}, {"idle": Player("script")}).run()
    for table in (result.returns(), result.drawdowns(), result.monthly_returns(), result.yearly_returns()):
        assert len(table) == 0
        assert table.missing == "the run has fewer than two session ends, so there is no return"
    assert result.rolling().missing == "a window of 63 sessions needs as many returns; there are 0"
    assert result.confidence().missing["sharpe_low"] == "n < 2 or all returns equal"
