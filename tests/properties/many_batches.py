"""
Ten thousand generated batches a policy, each held against every property; prints what was counted.

`python tests/properties/many_batches.py [BATCHES] [SEED]`. The tests of this folder hold the same properties over a few
batches each time they run; this goes on until every policy has settled as many as are asked for: the wishes of one
conflict by themselves, and all intents of an instant in generated runs with limits, costs and both fill rules.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from books import assert_limits_hold, exits
from generators import POLICIES, Case, ruled_cases
from invariants import assert_invariants
from properties.test_arbitration import fates
from properties.test_conservation import Inspector
from properties.test_policies import NAMES, batches, run_spoken, test_a_policy_allows_what_it_may

BATCHES = 10_000
AT_ONCE = 200
"""Examples drawn from one seed; hypothesis keeps all of them in mind."""

MANY = settings(
    max_examples=AT_ONCE,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def hold_wishes(typed: Any, count: int, start: int) -> Counter[str]:
    """Hold the rule alone against what it may allow."""
    met: Counter[str] = Counter()
    allows_what_it_may = test_a_policy_allows_what_it_may.hypothesis.inner_test  # type: ignore[attr-defined]
    while met["batches"] < count:

        @seed(start + met["rounds"])
        @settings(MANY)
        @given(wishes=batches())
        def hold(wishes: Any) -> None:
            allows_what_it_may(typed, wishes)
            met["batches"] += 1

        hold()
        met["rounds"] += 1
    return met


def hold_runs(typed: Any, count: int, start: int) -> Counter[str]:
    """Hold whole runs under a policy against every property."""
    met: Counter[str] = Counter()
    while met["batches"] < count:

        @seed(start + met["rounds"])
        @settings(MANY)
        @given(case=ruled_cases(), price=st.integers(1, 50), chance=st.randoms(use_true_random=False))
        def hold(case: Case, price: int, chance: Any) -> None:
            met.update(held(case.but(policy=typed, policies={}), price, chance))

        hold()
        met["rounds"] += 1
    return met


def held(case: Case, price: int, chance: Any) -> dict[str, int]:
    """Raise AssertionError where a run breaks a property; else say what was in it."""
    inspector = Inspector(case)
    result = inspector.result
    assert not inspector.wrong, inspector.wrong
    assert_invariants(result)
    assert set(exits(result)) <= {("granted", "in_full")}
    for decision, asked, allowed in fates(result):
        assert decision.asked_micros == asked
        assert 0 <= decision.granted_micros <= allowed <= asked
    for conflict in result.conflicts:
        assert conflict.allowed_close == conflict.asked_close
    assert run_spoken(case, case.policy, chance) == run_spoken(case, case.policy, None)
    assert_limits_hold(case.but(actions=()), price)
    return {
        "runs": 1,
        "batches": len({intent.at_us for intent in result.intents}),
        "conflicts": len(result.conflicts),
        "decisions": len(result.decisions),
        "refused": sum(one.verdict == "refused" for one in result.decisions),
        "looks": inspector.looks,
    }


def main() -> None:
    """Print the table, a policy at a time."""
    count, start = (*map(int, sys.argv[1:]), *(BATCHES, 1)[len(sys.argv) - 1 :])
    print("| policy | wishes alone | batches in runs | conflicts | decisions, refused | looks into the ledger | CPU |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, typed in zip(NAMES, POLICIES, strict=True):
        began = process_time()
        wishes, met = hold_wishes(typed, count, start), hold_runs(typed, count, start)
        decisions = f"{met['decisions']:,}, {met['refused']:,}"
        took = f"{process_time() - began:.0f} s"
        runs = f"{met['batches']:,} in {met['runs']:,}"
        told = (name, f"{wishes['batches']:,}", runs, f"{met['conflicts']:,}", decisions)
        print("| " + " | ".join((*told, f"{met['looks']:,}", took)) + " |", flush=True)


if __name__ == "__main__":
    main()
