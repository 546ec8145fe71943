"""Standings: what the events so far say about each strategy."""

from __future__ import annotations

import pytest

from generators import START_US, Case, Player


def row(step: int, price: float) -> tuple[int, float, float, float, float]:
    return START_US + step, price, price, price, price


@pytest.mark.parametrize(
    ("capital_base", "available"),
    [
        ("compounding", ["1000", "450", "500", "500", "0", "0"]),
        ("fixed", ["1000", "450", "500", "400", "400", "400"]),
    ],
)
def test_a_strategy_is_told_what_is_free(capital_base: str, available: list[str]) -> None:
    """Limit less what is at work and what is reserved, never below zero."""
    told: list[str] = []

    class Telling:
        def on_turn(self, view: object) -> object:
            from ropewalk import buy

            told.append(f"{view.capital_available.normalize():f}")  # type: ignore[attr-defined]
            orders = view.open_orders("AAA")  # type: ignore[attr-defined]
            assert len(orders) == (1 if len(told) == 2 else 0)
            return {1: buy("AAA", notional=550), 4: buy("BBB", notional=500)}.get(len(told))

    from ropewalk import StrategyOrchestrator

    bars = {
        "AAA": (row(0, 100), row(2, 100), row(3, 120)),
        "BBB": tuple(row(step, 500) for step in range(6)),
    }
    case = Case(bars=bars, players={"s": Player("script")}, capital_base=capital_base)
    config = case.config()
    StrategyOrchestrator({"s": (Telling(), 1)}, "1000", config).run(case.data())
    assert told == available


def test_average_and_opening_time_follow_the_position() -> None:
    """Adding moves the average and keeps the time; through zero both begin anew; flat is forgotten."""
    seen: list[object] = []

    class Looking:
        def on_turn(self, view: object) -> object:
            from ropewalk import buy, sell

            seen.append(view.position("AAA"))  # type: ignore[attr-defined]
            wants = [buy("AAA", quantity=2), buy("AAA", quantity=1), sell("AAA", quantity=5), buy("AAA", quantity=2)]
            return wants[len(seen) - 1] if len(seen) <= 4 else None

    from ropewalk import StrategyOrchestrator

    bars = {"AAA": tuple(row(step, price) for step, price in enumerate((10, 10, 13, 14, 12, 12)))}
    case = Case(bars=bars, players={}, headroom_bps=10_000)
    StrategyOrchestrator({"s": (Looking(), 1)}, "1000", case.config()).run(case.data())
    shown = [None if one is None else (one.shares, one.entry_price, one.current_price) for one in seen]
    assert shown == [None, (2, 10.0, 10.0), (3, 11.0, 13.0), (-2, 14.0, 14.0), None, None]
    dates = [one.entry_date.microsecond for one in seen if one is not None]
    assert dates == [1, 1, 3]
