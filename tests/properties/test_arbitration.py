"""Policies and limits together: what a policy leaves is held against every limit, whoever speaks first."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from books import assert_limits_hold, exits, shuffled_run
from certain import RULED, always
from examples import examples
from generators import Case, ruled_cases, strategy_of
from ropewalk.journal import replay
from ropewalk.reasons import LIMITS, SHARED

EXAMPLES = examples(100)


def fates(result: Any) -> list[tuple[Any, int, int]]:
    """Each decision with what was asked in its conflict and what the policy allowed, if it was in any."""
    settled = {
        number: (asked, allowed)
        for conflict in result.conflicts
        for number, asked, allowed in zip(conflict.intents, conflict.asked_micros, conflict.allowed_micros, strict=True)
    }
    told = []
    for entry in result.record.decisions:
        asked = entry.event.asked_micros
        told.append((entry.event, *settled.get(entry.cause, (asked, asked))))
    return told


@settings(max_examples=2 * EXAMPLES)
@always([case.but(actions=()) for case in RULED], price=7)
@given(ruled_cases(actions_max=0), st.integers(1, 50))
def test_limits_hold_after_every_event_under_any_policy(case: Case, price: int) -> None:
    """While prices stand, no event takes a book over a limit, whatever the policies allowed."""
    assert_limits_hold(case, price)


@settings(max_examples=2 * EXAMPLES)
@always(RULED)
@given(ruled_cases())
def test_granted_is_within_what_was_allowed_within_what_was_asked(case: Case) -> None:
    """The reason is the last rule that took something: a limit of what was allowed, else the policy."""
    for decision, asked, allowed in fates(case.run()):
        assert decision.asked_micros == asked
        assert 0 <= decision.granted_micros <= allowed <= asked
        if decision.reason == "policy":
            assert allowed < asked
            assert decision.granted_micros in (0, allowed)
        if decision.reason == "in_full":
            assert decision.granted_micros == allowed == asked
        if allowed < asked:
            assert decision.reason == "policy" or decision.reason in LIMITS


@settings(max_examples=2 * EXAMPLES)
@always(RULED)
@given(ruled_cases())
def test_exits_pass_every_policy_and_every_limit(case: Case) -> None:
    """Who closes gets all of it, and of what turns a position around the part that closes."""
    result = case.run()
    assert set(exits(result)) <= {("granted", "in_full")}
    closing = {
        number: lots
        for conflict in result.conflicts
        for number, lots in zip(conflict.intents, conflict.asked_close, strict=True)
    }
    for entry in result.record.decisions:
        assert entry.event.close_quantity == closing.get(entry.cause, entry.event.close_quantity)


@settings(max_examples=EXAMPLES)
@always(RULED, chance=Random(5))
@given(ruled_cases(), st.randoms(use_true_random=False))
def test_the_order_of_subscription_changes_nothing(case: Case, chance: Any) -> None:
    """Every strategy gets what it got, and every conflict is the same but for the numbers of its intents."""
    result, other = case.run(), shuffled_run(case, chance)
    for name in case.players:
        one, same = other.get_strategy_result(name), result.get_strategy_result(name)
        assert (one.decisions, one.fills, one.lapses) == (same.decisions, same.fills, same.lapses)
    assert list(map(without_numbers, other.conflicts)) == list(map(without_numbers, result.conflicts))


def without_numbers(conflict: Any) -> tuple[Any, ...]:
    return tuple(getattr(conflict, name) for name in conflict.__struct_fields__ if name != "intents")


@settings(max_examples=2 * EXAMPLES)
@always(RULED)
@given(ruled_cases())
def test_a_crowd_over_a_limit_never_gets_all_it_asks(case: Case) -> None:
    """Only crowds are over a limit, only over one that was set for all; together they get less than they asked."""
    result = case.run()
    fate = {entry.cause: entry.event for entry in result.record.decisions}
    for conflict in result.conflicts:
        if conflict.over_limit is not None:
            assert conflict.kind == "crowded"
            assert conflict.over_limit in SHARED
            granted = sum(fate[number].granted_micros for number in conflict.intents)
            assert granted < sum(conflict.asked_micros)


@always(RULED)
@given(ruled_cases())
def test_limits_that_bind_nobody_change_nothing_under_any_policy(case: Case) -> None:
    """Limits wide enough never show, neither in decisions nor in conflicts."""
    wide = {"gross_exposure": "1000", "leverage": "1000", "positions": 99, "symbol_exposure": "1000"}
    assert case.but(limits=wide).run().record.digest() == case.but(limits={}).run().record.digest()


def test_generated_runs_meet_policies_and_limits_at_once() -> None:
    """What is generated above is cut by policies, by limits, by both in one decision, and crowds over limits."""
    met: Counter[str] = Counter()

    @settings(max_examples=60, derandomize=True, database=None)
    @given(case=ruled_cases())
    def collect(case: Case) -> None:
        result = case.run()
        met["over"] += sum(conflict.over_limit is not None for conflict in result.conflicts)
        for decision, asked, allowed in fates(result):
            met["policy"] += decision.reason == "policy"
            met["limit"] += decision.reason in LIMITS[1:]
            met["both"] += allowed < asked and decision.reason in LIMITS

    collect()
    assert min(met[one] for one in ("over", "policy", "limit", "both")) > 0, met


@settings(max_examples=examples(40))
@always(RULED)
@given(ruled_cases())
def test_replays_settle_alike(case: Case) -> None:
    """From the intents on record, and from the strategies again, the same conflicts and decisions come."""
    with TemporaryDirectory() as folder:
        path = case.orchestrator().run(case.data(), journal=Path(folder)).journal.path
        strategies = {name: strategy_of(player) for name, player in case.players.items()}
        config = case.config()
        assert replay(path, level="decisions", data=case.data(), config=config).is_identical
        assert replay(path, level="full", data=case.data(), config=config, strategies=strategies).is_identical
