"""A profile says what each part of a run took, and changes nothing of the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recorded_runs import TALES, every_tale
from ropewalk import (
    Ask,
    Bar,
    Cutoff,
    Fill,
    Member,
    OpenOrder,
    PluginError,
    Room,
    Strategy,
    StrategyOrchestrator,
    observer,
)
from ropewalk.cli.main import app
from ropewalk.journal import Recording
from ropewalk.orchestrator.profile import Profile


@observer(Fill)
def hears_fills(event: Any, number: int, cause: int) -> None:
    """An observer that does nothing."""


@every_tale
def test_a_profiled_run_has_the_same_journal(name: str) -> None:
    """Whoever stands in for a part hears, says and is what it is."""
    tale = TALES[name]
    profiled = tale.run(profile=Profile(), observers=[hears_fills])
    assert profiled.journal.content == tale.run().journal.content


class Back:
    """A rebalancer of one's own: whoever drifted goes back."""

    name = "back"
    every = "month"

    def targets(self, members: list[Member]) -> dict[str, Any]:
        return {one.strategy: one.weight for one in members}


def test_the_clock_of_a_profile_is_nobodys_fault() -> None:
    """Strict mode blames no strategy for the clock that times it: the journal is the same with a profile."""
    tale, profile = TALES["own rules"], Profile()
    runs = [
        StrategyOrchestrator(tale.seats(), "10000", tale.config(strict=True, rebalance=Back())).run(
            tale.data(), journal=Recording(mode="memory"), profile=given
        )
        for given in (None, profile)
    ]
    assert [one.faults for one in runs] == [(), ()]
    assert runs[0].journal.content == runs[1].journal.content
    calls = {(cost.kind, cost.name): cost.calls for cost in profile.costs}
    assert calls["rebalancer", "back"] == len(runs[0].rebalances) > 0


def test_every_part_is_counted_under_its_name() -> None:
    """Each strategy, policy, cost model and observer has a row, and with the walk's own they sum to the whole."""
    tale, profile = TALES["own rules"], Profile()
    result = tale.run(profile=profile, observers=[hears_fills])
    costs = {(cost.kind, cost.name): cost for cost in profile.costs}
    assert sorted(costs) == [
        ("commission", "Ticket"),
        ("observer", "hears_fills"),
        ("policy", "halves"),
        ("strategy", "s0"),
        ("strategy", "s1"),
        ("strategy", "s2"),
        ("walk", ""),
    ]
    assert costs["observer", "hears_fills"].calls == len(result.fills)
    assert costs["policy", "halves"].calls == len(result.conflicts)
    assert sum(cost.nanoseconds for cost in profile.costs) == profile.nanoseconds
    assert profile.costs[-1].kind == "walk"


class Half:
    """A limit and a fill model of one's own."""

    def room(self, ask: Ask) -> Room:
        return Room(ask.asked_micros // 2)

    def fill(self, order: OpenOrder, bar: Bar) -> tuple[int, int]:
        return (order.lots + 1) // 2, order.reference_micros


def test_limits_and_fill_models_are_counted_too() -> None:
    """And the run with their stand-ins has the journal of the run without."""
    tale, profile = TALES["buy and hold"], Profile()
    settings = {"fill_model": Half(), "limits": {"own": {"half": Half()}}}
    runs = [
        StrategyOrchestrator(tale.seats(), "10000", tale.config(**settings)).run(
            tale.data(), journal=Recording(mode="memory"), profile=given
        )
        for given in (None, profile)
    ]
    assert runs[0].journal.digest == runs[1].journal.digest
    calls = {(cost.kind, cost.name): cost.calls for cost in profile.costs}
    assert calls["limit", "half"] > 0
    assert calls["fill model", "Half"] == len(runs[0].fills)


class Busy(Strategy):
    """Takes three microseconds at every bar, by a clock that only it moves."""

    now = 0

    def on_bar(self, bar: Any, view: Any) -> None:
        Busy.now += 3_000


def test_the_dearest_part_comes_first_and_its_time_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a strategy takes is told of that strategy, bar by bar, and of no other."""
    monkeypatch.setattr("ropewalk.orchestrator.profile.perf_counter_ns", lambda: Busy.now)
    orchestrator = StrategyOrchestrator({"hold": TALES["buy and hold"].seats()["s0"], "busy": (Busy(), "0.5")})
    data, profile = TALES["buy and hold"].data(), Profile()
    orchestrator.run(data, profile=profile)
    first, second, *others = profile.rows(bars=data.rows)
    assert (first["kind"], first["name"], first["calls"]) == ("strategy", "busy", data.rows)
    assert (first["microseconds_a_bar"], first["share"]) == (3.0, 1.0)
    assert (second["name"], second["calls"], second["seconds"]) == ("hold", data.rows, 0.0)
    assert [(row["kind"], row["seconds"]) for row in others] == [("policy", 0.0), ("walk", 0.0)]


def test_errors_name_the_part_and_not_who_stands_in_for_it() -> None:
    """A model that answers with nonsense is named as it is without a profile."""

    class Free:
        def commission_micros(self, quantity: int, price_micros: int) -> Any:
            return -1

    tale = TALES["buy and hold"]
    orchestrator = StrategyOrchestrator(tale.seats(), "10000", tale.config(commission=Free()))
    with pytest.raises(PluginError, match="Free answered -1"):
        orchestrator.run(tale.data(), profile=Profile())


def test_an_observer_that_raises_is_detached_as_ever() -> None:
    """The Fault has the observer's name."""

    @observer(Cutoff)
    def falls(event: Any, number: int, cause: int) -> None:
        raise RuntimeError("out of rope")

    result = TALES["buy and hold"].run(profile=Profile(), observers=[falls])
    (fault,) = result.faults
    assert fault.source.endswith("falls")


def test_the_command_line_shows_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ropewalk run --profile` prints it behind the result, `--json` as rows."""
    text = '[data]\nsource = "synthetic"\nbars = 60\n[strategies.hold]\nuse = "buy-and-hold"\nweight = 0.5\n'
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.toml").write_text(text, encoding="utf-8")
    asked = ["run", "run.toml", "--profile", "--no-journal"]
    told = CliRunner(env={"COLUMNS": "120"}).invoke(app, asked)
    assert told.exit_code == 0, told.output
    shown = told.stdout.splitlines()
    assert any(line.startswith("strategy hold") and " 60 " in line for line in shown)
    assert shown[-1].startswith("the walk itself") or shown[-2].startswith("the walk itself")
    rows = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)["profile"]
    assert [row["kind"] for row in rows][-1] == "walk"
    assert {"kind", "name", "calls", "seconds", "microseconds_a_bar", "share"} == set(rows[0])
