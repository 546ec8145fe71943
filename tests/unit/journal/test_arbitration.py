"""A journal of policies and limits at once: the story of what both took, and what its records cannot say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from generators import START_US, Case, Player
from ropewalk.events import Conflict, Decision, Intent, RunStarted
from ropewalk.journal import explain, read, replay, verify
from ropewalk.journal.arbitration import conflict_fault, policy_fault
from ropewalk.journal.rules import Rules
from ropewalk.recording.inputs import Inputs, Plugin
from ropewalk.recording.kinds import heading_of
from ropewalk.recording.recording import SYMBOLS_FROM

ROWS = tuple((START_US + day * 86_400_000_000, *[100.0] * 4) for day in range(3))
BUY = ((("GLD", "buy", "notional", 800),),)


def case_of(**fields: Any) -> Case:
    players = {f"s{seat}": Player("script", weight="0.4", wants=BUY) for seat in range(2)}
    return Case(bars={"GLD": ROWS}, players=players, capital="2000", **fields)


def test_what_a_policy_and_a_limit_took_is_told_in_order(tmp_path: Path) -> None:
    """Who was in the way, what was short for all, what the policy left of the ask, and what the limit left of that."""
    case = case_of(policy={"kind": "pro_rata", "share": "0.5"}, limits={"gross_exposure": "0.3"})
    result = case.orchestrator().run(case.data(), journal=tmp_path)
    path = result.journal.path
    assert verify(path).is_clean, str(verify(path))
    assert replay(path, level="decisions", data=case.data()).is_identical
    first, second = (one.number for one in read(path) if one.kind == "decision")
    told = str(explain(path, decision=second))
    sentences = [
        "s0 and s1 wanted GLD at once, all on one side: crowded, settled by pro_rata (share=0.5)",
        "together they wanted more than the limit on gross exposure left",
        "s1, to buy, was allowed 400.00 of 800.00",
        "the policy refused 800.00 of the 1,600.00 asked",
        "s1: trimmed, since all books together held as much as they may",
        "it asked for 800.00 of capital and was granted 200.00",
        "the limit on gross exposure was 600.00: 400.00 used or reserved before this, 600.00 after",
    ]
    told = told.split("how it came about")[1]
    places = [told.find(sentence) for sentence in sentences]
    assert -1 not in places, [one for one, place in zip(sentences, places, strict=True) if place < 0]
    assert places == sorted(places)
    assert "s0: trimmed, since the conflict policy allowed less than was asked" in str(explain(path, decision=first))


@pytest.mark.parametrize(
    ("limits", "over", "told"),
    [
        ({"symbol_exposure": "0.5"}, "symbol_exposure", "together they wanted more than the limit on exposure to the"),
        ({"leverage": "0.79"}, "leverage", "together they wanted more than the limit on leverage left"),
        ({"leverage": "0.6", "gross_exposure": "0.5"}, "gross_exposure", "limit on gross exposure left"),
        ({"positions": 1}, "account_positions", "together they wanted more positions than the account had left"),
        ({"positions": 2, "gross_exposure": "0.8"}, None, ""),
        ({"strategies": {"s0": {"symbol_share": "0.1"}}}, None, ""),
        ({}, None, ""),
    ],
)
def test_a_crowd_says_whether_it_is_over_a_limit(limits: Any, over: Any, told: str, tmp_path: Path) -> None:
    """Of 2,000 all together ask 1,600: the narrowest limit that they share and that leaves less is named."""
    case = case_of(limits=limits)
    result = case.orchestrator().run(case.data(), journal=tmp_path)
    (conflict,) = result.conflicts
    assert (conflict.kind, conflict.over_limit) == ("crowded", over)
    (number,) = (one.number for one in read(result.journal.path) if one.kind == "conflict")
    story = str(explain(result.journal.path, number=number))
    assert told in story
    assert ("together they wanted" in story) is bool(over)


# ── what records cannot say ──────────────────────────────────────────────────────────────────────────────────────────

INTENTS = (Intent(0, "one", "GLD", "buy", "notional", 900), Intent(0, "two", "GLD", "sell", "notional", 500))
CONFLICT = Conflict(
    *(0, "GLD", "opposed", "priority", (1, 2), ("one", "two"), (1, -1), (900, 500), (900, 0), (3, 0), (3, 0), "1")
)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ""),
        ({"allowed_micros": (900,)}, "its tuples do not have one entry each for 2 intents and 0 holders"),
        ({"holders": ("two",)}, "its tuples do not have one entry each for 2 intents and 1 holders"),
        ({"strategies": ("two", "one")}, "its strategies and symbol are not those of its intents"),
        ({"symbol": "SLV"}, "its strategies and symbol are not those of its intents"),
        ({"allowed_micros": (901, 0)}, "it allows (901, 0) of (900, 500) micros"),
        ({"allowed_micros": (-1, 0)}, "it allows (-1, 0) of (900, 500) micros"),
        ({"allowed_close": (2, 0)}, "it lets (2, 0) lots close of (3, 0); exits always pass"),
        ({"over_limit": "leverage"}, "it is opposed and over leverage; only a crowd"),
        ({"kind": "crowded", "over_limit": "drawdown"}, "it is crowded and over drawdown; only a crowd"),
        ({"kind": "crowded", "over_limit": "leverage"}, ""),
    ],
)
def test_what_a_conflict_cannot_say(fields: dict[str, Any], wrong: str) -> None:
    found = conflict_fault(msgspec.structs.replace(CONFLICT, **fields), INTENTS)
    assert found.startswith(wrong) if wrong else not found


def test_a_conflict_needs_somebody_in_the_way() -> None:
    alone = Conflict(0, "GLD", "against_position", "priority", (1,), ("one",), (1,), (9,), (9,), (0,), (0,), "1")
    assert conflict_fault(alone, INTENTS[:1]) == "it has one strategy and nobody in its way"
    assert not conflict_fault(msgspec.structs.replace(alone, holders=("two",), held=(-3,)), INTENTS[:1])


@pytest.mark.parametrize(
    ("fields", "settled", "wrong"),
    [
        ({"granted_micros": 400, "reason": "policy"}, (900, 400), ""),
        ({"granted_micros": 300, "reason": "leverage"}, (900, 400), ""),
        ({"granted_micros": 900, "reason": "in_full"}, None, ""),
        ({"granted_micros": 900, "reason": "in_full"}, (900, 900), ""),
        ({"granted_micros": 401, "reason": "policy"}, (900, 400), "it grants 401 micros, the conflict's policy"),
        ({"granted_micros": 300, "reason": "policy"}, (900, 900), "its reason is policy, and no policy allowed"),
        ({"granted_micros": 300, "reason": "policy"}, None, "its reason is policy, and no policy allowed"),
        ({"granted_micros": 400, "reason": "in_full"}, (900, 400), "its reason is in_full, and the conflict's policy"),
        ({"granted_micros": 400, "reason": "policy"}, (800, 400), "it asks 900 micros, in its conflict 800"),
    ],
)
def test_what_a_decision_cannot_say_after_its_conflict(fields: dict[str, Any], settled: Any, wrong: str) -> None:
    decision = Decision(0, "one", "GLD", "trimmed", **{"side": 1, "asked_micros": 900, **fields})
    found = policy_fault(decision, settled)
    assert found.startswith(wrong) if wrong else not found


@pytest.mark.parametrize(
    ("symbol", "policy", "wrong"),
    [
        ("GLD", ("cancel_both", "1"), ""),
        ("GLD", ("priority", "1"), "policy priority 1 settled it; that of GLD is cancel_both 1"),
        ("SLV", ("priority", "1"), ""),
        ("SLV", ("priority", "2"), "policy priority 2 settled it; that of SLV is priority 1"),
        ("SLV", ("mine", ""), "policy mine settled it; that of SLV is priority 1"),
    ],
)
def test_a_conflict_is_settled_by_the_policy_of_its_symbol(symbol: str, policy: Any, wrong: str) -> None:
    """The plugins' lines say which that is, each by its seat: the run's, or one of the symbol's own."""
    rules = Rules()
    inputs = Inputs(
        configuration={"settings": {"conflict_policies": {"GLD": "cancel_both"}}},
        capital_micros=1,
        plugins=(
            Plugin(seat=0, role="policy", id="priority", use="", version="1"),
            Plugin(seat=SYMBOLS_FROM, role="policy", id="cancel_both", use="", version="1"),
        ),
    )
    started = RunStarted(0, 1, ("one", "two"), (1, 1), ("GLD", "SLV"), "")
    rules.open(started, heading_of(inputs))
    for plugin in inputs.plugins:
        rules.open(plugin, None)
    for number, intent in enumerate(INTENTS, 1):
        assert not rules.see(number, 0, msgspec.structs.replace(intent, symbol=symbol))
    name, version = policy
    conflict = msgspec.structs.replace(CONFLICT, symbol=symbol, policy=name, version=version)
    assert rules.see(3, 0, conflict) == wrong
