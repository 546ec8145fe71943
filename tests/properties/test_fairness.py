"""Fair seats and isolation: no strategy gains by where it sits or loses by who sits beside it."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from generators import START_US, Case, Player, cases
from ropewalk import Momentum, MomentumSignals, StrategyOrchestrator


def outcome_of(result: Any, name: str) -> tuple[Any, ...]:
    """All that happened to one strategy; numbers and causes aside, which everyone shares."""
    one = result.get_strategy_result(name)
    curve = one.equity_curve
    return one.intents, one.decisions, one.fills, one.lapses, curve.equity_micros.tolist(), curve.cash_micros.tolist()


def without_numbers(conflict: Any) -> Any:
    """A conflict names intents by number; another neighbour's transfer moves all numbers."""
    return msgspec.structs.replace(conflict, intents=())


@given(cases(), st.randoms(use_true_random=False))
def test_seats_are_fair(case: Case, chance: Any) -> None:
    """Permuting the strategies changes no strategy's outcome."""
    names = list(case.players)
    chance.shuffle(names)
    other = case.but(players={name: case.players[name] for name in names}).run()
    result = case.run()
    for name in names:
        assert outcome_of(other, name) == outcome_of(result, name)
    assert other.account_equity_micros == result.account_equity_micros


@given(cases(), st.booleans())
def test_a_silent_neighbour_changes_no_number(case: Case, is_first: bool) -> None:
    """Adding a strategy that never speaks leaves every other strategy, and what was recorded, as it was."""
    silent = {"silent": Player("script", weight="0.000001")}
    players = {**silent, **case.players} if is_first else {**case.players, **silent}
    result, other = case.run(), case.but(players=players).run()
    for name in case.players:
        assert outcome_of(other, name) == outcome_of(result, name)
    assert list(map(without_numbers, other.conflicts)) == list(map(without_numbers, result.conflicts))
    assert other.account_equity_micros == result.account_equity_micros


@given(cases())
def test_an_active_neighbour_changes_no_fill(case: Case) -> None:
    """Under `independent`, a strategy with capital of its own changes nothing for the others but the conflicts."""
    alone = dict(list(case.players.items())[:-1]) or {"s9": Player("asking", enter="rising", leave="every second")}
    guest = {"guest": list(case.players.values())[-1]}
    result, other = case.but(players=alone).run(), case.but(players={**alone, **guest}).run()
    for name in alone:
        assert outcome_of(other, name) == outcome_of(result, name)


@settings(max_examples=examples(60))
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 6), st.sampled_from((0.0, 0.2)))
def test_momentum_is_the_same_asked_or_computed(seed: int, short: int, extra: int, missing: float) -> None:
    """`Momentum` asked bar by bar and `MomentumSignals` for the whole sample publish the same intents."""
    chance = np.random.default_rng(seed)
    bars = {}
    for symbol in ("AAA", "BBB"):
        # A coarse grid makes ties of the two averages common.
        prices = np.maximum(20 + np.cumsum(chance.integers(-2, 3, 60)), 3) / 2
        rows = [
            (START_US + step, *[float(price)] * 4) for step, price in enumerate(prices) if chance.random() >= missing
        ]
        bars[symbol] = tuple(rows)
    data = Case(bars=bars, players={}).data()
    asked = StrategyOrchestrator({"s": (Momentum(short, short + extra), 1)}).run(data)
    computed = StrategyOrchestrator({"s": (MomentumSignals(short, short + extra), 1)}).run(data)
    assert asked.intents == computed.intents
    assert asked.fills == computed.fills
