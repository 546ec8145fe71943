"""Same inputs, same bytes: in any process, hash seed, time zone or directory, and however often."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from examples import examples
from generators import Case, cases
from ropewalk import Bar, Conflict, Cutoff, Decision, Fill, Intent, Lapse, RunEnded, RunStarted, Turn
from ropewalk.observers.observer import observer

TESTS = Path(__file__).resolve().parents[1]

PROGRAM = """
import json, random
from ropewalk import MeanReversion, Momentum, MomentumSignals, BuyAndHold, OrchestratorConfig, StrategyOrchestrator
from ropewalk import buy, close, sell, synthetic_feed
from generators import START_US, Case

class Lucky:
    def on_turn(self, view):
        symbol = view.random.choice(view.symbols)
        return view.random.choice([None, buy(symbol, fraction=0.3), sell(symbol, notional=500), close(symbol)])

chance = random.Random(7)
def walk():
    rows, price = [], 100.0
    for step in range(400):
        if chance.random() < 0.9:
            opened, price = price, max(round(price * chance.uniform(0.97, 1.031), 2), 1.0)
            rows.append((START_US + step * 60_000_000, opened, max(opened, price), min(opened, price), price))
    return tuple(rows)
data = Case(bars={symbol: walk() for symbol in ("AAA", "BBB", "CCC")}, players={}).data()
config = OrchestratorConfig(commission={"kind": "per_share", "amount": "0.005", "minimum": "1"}, seed=3)
seats = {
    "trend": (Momentum(3, 9), "0.2"), "signals": (MomentumSignals(3, 9), "0.2"), "mean": (MeanReversion(4), "0.2"),
    "hold": (BuyAndHold(), "0.1", ["BBB"]), "lucky": (Lucky(), "0.2"),
}
result = StrategyOrchestrator(seats, "250000", config).run(data)
print(result.record.digest(), len(result.fills), len(result.conflicts))
print(json.dumps(result.to_dict()))
"""


def test_two_fresh_processes_say_the_same(tmp_path: Path) -> None:
    """Hash seed, time zone, locale, optimisation and directory are no inputs."""
    paths = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    worlds = [
        ({"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"}, TESTS, ()),
        ({"PYTHONHASHSEED": "4242", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8"}, tmp_path, ("-O",)),
    ]
    running = [
        subprocess.Popen(
            [sys.executable, *flags, "-W", "error", "-c", PROGRAM],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": paths, **environment},
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for environment, cwd, flags in worlds
    ]
    told = [process.communicate() for process in running]
    assert [error for _, error in told] == ["", ""]
    assert told[0][0] == told[1][0]
    digest, fills, conflicts = told[0][0].split("\n")[0].split()
    assert len(digest) == 64
    assert int(fills) > 100
    assert int(conflicts) > 10


@settings(max_examples=examples(50))
@given(cases())
def test_running_twice_is_the_same(case: Case) -> None:
    """One orchestrator runs any number of times: each begins with the strategies as they were given."""
    orchestrator = case.orchestrator()
    first, second, third = (orchestrator.run(case.data()) for _ in range(3))
    assert first.record.digest() == second.record.digest() == third.record.digest()
    assert first.to_dict() == second.to_dict()


@settings(max_examples=examples(40))
@given(cases(), cases())
def test_what_ran_before_leaves_no_trace(one: Case, other: Case) -> None:
    """A, B, A in one process: nothing is global."""
    first = one.run().record.digest()
    other.run()
    assert one.run().record.digest() == first


@settings(max_examples=examples(50))
@given(cases())
def test_watching_changes_nothing(case: Case) -> None:
    """Observers hear after everyone else and cannot change a run, even one that raises before it leaves its Fault."""
    seen: list[Any] = []

    @observer(Bar, Turn, Cutoff, Intent, Conflict, Decision, Fill, Lapse, RunStarted, RunEnded)
    def watch(event: Any, number: int, cause: int) -> None:
        seen.append((number, cause, event))

    alone = case.run()
    watched = case.orchestrator().run(case.data(), observers=[watch])
    assert watched.record.digest() == alone.record.digest()
    numbers = [(number, cause) for number, cause, event in seen if isinstance(event, Decision)]
    assert numbers == [(entry.number, entry.cause) for entry in alone.record.decisions]
    assert sum(isinstance(event, Bar) for _, _, event in seen) == sum(map(len, case.bars.values()))


@settings(max_examples=examples(30))
@given(cases())
def test_an_observer_that_raises_costs_one_fault_and_nothing_else(case: Case) -> None:
    """It is detached at once; what was decided and filled stays the same."""

    @observer(Turn, Decision)
    def clumsy(event: Any, number: int, cause: int) -> None:
        raise RuntimeError("dropped it")

    alone = case.run()
    watched = case.orchestrator().run(case.data(), observers=[clumsy])
    assert [fault.action for fault in watched.faults] == ["detach"]
    assert watched.faults[0].error == "RuntimeError: dropped it"
    assert watched.decisions == alone.decisions
    assert watched.fills == alone.fills


@settings(max_examples=examples(40))
@given(cases())
def test_every_cause_is_earlier_than_its_effect(case: Case) -> None:
    """The start is the one event without a cause; all others name an earlier number, whoever hears them."""
    seen: list[tuple[int, int, str]] = []

    @observer(Intent, Conflict, Decision, Fill, Lapse, RunEnded, *(__import__("ropewalk").DataEnded,))
    def watch(event: Any, number: int, cause: int) -> None:
        seen.append((number, cause, type(event).__name__))

    case.orchestrator().run(case.data(), observers=[watch])
    assert [one for one in seen if one[1] >= one[0]] == []
    assert [number for number, _, _ in seen] == sorted(number for number, _, _ in seen)


@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_the_order_of_symbols_in_a_mapping_is_no_input(order: str) -> None:
    """Symbols have an order of their own: that of their names."""
    from generators import START_US, Player

    rows = {symbol: tuple((START_US + step, *[10.0 + step] * 4) for step in range(5)) for symbol in ("AAA", "BBB")}
    case = Case(bars=rows, players={"s": Player("asking", enter="always", leave="every second")})
    data = case.data() if order == "forwards" else dict(reversed(case.data().items()))
    assert case.orchestrator().run(data).record.digest() == case.run().record.digest()
