"""Runs in which one strategy, or somebody else, does what should not be done, beside one that does nothing wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ropewalk import Bar, Fault, OrchestratorConfig, Strategy, StrategyOrchestrator, buy, close

START_US = 1_577_836_800_000_000
DAY_US = 86_400_000_000
BAD_BAR = 3
"""The bar at which it is done."""


def bars(symbol: str = "AAA", count: int = 8) -> list[Bar]:
    prices = [10.0 + row % 3 for row in range(count)]
    return [Bar(symbol, START_US + row * DAY_US, price, price, price, price, 1.0) for row, price in enumerate(prices)]


class Does(Strategy):
    """Does something at the third bar, and says what came of it."""

    def __init__(self, what: Callable[[Any, Any], Any]) -> None:
        self.what = what

    def on_bar(self, bar: Bar, view: Any) -> Any:
        return self.what(bar, view) if len(view.history(bar.symbol)) == BAD_BAR else None


class InAndOut(Strategy):
    """Buys at one bar and sells at the next."""

    def on_bar(self, bar: Bar, view: Any) -> Any:
        return close("AAA") if view.quantity("AAA") else buy("AAA", fraction=0.5)


def seats(bad: Any, *others: Any) -> dict[str, Any]:
    """The bad one in the first seat, so that whatever it does comes before the others."""
    strategy = Does(bad) if callable(bad) and not hasattr(bad, "signals") else bad
    return {"bad": (strategy, "0.4"), "good": (InAndOut(), "0.4"), **dict(zip(("third",), others, strict=False))}


def run(bad: Any, data: Any = None, *, observers: Any = (), journal: Any = None, **settings: Any) -> Any:
    config = OrchestratorConfig(**{"on_strategy_error": "suspend", **settings})
    return StrategyOrchestrator(seats(bad), 10_000, config).run(data or bars(), observers=observers, journal=journal)


def fault(bad: Any, **settings: Any) -> Fault:
    """Run it, and give the one fault there was; the good strategy went on to the end, as if it had been alone."""
    result = run(bad, **settings)
    (found,) = result.faults
    assert result.ended.status == "complete"
    assert fills_of(result, "good") == alone()
    assert found.source == "bad"
    return found


def fills_of(result: Any, strategy: str) -> bytes:
    return msgspec.json.encode([one for one in result.fills if one.strategy == strategy])


def alone() -> bytes:
    """What the good strategy trades without the bad one, whose share stays in the pool."""
    return fills_of(StrategyOrchestrator({"good": (InAndOut(), "0.4")}, 10_000).run(bars()), "good")
