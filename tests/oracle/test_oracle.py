"""The oracle agrees on every generated run: two programs, one story."""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certain import PRICED, RULED, SHARED, always
from examples import examples
from generators import (
    ENTER,
    LEAVE,
    POLICIES,
    REBALANCES,
    SIZE,
    TARGETS,
    Case,
    cases,
    disputed_cases,
    held_cases,
    limited_cases,
    partial_cases,
    ruled_cases,
    shared_cases,
)

HERE = Path(__file__).parent


def loaded(name: str) -> Any:
    """A file of the oracle as a module of its own."""
    spec = importlib.util.spec_from_file_location(f"naive_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


naive_shares, naive_oracle = loaded("shares"), loaded("oracle")


RULES = {"enter": ENTER, "leave": LEAVE, "size": SIZE, "targets": TARGETS, "column": np.array}


def oracle_of(case: Case) -> Any:
    """Hand the oracle the case as plain data."""
    return naive_oracle.Oracle(
        bars=case.bars,
        players=case.players,
        rules=RULES,
        capital=case.capital,
        commission=case.commission,
        slippage=case.slippage,
        fill_at=case.fill_at,
        capital_base=case.capital_base,
        close_at_end=case.close_at_end,
        headroom_bps=case.headroom_bps,
        lots=case.lots,
        actions=case.actions,
        limits=case.limits,
        policy=case.policy,
        policies=case.policies,
        crossing=case.crossing,
        fill_model=case.fill_model,
        volumes=case.volumes,
        shares=naive_shares,
        rebalance=case.rebalance,
        suspends=case.suspends_in_us(),
    )


def story_of(result: Any) -> list[tuple[Any, ...]]:
    """What ropewalk says happened, in the oracle's words."""
    record = result.record
    told = []
    told_of = (*record.intents, *record.conflicts, *record.decisions, *record.fills, *record.lapses)
    # A run begins with transfers of its own, whose cause is its first event.
    moved = [entry for entry in record.transfers if entry.cause]
    told_of += (*record.rebalances, *record.reallocations, *record.suspensions, *moved)
    for entry in (*told_of, *record.actions, *record.adjustments, *record.payments):
        one = entry.event
        match type(one).__name__:
            case "Intent":
                said = ("intent", one.at_us, one.strategy, one.symbol, one.action, one.unit, one.amount, one.conviction)
            case "Conflict":
                said = ("conflict", one.at_us, one.symbol, one.kind, one.strategies, one.sides)
                said += (one.asked_micros, one.allowed_micros, one.asked_close, one.allowed_close)
                said += (one.holders, one.held, one.over_limit)
            case "Decision":
                said = ("decision", one.at_us, one.strategy, one.symbol, one.verdict, one.reason, one.side)
                said += (one.asked_micros, one.granted_micros, one.reserved_micros)
                said += (one.close_quantity, one.open_quantity, one.limit_micros, one.used_micros)
                said += (one.limit_positions, one.used_positions, one.group)
            case "Fill":
                said = ("fill", one.at_us, one.strategy, one.symbol, one.quantity, one.price_micros)
                said += (one.commission_micros, one.slippage_micros, one.closed_quantity)
                said += (one.realised_micros, one.released_micros, one.is_crossed, one.remaining_quantity)
                said += (one.saved_commission_micros, one.saved_slippage_micros)
            case "Split":
                said = ("split", one.at_us, one.symbol, one.numerator, one.denominator)
            case "Dividend":
                said = ("dividend", one.at_us, one.symbol, one.per_share_micros)
            case "Adjustment":
                said = ("adjustment", one.at_us, one.strategy, one.symbol, one.numerator, one.denominator)
                said += (one.quantity_before, one.quantity_after, one.cash_micros, one.realised_micros)
            case "Rebalance":
                said = ("rebalance", one.at_us, one.rebalancer, one.every, one.strategies, one.equity_micros)
                said += (one.target_micros, one.pool_micros, one.pool_target_micros)
            case "Reallocation":
                said = ("reallocation", one.at_us, one.strategies, one.equity_micros, one.moved_micros)
                said += (one.pool_moved_micros,)
            case "Transfer":
                said = ("transfer", one.at_us, one.giver, one.taker, one.micros)
            case "Suspension":
                said = ("suspension", one.at_us, one.strategy, one.action, one.by, one.peak_micros)
                said += (one.equity_micros,)
            case "Payment":
                said = ("payment", one.at_us, one.strategy, one.symbol, one.quantity, one.micros)
            case _:
                said = ("lapse", one.at_us, one.strategy, one.symbol, one.reason, one.released_micros)
        told.append((entry.number, said))
    return [said for _, said in sorted(told)]


def with_ends_sorted(story: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Lapses at the end of the data happen all at once: no page gives them an order, so compare them in one."""
    seats = [seat for seat, said in enumerate(story) if said[0] == "lapse" and said[4] == "end_of_data"]
    ordered = list(story)
    for seat, said in zip(seats, sorted(story[seat] for seat in seats), strict=True):
        ordered[seat] = said
    return ordered


def assert_agreement(case: Case, result: Any = None) -> None:
    """Compare the two stories, then the books they end with; run the case if it has not been."""
    result = result or case.run()
    oracle = oracle_of(case)
    assert with_ends_sorted(story_of(result)) == with_ends_sorted(oracle.run())
    for name in case.players:
        curve = result.equity_curves[name]
        fills = result.get_strategy_result(name).fills
        one = result.get_strategy_result(name)
        held: dict[str, int] = {}
        for symbol, change in [
            *((fill.symbol, fill.quantity) for fill in fills),
            *((each.symbol, each.quantity_after - each.quantity_before) for each in one.adjustments),
        ]:
            held[symbol] = held.get(symbol, 0) + change
        assert int(curve.cash_micros[-1]) == oracle.cash[name]
        assert {symbol: lots for symbol, lots in held.items() if lots} == oracle.held[name]
        assert sum(each.realised_micros for each in (*fills, *one.adjustments)) == oracle.realised[name]
        assert sum(payment.micros for payment in one.payments) == oracle.dividends[name]
        assert sum(fill.commission_micros for fill in fills) == oracle.fees[name]
        assert int(curve.equity_micros[-1]) == oracle.worth(name)
    pool = oracle.capital - sum(oracle.given.values())
    assert int(result.equity_curves[""].equity_micros[-1]) == pool
    assert result.account_equity_micros == pool + sum(map(oracle.worth, case.players))


def test_the_oracle_imports_nothing_of_ours() -> None:
    """A second opinion that shares our code shares our mistakes."""
    assert not re.search(
        r"^\s*(from|import) (ropewalk|generators)",
        "\n".join((HERE / name).read_text("utf-8") for name in ("oracle.py", "shares.py")),
        re.MULTILINE,
    )


EXAMPLES = examples(100)


@settings(max_examples=2 * EXAMPLES)
@always([*PRICED, *SHARED])
@given(cases())
def test_the_oracle_agrees_on_every_generated_run(case: Case) -> None:
    """Intents, conflicts, decisions, fills, lapses and the books they end in, for strategies of every kind."""
    assert_agreement(case)


@settings(max_examples=2 * EXAMPLES)
@given(cases(players_max=2, kinds=("script",)))
def test_the_oracle_agrees_on_scripts(case: Case) -> None:
    """Scripts reach what sensible strategies do not: flips, targets against resting orders, impossible amounts."""
    assert_agreement(case)


@settings(max_examples=2 * EXAMPLES)
@given(held_cases())
def test_the_oracle_agrees_on_corporate_actions(case: Case) -> None:
    """Splits and dividends of what is held long and short, of what rests, several in a row and on one instant."""
    assert_agreement(case)


@settings(max_examples=EXAMPLES)
@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one["kind"] if isinstance(one, dict) else one)
@given(disputed_cases())
def test_the_oracle_agrees_under_every_policy(policy: Any, case: Case) -> None:
    """Several strategies, one or two symbols, convictions, positions in the way: who may open with how much."""
    assert_agreement(case.but(policy=policy))


@settings(max_examples=EXAMPLES)
@given(disputed_cases(), st.lists(st.sampled_from(POLICIES), min_size=3, max_size=3))
def test_the_oracle_agrees_where_symbols_have_policies_of_their_own(case: Case, some: list[Any]) -> None:
    """Each symbol is settled by its own rule, the others by the run's."""
    assert_agreement(case.but(policy=some[0], policies=dict(zip(case.bars, some[1:], strict=False))))


@settings(max_examples=2 * EXAMPLES)
@given(st.one_of(disputed_cases(), ruled_cases(), held_cases()), st.booleans())
def test_the_oracle_agrees_on_what_crosses(case: Case, crossing: bool) -> None:
    """Who crosses with whom, what is left, what it costs and saves; under limits, splits and every cost model."""
    assert_agreement(case.but(policy="net", policies={}, crossing=crossing))


@pytest.mark.parametrize("rebalance", [None, *REBALANCES], ids=str)
@settings(max_examples=EXAMPLES // 4)
@given(st.one_of(shared_cases(), shared_cases(kinds=("script", "asking", "signals"))))
def test_the_oracle_agrees_on_rebalances_and_suspensions(rebalance: Any, case: Case) -> None:
    """Who is to have how much and when, what is sold for it, what moves when, and what happens on paper meanwhile."""
    assert_agreement(case.but(rebalance=rebalance))


@pytest.mark.parametrize("size", SIZE)
@settings(max_examples=EXAMPLES // 5)
@given(cases(kinds=("asking",)))
def test_the_oracle_agrees_on_every_size(size: str, case: Case) -> None:
    """Whoever says how much: a sensible number, none, too much, or no number at all."""
    assert_agreement(case.but(players={name: replace(one, size=size) for name, one in case.players.items()}))


@settings(max_examples=2 * EXAMPLES)
@given(partial_cases())
def test_the_oracle_agrees_on_partial_fills(case: Case) -> None:
    """Who gets how much of a bar, what is left of which order, what it reserves, crosses, costs, and how it ends."""
    assert_agreement(case)


@settings(max_examples=2 * EXAMPLES)
@always(RULED)
@given(ruled_cases())
def test_the_oracle_agrees_where_policies_and_limits_meet(case: Case) -> None:
    """What policies allow is held against every limit, and conflicts say whether all together are over one."""
    assert_agreement(case)


@settings(max_examples=EXAMPLES // 2)
@given(held_cases(instants_max=20, kinds=("script", "asking", "signals")))
def test_the_oracle_agrees_on_corporate_actions_for_every_kind(case: Case) -> None:
    """Strategies that look at the history see it in the new shares."""
    assert_agreement(case)


@settings(max_examples=3 * EXAMPLES)
@always([case.but(policy="independent") for case in RULED])
@given(limited_cases())
def test_the_oracle_agrees_on_every_limit(case: Case) -> None:
    """Limits of strategies and of the account, alone and together: what each leaves, which binds, and what it shows."""
    assert_agreement(case)


@settings(max_examples=2 * EXAMPLES)
@given(limited_cases(instants_max=14), st.sampled_from(("0.000001", "0.005", "0.03")))
def test_the_oracle_agrees_on_drawdown_stops(case: Case, drawdown: str) -> None:
    """Losses come from gaps, costs and dividends; gains end them."""
    assert_agreement(case.but(limits={"strategies": {name: {"drawdown": drawdown} for name in case.players}}))


@settings(max_examples=EXAMPLES)
@given(limited_cases(instants_max=20, actions_max=4))
def test_the_oracle_agrees_on_limits_in_longer_runs(case: Case) -> None:
    """Splits, dividends, gaps and losses move what is in use."""
    assert_agreement(case)


@settings(max_examples=EXAMPLES // 5)
@given(cases(instants_max=40))
def test_the_oracle_agrees_on_longer_runs(case: Case) -> None:
    """What goes wrong slowly."""
    assert_agreement(case)
