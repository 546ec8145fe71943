"""Netting as arithmetic: who crosses how much, who trades what is left, and what each pays and saves."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.ledger.costs import FixedCommission, FixedSlippage, NoCommission, NoSlippage, PerShareCommission
from ropewalk.ledger.execution import Costs
from ropewalk.ledger.netting import Share, netted

REFERENCE = 10_000_000
FREE = Costs(NoCommission(), NoSlippage())
PLENTY = 10**15


def orders(costs: Costs, *lots: int, opened: bool = True, reserved: int = PLENTY) -> list[Any]:
    """Executions as each order would have alone."""
    alone = []
    for quantity in lots:
        priced = costs.priced(abs(quantity), 1 if quantity > 0 else -1, REFERENCE)
        alone.append(((quantity, abs(quantity) if opened else 0, *priced), reserved))
    return alone


def net(costs: Costs, *lots: int, **named: Any) -> list[Share]:
    return netted(orders(costs, *lots, **named), reference_micros=REFERENCE, costs=costs)


@pytest.mark.parametrize(
    ("lots", "traded"),
    [
        ((10,), (10,)),
        ((10, -10), (0, 0)),
        ((10, -4), (6, 0)),
        ((-10, 4), (-6, 0)),
        ((10, -4, 5), (7, 0, 4)),
        ((5, -4, 10), (4, 0, 7)),
        # Two remainders are equal: the earlier seat has the lot that is left.
        ((1, 1, -1), (1, 0, 0)),
        ((3, 3, 3, -4), (2, 2, 1, 0)),
        ((10, 5), (10, 5)),
        ((7, -3, -2, -2), (0, 0, 0, 0)),
    ],
)
def test_the_lighter_side_crosses_whole(lots: tuple[int, ...], traded: tuple[int, ...]) -> None:
    """What is left of the heavier side is shared by its lots; what crosses sums to nothing."""
    shares = net(FREE, *lots)
    assert tuple(share.traded for share in shares) == traded
    assert tuple(share.crossed + share.traded for share in shares) == lots
    assert sum(share.crossed for share in shares) == 0


def test_what_is_left_pays_one_commission_by_lots() -> None:
    """One commission for one order; each saves what it would have paid alone, less its part."""
    shares = net(Costs(FixedCommission(1_000_000), NoSlippage()), 10, -4, 5)
    assert [share.commission_micros for share in shares] == [636_364, 0, 363_636]
    assert [share.saved_commission_micros for share in shares] == [363_636, 1_000_000, 636_364]


def test_slippage_is_that_of_the_one_order() -> None:
    """A fixed amount an order is spread over what is left, rounded up; only what is traded slips."""
    shares = net(Costs(NoCommission(), FixedSlippage(1_000_000)), 10, -4, 5)
    assert [share.price_micros for share in shares] == [REFERENCE + 90_910] * 3
    assert [share.slippage_micros for share in shares] == [7 * 90_910, 0, 4 * 90_910]
    assert [share.saved_slippage_micros for share in shares] == [1_000_000 - 636_370, 1_000_000, 1_000_000 - 363_640]


def test_rounding_can_cost_less_than_a_micro_a_lot() -> None:
    """An amount spread over fewer lots is rounded up on each: five pay 1.00 exactly, three pay two micros more."""
    shares = net(Costs(NoCommission(), FixedSlippage(1_000_000)), 5, -2)
    assert [share.saved_slippage_micros for share in shares] == [-2, 1_000_000]


class Steep:
    """Slippage of a micro a lot for every lot of the order: two orders at once cost more than each alone."""

    def slippage_micros(self, quantity: int, reference_micros: int) -> int:
        return quantity


def test_a_model_that_rises_a_lot_may_make_netting_dearer() -> None:
    """One order of twenty moves the price more than two of ten: saved is below zero, and says so."""
    shares = net(Costs(NoCommission(), Steep()), 10, 10)
    assert [share.saved_slippage_micros for share in shares] == [-100, -100]


def test_an_order_whose_reserve_is_too_small_trades_alone() -> None:
    """The reserve bounds what is spent: who could not pay his share stays out, and the others net without him."""
    costs = Costs(NoCommission(), Steep())
    tight, wide = orders(costs, 10, reserved=10 * (REFERENCE + 10))[0], orders(costs, 10, -4)
    shares = netted([tight, *wide], reference_micros=REFERENCE, costs=costs)
    assert [(share.crossed, share.traded) for share in shares] == [(0, 10), (4, 6), (-4, 0)]
    assert [share.price_micros for share in shares] == [REFERENCE + 10, REFERENCE + 6, REFERENCE + 6]
    assert shares[0].saved_slippage_micros == 0


def test_a_short_that_crosses_is_worth_more_and_needs_its_reserve() -> None:
    """Alone, slippage makes a short small enough for its fee; what crosses sells at the full price."""
    costs = Costs(PerShareCommission(100_000, 1_000_000), FixedSlippage(1_000_000))
    (execution, _), *others = orders(costs, -10, 9)
    full = netted([(execution, 10 * REFERENCE), *others], reference_micros=REFERENCE, costs=costs)
    assert [(share.crossed, share.traded) for share in full] == [(-9, -1), (9, 0)]
    # One lot is left and slips by 1.00, which is what the commission costs; a micro less and it does not fit.
    less = netted([(execution, 10 * REFERENCE - 1), *others], reference_micros=REFERENCE, costs=costs)
    assert [(share.crossed, share.traded) for share in less] == [(0, -10), (0, 9)]


def test_what_closes_crosses_first_and_needs_no_reserve() -> None:
    shares = net(Costs(NoCommission(), Steep()), 10, 10, opened=False, reserved=0)
    assert [share.traded for share in shares] == [10, 10]
    assert shares[0].saved_slippage_micros == -100
