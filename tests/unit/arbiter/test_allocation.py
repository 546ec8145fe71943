"""Allocations: what is lent, used, reserved and free."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk import LedgerError
from ropewalk.arbiter.allocation import StrategyAllocation
from ropewalk.arbiter.limits import within_allocation
from ropewalk.arbiter.policies import Independent, Outcome, settled
from ropewalk.arbiter.wishes import Wish
from ropewalk.errors import PluginError


def test_capital_is_lent_and_given_back() -> None:
    """`available = allocated − used − reserved`."""
    one = StrategyAllocation("trend", allocated_micros=1_000_000)
    one.allocate(600_000)
    assert one.can_allocate(400_000)
    assert not one.can_allocate(400_001)
    assert not one.can_allocate(-1)
    one.release(100_000)
    assert (one.reserved_micros, one.available_capital) == (500_000, Decimal("0.500000"))


@pytest.mark.parametrize("amount", [1_000_001, -1])
def test_more_than_is_free_cannot_be_lent(amount: int) -> None:
    """The error says who, how much, and of what."""
    one = StrategyAllocation("trend", allocated_micros=1_000_000)
    with pytest.raises(LedgerError, match=rf"allocation trend: {amount} micros asked of 1000000 available"):
        one.allocate(amount)
    assert one.reserved_micros == 0


@pytest.mark.parametrize("amount", [501, -1])
def test_more_than_is_reserved_cannot_be_given_back(amount: int) -> None:
    one = StrategyAllocation("trend", allocated_micros=1_000)
    one.allocate(500)
    with pytest.raises(LedgerError, match=rf"{amount} micros released of 500 reserved"):
        one.release(amount)


def test_a_loss_leaves_nothing_free_but_never_less() -> None:
    """Marks can take a book below the capital already at work."""
    one = StrategyAllocation("trend", allocated_micros=100)
    one.used_micros = 150
    assert one.available_micros == 0
    one.allocate(0)


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(0, 10_000))
def test_a_grant_is_within_its_limits(asked: int, available: int, headroom_bps: int) -> None:
    """Granted ≤ asked, granted ≤ reserved ≤ available; headroom only for asks granted in full."""
    granted, reserved = within_allocation(asked, available, headroom_bps)
    assert granted == min(asked, available)
    assert granted <= reserved <= available
    if granted < asked:
        assert reserved == granted
    else:
        assert reserved == min(asked + asked * headroom_bps // 10_000, available)


WISH = Wish(3, 0, "trend", "GLD", 1, 4, 0, 500, 100)


def test_independent_allows_everything() -> None:
    assert list(Independent().settle([WISH])) == [Outcome(500, 4)]


class Answers:
    """A policy that answers as told."""

    name = "told"

    def __init__(self, outcomes: list[Outcome]) -> None:
        self.outcomes = outcomes

    def settle(self, wishes: object) -> list[Outcome]:
        return self.outcomes


@pytest.mark.parametrize(
    ("outcomes", "message"),
    [
        ([], "gave 0 outcomes for 1 wishes"),
        ([Outcome(501, 4)], "allowed trend 501 micros and 4 lots to close in GLD, which asked 500 and 4"),
        ([Outcome(500, 5)], "5 lots"),
        ([Outcome(-1, 0)], "-1 micros"),
        ([Outcome(0, -1)], "-1 lots"),
        ([Outcome(500, 3)], "to close 3 of 4 lots in GLD; exits always pass"),
    ],
)
def test_a_policy_may_not_allow_more_than_was_asked(outcomes: list[Outcome], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        settled(Answers(outcomes), [WISH])
    assert settled(Answers([Outcome(0, 4)]), [WISH]) == [Outcome(0, 4)]
    assert settled(Independent(), [WISH]) == [Outcome(WISH.asked_micros, WISH.close_lots)]
