"""What an expert tried in order to break a run, and what he gets instead."""

from __future__ import annotations

import sys
from copy import copy
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from ropewalk import (
    Bar,
    ConfigError,
    HistoricalDataBar,
    OrchestratorConfig,
    Outcome,
    PluginError,
    Strategy,
    StrategyError,
    StrategyOrchestrator,
    buy,
    close,
    observer,
    target,
)
from ropewalk.strategies.protocol import Want

START = 1_577_836_800_000_000
DAY = 86_400_000_000


def bars(symbol: str = "AAA", prices: tuple[float, ...] = (10, 11, 12, 13, 14, 15)) -> list[Bar]:
    return [Bar(symbol, START + row * DAY, price, price, price, price, 1.0) for row, price in enumerate(prices)]


class Says(Strategy):
    """Wants given things at given bars."""

    def __init__(self, *wants: Any) -> None:
        self.wants = list(wants)

    def on_bar(self, bar: Bar, view: Any) -> Any:
        return self.wants.pop(0) if self.wants else None


def run(strategy: Any, data: Any = None, *, symbols: list[str] | None = None, **settings: Any) -> Any:
    seat = (strategy, "0.5") if symbols is None else (strategy, "0.5", symbols)
    return StrategyOrchestrator({"one": seat}, 10_000, OrchestratorConfig(**settings)).run(data or bars())


def test_orders_of_symbols_are_one_order() -> None:
    """The symbols of a seat stand in the order of the data, however they were listed."""
    data = {symbol: bars(symbol) for symbol in ("AAA", "BBB", "CCC")}

    class Up:
        def signals(self, history: Any) -> Any:
            return np.ones(len(history))

    digests = [run(Up(), data, symbols=symbols).record.digest() for symbols in (["AAA", "CCC"], ["CCC", "AAA"])]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("given", [{(1, 2)}, 5, iter([]), "trend", None])
def test_strategies_come_in_an_order(given: Any) -> None:
    """A set has none, and what is no list or mapping is refused with what to give."""
    with pytest.raises(ConfigError, match="give a list of"):
        StrategyOrchestrator(given)


def test_symbols_of_a_seat_come_in_a_list() -> None:
    """A set of symbols follows the hash seed."""
    with pytest.raises(ConfigError, match="give a list of symbols"):
        run(Says(), symbols={"AAA"})  # type: ignore[arg-type]


def test_the_sample_cannot_be_rewritten() -> None:
    """A series is handed to strategies, and refuses to become another."""

    class Forger:
        def signals(self, history: Any) -> Any:
            history.close = history.close * 0 + 1

    with pytest.raises(StrategyError, match="cannot be changed"):
        run(Forger())


@pytest.mark.parametrize(
    "want",
    [
        buy(["AAA"], fraction=1),  # type: ignore[arg-type]
        buy("AAA", fraction=1, note=5),  # type: ignore[arg-type]
        Want("AAA", "hold", "quantity", 5),  # type: ignore[arg-type]
        Want("AAA", "buy", "pieces", 5),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_want_is_a_fault(want: Any) -> None:
    """It hurts the strategy that said it and nobody else."""
    (fault,) = run(Says(want), on_strategy_error="suspend").faults
    assert fault.error.startswith("StrategyError: returned Want(")


@pytest.mark.parametrize(
    "number",
    [Decimal("1e999999999"), Decimal("1e-999999999"), 10**5000, "nan", object(), True, type(None)],
    ids=["huge", "tiny", "long", "text", "object", "bool", "class"],
)
def test_what_is_no_amount_is_refused(number: Any) -> None:
    """At once, however large it would be to write out."""
    (decision,) = run(Says(buy("AAA", notional=number))).decisions
    assert (decision.verdict, decision.reason) == ("refused", "bad_amount")


def test_a_note_is_the_strategys_own() -> None:
    """No text in it changes what becomes of an intent, and any text can be kept."""
    result = run(Says(buy("AAA", quantity=1, note="unusable: \ud800")))
    assert result.decisions[0].verdict == "granted"
    assert result.intents[0].note == "unusable: \\ud800"
    assert result.record.digest()


def test_what_is_said_at_the_end_is_a_fault() -> None:
    """The data are over: nothing can open after what is open was closed."""

    class Late(Strategy):
        def on_bar(self, bar: Any, view: Any) -> None:
            return None

        def on_end(self, view: Any) -> Any:
            return buy("AAA", fraction=0.5)

    result = run(Late(), close_at_end=True, on_strategy_error="suspend")
    assert "the data are over" in result.faults[0].error
    assert not result.fills


class Params(dict[str, Any]):
    """The common dict whose keys are attributes, too."""

    def __init__(self, **given: Any) -> None:
        super().__init__(given)
        self.__dict__ = self


def test_objects_of_a_strategy_stay_as_they_are() -> None:
    """Copies for a second run are taken without touching what shares its attributes on purpose."""
    params = Params(n=1)
    shared = {"count": 0}

    class Borg(Says):
        def __init__(self) -> None:
            self.__dict__ = shared
            super().__init__()
            self.params = params

    strategy = Borg()
    run(strategy)
    params.n = 7
    assert params["n"] == 7
    assert strategy.__dict__ is shared


def test_only_a_second_run_needs_copies() -> None:
    """A strategy that cannot be copied runs once, and is told why not twice."""

    class Single(Says):
        def __deepcopy__(self, memo: Any) -> Any:
            raise KeyError("mine")

    orchestrator = StrategyOrchestrator([(Single(), "0.5")])
    orchestrator.run(bars())
    with pytest.raises(StrategyError, match="could not be copied"):
        orchestrator.run(bars())


@pytest.mark.parametrize(
    "at",
    [lambda row: datetime(2020, 1, 1) + timedelta(days=row), lambda row: date(2020, 1, 1) + timedelta(days=row)],
    ids=["naive", "date"],
)
@pytest.mark.parametrize("fill_at", ["next_open", "close"])
def test_entry_dates_are_of_the_callers_kind(at: Any, fill_at: str) -> None:
    """A strategy computes with the times of its own bars; the entry is the bar of the fill."""
    held: list[int] = []

    class Holds:
        def should_enter(self, bars: Any) -> bool:
            return True

        def should_exit(self, position: Any, bars: Any) -> bool:
            held.append((bars[-1].timestamp - position.entry_date).days)
            return False

    data = [HistoricalDataBar("AAA", at(row), 10, 10, 10, 10) for row in range(5)]
    run(Holds(), data, fill_at=fill_at)
    assert held == ([0, 1, 2, 3] if fill_at == "next_open" else [1, 2, 3, 4])


def test_faults_are_the_same_in_every_run() -> None:
    """No memory address gets into an event."""

    class Coroutine(Strategy):
        def on_bar(self, bar: Any, view: Any) -> Any:
            return (one for one in ())

    (fault,) = run(Coroutine(), on_strategy_error="suspend").faults
    assert "0x" not in fault.error
    assert "generator object" in fault.error


def test_leaving_the_process_is_a_fault() -> None:
    """`sys.exit` in a strategy ends neither the run of the others nor the process."""

    class Quits(Strategy):
        def on_bar(self, bar: Any, view: Any) -> Any:
            sys.exit(0)

    (fault,) = run(Quits(), on_strategy_error="suspend").faults
    assert fault.error == "SystemExit: 0"
    with pytest.raises(StrategyError, match="SystemExit"):
        run(Quits())


def test_the_weights_error_shows_the_actual_sum() -> None:
    """With every digit."""
    with pytest.raises(ConfigError, match=r"weights sum to 1\.0000000001 "):
        StrategyOrchestrator([(Says(), "0.5"), (Says(), "0.5000000001")])


def test_a_seat_trades_its_own_symbols() -> None:
    """What it was not shown it may not trade."""
    (decision,) = run(Says(buy("BBB", quantity=1)), {"AAA": bars("AAA"), "BBB": bars("BBB")}, symbols=["AAA"]).decisions
    assert (decision.verdict, decision.reason) == ("refused", "not_its_symbol")


def test_quantities_are_shares_everywhere() -> None:
    """What the view says is held can be handed back to `target` and `close`."""

    class Same(Strategy):
        def on_bar(self, bar: Any, view: Any) -> Any:
            held = view.quantity("AAA")
            return target("AAA", quantity=held) if held else buy("AAA", quantity=Decimal("0.005"))

    result = run(Same(), instruments={"AAA": {"lot": "0.001"}})
    assert {decision.reason for decision in result.decisions[2:]} == {"held_already"}


@pytest.mark.parametrize("lose", [lambda bars: bars.__init__(), lambda bars: bars.clear(), lambda bars: bars.sort()])
def test_the_shared_history_stays(lose: Any) -> None:
    """Nothing that a list can do to itself empties it."""

    class Breaks(Strategy):
        def on_bar(self, bar: Any, view: Any) -> Any:
            with pytest.raises(TypeError, match="cannot be changed"):
                lose(view.history("AAA"))
            assert copy(view.history("AAA")) == list(view.history("AAA"))

    assert not run(Breaks()).faults


class Policy:
    """A policy that answers as told."""

    name = "mine"

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def settle(self, wishes: Any) -> Any:
        return self.answer(wishes)


@pytest.mark.parametrize(
    "answer",
    [
        lambda wishes: [Outcome(wish.asked_micros / 3, wish.close_lots) for wish in wishes],
        lambda wishes: [Outcome(wish.asked_micros + 1, 0) for wish in wishes],
        lambda wishes: [(0, 0) for wish in wishes],
        lambda wishes: (Outcome(0, 0) for wish in wishes),
        lambda wishes: [Outcome(0, 0)],
        lambda wishes: None,
        lambda wishes: 1 / 0,
    ],
)
def test_policies_are_not_believed(answer: Any) -> None:
    """Whatever a policy does wrong is a PluginError that names it."""
    both = [(Says(buy("AAA", quantity=1)), "0.5"), (Says(buy("AAA", quantity=2)), "0.5")]
    with pytest.raises(PluginError, match="policy mine"):
        StrategyOrchestrator(both, 1000, OrchestratorConfig(conflict_policy=Policy(answer))).run(bars())


class Fee:
    """A commission that answers as told."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def commission_micros(self, quantity: int, price_micros: int) -> Any:
        return self.answer()


@pytest.mark.parametrize("answer", [lambda: 1.5, lambda: -1, lambda: None, lambda: 1 / 0])
def test_cost_models_are_not_believed(answer: Any) -> None:
    """Whatever a cost model does wrong is a PluginError that names it."""
    with pytest.raises(PluginError, match="Fee"):
        run(Says(buy("AAA", fraction=0.5)), commission=Fee(answer))


def test_masked_signals_are_as_before() -> None:
    """A masked target is none, like NaN."""

    class Masked:
        def signals(self, history: Any) -> Any:
            return np.ma.masked_array([1.0, 9.0, 1.0, 0.0, 9.0, 0.0], mask=[0, 1, 0, 0, 1, 0])

    assert [intent.action for intent in run(Masked()).intents] == ["buy", "close"]


@pytest.mark.parametrize("heard", [(), (int,), ("Fill",), (StrategyError,)])
def test_observers_hear_events(heard: Any) -> None:
    """What is no event is never published, so nobody can wait for it."""
    with pytest.raises(ConfigError, match="give the types of event"):
        observer(*heard)


def test_observers_come_in_a_list() -> None:
    """One of them is not a list of them."""

    @observer(Bar)
    def watch(event: Any, number: int, cause: int) -> None:
        return None

    with pytest.raises(ConfigError, match="give a list of observers"):
        StrategyOrchestrator([(Says(close("AAA")), "0.5")]).run(bars(), observers=watch)  # type: ignore[arg-type]
