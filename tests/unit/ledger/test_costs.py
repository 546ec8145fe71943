"""Costs: whole micros, rounded against the strategy; the most lots that a reserve pays for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators import START_US, Case, Player
from ropewalk import (
    BasisPointCommission,
    BasisPointSlippage,
    FixedCommission,
    FixedSlippage,
    PerShareCommission,
    PerShareSlippage,
    PluginError,
)
from ropewalk.ledger.costs import NoCommission, NoSlippage
from ropewalk.ledger.execution import Costs, execute

COMMISSIONS = st.one_of(
    st.just(NoCommission()),
    st.builds(FixedCommission, st.integers(0, 10**4)),
    st.builds(PerShareCommission, st.integers(0, 500), st.integers(0, 10**4)),
    st.builds(BasisPointCommission, st.integers(0, 10**10), st.integers(0, 100)),
)
SLIPPAGES = st.one_of(
    st.just(NoSlippage()),
    st.builds(PerShareSlippage, st.integers(0, 150)),
    st.builds(BasisPointSlippage, st.integers(0, 10**9)),
)


@given(
    st.sampled_from((1, -1)),
    st.integers(0, 20_000),
    st.integers(1, 300),
    st.integers(0, 40),
    st.integers(-30, 30),
    st.integers(0, 12),
    COMMISSIONS,
    SLIPPAGES,
)
def test_the_most_lots_that_the_reserve_pays_for(
    side: int, reserved: int, reference: int, bound: int, held: int, closing: int, commission: Any, slippage: Any
) -> None:
    """Tried one by one: no more lots are affordable, all that fill are, and closing is bounded by what is held."""
    decision = SimpleNamespace(
        side=side,
        granted_micros=reserved,
        reserved_micros=reserved,
        close_quantity=side * closing,
        open_quantity=side * bound,
    )
    costs = Costs(commission, slippage)
    executed = execute(decision, held=held, reference_micros=reference, costs=costs)
    may_close = min(closing, abs(held)) if held * side < 0 else 0
    most = reserved // reference
    most = min(most, bound) if bound else most

    def is_affordable(lots: int) -> bool:
        slip = slippage.slippage_micros(may_close + lots, reference)
        price = max(reference + side * slip, 1)
        return lots * price + commission.commission_micros(may_close + lots, price) <= reserved

    best = max((lots for lots in range(1, most + 1) if is_affordable(lots)), default=0)
    if not best and not may_close:
        assert executed is None
        return
    assert executed is not None
    quantity, opened, price, slip, fee = executed
    assert (quantity, opened) == (side * (may_close + best), best)
    assert price == reference + side * slip >= 1
    assert fee == commission.commission_micros(abs(quantity), price)


def test_fees_above_the_price_do_not_lose_the_order() -> None:
    """A reserve of 1000 at price 1 and 5 a share buys 166, not nothing."""
    decision = SimpleNamespace(side=1, granted_micros=1000, reserved_micros=1000, close_quantity=0, open_quantity=0)
    executed = execute(decision, held=0, reference_micros=1, costs=Costs(PerShareCommission(5), NoSlippage()))
    assert executed is not None
    assert executed[0] == 166


@given(st.integers(1, 10**6), st.integers(1, 10**9))
def test_a_fixed_slippage_is_never_less_than_its_amount(lots: int, amount: int) -> None:
    """Spread over the lots, rounded up: at least the amount, and less than a micro a lot above it."""
    spread = FixedSlippage(amount).slippage_micros(lots, 10**8) * lots
    assert amount <= spread < amount + lots


@pytest.mark.parametrize("answer", [1.0, -1, True, None])
@pytest.mark.parametrize("which", ["commission", "slippage"])
def test_a_model_must_answer_in_whole_micros(which: str, answer: Any) -> None:
    """A model of one's own that answers anything else stops the run and is named."""

    class Odd:
        def commission_micros(self, quantity: int, price_micros: int) -> Any:
            return answer

        def slippage_micros(self, quantity: int, reference_micros: int) -> Any:
            return answer

    rows = tuple((START_US + step, *[100.0] * 4) for step in range(3))
    case = Case(bars={"AAA": rows}, players={"s": Player("script", wants=((("AAA", "buy", "quantity", 1),),))})
    with pytest.raises(PluginError, match="Odd answered"):
        case.run(**{which: Odd()})
