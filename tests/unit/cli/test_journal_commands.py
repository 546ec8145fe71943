"""Verify, recover, diff, explain and runs say what Python says, with the exit codes of the house."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ropewalk import BuyAndHold, MeanReversion, Momentum, StrategyOrchestrator, sample_feed
from ropewalk.cli.main import app
from ropewalk.cli.places import journal_at
from ropewalk.errors import JournalError
from ropewalk.journal import explain, read, verify


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs over half a year."""
    folder = tmp_path_factory.mktemp("recorded")
    feed = sample_feed(["AAPL", "IBM"], start="2008-07-01", end="2008-12-31")
    for window in (20, 25):
        seats = {
            "trend": (Momentum(5, window), "0.4"),
            "revert": (MeanReversion(5), "0.3"),
            "hold": (BuyAndHold(), "0.2"),
        }
        StrategyOrchestrator(seats, 10_000).run(feed, journal=folder)
    return folder


@pytest.fixture
def runs(recorded: Path, own_folder: Path) -> list[Path]:
    """A copy in ./runs that a test may spoil."""
    shutil.copytree(recorded, own_folder / "runs")
    return sorted(Path("runs").iterdir())


def invoke(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [str(one) for one in arguments])


def told(*arguments: object) -> object:
    return json.loads(invoke(*arguments, "--json").stdout)


def test_verify_answers_with_the_code_of_the_verdict(runs: list[Path]) -> None:
    """0 clean, 3 incomplete but sound, 1 damaged, 2 no journal."""
    path = runs[0] / "journal.jsonl"
    content = path.read_bytes()
    clean = invoke("verify", runs[0])
    assert (clean.exit_code, clean.stderr) == (0, "")
    assert "A, complete" in clean.stdout
    for spoiled, code in (
        (content[: content.rfind(b"\n", 0, -1) + 1], 3),
        (content[:-9], 3),
        (content.replace(b'"buy"', b'"bug"', 1), 1),
        (b"{}\n", 2),
    ):
        path.write_bytes(spoiled)
        answer = invoke("verify", path)
        assert answer.exit_code == code
        assert answer.exit_code == told("verify", path)["exit_code"]
        assert answer.stdout.startswith(f"{path}: ")


def test_recover_moves_a_torn_tail_and_nothing_else(runs: list[Path]) -> None:
    path = runs[0] / "journal.jsonl"
    content = path.read_bytes()
    assert "there was nothing to recover" in invoke("recover", runs[0]).stdout
    path.write_bytes(content[:-9])
    answer = invoke("recover", runs[0])
    assert answer.exit_code == 0
    assert "the torn tail of" in answer.stdout
    assert verify(path).exit_code == 3
    spoiled = content.replace(b'"buy"', b'"bug"', 1)
    path.write_bytes(spoiled)
    answer = invoke("recover", runs[0])
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "only a torn tail can be recovered; nothing was changed" in answer.stderr
    assert path.read_bytes() == spoiled
    path.write_bytes(b"{}\n")
    assert invoke("recover", runs[0]).exit_code == 2


def test_recover_as_json(runs: list[Path]) -> None:
    path = runs[0] / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    assert told("recover", runs[0])["tail_bytes"] > 0


def test_diff_is_quiet_about_equals_and_exact_about_others(runs: list[Path]) -> None:
    same = invoke("diff", runs[0], runs[0])
    assert (same.exit_code, same.stdout.split(":")[0]) == (0, "equal")
    assert told("diff", runs[0], runs[0]) == {"equal": True, "exit_code": 0}
    others = invoke("diff", *runs)
    assert others.exit_code == 1
    assert "inputs that differ:" in others.stdout
    found = told("diff", *runs)
    assert (found["equal"], found["exit_code"]) == (False, 1)


def test_explain_tells_what_python_tells(runs: list[Path]) -> None:
    """By number, and by strategy, symbol and date."""
    fill = next(one.number for one in read(runs[0]) if one.kind == "fill")
    answer = invoke("explain", runs[0], "--fill", fill)
    assert (answer.exit_code, answer.stdout) == (0, str(explain(runs[0], fill=fill)) + "\n")
    story = explain(runs[0], number=fill).to_dict()
    assert told("explain", runs[0], "--number", fill) == json.loads(json.dumps(story, allow_nan=False))
    silent = invoke("explain", runs[0], "--strategy", "hold", "--symbol", "IBM", "--at", "2008-09-15")
    assert silent.stdout.startswith("hold and IBM on 2008-09-15: it was asked and wanted nothing\n")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ((), "asked to explain nothing"),
        (("--fill", "1"), "number 1 is a transfer, not a fill"),
        (("--intent", "99999"), "there is no number 99999"),
        (("--strategy", "hodl", "--symbol", "IBM", "--at", "2008-09-15"), "did you mean 'hold'?"),
    ],
)
def test_what_cannot_be_explained_is_said(runs: list[Path], asked: tuple[str, ...], said: str) -> None:
    answer = invoke("explain", runs[0], *asked)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert said in answer.stderr


def test_runs_lists_what_was_recorded(runs: list[Path]) -> None:
    answer = invoke("runs")
    assert answer.exit_code == 0
    for run in runs:
        (line,) = [one for one in answer.stdout.splitlines() if run.name in one]
        assert "complete" in line
        assert "%" in line
    assert "trend, revert" in answer.stdout
    assert [one["name"] for one in told("runs", "runs")] == [run.name for run in runs]


def test_runs_that_cannot_be_read_are_listed_with_the_reason(runs: list[Path]) -> None:
    path = runs[0] / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"capital":', b'"capitol":', 1))
    assert "unreadable" in invoke("runs").stdout
    (runs[1] / "journal.jsonl").rename(runs[1] / "journal.jsonl.part")
    (runs[1] / "journal.jsonl.part").write_bytes((runs[1] / "journal.jsonl.part").read_bytes()[:-900])
    assert "unfinished" in invoke("runs").stdout


def test_a_folder_without_runs_is_said(own_folder: Path) -> None:
    assert invoke("runs").exit_code == 2
    (own_folder / "runs").mkdir()
    answer = invoke("runs")
    assert (answer.exit_code, answer.stdout) == (0, "there are no runs in runs\n")
    assert told("runs") == []


def test_a_run_is_no_folder_of_runs(runs: list[Path]) -> None:
    answer = invoke("runs", runs[0])
    assert answer.stdout == f"there are no runs in {runs[0]}, which is one itself; give the folder that it is in\n"


# ── which journal is meant ────────────────────────────────────────────────────────────────────────


def test_a_journal_is_found_by_folder_file_and_beginning(runs: list[Path]) -> None:
    """With or without the `r-`; what lies there comes first."""
    name = runs[0].name
    assert journal_at(str(runs[0])) == runs[0]
    assert journal_at(str(runs[0] / "journal.jsonl")) == runs[0] / "journal.jsonl"
    assert journal_at(name) == journal_at(name[:12]) == journal_at(name[2:9]) == runs[0]
    (Path("runs") / f"{name}0").mkdir()
    assert journal_at(name) == runs[0]


def test_what_may_mean_more_than_one_is_refused(runs: list[Path]) -> None:
    with pytest.raises(JournalError, match="'r-' begins 2 runs under runs: "):
        journal_at("r-")


def test_what_is_not_there_is_said(runs: list[Path]) -> None:
    wrong = runs[0].name[:-1] + "z"
    with pytest.raises(JournalError, match=rf"there is no {wrong}: .* did you mean '{runs[0].name}'\?"):
        journal_at(wrong)
    with pytest.raises(JournalError, match="no run under here, which is not there"):
        journal_at("r-1", runs=Path("here"))
    Path("here").mkdir()
    with pytest.raises(JournalError, match="no run under here, which is empty"):
        journal_at("r-1", runs=Path("here"))


# ── errors ────────────────────────────────────────────────────────────────────────────────────────

WRONG: dict[str, list[str]] = {
    "demo": ["--journal-mode", "soon"],
    "run": ["gone.toml"],
    "runs": ["gone"],
    "show": ["gone"],
    "compare": ["gone", "gone"],
    "sql": ["gone", "select 1"],
    "export": ["gone"],
    "new": ["strategy", "no name"],
    "report": ["gone"],
    "explain": ["gone"],
    "verify": ["gone"],
    "replay": ["gone"],
    "resume": ["gone"],
    "diff": ["gone", "gone"],
    "counterfactual": ["gone"],
    "regret": ["gone"],
    "recover": ["gone"],
    "check-determinism": ["gone.toml"],
    "check-lookahead": ["gone.toml"],
}


@pytest.mark.parametrize("command", WRONG)
def test_json_is_told_what_went_wrong(command: str) -> None:
    """One object on stdout: `error`, and the code that the command ends with; people read it on stderr."""
    answer = invoke(command, *WRONG[command], "--json")
    told = json.loads(answer.stdout)
    assert told["exit_code"] == answer.exit_code == 2
    assert told["error"]
    assert invoke(command, *WRONG[command]).stdout == ""


@pytest.mark.parametrize("command", WRONG)
def test_json_is_told_of_options_that_there_are_not(command: str) -> None:
    answer = invoke(command, *WRONG[command][-1:], "--jsom", "--json")
    told = json.loads(answer.stdout)
    assert told["exit_code"] == answer.exit_code == 2
    assert "--jsom" in told["error"]


def test_every_command_with_json_is_tried() -> None:
    """A new command takes a line in the table above."""
    named = {one.name or one.callback.__name__.replace("_", "-") for one in app.registered_commands if one.callback}
    assert named == WRONG.keys()


def test_a_damaged_journal_that_cannot_be_recovered_is_1(runs: list[Path]) -> None:
    """Also as JSON; what was damaged is told by verify."""
    path = runs[0] / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"action":"buy"', b'"action":"bux"', 1))
    for command in ("recover", "resume"):
        answer = invoke(command, runs[0], "--json")
        told = json.loads(answer.stdout)
        assert (answer.exit_code, told["exit_code"]) == (1, 1), command
        assert "`ropewalk verify` tells what is wrong" in told["error"]


def test_recover_tells_its_code(runs: list[Path]) -> None:
    answer = invoke("recover", runs[0], "--json")
    assert json.loads(answer.stdout)["exit_code"] == answer.exit_code == 0


def test_a_folder_of_runs_is_told_from_a_run(runs: list[Path]) -> None:
    """By the names of those in it."""
    answer = invoke("verify", "runs")
    assert answer.exit_code == 2
    assert f"runs is a folder of runs; give one of them: {runs[0].name}" in answer.stderr


def test_a_wrong_mode_is_told_before_anything_else() -> None:
    answer = invoke("demo", "--journal-mode", "soon")
    assert (answer.exit_code, answer.stdout) == (2, "")


def test_what_is_one_is_told_as_one() -> None:
    assert "an intent" in invoke("explain", "--help").stdout
    assert "a intent" not in invoke("explain", "--help").stdout


def test_what_is_missing_is_told_in_words_of_the_command_line(runs: list[Path]) -> None:
    """Nobody who types a command is told of Python's parameters."""
    shutil.rmtree(runs[0] / "data")
    answer = invoke("replay", runs[0])
    assert answer.exit_code == 0
    assert "no curves and no metrics" in answer.stdout
    assert answer.stderr == "ropewalk: --run RUN.toml gives the bars, for curves and metrics\n"
    asked = invoke("replay", runs[0], "--level", "full")
    assert (asked.exit_code, "--run RUN.toml" in asked.stderr) == (2, True)
    assert "=" not in answer.stdout.partition("no curves")[2] + asked.stderr


def test_a_journal_that_cannot_be_read_points_to_verify(runs: list[Path]) -> None:
    path = runs[0] / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-300] + b"torn")
    answer = invoke("replay", runs[0])
    assert (answer.exit_code, "`ropewalk verify` tells more" in answer.stderr) == (3, True)
    assert answer.stderr.splitlines()[-1] == (
        f"{path}: its tail is torn; recover it: the tail goes to quarantine; then resume the run"
    )
    assert "no folder was named" in invoke("verify", "").stderr


READERS: dict[str, list[str]] = {
    "replay": [],
    "replay --level decisions": [],
    "diff": ["runs/whole"],
    "explain": ["--number", "9"],
    "show": [],
    "export": ["--to", "csv", "-o", "out"],
    "sql": ["select 1"],
    "compare": ["runs/whole"],
    "counterfactual": [],
    "regret": [],
}


@pytest.mark.parametrize("command", READERS)
def test_who_reads_a_journal_ends_with_the_code_of_its_verdict(runs: list[Path], command: str) -> None:
    """1 damaged, 3 torn, 2 no journal: whatever was asked, in words and as JSON, and never twice the same advice."""
    name, *options = command.split()
    shutil.copytree(runs[0], "runs/whole")
    path = runs[0] / "journal.jsonl"
    content = path.read_bytes()
    for spoiled, code in (
        (content.replace(b'"buy"', b'"bug"', 1), 1),
        (content[: len(content) * 2 // 3], 3),
        (b"hello\n" * 30, 2),
    ):
        path.write_bytes(spoiled)
        if name == "diff" and code == 3:
            # Where one ends, the other goes on: that is the difference.
            code = 1
        answer = invoke(name, runs[0], *READERS[command], *options)
        assert answer.exit_code == code == verify(path).exit_code or name == "diff", answer.output
        assert (answer.stdout + answer.stderr).count("`ropewalk verify") <= 1
        assert "Traceback" not in answer.stderr
        if name not in ("sql", "compare"):
            said = told(name, runs[0], *READERS[command], *options)
            assert isinstance(said, dict)
            assert said["exit_code"] == code


def test_what_has_not_ended_is_told_and_ends_with_3(runs: list[Path]) -> None:
    """As far as it goes it is as good as any: replayed and explained, with what it lacks."""
    path = runs[0] / "journal.jsonl"
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"\n", len(content) * 2 // 3) + 1])
    again = invoke("replay", runs[0])
    assert (again.exit_code, "identical" in again.stdout) == (3, True)
    story = invoke("explain", runs[0], "--number", 9)
    assert (story.exit_code, story.stderr) == (3, "")
    assert story.stdout.splitlines()[-1] == "note: the run has not ended: what is told is what was recorded"
    assert told("explain", runs[0], "--number", 9)["exit_code"] == 3
    # What is not in it is a wrong question, however far it goes.
    assert invoke("explain", runs[0], "--number", 99_999).exit_code == 2
