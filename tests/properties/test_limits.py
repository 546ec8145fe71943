"""Limits hold in every run: after every event as far as prices allow, for all who ask, in whatever order they speak."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from books import assert_limits_hold, exits, shuffled_run
from certain import RULED, always
from examples import examples
from generators import SHARES, START_US, Case, Player, limited_cases
from ropewalk.config import OrchestratorConfig
from ropewalk.orchestrator import StrategyOrchestrator
from ropewalk.reasons import COUNTED, LIMITS

EXAMPLES = examples(100)


@settings(max_examples=2 * EXAMPLES)
@always([case.but(actions=(), policy="independent") for case in RULED], price=7)
@given(limited_cases(actions_max=0), st.integers(1, 50))
def test_limits_hold_after_every_event_while_prices_stand(case: Case, price: int) -> None:
    """At prices that do not move, without costs, no event takes a book over a limit; exits may lean the books."""
    assert_limits_hold(case, price)


@settings(max_examples=2 * EXAMPLES)
@always([case.but(policy="independent") for case in RULED])
@given(limited_cases())
def test_a_decision_says_which_limit_bound(case: Case) -> None:
    """Granted ≤ asked; what is reserved fits the limit that is shown; counts are shown for counts only; exits pass."""
    result = case.run()
    for one in result.decisions:
        assert one.granted_micros <= one.asked_micros
        if one.reason in COUNTED:
            assert one.used_positions >= one.limit_positions
            assert (one.granted_micros, one.limit_micros, one.used_micros) == (0, 0, 0)
        else:
            assert (one.limit_positions, one.used_positions) == (0, 0)
            assert one.reserved_micros <= max(one.limit_micros - one.used_micros, 0)
        if one.reason in LIMITS and one.reason != "allocation" and one.granted_micros:
            assert one.granted_micros == one.reserved_micros == one.limit_micros - one.used_micros
        assert bool(one.group) == (one.reason in ("group_exposure", "own_limit"))
        if not one.asked_micros and one.side:
            assert one.reason in ("in_full", "allocation"), one


@always(RULED)
@given(limited_cases())
def test_exits_always_pass(case: Case) -> None:
    """Whoever holds something may close it, whatever the limits: here nothing else is allowed at all."""
    assert set(exits(case.run())) <= {("granted", "in_full")}


@given(limited_cases(kinds=("script",), players_max=3), st.randoms(use_true_random=False))
def test_who_speaks_first_changes_nothing(case: Case, chance: Any) -> None:
    """Strategies are called in another order, and seated in the same: every one gets what it got."""
    result, other = case.run(), shuffled_run(case, chance)
    for name in case.players:
        one, same = other.get_strategy_result(name), result.get_strategy_result(name)
        assert (one.decisions, one.fills, one.lapses) == (same.decisions, same.fills, same.lapses)


ROWS = tuple((START_US + step, *[10.0] * 4) for step in range(3))


@given(
    st.sampled_from(("gross_exposure", "net_exposure", "symbol_exposure", "leverage", "cash_reserve", "symbol_share")),
    st.sampled_from(SHARES),
    st.integers(20, 5_000),
    st.integers(0, 5_000),
    st.integers(1, 9_000),
    st.sampled_from(("buy", "sell")),
)
def test_more_capital_never_refuses_more(
    limit: str, share: str, capital: int, more: int, amount: int, action: str
) -> None:
    """One strategy, one ask: with more capital, at least as much is granted."""
    own = {"strategies": {"one": {limit: share}}} if limit == "symbol_share" else {limit: share}
    player = Player("script", weight="1", wants=(((("AAA", action, "notional", amount)),),))
    case = Case(bars={"AAA": ROWS}, players={"one": player}, capital=str(capital), limits=own)
    ((less,), (rich,)) = case.run().decisions, case.but(capital=str(capital + more)).run().decisions
    assert less.granted_micros <= rich.granted_micros
    assert less.asked_micros == rich.asked_micros


WIDE = str(10**12)
"""Times the capital: more than the largest sum that anybody asks for."""


@given(limited_cases())
def test_limits_that_bind_nobody_change_nothing(case: Case) -> None:
    """Limits wide enough for whatever is asked never show: the record is that of a run without any."""
    wide = {
        **{name: WIDE for name in ("gross_exposure", "net_exposure", "symbol_exposure", "leverage")},
        "positions": 99,
        "groups": {"all": {"symbols": list(case.bars), "exposure": WIDE}},
        "strategies": {name: {"symbol_share": WIDE, "positions": 99} for name in case.players},
    }
    assert case.but(limits=wide).run().record.digest() == case.but(limits={}).run().record.digest()


def test_a_run_without_limits_is_the_run_it_was() -> None:
    """Nothing of limits is on record where none is set, and empty ones are none."""
    config = OrchestratorConfig()
    assert "limits" not in config.recorded()
    assert OrchestratorConfig(limits={}).recorded() == config.recorded()
    assert StrategyOrchestrator([(object(), 1)]).config.limits == config.limits
