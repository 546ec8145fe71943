"""What every policy keeps to, over generated batches and over generated runs."""

from __future__ import annotations

from collections import Counter
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from examples import examples
from generators import POLICIES, Case, disputed_cases
from ropewalk import OrchestratorConfig
from ropewalk.arbiter.arbiter import Arbiter
from ropewalk.arbiter.policies import settled
from ropewalk.arbiter.wishes import Holder, Wish

NAMES = [one["kind"] if isinstance(one, dict) else one for one in POLICIES]
every_policy = pytest.mark.parametrize("typed", POLICIES, ids=NAMES)
EXAMPLES = examples(100)
AMOUNTS = st.one_of(st.integers(0, 9), st.integers(0, 2**53))


def outcome_of(result: Any, name: str) -> tuple[Any, ...]:
    """All that came of what one strategy said."""
    one = result.get_strategy_result(name)
    return one.decisions, one.fills, one.lapses, one.equity_curve.equity_micros.tolist()


def policy_of(typed: Any) -> Any:
    return OrchestratorConfig(conflict_policy=typed).policies()[0]


@st.composite
def batches(draw: st.DrawFn) -> list[Wish]:
    """Draw the wishes of one conflict, in seat order; each asks for something."""
    capital, at_work = draw(AMOUNTS), draw(st.one_of(st.just(0), AMOUNTS))
    wishes = []
    held = {seat: draw(st.sampled_from((0, 0, 3, -3))) for seat in range(5)}
    weights = {seat: draw(AMOUNTS) for seat in range(5)}
    for number, seat in enumerate(sorted(draw(st.lists(st.integers(0, 4), min_size=1, max_size=7)))):
        side, asked = draw(st.sampled_from((1, -1))), draw(st.one_of(st.just(0), AMOUNTS))
        against = tuple(
            Holder(one, f"s{one}", lots) for one, lots in held.items() if asked and one != seat and lots * side < 0
        )
        wishes.append(
            Wish(
                *(number, seat, f"s{seat}", "GLD", side, draw(st.integers(0, 5)) if asked else 2, 0, asked, 1),
                conviction=draw(st.sampled_from((0, 0, 1, 800_000, 1_000_000))),
                weight_micros=weights[seat],
                capital_micros=capital,
                symbol_micros=at_work,
                against=against,
            )
        )
    return wishes


@every_policy
@settings(max_examples=2 * EXAMPLES)
@given(wishes=batches())
def test_a_policy_allows_what_it_may(typed: Any, wishes: list[Wish]) -> None:
    """From nothing to what was asked, exits in full, the same again, and nothing taken where nobody is in the way."""
    policy = policy_of(typed)
    outcomes = settled(policy, wishes)
    assert outcomes == settled(policy, wishes)
    for wish, (money, lots) in zip(wishes, outcomes, strict=True):
        assert 0 <= money <= wish.asked_micros
        assert lots == wish.close_lots
    is_peace = len({wish.side for wish in wishes}) == 1 and not any(wish.against for wish in wishes)
    if policy.name != "pro_rata" and is_peace:
        assert [money for money, _ in outcomes] == [wish.asked_micros for wish in wishes]


@given(wishes=batches(), share=st.sampled_from(("0.000001", "0.2", "0.5", "1")))
def test_pro_rata_gives_out_exactly_what_there_is(wishes: list[Wish], share: str) -> None:
    """All asks where they fit, else the cap less what is at work to the micro; no share is a micro off its part."""
    typed = {"kind": "pro_rata", "share": share}
    outcomes = settled(policy_of(typed), wishes)
    asked, given_out = sum(wish.asked_micros for wish in wishes), sum(money for money, _ in outcomes)
    millionths = {"0.000001": 1, "0.2": 200_000, "0.5": 500_000, "1": 1_000_000}[share]
    free = max(wishes[0].capital_micros * millionths // 1_000_000 - wishes[0].symbol_micros, 0)
    assert given_out == min(asked, free)
    for wish, (money, _) in zip(wishes, outcomes, strict=True):
        assert asked == 0 or abs(money * asked - wish.asked_micros * given_out) < asked


@given(wishes=batches())
def test_opposed_entries_never_both_pass(wishes: list[Wish]) -> None:
    """Where a side wins, of two strategies' opposed entries one at most is allowed anything."""
    # One that wants both sides leads both.
    sides = {(wish.seat, wish.side) for wish in wishes}
    assume(len(sides) == len({wish.seat for wish in wishes}))
    for typed in ("priority", "cancel_both", "weighted_average", "largest_conviction"):
        outcomes = settled(policy_of(typed), wishes)
        entering = [wish for wish, (money, _) in zip(wishes, outcomes, strict=True) if money]
        for one in entering:
            assert all(one.side == other.side or one.seat == other.seat for other in entering) or (
                typed == "weighted_average" and any(not other.weight_micros for other in entering)
            )


@pytest.mark.parametrize("typed", ["independent", "cancel_both", {"kind": "veto", "strategy": "s1"}], ids=str)
@given(wishes=batches(), chance=st.randoms(use_true_random=False))
def test_seats_do_not_matter_where_the_rule_names_none(typed: Any, wishes: list[Wish], chance: Any) -> None:
    """Shuffled wishes get the same outcomes."""
    policy = policy_of(typed)
    shuffled = list(wishes)
    chance.shuffle(shuffled)
    was = dict(zip((wish.number for wish in wishes), settled(policy, wishes), strict=True))
    now = dict(zip((wish.number for wish in shuffled), settled(policy, shuffled), strict=True))
    assert now == was


@every_policy
@settings(max_examples=EXAMPLES // 4)
@given(case=disputed_cases(), chance=st.randoms(use_true_random=False))
def test_who_speaks_first_does_not_matter(typed: Any, case: Case, chance: Any) -> None:
    """Strategies speak in seat order; shuffled, with the seats kept, every fate and every conflict is the same."""
    spoken, shuffled = run_spoken(case, typed, None), run_spoken(case, typed, chance)
    assert shuffled == spoken


def run_spoken(case: Case, typed: Any, chance: Any) -> list[Any]:
    """Run with the wishes of each instant settled in some order of strategies, each one's own kept in its order."""
    settle = Arbiter._settle_conflicts

    def in_some_order(self: Any, at_us: int, wishes: list[Wish]) -> Any:
        if chance is not None:
            names = sorted({wish.strategy for wish in wishes})
            chance.shuffle(names)
            wishes = sorted(wishes, key=lambda wish: names.index(wish.strategy))
        return settle(self, at_us, wishes)

    with patch.object(Arbiter, "_settle_conflicts", in_some_order):
        result = case.but(policy=typed).orchestrator().run(case.data())
    return spoken_of(case, result)


def spoken_of(case: Case, result: Any) -> list[Any]:
    """All that came of what was said, and the conflicts about it."""
    return [[outcome_of(result, name) for name in case.players], result.conflicts]


@settings(max_examples=EXAMPLES // 4)
@given(case=disputed_cases(), chance=st.randoms(use_true_random=False))
def test_permuting_strategies_changes_no_outcome_of_symmetric_rules(case: Case, chance: Any) -> None:
    """Under rules that name no seat, who is declared first gains nothing."""
    names = list(case.players)
    chance.shuffle(names)
    for typed in ("independent", "cancel_both", {"kind": "veto", "strategy": "s1"}):
        result = case.but(policy=typed).run()
        other = case.but(policy=typed, players={name: case.players[name] for name in names}).run()
        for name in names:
            assert outcome_of(other, name) == outcome_of(result, name)


@every_policy
def test_generated_runs_meet_every_kind_and_every_refusal(typed: Any) -> None:
    """What is generated above is not all peace: each kind comes up, and each policy but one refuses something."""
    met: Counter[str] = Counter()

    @settings(max_examples=15, derandomize=True, database=None)
    @given(case=disputed_cases())
    def collect(case: Case) -> None:
        for conflict in case.but(policy=typed).run().conflicts:
            met[conflict.kind] += 1
            met["refused"] += conflict.refused_micros > 0

    collect()
    assert {"opposed", "crowded", "entry_against_exit", "against_position"} <= {*met}
    assert (met["refused"] > 0) is (typed not in ("independent", "net"))
