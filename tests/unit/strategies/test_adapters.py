"""Adapters: each kind of strategy is asked in its own language, and wound down when it fails."""

from __future__ import annotations

from typing import Any

import pytest

from generators import START_US, Case
from ropewalk import OrchestratorConfig, Strategy, StrategyError, StrategyOrchestrator, buy, observer
from ropewalk.events import Turn

ROWS = tuple((START_US + step, *[100.0] * 4) for step in range(6))
ONE = Case(bars={"AAA": ROWS}, players={}).data()
TWO = Case(bars={"AAA": ROWS[::2], "BBB": ROWS}, players={}).data()


def run(strategy: Any, data: Any = TWO, symbols: Any = None, **settings: Any) -> Any:
    seat = (strategy, 1) if symbols is None else (strategy, 1, symbols)
    return StrategyOrchestrator({"s": seat}, 1000, OrchestratorConfig(**settings)).run(data)


class FailingIn(Strategy):
    """Buys on the first turn; one of its callbacks raises."""

    def __init__(self, callback: str) -> None:
        self.callback = callback
        self.calls: list[str] = []

    def _come(self, callback: str) -> None:
        self.calls.append(callback)
        if callback == self.callback:
            raise ArithmeticError(callback)

    def on_start(self, view: Any) -> None:
        self._come("on_start")

    def on_bar(self, bar: Any, view: Any) -> Any:
        self._come("on_bar")

    def on_turn(self, view: Any) -> Any:
        self._come("on_turn")
        return buy("AAA", quantity=1) if len(view.history("AAA")) == 1 and not view.open_orders("AAA") else None

    def on_fill(self, fill: Any, view: Any) -> None:
        self._come("on_fill")

    def on_end(self, view: Any) -> None:
        self._come("on_end")


@pytest.mark.parametrize(
    ("callback", "symbol"), [("on_start", ""), ("on_bar", "AAA"), ("on_turn", ""), ("on_fill", "AAA"), ("on_end", "")]
)
@pytest.mark.parametrize("action", ["suspend", "flatten"])
def test_whatever_raises_is_on_record_and_called_no_more(callback: str, symbol: str, action: str) -> None:
    """One fault that names the callback; afterwards the strategy hears nothing."""
    strategy = FailingIn(callback)
    result = run(strategy, on_strategy_error=action)
    (fault,) = result.faults
    assert (fault.callback, fault.symbol, fault.error) == (callback, symbol, f"ArithmeticError: {callback}")
    assert strategy.calls[-1] == callback
    assert strategy.calls.count(callback) == 1


@pytest.mark.parametrize("callback", ["on_start", "on_bar", "on_turn", "on_fill", "on_end"])
def test_whatever_raises_stops_the_run_by_default(callback: str) -> None:
    with pytest.raises(StrategyError, match=f"strategy 's': {callback} "):
        run(FailingIn(callback))


def test_a_flattened_strategy_closes_what_fills_after_it_failed() -> None:
    """Its order rested when it failed; once filled, the position is closed, once."""

    class Late(Strategy):
        def on_turn(self, view: Any) -> Any:
            if len(view.history("BBB")) == 2:
                raise RuntimeError("late")
            return buy("AAA", quantity=1)

    result = run(Late(), on_strategy_error="flatten")
    assert [fill.quantity for fill in result.fills] == [1, -1]
    assert [intent.action for intent in result.intents] == ["buy", "close"]


class Moody:
    """An `IStrategy` of which one method raises on one symbol."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.asked: list[str] = []

    def _come(self, method: str, symbol: str) -> None:
        self.asked.append(symbol)
        if method == self.method and symbol == "AAA":
            raise LookupError(method)

    def should_enter(self, bars: Any) -> bool:
        self._come("should_enter", bars[-1].symbol)
        return True

    def should_exit(self, position: Any, bars: Any) -> bool:
        self._come("should_exit", bars[-1].symbol)
        return False

    def position_size(self, capital: Any, price: Any) -> Any:
        if self.method == "position_size":
            raise LookupError("position_size")
        return 1


@pytest.mark.parametrize("method", ["should_enter", "should_exit", "position_size"])
@pytest.mark.parametrize("data", [ONE, TWO], ids=["one symbol", "two symbols"])
def test_the_method_that_raised_is_named(method: str, data: Any) -> None:
    """Alone or with others in the instant; a silenced strategy is not asked about the instant's other bars."""
    strategy = Moody(method)
    result = run(strategy, data, on_strategy_error="suspend")
    (fault,) = result.faults
    assert (fault.callback, fault.symbol, fault.error) == (method, "AAA", f"LookupError: {method}")
    assert strategy.asked[-1] == "AAA"


def test_a_strategy_hears_only_the_symbols_of_its_seat() -> None:
    """Bars of others are not handed to `on_bar`, and `view.symbols` says which are its own."""

    class Ear(Strategy):
        def __init__(self) -> None:
            self.heard: list[str] = []

        def on_bar(self, bar: Any, view: Any) -> None:
            assert view.symbols == ("BBB",)
            assert view.timestamp == bar.timestamp
            assert view.at_us == bar.at_us
            self.heard.append(bar.symbol)

    ear = Ear()
    run(ear, symbols=["BBB", "BBB"])
    assert ear.heard == ["BBB"] * 6


def test_a_base_class_is_not_called_for_nothing() -> None:
    """Only callbacks that are overridden are called; one that only hears fills is no strategy yet."""

    class Deaf(Strategy):
        def on_fill(self, fill: Any, view: Any) -> None: ...

    with pytest.raises(ValueError, match="is no strategy"):
        run(Deaf())


def test_the_defaults_of_strategy_are_silence() -> None:
    """Calling them through super() wants nothing."""

    class Polite(Strategy):
        def on_start(self, view: Any) -> Any:
            return super().on_start(view)

        def on_bar(self, bar: Any, view: Any) -> Any:
            return super().on_bar(bar, view) or buy("AAA", quantity=1)

        def on_turn(self, view: Any) -> Any:
            return super().on_turn(view)

        def on_fill(self, fill: Any, view: Any) -> Any:
            return super().on_fill(fill, view)

        def on_end(self, view: Any) -> Any:
            return super().on_end(view)

    result = run(Polite(), ONE)
    assert len(result.fills) == 5


def test_positions_of_other_lots_are_told_in_shares() -> None:
    """A lot of a tenth: ten lots are one share at the price of a share."""
    seen: list[Any] = []

    class Look(Strategy):
        def on_bar(self, bar: Any, view: Any) -> Any:
            seen.append(view.position("AAA"))
            return buy("AAA", quantity=1.0) if len(seen) == 1 else None

    run(Look(), ONE, instruments={"AAA": {"lot": "0.1"}})
    assert (seen[1].shares, seen[1].entry_price, seen[1].current_price) == (1.0, 100.0, 100.0)


class Failing(Strategy):
    """Buys at its first bar, raises at its third."""

    def __init__(self) -> None:
        self.bars = 0

    def on_bar(self, bar: Any, view: Any) -> Any:
        self.bars += 1
        if self.bars == 3:
            raise ArithmeticError("third")
        return buy(bar.symbol, quantity=1) if self.bars == 1 else None


@pytest.mark.parametrize("action", ["suspend", "flatten"])
def test_strategies_hear_the_same_with_or_without_a_turn_made(action: str) -> None:
    """Somebody who observes turns changes nothing: not who is called, nor what becomes of one that failed."""
    turns: list[int] = []

    @observer(Turn)
    def watch(event: Any, number: int, cause: int) -> None:
        turns.append(number)

    def digest(*observers: Any) -> tuple[str, int]:
        orchestrator = StrategyOrchestrator(
            {"a": (Failing(), "0.5"), "b": (Failing(), "0.5")}, 1000, OrchestratorConfig(on_strategy_error=action)
        )
        result = orchestrator.run(ONE, observers=observers)
        return result.record.digest(), len(result.faults)

    assert digest() == digest(watch)
    assert digest()[1] == 2
    assert len(turns) == len(ROWS)
