"""A cross on record: its story in plain words, and what its fills cannot say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from generators import START_US, Case, Player
from ropewalk.events import DataEnded, Decision, Fill
from ropewalk.journal import Recording, diff, explain, read, replay, verify
from ropewalk.journal.crosses import Crosses
from ropewalk.journal.rules import Rules

ROWS = tuple((START_US + day * 86_400_000_000, *[10.0] * 4) for day in range(3))


def case_of(**fields: Any) -> Case:
    players = {
        name: Player("script", weight="0.3", wants=((("GLD", side, "quantity", lots),),))
        for name, side, lots in (("trend", "buy", 10), ("revert", "sell", 4), ("late", "buy", 5))
    }
    costs = {"commission": ("per_share", "0.01", "1"), "slippage": ("basis_points", "10")}
    return Case(**{"bars": {"GLD": ROWS}, "players": players, "capital": "3000", "policy": "net", **costs, **fields})


@pytest.mark.parametrize("fill_at", ["next_open", "close"])
def test_a_crossed_order_is_explained(fill_at: str, tmp_path: Path) -> None:
    """Who was on the other side, that nothing was traded, what of the order was, and what that saved."""
    case = case_of(fill_at=fill_at)
    result = case.orchestrator().run(case.data(), journal=tmp_path)
    path = result.journal.path
    assert verify(path).is_clean, str(verify(path))
    for level in ("state", "decisions"):
        assert replay(path, level=level, data=case.data()).is_identical
    whole = next(one.number for one in read(path) if one.kind == "fill" and one.event.strategy == "revert")
    told = str(explain(path, fill=whole))
    for sentence in (
        "trend, revert and late wanted GLD at once, on both sides: opposed, settled by net",
        "revert sold 4 GLD at 10.00, 40.00 in all",
        "it crossed inside the account, where trend bought 3 and late bought 1: nobody traded it in the market",
        "it cost no slippage and no commission",
        "netting saved the order 1.00 of commission and 0.04 of slippage",
    ):
        assert sentence in told, sentence
    intent = next(one.number for one in read(path) if one.kind == "intent" and one.event.strategy == "trend")
    told = str(explain(path, intent=intent))
    for sentence in (
        "it crossed inside the account, where revert sold 4: nobody traded it in the market",
        "the other 7 GLD of the order were traded at once",
        "trend bought 7 GLD at 10.01, 70.07 in all",
    ):
        assert sentence in told, sentence
    assert "it still rested" not in told


def test_a_run_that_does_not_cross_differs_in_its_first_fill() -> None:
    """`diff` names what netting changed."""
    contents = []
    for crossing in (True, False):
        case = case_of(crossing=crossing)
        contents.append(case.orchestrator().run(case.data(), journal=Recording(mode="memory")).journal.content)
    found = diff(*contents)
    assert found is not None
    assert found.kind == "fill"
    assert {"quantity", "is_crossed", "remaining"} <= {field.name for field in found.fields}
    assert any("crossing" in field.name for field in found.inputs)


def wrongs(change: Any) -> list[str]:
    """What the rules find in a journal of which each fill was changed, or left out where None is made of it."""
    case, rules, found = case_of(), Rules(), []
    content = case.orchestrator().run(case.data(), journal=Recording(mode="memory")).journal.content
    for record in read(content):
        event = change(record.event) if isinstance(record.event, Fill) else record.event
        if record.kind in ("header", "data", "plugin"):
            found.append(rules.open(event, record.about))
        elif event is not None and record.kind != "ckpt":
            found.append(rules.see(record.number, record.cause, event))
    return [one for one in found if one]


def altered(fill: Fill, **changes: Any) -> Fill:
    return msgspec.structs.replace(fill, **changes)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda fill: fill, ""),
        (lambda fill: None if fill.strategy == "revert" else fill, "before it 4 lots of GLD crossed at 10000000"),
        (
            lambda fill: altered(fill, remaining_quantity=0) if fill.remaining_quantity else fill,
            "it gives back 0 micros",
        ),
        (lambda fill: altered(fill, is_crossed=False), "it is not the last of its order, so it crosses"),
        (
            lambda fill: altered(fill, price_micros=fill.price_micros + 500_000),
            "more than the 105000000 micros granted",
        ),
        (lambda fill: altered(fill, released_micros=9), "it gives back 9 micros of 0 reserved"),
        (lambda fill: fill if fill.is_crossed else None, ""),
        (
            lambda fill: altered(fill, quantity=fill.quantity - 1) if fill.quantity == 7 else fill,
            "it trades 6 lots, 7 remained of its order",
        ),
    ],
)
def test_records_that_do_not_fit_are_found(change: Any, wrong: str) -> None:
    """The parts of an order belong together: with its grant, with each other, and with who was on the other side."""
    found = wrongs(change)
    assert any(wrong in one for one in found) if wrong else all("it counts" in one for one in found), found


CROSSED = Fill(0, "a", "GLD", 3, 10, 0, 0, 0, 0, 0, True, 7)
WHOLE = Fill(0, "b", "GLD", -3, 10, 0, 0, 0, 0, 50, True, 0, 4, 1)


@pytest.mark.parametrize(
    ("fill", "policy", "is_on", "wrong"),
    [
        (CROSSED, "net", True, ""),
        (WHOLE, None, True, ""),
        (CROSSED, "priority", True, "it is netted, which only the policy net does: that of GLD is priority"),
        (WHOLE, "net", False, "it is netted, which only the policy net does: crossing is off"),
        (
            Fill(0, "a", "GLD", 3, 10, 1, 0, 0, 0, 0, saved_slippage_micros=2),
            "independent",
            True,
            "it is netted, which only the policy net does: that of GLD is independent",
        ),
        (Fill(0, "a", "GLD", 3, 10, 1, 0, 0, 0, 0), "independent", False, ""),
        (msgspec.structs.replace(CROSSED, is_crossed=False), "net", True, "it is not the last of its order, so it"),
        (msgspec.structs.replace(CROSSED, saved_commission_micros=1), "net", True, "it is not the last of its order"),
        (msgspec.structs.replace(CROSSED, commission_micros=1), "net", True, "it crosses, and cost 1 of commission"),
        (msgspec.structs.replace(WHOLE, slippage_micros=1), "net", True, "it crosses, and cost 0 of commission and 1"),
    ],
)
def test_what_a_fill_may_say_of_netting(fill: Fill, policy: str | None, is_on: bool, wrong: str) -> None:
    """Only under net and with crossing on; free of costs where it crosses; savings with the last of an order."""
    found = Crosses().take(fill, policy, is_on=is_on)
    assert found.startswith(wrong) if wrong else not found


def test_a_cross_has_two_sides_at_one_price() -> None:
    """Nothing else comes before the other side has all its lots, and both have one price."""
    crosses = Crosses()
    assert not crosses.take(CROSSED, "net", is_on=True)
    assert not crosses.interrupted(Fill(0, "c", "GLD", 1, 10, 0, 0, 0, 0, 0))
    assert "3 lots of GLD crossed at 10" in crosses.interrupted(DataEnded(0))
    assert not crosses.interrupted(DataEnded(0))
    crosses = Crosses()
    crosses.take(CROSSED, "net", is_on=True)
    assert "crosses at 11, the other side at 10" in crosses.take(
        msgspec.structs.replace(WHOLE, price_micros=11), "net", is_on=True
    )
    assert not crosses.interrupted(DataEnded(0))


def test_what_remains_of_an_order_is_what_follows() -> None:
    """The second part trades what the first left, and both together open no more than was granted."""
    grant = Decision(0, "a", "GLD", "granted", "in_full", 1, 100, 100, 105, open_quantity=10)
    crosses = Crosses()
    assert crosses.spent(5, CROSSED, grant) == (3, 30, "")
    last = Fill(0, "a", "GLD", 7, 11, 2, 7, 0, 0, 105)
    assert crosses.spent(5, last, grant) == (10, 109, "")
    crosses.spent(6, CROSSED, grant)
    assert "it trades 6 lots, 7 remained" in crosses.spent(6, msgspec.structs.replace(last, quantity=6), grant)[2]
    backwards = msgspec.structs.replace(CROSSED, remaining_quantity=-7)
    assert "-7 lots remain, the grant is for side 1" in crosses.spent(7, backwards, grant)[2]
