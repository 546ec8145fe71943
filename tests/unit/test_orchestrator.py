"""The front door: what may be handed in, what is said about what may not, and what comes out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars
import pytest

from generators import START_US, Case, Player
from ropewalk import (
    Bar,
    BuyAndHold,
    ConfigError,
    DataEnded,
    Fill,
    HistoricalDataBar,
    Intent,
    IStrategy,
    Momentum,
    OrchestratorConfig,
    RunEnded,
    Strategy,
    StrategyError,
    StrategyOrchestrator,
    buy,
    observer,
    sell,
)
from ropewalk.recording.recording import Recording

ROWS = tuple((START_US + step * 1_000_000, *[100.0 + step] * 4) for step in range(6))
DATA = Case(bars={"AAA": ROWS}, players={}).data()


class Once(Strategy):
    """Says one thing on its first bar."""

    def __init__(self, want: Any = None) -> None:
        self.want = want
        self.bars = 0

    def on_bar(self, bar: Any, view: Any) -> Any:
        self.bars += 1
        return self.want if self.bars == 1 else None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "give a list of"),
        ("trend", "give a list of"),
        (
            {"a": (BuyAndHold(), "0.6"), "b": (BuyAndHold(), "0.6")},
            r"weights sum to 1\.2 \(a 0\.6, b 0\.6\); they may sum",
        ),
        ([(BuyAndHold(), 0.5)], "strategy 'strategy_0': weight 0.5 is a float; give Decimal, text or int"),
        ([(BuyAndHold(), True)], "weight True is a bool"),
        ([(BuyAndHold(), 0)], "weight is 0; each weight must be above 0"),
        ([(BuyAndHold(), "-0.1")], "weight is -0.1; each weight must be above 0"),
        ([(BuyAndHold(), "half")], "weight: 'half' is not a number"),
        ([(BuyAndHold(), Decimal("NaN"))], "weight: NaN is not a finite number"),
        ([BuyAndHold()], r"is given as .*; give \(strategy, weight\)"),
        ([(BuyAndHold, 1)], r"is the class BuyAndHold; give an object, BuyAndHold\(\)"),
        ([(BuyAndHold(), 1, "AAA")], "symbols is 'AAA'; give a list of symbols or None"),
        ([(BuyAndHold(), 1, [])], r"symbols is \[\]"),
        ({"pool": (BuyAndHold(), 1)}, "strategy id 'pool': use 1 to 64"),
        ({".x": (BuyAndHold(), 1)}, "not beginning with a dot"),
        ({"a b": (BuyAndHold(), 1)}, "strategy id 'a b'"),
        ({"x" * 65: (BuyAndHold(), 1)}, "use 1 to 64"),
        ({3: (BuyAndHold(), 1)}, "strategy id 3"),
    ],
)
def test_strategies_and_weights_that_cannot_be_are_refused(given: Any, message: str) -> None:
    """Each message says what was found and what is allowed."""
    with pytest.raises(ConfigError, match=message):
        StrategyOrchestrator(given)


@pytest.mark.parametrize(
    ("capital", "message"), [(0, "above 0"), ("-5", "above 0"), (1.5, "is a float"), ("x", "not a number")]
)
def test_capital_that_cannot_be_is_refused(capital: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"initial_capital.*{message}"):
        StrategyOrchestrator([(BuyAndHold(), 1)], capital)


def test_a_config_is_a_config() -> None:
    with pytest.raises(ConfigError, match="give an OrchestratorConfig or None"):
        StrategyOrchestrator([(BuyAndHold(), 1)], 1, {"fill_at": "close"})


@pytest.mark.parametrize(
    ("seats", "config", "message"),
    [
        ([(BuyAndHold(), 1, ["AAB"])], {}, "strategy 'strategy_0': the data have no 'AAB'; did you mean 'AAA'"),
        ([(BuyAndHold(), 1)], {"benchmark": "SPY"}, "benchmark: the data have no 'SPY'"),
        ([(BuyAndHold(), 1)], {"instruments": {"SPY": {"lot": "0.1"}}}, "instruments: the data have no 'SPY'"),
        ([(object(), 1)], {}, r"strategy 'strategy_0' \(object\) is no strategy: it needs should_enter"),
    ],
)
def test_what_does_not_fit_the_data_is_refused_before_the_run(seats: Any, config: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        StrategyOrchestrator(seats, 1000, OrchestratorConfig(**config)).run(DATA)


def test_a_list_is_numbered_and_what_is_left_stays_in_the_pool() -> None:
    """Ids are strategy_0, strategy_1, …; each gets its weight of the capital, rounded down."""
    result = StrategyOrchestrator([(Once(), "0.333333"), (Once(), Decimal("0.25"))], Decimal("0.000010")).run(DATA)
    assert list(result.strategy_results) == ["strategy_0", "strategy_1"]
    assert result.started.allocated_micros == (3, 2)
    assert int(result.equity_curves[""].equity_micros[-1]) == 5
    with pytest.raises(KeyError, match="there is no strategy 'x'; this run has: strategy_0, strategy_1"):
        result.get_strategy_result("x")


def test_weights_beyond_one_borrow_from_the_pool_when_asked() -> None:
    """`validate_weights=False` is the one way; the sums hold all the same."""
    config = OrchestratorConfig(validate_weights=False)
    result = StrategyOrchestrator([(BuyAndHold(), 1), (BuyAndHold(), 1)], 1000, config).run(DATA)
    assert int(result.equity_curves[""].equity_micros[-1]) == -1_000_000_000
    assert result.account_equity_micros == 1_000_000_000 + 2 * 9 * 4_000_000


def test_a_strategy_may_be_shown_some_symbols_only() -> None:
    """It is asked about those, and the share of its capital is by their number."""
    data = Case(bars={"AAA": ROWS, "BBB": ROWS}, players={}).data()
    result = StrategyOrchestrator({"a": (BuyAndHold(), "0.5", ["BBB"]), "b": (BuyAndHold(), "0.5")}, 4000).run(data)
    asked = {(one.strategy, one.symbol, one.amount) for one in result.intents[:3]}
    assert asked == {("a", "BBB", 1_000_000), ("b", "AAA", 500_000), ("b", "BBB", 500_000)}


def test_strategies_for_decimals_see_decimals() -> None:
    """The caller's own objects, capital and prices as Decimals; a position's numbers too."""
    at = datetime(2024, 1, 1, tzinfo=UTC)
    bars = [
        HistoricalDataBar("AAA", at + timedelta(days=day), *[Decimal("10.10") + day] * 4, Decimal(5))
        for day in range(4)
    ]
    seen: list[Any] = []

    class Exact:
        def should_enter(self, history: Any) -> bool:
            assert history[-1] is bars[len(history) - 1]
            return history[-1].close > Decimal("10")

        def should_exit(self, position: Any, history: Any) -> bool:
            seen.append(position)
            return False

        def position_size(self, capital: Any, price: Any) -> Any:
            assert isinstance(capital, Decimal)
            return capital // price

    assert isinstance(Exact(), IStrategy)
    result = StrategyOrchestrator([(Exact(), 1)], 1000).run({"AAA": bars})
    assert result.fills[0].quantity == 90
    assert (seen[0].shares, seen[0].entry_price, seen[0].current_price) == (90, Decimal("11.10"), Decimal("11.10"))
    assert seen[0].entry_date == at + timedelta(days=1)


@dataclass(frozen=True)
class Frozen:
    """A strategy that cannot be changed."""

    length: int = 2

    def should_enter(self, bars: Any) -> bool:
        return len(bars) == self.length

    def should_exit(self, position: Any, bars: Any) -> bool:
        return False


def test_frozen_and_slotted_strategies_run() -> None:
    """The house changes nothing about a strategy object."""

    class Slotted:
        __slots__ = ("bars",)

        def on_bar(self, bar: Any, view: Any) -> Any:
            return buy("AAA", quantity=1)

    result = StrategyOrchestrator([(Frozen(), "0.5"), (Slotted(), "0.5")]).run(DATA)
    assert {fill.strategy for fill in result.fills} == {"strategy_0", "strategy_1"}


class Failing(Strategy):
    """Holds a position, then raises."""

    def on_bar(self, bar: Any, view: Any) -> Any:
        if len(view.history("AAA")) == 3:
            raise ZeroDivisionError("oh")
        return buy("AAA", quantity=2)


def test_a_strategy_that_raises_stops_the_run() -> None:
    """By default; the message says who, where, when, and what else could be done. The record counts everything."""
    told: list[Any] = []

    @observer(RunEnded, Intent)
    def watch(event: Any, number: int, cause: int) -> None:
        told.append(event)

    orchestrator = StrategyOrchestrator({"ok": (Once(buy("AAA", quantity=1)), "0.5"), "bad": (Failing(), "0.5")})
    with pytest.raises(
        StrategyError, match=r"strategy 'bad': on_bar on AAA at 2020-01-01T00:00:02\+00:00.*ZeroDivisionError: oh"
    ):
        orchestrator.run(DATA, observers=[watch])
    ended = told[-1]
    assert (ended.status, ended.instants) == ("failed", 3)
    assert ended.reason.startswith("StrategyError: strategy 'bad'")
    assert ended.intents == sum(isinstance(event, Intent) for event in told)


@pytest.mark.parametrize(("action", "left"), [("suspend", 4), ("flatten", 0)])
def test_a_strategy_that_raises_may_be_wound_down(action: str, left: int) -> None:
    """It is not called again; suspended it keeps what it holds, flattened it closes; the others go on."""
    config = OrchestratorConfig(on_strategy_error=action)
    seats = {"bad": (Failing(), "0.5"), "ok": (Once(buy("AAA", quantity=1)), "0.5")}
    result = StrategyOrchestrator(seats, config=config).run(DATA)
    (fault,) = result.faults
    assert (fault.source, fault.callback, fault.symbol, fault.action) == ("bad", "on_bar", "AAA", action)
    assert sum(fill.quantity for fill in result.get_strategy_result("bad").fills) == left
    assert len(result.get_strategy_result("ok").fills) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("buy", "returned 'buy'; return None, a want such as"),
        ([buy("AAA", quantity=1), 3], "returned a list with 3; make wants with"),
        (True, "returned True"),
    ],
)
def test_what_is_no_want_is_an_error(answer: Any, message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        StrategyOrchestrator([(Once(answer), 1)]).run(DATA)


@pytest.mark.parametrize("answer", [None, 1, [], "no"])
def test_what_is_no_answer_is_an_error(answer: Any) -> None:
    """A coroutine, a list or None is no bool, and a truthy one would trade."""

    class Vague:
        def should_enter(self, bars: Any) -> Any:
            return answer

        should_exit = should_enter

    with pytest.raises(StrategyError, match=r"should_enter on AAA.*return True or False"):
        StrategyOrchestrator([(Vague(), 1)]).run(DATA)


def test_every_want_of_every_callback_is_decided() -> None:
    """Wants of on_start and on_fill have one fate each, also those said after the last cutoff."""

    class Chatty(Strategy):
        def on_start(self, view: Any) -> Any:
            assert view.equity == view.capital_available == 1000
            return buy("AAA", quantity=1, note="start")

        def on_bar(self, bar: Any, view: Any) -> Any:
            return None

        def on_fill(self, fill: Fill, view: Any) -> Any:
            return [buy("AAA", quantity=1), sell("AAA", quantity=1)]

    for settings in ({}, {"close_at_end": True}, {"fill_at": "close"}, {"fill_at": "close", "close_at_end": True}):
        result = StrategyOrchestrator([(Chatty(), 1)], 1000, OrchestratorConfig(**settings)).run(DATA)
        assert len(result.intents) == len(result.decisions) > 4
        assert result.intents[0].at_us == START_US


def test_what_a_fill_at_the_close_took_is_not_granted_again() -> None:
    """A batch is valued as it stands: the last one shares its instant with fills that came after the one before."""

    class Greedy(Strategy):
        def on_bar(self, bar: Any, view: Any) -> Any:
            return buy("AAA", fraction=0.6) if bar.timestamp == bars[-1].timestamp else None

        def on_fill(self, fill: Fill, view: Any) -> Any:
            return buy("AAA", fraction=0.6) if view.quantity("AAA") < 10 else None

    bars = [Bar("AAA", START_US + row, 100.0, 100.0, 100.0, 100.0) for row in range(3)]
    first, second = (
        StrategyOrchestrator([(Greedy(), 1)], 1000, OrchestratorConfig(fill_at="close")).run(bars).decisions[:2]
    )
    assert (first.granted_micros, first.used_micros) == (600_000_000, 0)
    assert (second.granted_micros, second.used_micros) == (400_000_000, 600_000_000)
    assert second.reason == "allocation"


def test_a_run_that_is_stopped_says_so() -> None:
    """`should_stop` is asked before each instant; what rests stays resting and everything still adds up."""
    asked: list[int] = []
    result = StrategyOrchestrator([(Once(buy("AAA", quantity=1)), 1)]).run(
        DATA, should_stop=lambda: bool(asked.append(1)) or len(asked) > 1
    )
    assert (result.ended.status, result.ended.instants) == ("stopped", 1)
    assert len(result.decisions) == 1
    assert result.fills == result.lapses == ()


@pytest.mark.parametrize("instants", range(7))
def test_the_curves_of_a_run_that_was_stopped_end_where_it_did(instants: int) -> None:
    """What came later was not seen, so nothing is valued by it; that holds for no instant at all, too."""
    late = tuple(row for row in ROWS if row[0] >= START_US + 4_000_000)
    data = Case(bars={"AAA": ROWS, "ZZZ": late}, players={}).data()
    asked: list[int] = []
    config = OrchestratorConfig(benchmark="ZZZ")
    result = StrategyOrchestrator([(Once(buy("AAA", quantity=9)), 1)], config=config).run(
        data, should_stop=lambda: bool(asked.append(1)) or len(asked) > instants
    )
    curve = result.equity_curve
    assert int(curve.equity_micros[-1]) == result.account_equity_micros
    assert len(curve) == max(min(instants, len(ROWS)), 1)
    assert json.dumps(result.to_dict(), allow_nan=False)


def test_the_end_of_the_data_has_a_cause() -> None:
    """Causes precede effects, also when nothing happened."""
    told: list[tuple[int, int]] = []

    @observer(DataEnded)
    def watch(event: Any, number: int, cause: int) -> None:
        told.append((number, cause))

    StrategyOrchestrator([(Once(), 1)]).run(DATA, observers=[watch])
    assert told[0][1] < told[0][0]


def test_a_second_run_of_what_cannot_be_copied_says_so() -> None:
    class Stubborn(Once):
        def __deepcopy__(self, memo: Any) -> Any:
            raise TypeError("not me")

    orchestrator = StrategyOrchestrator([(Stubborn(), 1)])
    orchestrator.run(DATA)
    with pytest.raises(StrategyError, match=r"could not be copied \(not me\); make a new StrategyOrchestrator"):
        orchestrator.run(DATA)


def test_only_marked_observers_are_let_in() -> None:
    with pytest.raises(ConfigError, match="is no observer: decorate a function"):
        StrategyOrchestrator([(Once(), 1)]).run(DATA, observers=[print])
    with pytest.raises(ConfigError, match="give the types of event to hear"):
        observer()


def test_a_result_is_what_the_issue_promises() -> None:
    """Metrics, results by id, a polars table with the aggregate last, plain JSON, HTML, one line that reconciles."""
    seats = {"hold": (BuyAndHold(), "0.5"), "trend": (Momentum(2, 3), "0.3")}
    config = OrchestratorConfig(commission={"kind": "fixed", "amount": "1"}, benchmark="AAA", close_at_end=True)
    result = StrategyOrchestrator(seats, "10000", config).run(DATA)
    table = result.comparison_table
    assert isinstance(table, polars.DataFrame)
    assert table["strategy"].to_list() == ["hold", "trend", "aggregate"]
    assert table["final_equity"][-1] == float(result.final_equity)
    assert table["fills"].to_list() == [2, 2, 4]
    shown = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert shown["intents"] == shown["decisions"] == 4
    assert shown["strategies"]["hold"]["counts"]["fills"] == 2
    assert result.get_strategy_result("hold").round_trips[0].strategy == "hold"
    assert " = aggregate " in result.reconciliation
    assert ">hold</td>" in result._repr_html_()
    assert repr(result).startswith("<OrchestratorResult complete: 2 strategies, 4 fills, 10000")
    assert repr(result.get_strategy_result("hold")).startswith("<StrategyResult hold: 5000")
    hold = result.get_strategy_result("hold")
    assert hold.lapses == hold.open_round_trips == ()
    assert len(hold.conflicts) == 1
    assert result.aggregate_metrics.to_dict()["round_trips"] == len(result.round_trips) == 2
    assert result.transfers[0].micros == 5_000_000_000


@pytest.mark.parametrize("lot", ["0", "-1", "NaN"])
def test_a_lot_is_above_zero(lot: str) -> None:
    with pytest.raises(ValueError, match="lot"):
        OrchestratorConfig(instruments={"AAA": {"lot": lot}})


@pytest.mark.parametrize(("price", "lot"), [(1e-7, "1"), (0.1, "0.000001")])
def test_a_price_too_small_for_micros_is_refused_with_a_way_out(price: float, lot: str) -> None:
    """A lot that costs no micro cannot be divided by: the message says to declare a larger one."""
    rows = tuple((START_US + step, *[price] * 4) for step in range(3))
    case = Case(
        bars={"AAA": rows},
        players={"s": Player("script", wants=((("AAA", "buy", "notional", 5),),))},
        lots={"AAA": lot},
    )
    with pytest.raises(ValueError, match="lot"):
        case.run()


def test_a_run_that_was_stopped_is_worth_what_it_was_worth_then() -> None:
    """Its curve ends where it was stopped: prices of later bars are not looked at, whatever they are."""
    for stop_after in range(4):
        asked: list[int] = []
        result = StrategyOrchestrator([(BuyAndHold(), "0.5")], 10_000, OrchestratorConfig(benchmark="AAA")).run(
            DATA, should_stop=lambda asked=asked, last=stop_after: bool(asked.append(1)) or len(asked) > last
        )
        assert result.ended.status == "stopped"
        assert int(result.equity_curve.equity_micros[-1]) == result.account_equity_micros
        assert result.equity_curve.at_us[-1] == result.ended.at_us
        assert result.to_dict()["status"] == "stopped"


def test_an_ask_for_more_than_is_kept_exactly_is_refused() -> None:
    """A journal has no numbers beyond 2^53, so nothing larger is ever granted, and the run goes on."""
    result = StrategyOrchestrator([(Once(buy("AAA", quantity=2**52)), 1)]).run(DATA, journal=Recording(mode="memory"))
    assert [(one.verdict, one.reason) for one in result.decisions] == [("refused", "bad_amount")]
