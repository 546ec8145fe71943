"""What netting keeps to, over generated runs: money is conserved, positions are those without it, only costs change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from generators import COMMISSIONS, SLIPPAGES, Case, disputed_cases, held_cases
from properties.test_conservation import Inspector
from ropewalk.journal import Recording, replay, verify

EXAMPLES = examples(100)
EVEN = [one for one in SLIPPAGES if one[0] != "fixed"]
"""Slippages that are the same for every lot; a fixed amount an order is rounded up on each."""


def netted(case: Case, **changes: Any) -> Case:
    return case.but(policy="net", policies={}, **changes)


def traded(result: Any) -> dict[str, list[tuple[Any, ...]]]:
    """What each order came to, its parts together."""
    orders: dict[int, list[Any]] = {}
    for entry in result.record.fills:
        orders.setdefault(entry.cause, []).append(entry.event)
    told: dict[str, list[tuple[Any, ...]]] = {}
    for parts in orders.values():
        first = parts[0]
        said = (first.at_us, first.symbol, sum(one.quantity for one in parts), parts[-1].released_micros)
        told.setdefault(first.strategy, []).append(said)
    return {name: sorted(orders) for name, orders in told.items()}


@settings(max_examples=EXAMPLES)
@given(st.one_of(disputed_cases(), held_cases()))
def test_every_identity_holds_after_every_event(case: Case) -> None:
    """Books and pool are the account to the micro, lots and legs too, between the parts of a cross as well."""
    inspector = Inspector(netted(case))
    assert inspector.looks > 0
    assert inspector.wrong == []


@settings(max_examples=EXAMPLES)
@given(disputed_cases())
def test_without_costs_nothing_changes(case: Case) -> None:
    """Netting what costs nothing gives the decisions, orders, positions and equities of acting independently."""
    case = case.but(commission=("none",), slippage=("none",))
    net, alone = netted(case).run(), netted(case).but(policy="independent").run()
    assert net.decisions == alone.decisions
    assert traded(net) == traded(alone)
    for name in (*case.players, ""):
        for column in ("equity_micros", "cash_micros", "net_exposure_micros", "gross_exposure_micros"):
            assert getattr(net.equity_curves[name], column).tolist() == (
                getattr(alone.equity_curves[name], column).tolist()
            )
    assert net.crossing[1:] == (0, 0)


@settings(max_examples=EXAMPLES)
@given(disputed_cases())
def test_without_crossing_costs_are_paid_in_full(case: Case) -> None:
    """`crossing=False` gives every event of acting independently but the name of the rule."""
    net, alone = netted(case, crossing=False).run(), netted(case).but(policy="independent").run()
    assert (net.decisions, net.fills, net.lapses) == (alone.decisions, alone.fills, alone.lapses)
    assert net.account_equity_micros == alone.account_equity_micros
    assert net.crossing == (0, 0, 0)


@settings(max_examples=EXAMPLES)
@given(disputed_cases(), st.sampled_from((("none",), *COMMISSIONS)), st.sampled_from((("none",), *EVEN)))
def test_netting_saves(case: Case, commission: tuple[str, ...], slippage: tuple[str, ...]) -> None:
    """With the models that ship no order pays more than alone, but for a micro of rounding, and all together save."""
    result = netted(case, commission=commission, slippage=slippage).run()
    for fill in result.fills:
        assert fill.saved_commission_micros >= -1
        assert fill.saved_slippage_micros >= 0
    assert sum(result.crossing[1:]) >= 0


@settings(max_examples=EXAMPLES)
@given(disputed_cases(), st.sampled_from(COMMISSIONS), st.sampled_from(SLIPPAGES))
def test_the_account_trades_only_what_is_left(
    case: Case, commission: tuple[str, ...], slippage: tuple[str, ...]
) -> None:
    """Its lots change by what is traded, its fees are those of what is traded, and what strategies say adds up."""
    run = Inspector(netted(case, commission=commission, slippage=slippage))
    result, ledger = run.result, run.run._ledger
    market = [fill for fill in result.fills if not fill.is_crossed]
    for symbol, lots in ledger.account_quantities.items():
        if not result.adjustments:
            assert lots == sum(fill.quantity for fill in market if fill.symbol == symbol)
    assert ledger.fees_micros == sum(fill.commission_micros for fill in market)
    own = [one.crossing for one in result.strategy_results.values()]
    assert sum(one.crossed_micros for one in own) == 2 * result.crossing.crossed_micros
    for figure in ("saved_commission_micros", "saved_slippage_micros"):
        assert sum(getattr(one, figure) for one in own) == getattr(result.crossing, figure)


@settings(max_examples=EXAMPLES // 2)
@given(st.one_of(disputed_cases(), held_cases()))
def test_journals_of_crosses_are_sound(case: Case) -> None:
    """What is written verifies, and is made again from its intents, event by event."""
    case = netted(case)
    result = case.orchestrator().run(case.data(), journal=Recording(mode="memory"))
    content = result.journal.content
    assert verify(content).is_clean, str(verify(content))
    for level in ("state", "decisions"):
        again = replay(content, level=level, data=case.data(), config=case.config())
        assert again.is_identical, str(again)


def test_generated_runs_cross() -> None:
    """What is generated above is worth looking at: orders cross whole and in part, at opens and at closes."""
    met: dict[tuple[str, bool], int] = {}

    @settings(max_examples=60, derandomize=True, database=None)
    @given(disputed_cases())
    def collect(case: Case) -> None:
        for fill in netted(case).run().fills:
            if fill.is_crossed:
                key = case.fill_at, bool(fill.remaining_quantity)
                met[key] = met.get(key, 0) + 1

    collect()
    assert sorted(met) == [("close", False), ("close", True), ("next_open", False), ("next_open", True)], met


@pytest.mark.parametrize("fill_at", ["next_open", "close"])
def test_orders_of_one_strategy_cross_too(fill_at: str) -> None:
    """Who buys and sells at one instant trades the difference, and is at the same place as with two orders."""
    from generators import START_US, Player

    rows = tuple((START_US + step, *[100.0] * 4) for step in range(3))
    wants = ((("AAA", "buy", "quantity", 5), ("AAA", "sell", "quantity", 2)),)
    case = Case({"AAA": rows}, {"s0": Player("script", "1", wants=wants)}, fill_at=fill_at, commission=("fixed", "1"))
    result = netted(case).run()
    assert [(fill.quantity, fill.is_crossed) for fill in result.fills] == [(2, True), (3, False), (-2, True)]
    assert result.crossing == (200_000_000, 1_000_000, 0)
