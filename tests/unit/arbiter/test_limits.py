"""Limits as pure functions: what each leaves, to the micro, and which of them binds."""

from __future__ import annotations

from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.arbiter.limits import (
    AccountLimits,
    AccountUse,
    Bound,
    GroupLimit,
    StrategyLimits,
    Use,
    account_bounds,
    narrowest,
    strategy_bounds,
    within_drawdown,
    within_positions,
    within_reserve,
    within_share,
)
from ropewalk.money import MICROS_MAX
from ropewalk.reasons import COUNTED, LIMITS, Reason

USE = Use(capital_micros=1_000, equity_micros=790, peak_micros=1_000, symbol_micros=260, positions=2, is_position=False)
ACCOUNT = AccountUse(
    capital_micros=2_000,
    equity_micros=1_900,
    gross_micros=900,
    net_micros=-100,
    long_micros=500,
    symbols={"GLD": 300, "SLV": 200},
    positions=3,
    is_position=False,
)


def test_the_reasons_that_are_limits_are_reasons() -> None:
    assert [reason for reason in get_args(Reason) if reason in LIMITS] == list(LIMITS)
    assert set(COUNTED) < set(LIMITS)


@pytest.mark.parametrize(
    ("share", "used", "limit", "left"),
    [
        ("0.5", 300, 500, 200),
        ("0.3333", 0, 333, 333),
        ("0.5", 700, 500, 0),
        ("0", 0, 0, 0),
        ("1.5", -100, 1_500, 1_600),
    ],
)
def test_a_share_is_rounded_down_and_never_leaves_less_than_nothing(
    share: str, used: int, limit: int, left: int
) -> None:
    assert within_share("leverage", 1_000, Fraction(share), used) == Bound("leverage", limit, used, left)


def test_capital_below_zero_leaves_nothing_and_a_limit_can_be_written_down() -> None:
    """A ruined account has no limits below zero; no limit is beyond what a journal keeps exactly."""
    assert within_share("leverage", -5, Fraction(1), 0).limit == 0
    assert within_share("leverage", MICROS_MAX, Fraction(9), 0).limit == MICROS_MAX


def test_what_stays_cash_is_rounded_up() -> None:
    assert within_reserve(999, 999, Fraction("0.1"), 0) == Bound("cash_reserve", 899, 0, 899)
    assert within_reserve(100, 1_000, Fraction("0.5"), 30) == Bound("cash_reserve", 0, 30, 0)


@pytest.mark.parametrize(("equity", "binds"), [(1_000, False), (801, False), (800, True), (0, True), (-50, True)])
def test_a_drawdown_binds_from_the_share_on(equity: int, binds: bool) -> None:
    bound = within_drawdown(equity, 1_000, Fraction("0.2"))
    assert bound == (Bound("drawdown", 200, 1_000 - equity, 0) if binds else None)


@pytest.mark.parametrize(
    ("most", "count", "is_position", "binds"),
    [(2, 1, False, False), (2, 2, False, True), (2, 2, True, False), (2, 5, False, True), (0, 0, False, True)],
)
def test_a_position_that_is_there_may_grow(most: int, count: int, is_position: bool, binds: bool) -> None:
    bound = within_positions("account_positions", most, count, is_position=is_position)
    assert bound == (Bound("account_positions", most, count, 0) if binds else None)


def test_a_strategys_limits_stand_in_their_order() -> None:
    limits = StrategyLimits(Fraction("0.4"), 2, Fraction("0.2"))
    assert strategy_bounds(limits, USE) == [
        Bound("symbol_share", 400, 260, 140),
        Bound("strategy_positions", 2, 2, 0),
        Bound("drawdown", 200, 210, 0),
    ]
    assert strategy_bounds(StrategyLimits(), USE) == []


def test_the_accounts_limits_stand_in_their_order() -> None:
    half = Fraction("0.5")
    groups = {"all": GroupLimit(("GLD", "SLV"), half), "silver": GroupLimit(("SLV",), half)}
    limits = AccountLimits(half, half, half, {"SLV": Fraction("0.1")}, groups, half, 3, half)
    assert account_bounds(limits, ACCOUNT, "GLD") == [
        Bound("gross_exposure", 1_000, 900, 100),
        Bound("net_exposure", 1_000, -100, 1_100),
        Bound("symbol_exposure", 1_000, 300, 700),
        Bound("group_exposure", 1_000, 500, 500, "all"),
        Bound("leverage", 950, 900, 50),
        Bound("account_positions", 3, 3, 0),
        Bound("cash_reserve", 900, 500, 400),
    ]
    assert [bound.limit for bound in account_bounds(limits, ACCOUNT, "SLV")][2:5] == [200, 1_000, 1_000]
    assert account_bounds(AccountLimits(), ACCOUNT, "GLD") == []
    assert AccountLimits().are_none
    assert not limits.are_none


def test_the_narrowest_binds_and_of_equals_the_first() -> None:
    first, second, wide = Bound("gross_exposure", 9, 4, 5), Bound("leverage", 8, 3, 5), Bound("cash_reserve", 9, 0, 9)
    assert narrowest([wide, first, second], 10) is first
    assert narrowest([wide, first, second], 5) is None
    assert narrowest([], 0) is None


MONEY = st.integers(0, 10**9)
SHARE = st.fractions(0, 2)


@given(SHARE, SHARE, SHARE, MONEY, MONEY, st.integers(-(10**9), 10**9))
def test_more_capital_never_leaves_less(
    gross: Fraction, net: Fraction, keep: Fraction, less: int, more: int, used: int
) -> None:
    """For the same books: every limit in money is monotone in capital, so the narrowest is, too."""
    limits = AccountLimits(gross, net, gross, {}, {"g": GroupLimit(("GLD",), net)}, gross, None, min(keep, Fraction(1)))

    def left(capital: int) -> int:
        use = AccountUse(capital, capital, abs(used), used, abs(used), {"GLD": abs(used)}, 1, True)
        bound = narrowest(account_bounds(limits, use, "GLD"), capital)
        return capital if bound is None else bound.left_micros

    assert left(min(less, more)) <= left(max(less, more))
