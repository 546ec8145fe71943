"""The structured log says what happened, for people and jq, and disturbs nobody."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
import structlog

from ropewalk import (
    Bar,
    BuyAndHold,
    ConfigError,
    Decision,
    Intent,
    OrchestratorConfig,
    Outcome,
    StrategyError,
    StrategyOrchestrator,
    buy,
    close,
    dividend_of,
    feed_of,
    observer,
    sell,
    split_of,
    synthetic_feed,
    target,
)
from ropewalk.observers import audit_log
from ropewalk.observers.audit_log import AuditLog, audit_logs
from ropewalk.reasons import LIMITS, Reason

FEED = synthetic_feed(1, 6, seed=1)
SYMBOL = "SYN001"


class Script:
    """A strategy that says what it was told to say, turn by turn."""

    def __init__(self, *wants: Any) -> None:
        self.wants = list(wants)

    def on_turn(self, view: Any) -> Any:
        want = self.wants.pop(0) if self.wants else None
        if isinstance(want, Exception):
            raise want
        return want


def logged(
    directory: Path, strategies: dict[str, Any], *, level: str = "INFO", **settings: Any
) -> list[dict[str, Any]]:
    """Run, and read the lines of the one log that was written."""
    config = OrchestratorConfig(log_directory=str(directory), logging_level=level, **settings)
    orchestrator = StrategyOrchestrator({name: (one, "0.5") for name, one in strategies.items()}, 1000, config)
    try:
        orchestrator.run(FEED)
    finally:
        (path,) = directory.glob("*.jsonl")
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return lines


def named(lines: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == f"orchestrator.{name}"]


@pytest.fixture
def lines(tmp_path: Path) -> list[dict[str, Any]]:
    one = Script(buy(SYMBOL, notional=300, note="first"), buy(SYMBOL, notional=900))
    return logged(tmp_path / "logs", {"one": one, "two": Script(buy(SYMBOL, quantity=2))})


def test_a_run_is_told_from_start_to_end(lines: list[dict[str, Any]]) -> None:
    """The first line says who shares the capital, the last how much happened."""
    first, last = lines[0], lines[-1]
    assert first["event"] == "orchestrator.backtest_started"
    assert (first["capital"], first["symbols"], first["number"]) == ("1000.000000", [SYMBOL], 0)
    assert first["strategies"] == ["one", "two"]
    assert first["allocated"] == {"one": "500.000000", "two": "500.000000"}
    assert last["event"] == "orchestrator.backtest_completed"
    assert (last["status"], last["intents"], last["decisions"], last["instants"]) == ("complete", 3, 3, 6)


def test_every_line_has_its_place_in_the_data_and_in_the_run(lines: list[dict[str, Any]]) -> None:
    """Each has level, bar time in UTC, the event's number and its cause; numbers rise."""
    for line in lines:
        assert list(line)[:6] == ["logged_at", "level", "event", "bar_time", "number", "cause"]
        assert line["bar_time"].endswith("Z")
        assert line["logged_at"].endswith("Z")
    numbers = [line["number"] for line in lines]
    assert numbers == sorted(numbers)


def test_signals_are_exact_text(lines: list[dict[str, Any]]) -> None:
    """Quantities are lots, other amounts currency with all six decimals; a note is kept."""
    first, second, *_ = named(lines, "strategy_signal")
    assert first["level"] == "info"
    assert first["bar_time"] == "2020-01-01T00:00:00Z"
    assert (first["strategy"], first["symbol"], first["action"]) == ("one", SYMBOL, "buy")
    assert (first["unit"], first["amount"], first["note"]) == ("notional", "300.000000", "first")
    assert (second["unit"], second["amount"]) == ("quantity", "2")
    assert "note" not in second


def test_a_conflict_names_who_wanted_what(lines: list[dict[str, Any]]) -> None:
    """Every wish of a conflict stands with its intent's number."""
    (conflict,) = named(lines, "conflict_detected")
    assert (conflict["level"], conflict["symbol"], conflict["kind"]) == ("warning", SYMBOL, "crowded")
    assert (conflict["strategies"], conflict["policy"]) == (["one", "two"], "independent")
    assert [wish["intent"] for wish in conflict["wishes"]] == [
        signal["number"] for signal in named(lines, "strategy_signal")[:2]
    ]
    assert conflict["wishes"][0]["asked"] == conflict["wishes"][0]["allowed"] == "300.000000"
    assert conflict["wishes"][0]["side"] == "buy"


def test_a_crowd_over_a_limit_is_told(tmp_path: Path) -> None:
    """The limit of the account that all together ask more of than is left; where there is room nothing is said."""
    wants = {name: buy(SYMBOL, notional=300) for name in ("one", "two")}
    for share, over in (("0.5", "gross_exposure"), ("0.9", None)):
        strategies = {name: Script(want) for name, want in wants.items()}
        lines = logged(tmp_path / share, strategies, limits={"gross_exposure": share}, conflict_policy="priority")
        (conflict,) = named(lines, "conflict_detected")
        assert (conflict["policy"], conflict["version"], conflict.get("over_limit")) == ("priority", "1", over)


def test_a_capital_limit_shows_the_limit(lines: list[dict[str, Any]]) -> None:
    """What was asked, what was granted, the limit and how much of it was used."""
    (limit,) = named(lines, "capital_limit_hit")
    assert (limit["level"], limit["strategy"], limit["verdict"]) == ("warning", "one", "trimmed")
    assert (limit["asked"], limit["side"]) == ("900.000000", "buy")
    free = Decimal(limit["limit"]) - Decimal(limit["used"])
    assert 0 < Decimal(limit["granted"]) == free < 300


def test_other_refusals_are_no_capital_limit(tmp_path: Path) -> None:
    """Only the reason `allocation` is the capital's."""
    lines = logged(tmp_path, {"one": Script(target(SYMBOL, quantity=0), buy("NOPE", quantity=1))})
    assert len(named(lines, "strategy_signal")) == 2
    assert not named(lines, "capital_limit_hit")


@pytest.mark.parametrize(
    ("level", "levels"),
    [
        ("DEBUG", {"info", "warning"}),
        ("INFO", {"info", "warning"}),
        ("WARNING", {"warning"}),
        ("ERROR", set()),
    ],
)
def test_the_level_filters(level: str, levels: set[str], tmp_path: Path) -> None:
    """What is below the configured level is not written; the file is there all the same."""
    strategies = {"one": Script(buy(SYMBOL, notional=9)), "two": Script(buy(SYMBOL, notional=9))}
    assert {line["level"] for line in logged(tmp_path, strategies, level=level)} == levels


def test_a_failed_run_is_told(tmp_path: Path) -> None:
    """The log ends with the reason, even at level ERROR, and is closed."""
    with pytest.raises(StrategyError):
        logged(tmp_path, {"one": Script(ValueError("broke"))}, level="ERROR")
    (path,) = tmp_path.glob("*.jsonl")
    *_, last = map(json.loads, path.read_text().splitlines())
    assert (last["event"], last["level"], last["status"]) == ("orchestrator.backtest_failed", "error", "failed")
    assert "broke" in last["error"]


def test_a_strategy_that_failed_is_told_and_the_run_goes_on(tmp_path: Path) -> None:
    """A fault names strategy, callback and what was done."""
    lines = logged(tmp_path, {"one": Script(ValueError("broke"))}, on_strategy_error="suspend")
    (fault,) = named(lines, "strategy_failed")
    assert (fault["strategy"], fault["callback"], fault["action"]) == ("one", "on_turn", "suspend")
    assert (fault["level"], fault["error"]) == ("error", "ValueError: broke")
    assert lines[-1]["event"] == "orchestrator.backtest_completed"


def test_an_observer_that_failed_is_told(tmp_path: Path) -> None:
    """An observer of the user's is not called a strategy."""

    @observer(Intent)
    def sulk(event: Intent, number: int, cause: int) -> None:
        raise RuntimeError("no")

    config = OrchestratorConfig(log_directory=str(tmp_path))
    StrategyOrchestrator([(BuyAndHold(), 1)], config=config).run(FEED, observers=[sulk])
    (path,) = tmp_path.glob("*.jsonl")
    (fault,) = named(list(map(json.loads, path.read_text().splitlines())), "observer_failed")
    assert "sulk" in fault["observer"]
    assert fault["action"] == "detach"


def test_two_runs_never_share_a_file(tmp_path: Path) -> None:
    """Each run of a process has a log of its own, whatever the clock says."""
    config = OrchestratorConfig(log_directory=str(tmp_path / "new" / "logs"))
    orchestrator = StrategyOrchestrator([(BuyAndHold(), 1)], config=config)
    orchestrator.run(FEED)
    orchestrator.run(FEED)
    assert len(list((tmp_path / "new" / "logs").glob("backtest-*.jsonl"))) == 2


def test_a_log_changes_no_run(tmp_path: Path) -> None:
    """With a log and without one, the same happens."""
    digests = {
        StrategyOrchestrator([(BuyAndHold(), 1)], config=OrchestratorConfig(log_directory=directory))
        .run(FEED)
        .record.digest()
        for directory in (None, str(tmp_path))
    }
    assert len(digests) == 1


def test_a_directory_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    """Nothing runs without the log that was asked for."""
    (tmp_path / "file").write_text("")
    asked = Script(ValueError("ran"))
    config = OrchestratorConfig(log_directory=str(tmp_path / "file"))
    with pytest.raises(ConfigError, match=r"log_directory .* cannot be written"):
        StrategyOrchestrator([(asked, 1)], config=config).run(FEED)
    assert asked.wants


def test_no_directory_is_no_log() -> None:
    """Without a directory nobody listens."""
    with audit_logs(None, level="INFO") as logs:
        assert logs == ()


def test_the_users_own_structlog_is_left_alone(tmp_path: Path) -> None:
    """Neither is the global configuration used nor is it changed."""

    def refuse(*_: Any) -> Any:
        raise AssertionError("the user's processors were called")

    try:
        structlog.configure(processors=[refuse])
        before = structlog.get_config()
        assert logged(tmp_path, {"one": BuyAndHold()})
        assert structlog.get_config() == before
        assert structlog.get_config()["processors"] == [refuse]
    finally:
        structlog.reset_defaults()


class FirstComes:
    """A policy that lets only whoever comes first open anything."""

    name = "first_comes"

    def settle(self, wishes: Any) -> list[Outcome]:
        return [Outcome(0 if seat else wish.asked_micros, wish.close_lots) for seat, wish in enumerate(wishes)]


class Echo(Script):
    """Wants more whenever it got something, also when the data are over."""

    def on_fill(self, fill: Any, view: Any) -> Any:
        return buy("AAA", quantity=1)


def test_no_event_is_too_odd_for_the_log(tmp_path: Path) -> None:
    """A run with refusals of every reason is logged to its end: no fault, nobody detached."""
    prices = {"AAA": (100, 100, 100, 500, 500, 500), "BBB": (100,) * 6, "LATE": (100,)}
    data = {
        symbol: [Bar(symbol, day * 86_400_000_000, *[float(price)] * 4) for day, price in enumerate(row, 6 - len(row))]
        for symbol, row in prices.items()
    }
    odd = [
        [buy("BBB", quantity=1), buy("BBB", quantity=-1)],
        [
            close("AAA"),
            target("BBB", quantity=1),
            buy("LATE", quantity=1),
            buy("NO\udcffPE", quantity=1, note="\udcff"),
        ],
        [buy("AAA", notional=1), buy("AAA", quantity=10**6)],
    ]
    strategies = {
        "odd": (Script(*odd), "0.3", ["AAA", "BBB", "LATE"]),
        "late": (Script([buy("BBB", quantity=1), buy("AAA", quantity=1)], buy("BBB", quantity=1)), "0.3", ["BBB"]),
        "ruined": (Script(sell("AAA", quantity=2), None, None, buy("BBB", fraction=0.5)), "0.2"),
        "echo": (Echo(None, None, buy("BBB", quantity=1)), "0.2"),
    }
    settings: dict[str, Any] = {
        "log_directory": str(tmp_path),
        "conflict_policy": FirstComes(),
        "close_at_end": True,
        "suspend": [{"strategy": "late", "start": "1970-01-02"}],
    }
    heard: list[Decision] = []

    @observer(Decision)
    def hear(event: Decision, number: int, cause: int) -> None:
        heard.append(event)

    result = StrategyOrchestrator(strategies, 1000, OrchestratorConfig(**settings)).run(data, observers=[hear])
    assert result.faults == ()
    assert {decision.reason for decision in heard} == set(get_args(Reason)) - set(LIMITS) | {"allocation"}
    (path,) = tmp_path.glob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert "ruined" in [limit["strategy"] for limit in named(lines, "capital_limit_hit")]
    assert lines[-1]["event"] == "orchestrator.backtest_completed"


@pytest.mark.parametrize("side", [-1, 0, 1])
@pytest.mark.parametrize("reason", get_args(Reason))
def test_whatever_is_refused_can_be_logged(reason: Any, side: int) -> None:
    """No reason and no side is more than the log can say."""
    file = io.StringIO()
    AuditLog(file, level="DEBUG")(Decision(0, "one", SYMBOL, "refused", reason, side), 7, 6)
    assert bool(file.getvalue()) == (reason in LIMITS)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device to write to")
def test_a_log_that_cannot_go_on_costs_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full is a fault of the log, not of the run."""
    full = Path("/dev/full").open("w", buffering=1)  # noqa: SIM115 -- the log closes it
    monkeypatch.setattr(audit_log, "_new_file", lambda _: full)
    config = OrchestratorConfig(log_directory=str(tmp_path))
    result = StrategyOrchestrator([(BuyAndHold(), 1)], config=config).run(FEED)
    (fault,) = result.faults
    assert (fault.action, "No space left" in fault.error) == ("detach", True)
    assert result.ended.status == "complete"
    assert full.closed


def test_text_stays_readable() -> None:
    """Symbols outside ASCII are written as they are."""
    file = io.StringIO()
    AuditLog(file, level="INFO")(Intent(0, "one", "Ørsted", "buy", "fraction", 500_000), 7, 6)
    assert json.loads(file.getvalue())["amount"] == "0.500000"
    assert '"Ørsted"' in file.getvalue()


def test_text_that_is_no_unicode_is_escaped(tmp_path: Path) -> None:
    """Half a character cannot be written in UTF-8; the line is JSON all the same."""
    with audit_logs(str(tmp_path), level="INFO") as (log,):
        log(Intent(0, "one", "\udcff", "buy", "quantity", 1), 7, 6)
    (path,) = tmp_path.glob("*.jsonl")
    assert json.loads(path.read_text(encoding="utf-8"))["symbol"] == "\udcff"


def test_corporate_actions_are_logged(tmp_path: Path) -> None:
    """The action, and what each book got of it; amounts as text like everywhere."""
    data = [Bar("GLD", day * 86_400_000_000, *[price] * 4) for day, price in enumerate((90.0, 90.0, 60.0, 60.0))]
    feed = feed_of(data).with_actions([split_of("GLD", "1970-01-03", 3, 2), dividend_of("GLD", "1970-01-04", "0.25")])
    config = OrchestratorConfig(log_directory=str(tmp_path))
    StrategyOrchestrator({"one": (Script(buy("GLD", quantity=7)), 1)}, 1_000, config).run(feed)
    (path,) = tmp_path.glob("*.jsonl")
    told = [json.loads(line) for line in path.read_text().splitlines()]
    (split,), (adjusted,) = named(told, "split"), named(told, "position_adjusted")
    (dividend,), (paid,) = named(told, "dividend"), named(told, "dividend_paid")
    assert (split["symbol"], split["ratio"], split["level"]) == ("GLD", "3:2", "info")
    assert (adjusted["quantity_before"], adjusted["quantity_after"], adjusted["cash"]) == (7, 10, "30.000000")
    assert (adjusted["cause"], dividend["per_share"]) == (split["number"], "0.250000")
    assert (paid["strategy"], paid["quantity"], paid["amount"]) == ("one", 10, "2.500000")
    assert paid["cause"] == dividend["number"]
