"""Runs side by side: what differs is marked, what is equal is not, and nothing is made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ropewalk import BuyAndHold, Momentum, OrchestratorConfig, StrategyOrchestrator, sample_feed
from ropewalk.errors import ConfigError
from ropewalk.journal import Recording, contrast
from ropewalk.run_file import load_run

FEED = sample_feed(["AAPL", "IBM"], start="2008-07-01", end="2008-12-31")


def run(*, window: int = 20, commission: Any = None, extra: bool = False) -> Any:
    seats = {"trend": (Momentum(5, window), "0.4"), "hold": (BuyAndHold(), "0.2")}
    if extra:
        seats["more"] = (BuyAndHold(), "0.1")
    settings = {} if commission is None else {"commission": {"kind": "fixed", "amount": commission}}
    config = OrchestratorConfig.model_validate(settings)
    # Kept on disk, since a journal in memory has no bars beside it.
    return StrategyOrchestrator(seats, 10_000, config).run(FEED, journal=Recording("runs"))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lines(*results: Any) -> dict[tuple[str, str], Any]:
    return {(line.section, line.name): line for line in contrast([one.journal.path for one in results]).lines}


def test_what_differs_is_marked_and_nothing_else() -> None:
    """One parameter: it stands among the inputs, and the figures of the other strategy are equal."""
    one, other = run(), run(window=25)
    found = lines(one, other)
    inputs = [name for section, name in found if section == "inputs that differ"]
    assert inputs == ["trend.long_window"]
    assert found["inputs that differ", "trend.long_window"].values == ("20", "25")
    assert not any(line.is_different for (section, _), line in found.items() if section == "hold")
    assert found["account", "final equity"].is_different
    assert found["account", "final equity"].values == (float(one.final_equity), float(other.final_equity))
    assert found["trend", "Sharpe"].values[1] == other.get_strategy_result("trend").metrics.sharpe


OWN = """
class Own:
    def __init__(self, edge=0.5):
        self.edge = edge

    def should_enter(self, bars):
        return True

    def should_exit(self, position, bars):
        return False
"""
TWO = """
[data]
source = "synthetic"
bars = 60

[settings]
crossing = {crossing}
conflict_policy = "{policy}"

[strategies.trend]
use = "momentum"
settings = {{ {trend} }}
weight = 0.3

[strategies.own]
use = "own.py:Own"
settings = {{ {own} }}
weight = 0.3
"""


def planned(**said: str) -> Any:
    text = TWO.format(**{"crossing": "true", "policy": "independent", "trend": "", "own": "", **said})
    Path("run.toml").write_text(text, encoding="utf-8")
    Path("own.py").write_text(OWN, encoding="utf-8")
    run = load_run(Path("run.toml"))
    return run.orchestrator.run(run.feed(), journal=run.recording())


def test_what_was_left_at_its_default_is_told() -> None:
    """With its value where that is known, else as default; a strategy that is not there has none."""
    one = planned(trend="short_window = 5", own="edge = 0.25")
    other = planned(crossing="false", policy="net")
    found = {name: line.values for (section, name), line in lines(one, other).items() if section.startswith("inputs")}
    assert found == {
        "crossing": ("True", "False"),
        "conflict_policy": ("independent", "net"),
        "trend.short_window": ("5", "20"),
        "own.edge": ("0.25", "default"),
    }
    without = lines(one, run())
    assert without["inputs that differ", "own.edge"].values == ("0.25", None)


def test_policies_of_symbols_are_told_apart() -> None:
    """Each by its symbol, and not as one."""
    runs = []
    for share in ("0.2", "0.4"):
        policies = {"AAPL": {"kind": "pro_rata", "share": share}, "IBM": "net"}
        config = OrchestratorConfig.model_validate({"conflict_policies": policies})
        runs.append(
            StrategyOrchestrator({"hold": (BuyAndHold(), "0.5")}, 10_000, config).run(FEED, journal=Recording("runs"))
        )
    inputs = {name: line.values for (section, name), line in lines(*runs).items() if section.startswith("inputs")}
    assert inputs == {"conflict_policies.AAPL.share": ("0.2", "0.4")}


def test_a_run_beside_itself_differs_in_nothing() -> None:
    one = run()
    found = contrast([one.journal.path] * 3)
    assert not any(line.is_different for line in found.lines)
    assert len({*found.runs}) == 3


def test_settings_and_strategies_that_only_one_has_are_told() -> None:
    """None is no value, not zero."""
    found = lines(run(), run(commission="1.5", extra=True))
    assert found["inputs that differ", "commission.amount"].values == (None, "1.5")
    assert found["inputs that differ", "more.weight"].values == (None, "0.1")
    assert found["more", "fills"].values[0] is None
    assert found["more", "fills"].is_different


def test_a_run_that_was_cut_off_has_no_figures(tmp_path: Any) -> None:
    """It is set beside the others all the same, and it is said why it has none."""
    one, cut = run(), run(window=25)
    content = cut.journal.path.read_bytes().split(b"\n")
    cut.journal.path.write_bytes(b"\n".join(content[:20]) + b"\n")
    found = contrast([one.journal.path, cut.journal.path])
    named = {(line.section, line.name): line.values for line in found.lines}
    assert named["account", "Sharpe"] == (one.aggregate_metrics.sharpe, None)
    assert named["run", "state"] == ("complete", "incomplete")
    (note,) = found.notes
    assert "has no curves and no metrics: the run has not ended" in note


def test_comparing_takes_two() -> None:
    with pytest.raises(ConfigError, match="1 run given; comparing takes two or more"):
        contrast([run().journal.path])
