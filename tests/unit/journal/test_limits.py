"""A journal with limits: every reason is told in plain words, and what cannot be is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generators import START_US, Case, Player
from ropewalk.events import Decision
from ropewalk.journal import explain, read, verify
from ropewalk.journal.rules import limit_fault

DAY_US = 86_400_000_000
GLD = (*(100.0,) * 3, 150.0, 100.0, 100.0)


def rows(prices: Any) -> Any:
    return tuple((START_US + day * DAY_US, *[price] * 4) for day, price in enumerate(prices))


def case_of(limits: dict[str, Any], *wants: Any) -> Case:
    players = {f"s{seat}": Player("script", weight="0.5", wants=one) for seat, one in enumerate(wants)}
    return Case(bars={"GLD": rows(GLD), "SLV": rows((10.0,) * 6)}, players=players, capital="2000", limits=limits)


EIGHT = ((("GLD", "buy", "quantity", 8),),)
TWICE = ((("GLD", "buy", "quantity", 5), ("SLV", "buy", "quantity", 5)),)
LATE = (*(((("GLD", "buy", "quantity", 5),)), (), (), ()), (("SLV", "buy", "quantity", 5),))


@pytest.mark.parametrize(
    ("limits", "wants", "reason", "told"),
    [
        (
            {"strategies": {"s0": {"symbol_share": "0.5"}}},
            EIGHT,
            "symbol_share",
            "the limit on its share of capital in one symbol was 500.00: 0.00 used or reserved before this, 500",
        ),
        ({"strategies": {"s0": {"positions": 1}}}, TWICE, "strategy_positions", "it may have 1 position, and had 1"),
        (
            {"strategies": {"s0": {"drawdown": "0.2"}}},
            ((("GLD", "buy", "quantity", 5),), (), (), (), (("SLV", "buy", "quantity", 5),)),
            "drawdown",
            "it may lose 250.00 from its highest equity, and had lost 250.00",
        ),
        ({"gross_exposure": "0.1"}, EIGHT, "gross_exposure", "the limit on gross exposure was 200.00: 0.00 used"),
        ({"net_exposure": "0.1"}, EIGHT, "net_exposure", "the limit on net exposure to that side was 200.00"),
        ({"symbol_exposure": "0.1"}, EIGHT, "symbol_exposure", "the limit on exposure to the symbol was 200.00"),
        (
            {"groups": {"metals": {"symbols": ["GLD", "SLV"], "exposure": "0.1"}}},
            EIGHT,
            "group_exposure",
            "the limit on exposure to the group 'metals' was 200.00: 0.00 used or reserved before this, 200.00 after",
        ),
        ({"leverage": "0.1"}, EIGHT, "leverage", "the limit on leverage was 200.00"),
        ({"positions": 1}, TWICE, "account_positions", "all books together may have 1 position, and had 1"),
        (
            {"cash_reserve": "0.9"},
            EIGHT,
            "cash_reserve",
            "the limit on spending, which keeps the cash reserve, was 200",
        ),
    ],
)
def test_each_limit_is_told_in_plain_words(
    limits: dict[str, Any], wants: Any, reason: str, told: str, tmp_path: Path
) -> None:
    """What bound, how much of it was used, what was asked and what was granted."""
    orchestrator = case_of(limits, wants).orchestrator()
    result = orchestrator.run(case_of(limits, wants).data(), journal=tmp_path)
    path = result.journal.path
    assert verify(path).is_clean, str(verify(path))
    number = next(one.number for one in read(path) if one.kind == "decision" and one.event.reason == reason)
    story = str(explain(path, decision=number))
    assert told in story
    assert "it asked for" in story


def decision(**fields: Any) -> Decision:
    return Decision(0, "one", "GLD", "trimmed", **{"reason": "leverage", "side": 1, "asked_micros": 900, **fields})


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"granted_micros": 300, "reserved_micros": 300, "limit_micros": 500, "used_micros": 200}, ""),
        (
            {"granted_micros": 301, "reserved_micros": 301, "limit_micros": 500, "used_micros": 200},
            "it reserves 301 micros where leverage leaves 300",
        ),
        ({"limit_positions": 2, "used_positions": 2}, "it counts positions, and its reason is leverage"),
        ({"reason": "account_positions", "limit_positions": 2, "used_positions": 2}, ""),
        (
            {"reason": "account_positions", "limit_positions": 3, "used_positions": 2},
            "account_positions bound at 2 of 3 positions",
        ),
        ({"reason": "drawdown", "limit_micros": 3, "used_micros": 2}, "drawdown bound when 2 of 3 micros were lost"),
        ({"group": "metals"}, "it names the group 'metals', and its reason is leverage"),
        ({"reason": "group_exposure"}, "it names the group '', and its reason is group_exposure"),
        ({"reason": "group_exposure", "group": "metals"}, ""),
    ],
)
def test_a_decision_cannot_be_over_the_limit_it_shows(fields: dict[str, Any], wrong: str) -> None:
    assert limit_fault(decision(**fields)) == wrong
