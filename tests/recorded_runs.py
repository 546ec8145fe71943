"""
Runs to be recorded and run again, each by its name: all that can happen in one, and little else.

A `Tale` makes fresh strategies, data and settings whenever it is asked, in this process or another.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import unwrap
from typing import Any, NamedTuple

import pytest

from generators import START_US
from ropewalk import (
    Bar,
    BasisPointSlippage,
    BuyAndHold,
    Dividend,
    MeanReversion,
    Momentum,
    MomentumSignals,
    OrchestratorConfig,
    PerShareCommission,
    Split,
    Strategy,
    StrategyOrchestrator,
    buy,
    close,
    feed_of,
    sample_feed,
    sell,
    synthetic_feed,
    target,
)
from ropewalk.arbiter.policies import Outcome
from ropewalk.journal import Recording

DAY_US = 86_400_000_000


class Says:
    """Wants on the n-th turn what stands there."""

    def __init__(self, wants: list[list[Any]]) -> None:
        self.wants = wants
        self.turns = 0

    def on_turn(self, view: Any) -> Any:
        self.turns += 1
        return self.wants[self.turns - 1] if self.turns <= len(self.wants) else None


class Chatty(Strategy):
    """Wants something wherever a strategy may want."""

    def __init__(self) -> None:
        self.fills = 0

    def on_start(self, view: Any) -> Any:
        return buy(view.symbols[0], fraction=0.1)

    def on_bar(self, bar: Any, view: Any) -> Any:
        return buy(bar.symbol, fraction=0.2) if view.position(bar.symbol) is None else None

    def on_fill(self, fill: Any, view: Any) -> Any:
        self.fills += 1
        return sell(fill.symbol, quantity=1) if self.fills % 3 == 0 else None

    def on_end(self, view: Any) -> None:
        self.fills = 0


class Lucky:
    """Draws from its own stream."""

    def on_turn(self, view: Any) -> Any:
        symbol = view.random.choice(view.symbols)
        return view.random.choice([None, buy(symbol, fraction=0.3), sell(symbol, notional=500), close(symbol)])


class Tumbles(Strategy):
    """In at one bar, out at the next, until it falls."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.bars = 0

    def on_bar(self, bar: Any, view: Any) -> Any:
        self.bars += 1
        if self.bars == self.at:
            raise ValueError("what is this")
        return buy(bar.symbol, fraction=0.5) if self.bars % 2 else close(bar.symbol)


class Wordy:
    """Has more to say than is kept, in characters that no file can hold, and about a symbol without end."""

    def on_turn(self, view: Any) -> Any:
        turn = len(view.history(view.symbols[0]))
        if turn % 7 == 1:
            return buy(view.symbols[0], fraction=0.2, note="né\ud800" * 1_500 + str(turn))
        if turn % 7 == 4:
            return [close(view.symbols[0], note="x" * 4_097), buy("Y" * 5_000, quantity=1)]
        return None


class Halves:
    """A policy of one's own: each gets half of what it asked."""

    name = "halves"

    def settle(self, wishes: Any) -> Any:
        return [Outcome(wish.asked_micros // 2, wish.close_lots) for wish in wishes]


class Ticket:
    """A commission of one's own."""

    def __init__(self, micros: int = 250_000) -> None:
        self.micros = micros

    def commission_micros(self, quantity: int, price_micros: int) -> int:
        return self.micros + abs(quantity) % 7


class Tale(NamedTuple):
    """A run that can be told as often as one likes."""

    seats: Callable[[], dict[str, Any]]
    data: Callable[[], Any]
    settings: Callable[[], dict[str, Any]] = dict
    capital: str = "10000"

    def config(self, **changes: Any) -> OrchestratorConfig:
        return OrchestratorConfig(**{**self.settings(), **changes})

    def orchestrator(self) -> StrategyOrchestrator:
        return StrategyOrchestrator(self.seats(), self.capital, self.config())

    def strategies(self) -> dict[str, Any]:
        return {name: seat[0] for name, seat in self.seats().items()}

    def run(self, journal: Any = None, **named: Any) -> Any:
        """Run it; without anything else its journal is kept in memory."""
        return self.orchestrator().run(
            self.data(), journal=Recording(mode="memory") if journal is None else journal, **named
        )

    def run_unchecked(self, journal: Any, **named: Any) -> Any:
        """Run it without the invariants that every result in a test is held against, which need a whole one."""
        return unwrap(StrategyOrchestrator.run)(self.orchestrator(), self.data(), journal=journal, **named)

    def again(self) -> dict[str, Any]:
        """What running it again takes, when nothing lies beside its journal."""
        return {"strategies": self.strategies(), "data": self.data(), "config": self.config()}


@cache
def months() -> Any:
    return sample_feed(["AAPL", "IBM"], start="2008-08-01", end="2008-12-31")


@cache
def weeks() -> Any:
    return sample_feed(["AAPL", "IBM"], start="2008-08-01", end="2008-09-12")


@cache
def years() -> Any:
    """With splits and dividends."""
    return sample_feed(["AAPL", "IBM"], start="2004-11-01", end="2005-05-31", adjusted=False, actions=True)


def flat(symbol: str, *prices: float) -> list[Bar]:
    return [Bar(symbol, START_US + day * DAY_US, *[price] * 4, 100.0) for day, price in enumerate(prices)]


def few_bars() -> Any:
    """Eight days of two symbols, a split and a dividend."""
    bars = {"GLD": flat("GLD", 100, 101, 102, 51, 52, 50, 53, 54), "OIL": flat("OIL", 20, 21, 19, 22, 20, 18, 23, 21)}
    actions = [Split(START_US + 3 * DAY_US, "GLD", 2, 1), Dividend(START_US + 5 * DAY_US, "GLD", 500_000)]
    return feed_of(bars).with_actions(actions)


def costs() -> dict[str, Any]:
    return {"commission": PerShareCommission(5_000, 1_000_000), "slippage": BasisPointSlippage(1_000_000)}


def four() -> dict[str, Any]:
    return {
        "trend": (Momentum(5, 20), "0.3"),
        "signals": (MomentumSignals(5, 20), "0.2"),
        "revert": (MeanReversion(window=5), "0.3"),
        "hold": (BuyAndHold(), "0.1", ["IBM"]),
    }


def opposed() -> dict[str, Any]:
    """Two that want the opposite of each other, one that wants what cannot be, one that falls on the fourth day."""
    gold = [
        [buy("GLD", quantity=20)],
        [buy("GLD", quantity=200)],
        [target("GLD", fraction=0.3), buy("OIL", quantity=0)],
        [],
        [sell("OIL", notional=700)],
        [close("GLD")],
        [],
        [buy("OIL", quantity=3)],
    ]
    oil = [
        [sell("GLD", quantity=4)],
        [buy("GLD", quantity=1), buy("OIL", fraction=1)],
        [close("GLD")],
        [],
        [close("OIL")],
    ]
    return {"gold": (Says(gold), "0.4"), "oil": (Says(oil), "0.3"), "falls": (Tumbles(4), "0.2", ["OIL"])}


def crossed() -> dict[str, Any]:
    """Three that buy and sell against each other: whole orders, parts of orders, exits, and through a split."""
    return {
        "trend": (Says([[buy("GLD", quantity=10)], [], [close("GLD")], [], [buy("OIL", notional=900)]]), "0.3"),
        "revert": (
            Says([[sell("GLD", quantity=4)], [], [buy("GLD", quantity=9)], [], [sell("OIL", quantity=9)]]),
            "0.3",
        ),
        "late": (
            Says([[buy("GLD", quantity=5)], [sell("GLD", quantity=5)], [], [], [sell("OIL", quantity=40)]]),
            "0.3",
        ),
    }


def shared() -> dict[str, Any]:
    """Two of which one wins what the other is due, on paper for a while, in positions that have to be sold down."""
    gold = [
        [buy("GLD", fraction=1)],
        [],
        [buy("OIL", quantity=3)],
        [],
        [sell("GLD", quantity=99)],
        [buy("OIL", fraction=1)],
    ]
    oil = [[buy("OIL", fraction=0.9)], [], [close("OIL")], [buy("GLD", quantity=2)], [], [sell("OIL", fraction=1)], []]
    return {"gold": (Says(gold), "0.4"), "oil": (Says(oil), "0.3"), "idle": (Says([]), "0.2")}


def sharing() -> dict[str, Any]:
    """Whoever is a point off is brought back, less what its drawdown costs it; one is suspended by each rule."""
    rebalance = {"kind": "drawdown_scaled", "every": "instant", "drawdown": "0.1", "floor": "0.5"}
    suspend = [
        {"strategy": "gold", "start": "2020-01-03", "end": "2020-01-06"},
        {"strategy": "oil", "drawdown": "0.01", "days": 2},
    ]
    return {**costs(), "rebalance": rebalance, "suspend": suspend}


def teams(*strategies: Any, weight: str = "0.2") -> dict[str, Any]:
    return {f"s{seat}": (one, weight) for seat, one in enumerate(strategies)}


TALES: dict[str, Tale] = {
    "everything": Tale(opposed, few_bars, lambda: {**costs(), "on_strategy_error": "flatten"}),
    "buy and hold": Tale(lambda: teams(BuyAndHold()), months),
    "momentum": Tale(lambda: teams(Momentum(5, 20)), months),
    "momentum signals": Tale(lambda: teams(MomentumSignals(5, 20)), months),
    "mean reversion": Tale(lambda: teams(MeanReversion(window=5)), months),
    "all four": Tale(four, months, costs),
    "close": Tale(four, months, lambda: {**costs(), "fill_at": "close", "close_at_end": True, "capital_base": "fixed"}),
    "close at end": Tale(four, months, lambda: {"close_at_end": True, "benchmark": "IBM"}),
    "actions": Tale(lambda: teams(Momentum(3, 9), Chatty(), BuyAndHold()), years, costs),
    "chatty": Tale(lambda: teams(Chatty(), Chatty()), months, costs),
    "lucky": Tale(lambda: teams(Lucky(), Lucky(), Momentum(3, 9)), months, lambda: {"seed": 11}),
    "suspended": Tale(lambda: teams(Tumbles(40), Chatty()), months, lambda: {"on_strategy_error": "suspend"}),
    "flattened": Tale(lambda: teams(Tumbles(40), Chatty()), months, lambda: {"on_strategy_error": "flatten"}),
    "lots": Tale(lambda: teams(Chatty(), Lucky()), months, lambda: {"instruments": {"IBM": {"lot": "0.1"}}}),
    "own rules": Tale(
        lambda: teams(Chatty(), Tumbles(10_000), Lucky()),
        months,
        lambda: {"conflict_policy": Halves(), "commission": Ticket()},
    ),
    "net": Tale(
        lambda: teams(Lucky(), Chatty(), MeanReversion(window=5), Momentum(3, 9)),
        months,
        lambda: {**costs(), "conflict_policy": "net", "seed": 4},
    ),
    "net at the close": Tale(
        lambda: teams(Lucky(), Chatty(), MeanReversion(window=5), Momentum(3, 9)),
        months,
        lambda: {**costs(), "conflict_policies": {"IBM": "net"}, "fill_at": "close", "close_at_end": True},
    ),
    "crosses": Tale(crossed, few_bars, lambda: {**costs(), "conflict_policy": "net", "close_at_end": True}),
    "shared": Tale(shared, few_bars, sharing),
    "shared by risk": Tale(
        four,
        months,
        lambda: {
            **costs(),
            "rebalance": {"kind": "equal_risk_contribution", "every": "week", "lookback": 10},
            "suspend": [{"strategy": "revert", "start": "2008-10-01"}],
            "capital_base": "fixed",
        },
    ),
    "wordy": Tale(lambda: teams(Wordy(), Chatty()), months),
    "lent": Tale(lambda: teams(Chatty(), Lucky(), weight="0.7"), months, lambda: {"validate_weights": False}),
}
"""Each is replayed on every level."""

MEASURED = ("everything", "close at end", "crosses", "shared", "shared by risk", "wordy", "flattened")
every_tale = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in MEASURED else pytest.mark.no_cover) for name in TALES]
)
"""For tests that hold of each; coverage, which takes as long as they do, is measured of those that reach the most."""


@cache
def long_walk() -> Any:
    return synthetic_feed(2, bars=900, seed=5)


BUSY = Tale(
    lambda: teams(Lucky(), Chatty(), Lucky(), Momentum(3, 9), weight="0.25"), long_walk, lambda: {**costs(), "seed": 3}
)
"""A few thousand records in a tenth of a second, with a checkpoint: to be killed, failed and stopped."""


@cache
def short_walk() -> Any:
    return synthetic_feed(2, bars=300, seed=5)


@cache
def told(name: str) -> Any:
    """The run of a tale as often as it is asked for, for those who only read in it and in its journal."""
    return TALES[name].run()


BRISK = BUSY._replace(data=short_walk)
"""The same for a third of the time, for who writes each step by itself."""
