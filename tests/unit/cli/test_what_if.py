"""`ropewalk counterfactual` and `ropewalk regret`: what is asked, what is told, and what they end with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recorded_runs import months
from ropewalk import MomentumSignals, StrategyOrchestrator
from ropewalk.cli.main import app
from ropewalk.journal import Origin, Recording, counterfactual, regret, verify


def run(*arguments: Any, code: int = 0) -> str:
    answer = CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "120"})
    assert answer.exit_code == code, answer.output
    return answer.output


@pytest.fixture
def journal() -> Path:
    """Three signal strategies on a few months, made by name."""
    settings = {"quick": (3, 9), "slow": (5, 15), "other": (2, 30)}
    origins = {
        name: Origin("momentum-signals", {"short_window": short, "long_window": long})
        for name, (short, long) in settings.items()
    }
    seats = {name: (MomentumSignals(*windows), "0.3") for name, windows in settings.items()}
    result = StrategyOrchestrator(seats, 10_000).run(months(), journal=Recording(Path("runs"), origins=origins))
    path = result.journal.path.parent
    assert isinstance(path, Path)
    return path


def test_nothing_set_is_the_run_itself(journal: Path) -> None:
    """Without options the same happens again, and that is said."""
    told = run("counterfactual", journal)
    assert "as recorded: the same happened, record by record" in told
    assert "no strategy was asked" in told


def test_what_is_set_stands_beside_the_run(journal: Path) -> None:
    """Figures, the equity of each strategy, the first difference, and each changed fill with its decision."""
    told = run("counterfactual", journal, "--set", "limits.gross_exposure=0.3")
    assert "the run" in told
    assert "first differs at number" in told
    assert "the decision was" in told
    assert "(gross_exposure)" in told
    assert "other positions than it saw" in told


def test_cases_are_grouped_by_name(journal: Path) -> None:
    """What has one name before a colon belongs together; what has none is one case."""
    sets = ("tight:limits.gross_exposure=0.2", "tight:commission={kind='fixed', amount=1}", "loose:limits.leverage=2")
    told = json.loads(
        run(
            "counterfactual",
            journal,
            *(part for one in sets for part in ("--set", one)),
            "--set",
            "capital=5000",
            "--json",
        )
    )
    overrides = {one["name"]: one["overrides"] for one in told["cases"]}
    assert overrides == {
        "tight": {"limits.gross_exposure": "0.2", "commission": {"kind": "fixed", "amount": 1}},
        "loose": {"limits.leverage": 2},
        "capital=5000": {"capital": 5000},
    }
    assert [one["is_identical"] for one in told["cases"]] == [False, True, False]


def test_all_policies_make_one_table(journal: Path) -> None:
    """A line each, with their parameters."""
    told = run("counterfactual", journal, "--policies", "all")
    for name in (
        "independent",
        "priority",
        "cancel_both",
        "weighted_average",
        "pro_rata share=0.2",
        "veto strategy=quick",
    ):
        assert told.count(f"\n{name} ") == 2, name
    assert "no strategy was asked" in told
    some = json.loads(run("counterfactual", journal, "--policies", "priority, cancel_both", "--json"))
    assert [one["name"] for one in some["cases"]] == ["priority", "cancel_both"]


def test_live_asks_the_strategies(journal: Path) -> None:
    """They are made again by their names."""
    told = run("counterfactual", journal, "--set", "conflict_policy=priority", "--live")
    assert "the strategies ran again" in told


def test_json_is_what_python_says(journal: Path) -> None:
    """Figures, difference, every changed fill."""
    told = json.loads(run("counterfactual", journal, "--set", "limits.positions=1", "--json"))
    found = counterfactual(journal, {"limits.positions": 1})
    (case,) = told["cases"]
    assert case == json.loads(json.dumps(found.to_dict()))
    assert told["figures"] == found.parent.figures.to_dict()
    assert (told["intents"], told["exit_code"]) == ("frozen", 0)


def test_a_case_is_kept_where_one_says(journal: Path) -> None:
    """As a run like any other: verified, explained, compared, asked about again."""
    told = run("counterfactual", journal, "--set", "limits.positions=1", "-o", "what")
    (kept,) = Path("what").iterdir()
    assert str(kept) in told
    assert verify(kept).is_clean
    assert "limits.positions" in run("diff", journal, kept, code=1)
    assert "account_positions" in run("regret", kept)
    refused = next(one for one in counterfactual(kept).result.record.decisions if one.event.verdict == "refused")
    assert "positions" in run("explain", kept, "--decision", refused.number)
    assert "frozen counterfactual" in run("replay", kept, "--level", "full", code=2)
    run("counterfactual", journal, "--set", "limits.positions=1", "-o", "what")
    assert list(Path("what").iterdir()) == [kept]


def test_regret_lists_each_rule(journal: Path) -> None:
    """With what it took, what that would have made, and what is assumed."""
    run("counterfactual", journal, "--set", "limits.positions=1", "--set", "conflict_policy=priority", "-o", "what")
    (kept,) = Path("what").iterdir()
    told = run("regret", kept)
    found = regret(kept)
    for rule in found.rules:
        assert f"{rule.refused_micros / 1e6:,.2f}" in told
        assert f"{rule.profit_micros / 1e6:+,.2f}" in told
    assert "assumed:" in told
    assert json.loads(run("regret", kept, "--json")) == found.to_dict()


def test_a_run_that_refused_nothing_has_nothing_to_regret() -> None:
    """And that is said."""
    result = StrategyOrchestrator({"hold": (MomentumSignals(3, 9), "0.3", ["IBM"])}, 10_000).run(
        months(), journal="runs"
    )
    (decision, *_) = result.decisions
    assert decision.verdict == "granted"
    assert "nothing was refused" in run("regret", result.journal.path.parent)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "conflict_polcy=priority"], "did you mean 'conflict_policy'?"),
        (["--set", "limits.gross_exposur=1"], "did you mean 'gross_exposure'?"),
        (["--set", "limits.gross_exposure"], "give KEY=VALUE"),
        (["--set", "limits.positions=1", "--set", "limits.positions=2"], "stands there twice"),
        (["--policies", "priorty"], "did you mean 'priority'?"),
        (["--set", "seed=3"], "--live"),
        (["--set", "seed=none"], "--live"),
    ],
)
def test_what_cannot_be_asked_ends_with_2(journal: Path, arguments: list[str], told: str) -> None:
    """In one message, with what to do."""
    assert told in run("counterfactual", journal, *arguments, code=2)


@pytest.mark.parametrize("command", ["counterfactual", "regret"])
def test_the_state_of_the_journal_is_in_the_exit_code(journal: Path, command: str) -> None:
    """1 for a damaged one, 3 for one that has not ended, 2 where its bars are missing."""
    path = journal / "journal.jsonl"
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"k":"fill"', b'"k":"fell"', 1))
    assert "corrupt in the middle" in run(command, journal, code=1)
    path.write_bytes(b"".join(content.splitlines(keepends=True)[:-1]))
    assert "incomplete" in run(command, journal, code=3)
    path.write_bytes(content)
    for copy in (journal / "data").iterdir():
        copy.unlink()
    assert "--run RUN.toml" in run(command, journal, code=2)
    answer = CliRunner().invoke(app, [command, str(journal), "--json"])
    assert (json.loads(answer.stdout)["exit_code"], answer.exit_code) == (2, 2)
    assert "no run under" in run(command, "r-nowhere", code=2)


def test_live_strategies_that_are_not_there_are_asked_for() -> None:
    """They came as objects; a run file may give them."""
    seats = {"one": (MomentumSignals(3, 9), "0.3")}
    place = StrategyOrchestrator(seats, 10_000).run(months(), journal="runs").journal.path.parent
    assert "--run RUN.toml" in run("counterfactual", place, "--live", code=2)
    assert "the same happened" in run("counterfactual", place)
