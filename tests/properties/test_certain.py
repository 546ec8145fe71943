"""The runs that are there for an option show it; where one does not, `certain.SEEDS` needs another seed for it."""

from __future__ import annotations

from typing import Any

import pytest

from certain import COSTS, GOVERNED, LIMITS, PRICED, RULED, SHARED
from generators import COMMISSIONS, POLICIES, SLIPPAGES, Case
from ropewalk.reasons import LIMITS as REASONS


def shows_rule(case: Case, reason: str) -> bool:
    """Whether the limit takes something, and the policy, too, where it is one that takes anything."""
    met = {decision.reason for decision in case.run().decisions}
    return reason in met and ("policy" in met or case.policy in ("independent", "net"))


def shows_cost(case: Case, option: dict[str, Any]) -> bool:
    """Whether it is paid, more than once."""
    fills = case.run().fills
    return sum(bool(getattr(fill, f"{kind}_micros")) for fill in fills for kind in option) > 1


def shows_rebalance(case: Case) -> bool:
    """Whether capital moves."""
    return len(case.run().record.reallocations) > 0


@pytest.mark.parametrize("at", range(len(LIMITS)))
def test_a_limit_and_a_policy_take_something(at: int) -> None:
    assert shows_rule(RULED[at], LIMITS[at][0])


@pytest.mark.parametrize("at", range(len(COSTS)))
def test_a_cost_is_paid(at: int) -> None:
    assert shows_cost(PRICED[at], COSTS[at])


@pytest.mark.parametrize("case", SHARED, ids=lambda case: case.rebalance["kind"])
def test_a_rebalancer_moves_capital(case: Case) -> None:
    assert shows_rebalance(case)


def test_every_option_is_there() -> None:
    """All that ships, and every reason but that of the allocation, which every run has."""
    assert {reason for reason, _ in LIMITS} == {*REASONS} - {"allocation"}
    assert all(any(policy == one["policy"] for one in GOVERNED) for policy in POLICIES)
    assert len(COSTS) == len(COMMISSIONS) + len(SLIPPAGES) - 2
