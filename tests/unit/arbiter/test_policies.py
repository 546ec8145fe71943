"""Each policy in exact numbers, how policies are chosen, and what goes on record of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from generators import POLICIES as TYPED
from generators import START_US, Case, Player
from ropewalk import ConfigError, JournalError, OrchestratorConfig, Outcome
from ropewalk.arbiter.conflicts import kind_of
from ropewalk.arbiter.policies import (
    KINDS,
    POLICIES,
    CancelBoth,
    LargestConviction,
    Priority,
    ProRata,
    Veto,
    WeightedAverage,
    settled,
)
from ropewalk.arbiter.wishes import Holder, Wish
from ropewalk.journal.explain import explain
from ropewalk.journal.reader import Journal
from ropewalk.journal.remaking import remade
from ropewalk.journal.verify import verify


def wish(seat: int, side: int, asked: int = 0, closing: int = 0, **more: Any) -> Wish:
    return Wish(seat, seat, f"s{seat}", "GLD", side, closing, 0, asked, 1, **more)


def allowed(policy: Any, *wishes: Wish) -> list[int]:
    """Settle, and see that exits passed."""
    outcomes = settled(policy, wishes)
    assert [one.allowed_close_lots for one in outcomes] == [one.close_lots for one in wishes]
    return [one.allowed_micros for one in outcomes]


def test_priority_goes_by_the_first_side_and_by_earlier_positions() -> None:
    """Whoever enters against an earlier position has no say; the next one leads."""
    assert allowed(Priority(), wish(0, 1, 9), wish(1, -1, 9), wish(2, 1, 9)) == [9, 0, 9]
    held = (Holder(0, "s0", -5),)
    assert allowed(Priority(), wish(1, 1, 9, against=held), wish(2, -1, 9)) == [0, 9]
    assert allowed(Priority(), wish(1, 1, 9, against=(Holder(2, "s2", -5),))) == [9]
    assert allowed(Priority(), wish(1, 1, 9, against=held)) == [0]


def test_cancel_both_looks_at_other_strategies_only() -> None:
    """One that wants both sides is not opposed to itself."""
    assert allowed(CancelBoth(), wish(0, 1, 9), wish(0, -1, 9), wish(1, 1, 7)) == [9, 0, 0]
    assert allowed(CancelBoth(), wish(0, 1, 9), wish(1, -1, 0, 4)) == [0, 0]


def test_the_weighted_average_scales_the_winners() -> None:
    """300·2 against 200·2 keeps a third of 300; the remainder goes to the earlier seat; a draw refuses all."""
    heavy = [wish(0, 1, 101, weight_micros=2), wish(1, -1, 200, weight_micros=2), wish(2, 1, 199, weight_micros=2)]
    assert allowed(WeightedAverage(), *heavy) == [34, 0, 66]
    draw = [wish(0, 1, 10, weight_micros=3), wish(1, -1, 30, weight_micros=1)]
    assert allowed(WeightedAverage(), *draw) == [0, 0]
    assert allowed(WeightedAverage(), wish(0, 1, 10, weight_micros=3), wish(1, -1, 0, 7, weight_micros=9)) == [10, 0]


def test_pro_rata_shares_what_the_cap_leaves() -> None:
    """A fifth of 1,000 less 100 at work is 100 for 300; more than the cap at work leaves nothing."""
    facts = {"capital_micros": 1_000, "symbol_micros": 100}
    assert allowed(ProRata(Decimal("0.2")), *(wish(seat, 1, 100, **facts) for seat in range(3))) == [34, 33, 33]
    assert allowed(ProRata(Decimal("0.5")), *(wish(seat, 1, 100, **facts) for seat in range(3))) == [100, 100, 100]
    assert allowed(ProRata(Decimal("0.05")), wish(0, 1, 100, **facts), wish(1, -1, 0, 3, **facts)) == [0, 0]


def test_the_largest_conviction_leads_ties_to_the_first() -> None:
    assert allowed(LargestConviction(), wish(0, 1, 9, conviction=1), wish(1, -1, 9, conviction=2)) == [0, 9]
    assert allowed(LargestConviction(), wish(0, 1, 9, conviction=2), wish(1, -1, 9, conviction=2)) == [9, 0]


def test_a_veto_is_of_wishes_and_positions() -> None:
    """What the named one neither wants nor holds the opposite of, others may do, to each other too."""
    veto = Veto("s1")
    assert allowed(veto, wish(0, 1, 9), wish(1, -1, 9), wish(2, -1, 9)) == [0, 9, 9]
    assert allowed(veto, wish(0, 1, 9, against=(Holder(1, "s1", -1),))) == [0]
    assert allowed(veto, wish(0, 1, 9), wish(2, -1, 9)) == [9, 9]


def test_kinds_of_conflicts() -> None:
    """Each kind from the fewest wishes that make it."""
    held = (Holder(1, "s1", -1),)
    assert kind_of([wish(0, 1, 9)]) is None
    assert kind_of([wish(0, 1, 9), wish(0, -1, 9)]) is None
    assert kind_of([wish(0, 1, 9, against=held)]) == "against_position"
    assert kind_of([wish(0, 1, 9), wish(1, 1, 0, 3)]) == "crowded"
    assert kind_of([wish(0, 1, 9), wish(1, -1, 9)]) == "opposed"
    assert kind_of([wish(0, 1, 0, 3), wish(1, -1, 0, 3)]) == "opposed"
    assert kind_of([wish(0, 1, 9), wish(1, -1, 0, 3)]) == "entry_against_exit"


# ── how policies are chosen ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("typed", TYPED, ids=str)
def test_what_was_typed_is_recorded_and_made_again(typed: Any) -> None:
    """By name or table, for the run or for a symbol; `first_wins` is recorded as what it is."""
    config = OrchestratorConfig(conflict_policy=typed, conflict_policies={"AAA": typed})
    told = config.recorded()
    assert told["conflict_policy"] == ("priority" if typed == "first_wins" else typed)
    assert OrchestratorConfig.model_validate(told) == config
    assert config.policies() == (config.conflict_policy, {"AAA": config.conflict_policy})


def test_a_name_and_a_table_choose_the_same() -> None:
    assert OrchestratorConfig(conflict_policy={"kind": "priority"}).conflict_policy == POLICIES["priority"]
    assert {*KINDS} - {*POLICIES} == {"pro_rata", "veto"}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"conflict_policy": "vetto"}, "there is no policy 'vetto'; did you mean 'veto'?"),
        (
            {"conflict_policy": "pro_rata"},
            "'pro_rata' has a parameter; write a table: kind = 'pro_rata', share",
        ),
        ({"conflict_policy": {"kind": "vetto", "strategy": "s"}}, "C45 conflict_policy.kind: 'vetto' is not known"),
        ({"conflict_policy": {"kind": "veto"}}, "C45 conflict_policy.strategy: is missing"),
        ({"conflict_policy": {"kind": "veto", "strtegy": "s"}}, "did you mean 'strategy'?"),
        ({"conflict_policy": {"kind": "pro_rata", "share": 0.2}}, "conflict_policy.share: 0.2 is a float"),
        ({"conflict_policy": {"kind": "pro_rata", "share": "1.5"}}, "C48 conflict_policy.share"),
        ({"conflict_policies": {"AAA": "priorty"}}, "conflict_policies.AAA: there is no policy 'priorty'; did you"),
        ({"conflict_policies": {"AAA": {"kind": "veto"}}}, "conflict_policies.AAA.strategy: is missing"),
        ({"conflict_policy": Priority}, "is no policy; name one"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(typed: dict[str, Any], found: str) -> None:
    with pytest.raises(ConfigError) as error:
        OrchestratorConfig(**typed)
    assert found in "\n".join([str(error.value), *error.value.findings])


ROWS = tuple((START_US + step, *[100.0] * 4) for step in range(6))
BUY = (("AAA", "buy", "quantity", 2),)
SELL = (("AAA", "sell", "quantity", 2),)
CLOSE = (("AAA", "close", "fraction", 1),)


def case_of(*wants: Any, **fields: Any) -> Case:
    players = {f"s{seat}": Player("script", weight="0.25", wants=one) for seat, one in enumerate(wants)}
    return Case(bars={"AAA": ROWS}, players=players, capital="4000", **fields)


def test_a_veto_names_a_strategy_and_a_symbol_its_data() -> None:
    """A name that nobody has is found before the run."""
    with pytest.raises(ConfigError, match=r"conflict_policy\.strategy: there is no strategy 's7'; known: s0, s1"):
        case_of((BUY,), (SELL,), policy={"kind": "veto", "strategy": "s7"}).orchestrator()
    with pytest.raises(ConfigError, match="conflict_policies: the data have no 'AAB'; did you mean 'AAA'"):
        case_of((BUY,), (SELL,), policies={"AAB": "priority"}).run()


def nobody_opens(wishes: Any) -> Any:
    return [Outcome(0, one.close_lots) for one in wishes]


def test_a_function_of_ones_own_is_a_policy(tmp_path: Path) -> None:
    """It bears its name, on conflicts and on the plugin's line; a replay needs it again."""
    result = (
        case_of((BUY,), (SELL,))
        .orchestrator(conflict_policy=nobody_opens)
        .run(case_of((BUY,)).data(), journal=tmp_path)
    )
    (conflict,) = result.conflicts
    assert (conflict.policy, conflict.version, conflict.refused_micros) == ("nobody_opens", "", 400_000_000)
    journal = Journal(result.journal.path)
    (plugin,) = [one for one in journal.inputs.plugins if one.role == "policy"]
    assert (plugin.id, plugin.use) == ("nobody_opens", f"{__name__}:nobody_opens")
    assert plugin.source
    with pytest.raises(JournalError, match="conflict_policy came with the run"):
        remade(journal, with_strategies=False)


# ── what goes on record ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_vetoed_entry_is_told_from_its_journal(tmp_path: Path) -> None:
    """Conflict, holders, policy with version and parameters; the journal is sound and its run can be made again."""
    case = case_of((BUY, (), CLOSE), ((), (), BUY), policy={"kind": "veto", "strategy": "s0"})
    case = case.but(players={**case.players, "s2": Player("script", wants=((), SELL))})
    result = case.orchestrator(conflict_policies={"AAA": {"kind": "veto", "strategy": "s0"}}).run(
        case.data(), journal=tmp_path
    )
    against, exit_ = result.conflicts
    assert (against.kind, against.strategies, against.holders, against.held) == (
        *("against_position", ("s2",)),
        *(("s0",), (2,)),
    )
    assert (against.policy, against.version, against.parameters) == ("veto", "1", "strategy=s0")
    assert (against.refused_micros, exit_.kind, exit_.refused_micros) == (
        200_000_000,
        "entry_against_exit",
        200_000_000,
    )
    path = result.journal.path
    assert verify(path).is_clean
    policies = [one for one in Journal(path).inputs.plugins if one.role == "policy"]
    assert [(one.id, one.version, one.parameters) for one in policies] == [
        ("veto", "1", {"strategy": "s0"}),
        ("veto", "1", {"strategy": "s0", "symbol": "AAA"}),
    ]
    again = remade(Journal(path), with_strategies=False).orchestrator
    assert again.config.policies() == (Veto("s0"), {"AAA": Veto("s0")})
    number = next(entry.number for entry in result.record.conflicts)
    told = [sentence for part in explain(path, number=number).passages for sentence in part.sentences]
    assert "s2 wanted AAA against what is held: against_position, settled by veto (strategy=s0)" in told
    assert "veto means to let one named strategy forbid: nobody else enters against what it wants or holds" in told
    assert "on the other side, s0 holds 2 AAA" in told
    assert "the policy refused 200.00 of the 200.00 asked" in told


def test_no_capital_leaves_the_last_policy_alone() -> None:
    """Policies judge before the limits: what both refuse says policy."""
    result = case_of((BUY,), (SELL,)).run(conflict_policy="cancel_both")
    assert [(one.verdict, one.reason) for one in result.decisions] == [("refused", "policy")] * 2
