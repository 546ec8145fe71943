"""The seam for policies: one small class decides what a conflict comes to, before the limits."""

from __future__ import annotations

from typing import Any

import pytest

from generators import START_US, Case, Player
from ropewalk import OrchestratorConfig, PluginError
from ropewalk.arbiter.policies import Outcome

ROWS = tuple((START_US + step, *[100.0] * 4) for step in range(4))


def case_of(*wants: Any) -> Case:
    players = {f"s{seat}": Player("script", weight="0.5", wants=one) for seat, one in enumerate(wants)}
    return Case(bars={"AAA": ROWS}, players=players, capital="2000")


class FirstSeat:
    """Only the first seat may act."""

    name = "first_seat"

    def settle(self, wishes: Any) -> Any:
        return [Outcome(wish.asked_micros, wish.close_lots) if wish.seat == 0 else Outcome(0, 0) for wish in wishes]


class HalfEach:
    name = "half"

    def settle(self, wishes: Any) -> Any:
        return [Outcome(wish.asked_micros // 2, wish.close_lots // 2) for wish in wishes]


def test_what_a_policy_refuses_says_policy() -> None:
    """The conflict carries the policy's name and what it allowed; the refused intent its reason."""
    buys = ((("AAA", "buy", "quantity", 4),),)
    result = case_of(buys, buys).run(conflict_policy=FirstSeat())
    (conflict,) = result.conflicts
    assert (conflict.policy, conflict.asked_micros) == ("first_seat", (400_000_000, 400_000_000))
    assert conflict.allowed_micros == (400_000_000, 0)
    assert conflict.intents == tuple(entry.number for entry in result.record.intents)
    assert [(one.verdict, one.reason) for one in result.decisions] == [("granted", "in_full"), ("refused", "policy")]
    assert [fill.strategy for fill in result.fills] == ["s0"]


def test_a_policy_may_trim_entries_but_no_exit() -> None:
    """Four lots asked, two allowed; what is held may close, and a policy that says otherwise stops the run."""
    wants = ((("AAA", "buy", "quantity", 4),), (), (("AAA", "close", "fraction", 1),))
    with pytest.raises(PluginError, match="policy half allowed s0 to close 1 of 2 lots in AAA; exits always pass"):
        case_of(wants, wants).run(conflict_policy=HalfEach())
    opened = case_of(wants[:1], wants[:1]).run(conflict_policy=HalfEach()).decisions
    assert [(one.verdict, one.reason, one.granted_micros) for one in opened] == [("trimmed", "policy", 200_000_000)] * 2


def test_a_policy_that_answers_nonsense_stops_the_run() -> None:
    class Greedy:
        name = "greedy"

        def settle(self, wishes: Any) -> Any:
            return [Outcome(wish.asked_micros + 1, 0) for wish in wishes]

    buys = ((("AAA", "buy", "quantity", 1),),)
    with pytest.raises(PluginError, match="policy greedy allowed s0 100000001 micros"):
        case_of(buys, buys).run(conflict_policy=Greedy())


def test_a_policy_is_checked_when_it_is_set() -> None:
    with pytest.raises(ValueError, match=r"there is no policy 'indepedent'; did you mean 'independent'\?"):
        OrchestratorConfig(conflict_policy="indepedent")
    with pytest.raises(ValueError, match="is no policy; name one"):
        OrchestratorConfig(conflict_policy=3)
