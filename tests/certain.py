"""
Examples that are there in every run of a test, so that no policy, limit or cost is met by luck alone.

`always` puts them before those that are drawn: `@always(RULED, price=7)` over `@given(case=..., price=...)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any

from hypothesis import example

from generators import (
    COMMISSIONS,
    POLICIES,
    REBALANCES,
    SLIPPAGES,
    Case,
    Drawn,
    disputed_cases,
    held_cases,
    shared_cases,
)

LIMITS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("gross_exposure", {"gross_exposure": "0.1"}),
    ("net_exposure", {"net_exposure": "0.05"}),
    ("symbol_exposure", {"symbol_exposure": "0.1"}),
    ("symbol_exposure", {"symbols": {"AAA": "0.05"}}),
    ("group_exposure", {"groups": {"metals": {"symbols": ["AAA", "BBB"], "exposure": "0.1"}}}),
    ("leverage", {"leverage": "0.1"}),
    ("account_positions", {"positions": 1}),
    ("cash_reserve", {"cash_reserve": "0.75"}),
    ("symbol_share", {"strategies": {"s0": {"symbol_share": "0.05"}}}),
    ("strategy_positions", {"strategies": {"s0": {"positions": 0}, "s1": {"positions": 1}}}),
    ("drawdown", {"strategies": {"s0": {"drawdown": "0.000001"}, "s1": {"drawdown": "0.000001"}}}),
    ("own_limit", {"own": {"zeta": ("strategy", "0.05")}}),
    ("own_limit", {"own": {"alpha": ("account", "0.05"), "zeta": ("strategy", "0.333333")}}),
)
"""The reason that each limit gives, and the limit, tight enough to bind where strategies dispute."""

COSTS: tuple[dict[str, Any], ...] = (
    *({"commission": commission} for commission in COMMISSIONS[1:]),
    *({"slippage": slippage} for slippage in SLIPPAGES[1:]),
)
SEEDS: dict[str, tuple[int, ...]] = {
    "ruled": (11, 20, 34, 42, 54, 68, 73, 81, 92, 101, 111, 120, 131),
    "priced": (141, 150, 160, 170, 180, 190, 200, 210, 220, 230, 240, 250, 260, 270),
    "shared": (280, 290, 300, 317, 320, 330, 340, 351, 362, 371, 380, 391),
}
"""Of runs in which each option shows; where the generators change, `test_certain` says for which others are due."""


def under(kind: Drawn[Case], options: Iterable[dict[str, Any]], seeds: Iterable[int]) -> tuple[Case, ...]:
    """Draw a run for each of some options, and set the option in it."""
    return tuple(kind.of(Random(seed)).but(**option) for seed, option in zip(seeds, options, strict=True))


GOVERNED = [{"policy": POLICIES[at % len(POLICIES)], "limits": limits} for at, (_, limits) in enumerate(LIMITS)]
RULED = under(disputed_cases, GOVERNED, SEEDS["ruled"])
"""Each limit, and each policy."""
PRICED = under(held_cases, COSTS, SEEDS["priced"])
"""Each commission and each slippage."""
SHARED = under(shared_cases, [{"rebalance": one} for one in REBALANCES], SEEDS["shared"])
"""Each rebalancer."""


def always(some: Sequence[Case], **others: Any) -> Callable[[Any], Any]:
    """Put examples before those that are drawn."""

    def decorated(test: Any) -> Any:
        for case in some:
            test = example(case=case, **others)(test)
        return test

    return decorated
