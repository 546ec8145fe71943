"""
Ten thousand generated batches a policy, each held against every property; prints what was counted.

`python tests/properties/many_batches.py [BATCHES] [SEED]`. The tests of this folder hold the same properties over a few
batches each time they run; this goes on until every policy has settled as many as are asked for: the wishes of one
conflict by themselves, and all intents of an instant in generated runs with limits, costs, splits and both fill rules.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from books import assert_limits_hold, exits
from generators import POLICIES, Case
from invariants import assert_invariants
from oracle.test_oracle import assert_agreement
from properties.test_arbitration import fates
from properties.test_conservation import Inspector
from properties.test_policies import NAMES, run_spoken, spoken_of, test_a_policy_allows_what_it_may
from seeded import case_of, wishes_of

BATCHES = 10_000


def hold_wishes(typed: Any, count: int, start: int) -> int:
    """Hold the rule alone against what it may allow."""
    allows_what_it_may = test_a_policy_allows_what_it_may.hypothesis.inner_test  # type: ignore[attr-defined]
    chance = Random(start)
    for _ in range(count):
        allows_what_it_may(typed, wishes_of(chance))
    return count


def hold_runs(typed: Any, count: int, start: int) -> Counter[str]:
    """Hold whole runs under a policy against every property; an AssertionError has the seed of the run."""
    met: Counter[str] = Counter()
    while met["batches"] < count:
        seed = f"{start} {met['runs']}"
        chance = Random(seed)
        try:
            met.update(held(case_of(chance, typed), chance.randint(1, 50), chance))
        except Exception as error:
            error.add_note(f"case_of(Random({seed!r}), {typed!r})")
            raise
    return met


def held(case: Case, price: int, chance: Random) -> dict[str, int]:
    """Raise AssertionError where a run breaks a property; else say what was in it."""
    inspector = Inspector(case)
    result = inspector.result
    assert not inspector.wrong, inspector.wrong
    assert_invariants(result)
    assert_agreement(case, result)
    assert set(exits(result)) <= {("granted", "in_full")}
    for decision, asked, allowed in fates(result):
        assert decision.asked_micros == asked
        assert 0 <= decision.granted_micros <= allowed <= asked
    for conflict in result.conflicts:
        assert conflict.allowed_close == conflict.asked_close
    assert run_spoken(case, case.policy, chance) == spoken_of(case, result)
    assert_limits_hold(case.but(actions=()), price)
    return {
        "runs": 1,
        "batches": len({intent.at_us for intent in result.intents}),
        "conflicts": len(result.conflicts),
        "decisions": len(result.decisions),
        "refused": sum(one.verdict == "refused" for one in result.decisions),
        "trimmed": sum(one.verdict == "trimmed" for one in result.decisions),
        "looks": inspector.looks,
    }


def main() -> None:
    """Print the table, a policy at a time."""
    count, start = (*map(int, sys.argv[1:]), *(BATCHES, 1)[len(sys.argv) - 1 :])
    print("| policy | wishes alone | batches in runs | conflicts | decisions | refused | trimmed | looks | CPU |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, typed in zip(NAMES, POLICIES, strict=True):
        began = process_time()
        wishes, met = hold_wishes(typed, count, start), hold_runs(typed, count, start)
        counted = [met[one] for one in ("conflicts", "decisions", "refused", "trimmed", "looks")]
        told = (name, f"{wishes:,}", f"{met['batches']:,} in {met['runs']:,}", *(f"{one:,}" for one in counted))
        print("| " + " | ".join((*told, f"{process_time() - began:.0f} s")) + " |", flush=True)


if __name__ == "__main__":
    main()
