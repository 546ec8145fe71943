"""What a user gets when a strategy fails, answers what is no answer, or reaches for what is not its own."""

from __future__ import annotations

import math
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ropewalk.bus
from fault_runs import BAD_BAR, InAndOut, bars, fault, run, seats
from ropewalk import (
    Bar,
    ConfigError,
    Fill,
    PluginError,
    Strategy,
    StrategyError,
    buy,
    observer,
)
from ropewalk.events import Intent
from ropewalk.journal import Recording, read, read_environment, replay, verify


def divides(bar: Any, view: Any) -> Any:
    return 1 / 0


def test_a_fault_says_who_where_and_when() -> None:
    """65: strategy, callback, symbol, instant and what was raised; the others trade as if they were alone."""
    found = fault(divides)
    assert (found.source, found.callback, found.symbol, found.action) == ("bad", "on_bar", "AAA", "suspend")
    assert (found.at_us, found.error) == (bars()[BAD_BAR - 1].at_us, "ZeroDivisionError: division by zero")


def test_flattening_closes_what_the_failed_one_holds() -> None:
    """65: under flatten; the others' fills are, byte for byte, those of a run without it."""

    class Holder(Strategy):
        def on_bar(self, bar: Any, view: Any) -> Any:
            return 1 / 0 if len(view.history("AAA")) == BAD_BAR else buy("AAA", quantity=3)

    assert fault(Holder(), on_strategy_error="flatten").action == "flatten"
    result = run(Holder(), on_strategy_error="flatten")
    assert sum(one.quantity for one in result.fills if one.strategy == "bad") == 0 < len(result.fills)


def test_stopping_ends_the_journal_as_failed(tmp_path: Path) -> None:
    """65: the error names strategy, callback, symbol, instant and number; the traceback is in the sidecar only."""
    with pytest.raises(StrategyError, match=r"'bad': on_bar on AAA at 2020-01-03T.*\(event \d+\).*ZeroDivision") as got:
        run(divides, on_strategy_error="stop", journal=tmp_path)
    (journal,) = tmp_path.glob("*/journal.jsonl")
    assert verify(journal).status == "failed"
    (number,) = [one.number for one in read(journal) if one.kind == "fault"]
    (told,) = read_environment(journal)["faults"]
    assert (told["number"], told["source"], told["callback"], told["symbol"]) == (number, "bad", "on_bar", "AAA")
    assert "    return 1 / 0" in told["traceback"]
    assert b"Traceback" not in journal.read_bytes()
    assert "where it happened in the code is in env.json beside it, under faults" in got.value.__notes__


def test_a_result_has_the_tracebacks_of_its_faults() -> None:
    """65: by the numbers of the faults, without any journal."""
    ((_, text),) = run(divides).tracebacks.items()
    assert text.startswith("Traceback")
    assert text.endswith("ZeroDivisionError: division by zero")


class Panic(BaseException):
    """What compiled libraries raise that do not expect to be caught."""


@pytest.mark.parametrize("raised", [SystemExit(0), Panic("index out of bounds")], ids=["exit", "panic"])
def test_leaving_is_a_fault(raised: BaseException) -> None:
    """66: `sys.exit` ends neither the process nor the run of the others; nor does the panic of a library."""

    def leaves(bar: Any, view: Any) -> Any:
        raise raised

    assert fault(leaves).error == f"{type(raised).__name__}: {raised}"


def test_leaving_from_a_cost_model_is_told() -> None:
    """66: where nobody can be suspended the run ends, with an error that says who left."""

    class Fee:
        def commission_micros(self, quantity: int, price_micros: int) -> int:
            sys.exit(0)

    with pytest.raises(PluginError, match=r"commission_micros \(test_answers.py:\d+\) left the process at 2020-"):
        run(divides, commission=Fee())


def test_endless_recursion_is_named() -> None:
    """68: as the strategy's, and the traceback that is kept is a short one."""

    def deeper(bar: Any, view: Any) -> Any:
        return deeper(bar, view)

    assert fault(deeper).error.startswith("RecursionError: maximum recursion depth exceeded")
    ((_, text),) = run(deeper).tracebacks.items()
    assert len(text.splitlines()) < 20


def test_wanting_without_end_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """69: at most 100,000 wants an answer; a beat that leads to too many events is stopped, the last one shown."""
    many = [buy("AAA", quantity=1)] * 100_001
    assert "returned 100001 wants at once; at most 100000" in fault(lambda bar, view: many).error
    monkeypatch.setattr(ropewalk.bus, "CHAIN_MAX", 50)
    with pytest.raises(PluginError, match=r"led to more than 50 events; the last was \w+\(.*strategy='bad'"):
        run(lambda bar, view: many[:100], fill_at="close")


NO_AMOUNT = [math.nan, math.inf, True, "5", Decimal("NaN"), np.float64(0.5), np.bool_(True), [1]]


@pytest.mark.parametrize("number", NO_AMOUNT, ids=repr)
def test_what_is_no_amount_is_refused(number: Any) -> None:
    """70: on record, with what is wrong with it."""
    result = run(lambda bar, view: buy("AAA", quantity=number))
    (decision,) = [one for one in result.decisions if one.strategy == "bad"]
    (intent,) = [one for one in result.intents if one.strategy == "bad"]
    assert (decision.verdict, decision.reason, result.faults) == ("refused", "bad_amount", ())
    assert intent.flaw.startswith("quantity ")


def test_numbers_of_numpy_are_numbers_and_nothing_is_none() -> None:
    """70: a numpy int is an amount; to say no amount at all is a fault that says what to give."""
    result = run(lambda bar, view: buy("AAA", quantity=np.int64(2)))
    assert [one.verdict for one in result.decisions if one.strategy == "bad"] == ["granted"]
    assert "takes exactly one of quantity= or notional=" in fault(lambda bar, view: buy("AAA", quantity=None)).error


@pytest.mark.parametrize(
    ("want", "reason"),
    [
        (buy("AAA", quantity=0), "bad_amount"),
        (buy("AAA", quantity=-1), "bad_amount"),
        (buy("AAA", quantity=1.5), "bad_amount"),
        (buy("BBB", quantity=1), "strategy_positions"),
    ],
    ids=["zero", "negative", "off-lot", "one position too many"],
)
def test_what_may_not_be_is_refused(want: Any, reason: str) -> None:
    """71: as a decision with its reason, not as an exception."""

    def held(bar: Any, view: Any) -> Any:
        return [buy("AAA", quantity=1), want] if bar.symbol == "AAA" else None

    data = {"AAA": bars("AAA"), "BBB": bars("BBB")}
    limits = {"strategies": {"bad": {"positions": 1}}} if reason == "strategy_positions" else {}
    result = run(held, data, limits=limits)
    assert [one.reason for one in result.decisions if one.strategy == "bad"] == ["in_full", reason]
    assert result.faults == ()


def test_symbols_that_there_are_not() -> None:
    """72: one that no data have is refused; one without a bar yet is refused where its price is needed."""
    late = {"AAA": bars("AAA"), "BBB": bars("BBB")[BAD_BAR:]}
    result = run(lambda bar, view: [buy("ZZZ", quantity=1), buy("BBB", fraction=0.1)], late)
    reasons = [one.reason for one in result.decisions if one.strategy == "bad"]
    assert (reasons[:2], result.faults) == (["unknown_symbol", "no_price"], ())


def test_nobody_speaks_for_another() -> None:
    """73: a want names no strategy, and an intent that does is no want; the other's book stays its own."""
    at_us = bars()[0].at_us
    forged = Intent(at_us, "good", "AAA", "close", "fraction", 1_000_000)
    assert fault(lambda bar, view: forged).error.startswith("StrategyError: returned Intent(")
    assert "unexpected keyword argument 'strategy'" in fault(lambda bar, view: buy("AAA", strategy="good")).error


def change(name: str) -> Any:
    def act(bar: Any, view: Any) -> Any:
        {
            "event": lambda: setattr(bar, "close", 1.0),
            "event's object": lambda: object.__setattr__(bar, "close", 1.0),
            "history": lambda: view.history("AAA").append(bar),
            "column": lambda: view.history("AAA").close.__setitem__(0, 1.0),
            "view": lambda: setattr(view, "strategy", "good"),
        }[name]()

    return act


@pytest.mark.parametrize("what", ["event", "event's object", "history", "column"])
def test_what_all_see_cannot_be_changed(what: str) -> None:
    """74: who tries has failed; everyone else sees what there was."""
    assert fault(change(what)).error.split(":")[0] in ("AttributeError", "TypeError", "ValueError")


def test_what_was_kept_is_of_no_use_after_the_end() -> None:
    """75: a view that is kept still answers, and has nothing to publish with; the result stays as it is."""
    kept: list[Any] = []
    result = run(lambda bar, view: kept.append(view), journal=Recording(mode="memory"))
    digest, content = result.record.digest(), result.journal.content
    (view,) = kept
    assert view.quantity("AAA") == 0
    assert [name for name in dir(view) if "publish" in name or name in ("buy", "sell", "order")] == []
    assert (result.record.digest(), result.journal.content) == (digest, content)


def test_nothing_can_be_said_from_a_thread() -> None:
    """76: what a thread wants nobody hears, since only a callback's answer counts; strict mode names the thread."""

    def starts(bar: Any, view: Any) -> None:
        thread = threading.Thread(target=lambda: buy("AAA", quantity=1), name="emitter")
        thread.start()
        thread.join()

    result = run(starts)
    assert [one for one in result.intents if one.strategy == "bad"] == []
    waits = threading.Event()
    stays = lambda bar, view: threading.Thread(target=waits.wait, name="emitter", daemon=True).start()  # noqa: E731
    assert "started the thread 'emitter'" in fault(stays, strict=True).error
    waits.set()


def test_an_observer_that_raises_is_detached() -> None:
    """80: with a Fault that names it; strategies trade as before, and what the others hear is the same."""
    heard: list[Any] = []

    @observer(Fill)
    def breaks(event: Any, number: int, cause: int) -> None:
        raise SystemExit("no more")

    @observer(Fill)
    def hears(event: Any, number: int, cause: int) -> None:
        heard.append(event)

    calm, broken = run(InAndOut()), run(InAndOut(), observers=[breaks, hears])
    (found,) = broken.faults
    assert (found.callback, found.error, found.action) == ("Fill", "SystemExit: no more", "detach")
    assert found.source.endswith("breaks")
    assert tuple(heard) == broken.fills == calm.fills
    assert list(broken.tracebacks)
    assert not calm.faults


def test_an_observer_may_be_told_to_stop_the_run() -> None:
    """80: then the error names it, what it heard, and the number."""

    @observer(Fill, on_error="stop")
    def breaks(event: Any, number: int, cause: int) -> None:
        raise KeyError("gone")

    with pytest.raises(PluginError, match=r"breaks raised KeyError: 'gone' when it heard Fill, number \d+"):
        run(InAndOut(), observers=[breaks])


def test_five_observers_leave_no_trace() -> None:
    """80: the journal is byte for byte the one without them."""

    @observer(Bar, Fill, Intent)
    class Counts:
        def __call__(self, event: Any, number: int, cause: int) -> None:
            self.last = event

    memory = Recording(mode="memory")
    contents = [run(divides, journal=memory, observers=[Counts() for _ in range(n)]).journal.content for n in (0, 5)]
    assert contents[0] == contents[1]


class Async(Strategy):
    async def on_bar(self, bar: Any, view: Any) -> Any:
        return buy("AAA", quantity=1)


class Yields(Strategy):
    def on_bar(self, bar: Any, view: Any) -> Any:
        yield buy("AAA", quantity=1)


class AsyncSignals:
    async def signals(self, history: Any) -> Any:
        return np.ones(len(history))


@pytest.mark.parametrize(
    ("strategy", "said"),
    [(Async(), "write def, not async def"), (Yields(), "without yield"), (AsyncSignals(), "write def, not async def")],
    ids=["async", "generator", "signals"],
)
def test_what_nobody_runs_is_named(strategy: Any, said: str) -> None:
    """84: a coroutine or a generator is no answer, and Python has nothing to warn of."""
    assert said in fault(strategy).error


def test_an_observer_that_nobody_would_run_is_refused() -> None:
    """84: before the run, where its definition says so."""

    @observer(Fill)
    async def hears(event: Any, number: int, cause: int) -> None:
        return None

    with pytest.raises(ConfigError, match="is async or has a yield"):
        run(InAndOut(), observers=[hears])


def test_a_run_with_a_fault_is_replayed() -> None:
    """65: from what was recorded, and by the strategies themselves, which fail again at the same place."""
    content = run(divides, journal=Recording(mode="memory")).journal.content
    strategies = {name: seat[0] for name, seat in seats(divides).items()}
    for level, given in (("decisions", {}), ("full", {"strategies": strategies})):
        assert replay(content, level=level, data=bars(), **given).exit_code == 0


def test_an_observer_that_returns_what_nobody_runs_is_detached_with_its_name() -> None:
    """84: a plain function that hands out a coroutine is found when it does; Python has nothing to warn of."""

    async def later() -> None: ...

    @observer(Fill)
    def hands_on(event: Any, number: int, cause: int) -> Any:
        return later()

    result = run(InAndOut(), observers=[hands_on])
    (fault,) = result.faults
    assert (fault.source, fault.callback, fault.action) == (hands_on.__qualname__, "Fill", "detach")
    assert fault.error.endswith("which nobody runs: write def, not async def")
