"""Counterfactuals of runs whose orders cross between books, or would have."""

from __future__ import annotations

from typing import Any

import pytest

from generators import START_US
from recorded_runs import DAY_US, Says, costs, teams
from ropewalk import Bar, OrchestratorConfig, Strategy, StrategyOrchestrator, buy, sell
from ropewalk.journal import Recording, counterfactual, replay, verify

MEMORY = Recording(mode="memory")
BARS = [Bar("GLD", START_US + day * DAY_US, *[10.0] * 4) for day in range(6)]


class Echo(Strategy):
    """Wants once, and again after each of its first fills."""

    def __init__(self, want: Any, answers: int = 2) -> None:
        self.want = want
        self.answers = answers

    def on_bar(self, bar: Bar, view: Any) -> Any:
        want, self.want = self.want, None
        return want

    def on_fill(self, fill: Any, view: Any) -> Any:
        if not self.answers:
            return None
        self.answers -= 1
        return buy("GLD", quantity=1 + self.answers)


def recorded(seats: Any, **changes: Any) -> bytes:
    config = OrchestratorConfig(**{**costs(), **changes})
    content = StrategyOrchestrator(seats, 10_000, config).run(BARS, journal=MEMORY).journal.content
    assert isinstance(content, bytes)
    return content


def asked(content: bytes, overrides: dict[str, Any], **changes: Any) -> Any:
    return counterfactual(content, overrides, data=BARS, config=OrchestratorConfig(**{**costs(), **changes}))


def test_an_order_that_would_have_crossed_in_part_is_one_changed_fill() -> None:
    """What crossed and what was traded are told together, with the number of the order's last fill."""
    content = recorded(teams(Says([[buy("GLD", quantity=10)]]), Says([[sell("GLD", quantity=4)]])))
    found = asked(content, {"conflict_policy": "net"})
    long, short = found.changed_fills
    assert [one.event.quantity for one in found.result.record.fills] == [4, 6, -4]
    assert "+10 at 10.001 → +4 crossed at 10.00 and +6 at 10.001; the decision is the same" in long.told
    assert "-4 at 9.999 → -4 crossed at 10.00; the decision is the same" in short.told
    assert long.fill[1] == found.result.record.fills[1].number
    assert found.figures.costs_micros < found.parent.figures.costs_micros
    assert verify(found.journal.content).is_clean
    config = OrchestratorConfig(**costs(), conflict_policy="net")
    assert replay(found.journal.content, level="decisions", data=BARS, config=config).is_identical


@pytest.mark.parametrize("fill_at", ["next_open", "close"])
def test_answers_to_crosses_are_given_again(fill_at: str) -> None:
    """Also where an order has two fills, each with an answer of its own."""
    rules = {"conflict_policy": "net", "fill_at": fill_at}
    content = recorded(teams(Echo(buy("GLD", quantity=10)), Echo(sell("GLD", quantity=4))), **rules)
    again = asked(content, {}, **rules)
    assert again.is_identical
    assert (again.moved, again.unsaid) == (0, 0)
    assert sum(one.event.remaining_quantity > 0 for one in again.result.record.fills) >= 1


def test_an_order_is_known_again_by_its_last_fill() -> None:
    """Without crossing there is no fill in part: its answer is given at the next turn, all others where they were."""
    content = recorded(teams(Echo(buy("GLD", quantity=10)), Says([[sell("GLD", quantity=4)]])), conflict_policy="net")
    found = asked(content, {"crossing": False}, conflict_policy="net")
    assert (found.moved, found.unsaid) == (1, 0)
    fill, answer = found.result.record.fills[0], found.result.record.intents[2]
    assert (fill.event.quantity, answer.cause, answer.event.amount) == (10, fill.number, 1)


def test_a_run_that_crossed_nothing_gains_nothing_from_net() -> None:
    """Only the name of the policy stands in the inputs; every record is the same."""
    content = recorded({"one": (Says([[buy("GLD", quantity=10)]]), 1)})
    assert asked(content, {"conflict_policy": "net"}).is_identical
