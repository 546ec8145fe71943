"""`replay` and `resume`: words or JSON on stdout, the outcome in the exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ropewalk.cli.main import app
from ropewalk.run_file import load_run

RUN = """
[data]
source = "synthetic"
bars = 120
[strategies.odd]
use = "odd.py:Odd"
weight = 0.5
settings = { days = 3 }
[strategies.hold]
use = "buy-and-hold"
weight = 0.5
"""
ODD = """
class Odd:
    def __init__(self, days):
        self.days = days
    def should_enter(self, bars):
        return len(bars) % self.days == 0
    def should_exit(self, position, bars):
        return len(bars) % (self.days + 1) == 0
"""


def invoke(*arguments: object):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, Path]:
    """A run file, and the folder of its recorded run."""
    (tmp_path / "odd.py").write_text(ODD, encoding="utf-8")
    run_file = tmp_path / "run.toml"
    run_file.write_text(RUN, encoding="utf-8")
    answer = invoke("run", run_file, "--journal", tmp_path / "runs", "--json")
    return run_file, Path(json.loads(answer.stdout)["journal"]["path"])


@pytest.mark.parametrize("level", ["state", "decisions", "full"])
def test_a_run_replays(level: str, recorded: tuple[Path, Path]) -> None:
    """Exit code 0 and the word identical; `--json` is alone on stdout."""
    run_file, folder = recorded
    answer = invoke("replay", folder, "--level", level, "--run", run_file)
    assert (answer.exit_code, "identical" in answer.stdout, answer.stderr) == (0, True, "")
    told = json.loads(invoke("replay", folder, "--level", level, "--run", run_file, "--json").stdout)
    assert (told["is_identical"], told["level"], told["exit_code"]) == (True, level, 0)


def test_a_changed_strategy_is_told_by_the_first_difference(recorded: tuple[Path, Path]) -> None:
    """Exit code 1, with the number, the strategy's name, and that its source is not what it was."""
    run_file, folder = recorded
    (run_file.parent / "odd.py").write_text(ODD.replace("+ 1", "+ 2"), encoding="utf-8")
    answer = invoke("replay", folder, "--level", "full", "--run", run_file)
    assert answer.exit_code == 1
    assert "diverged" in answer.stdout
    assert "strategy odd: source was" in answer.stdout
    assert re.search(r"followed by intent \d+: strategy=odd|intent is different", answer.stdout)
    told = json.loads(invoke("replay", folder, "--level", "full", "--run", run_file, "--json").stdout)
    assert told["difference"]["number"] > 0


def test_what_cannot_be_made_again_says_what_is_needed(recorded: tuple[Path, Path]) -> None:
    """A strategy beside its run file is not found without it; a level that there is not is named."""
    _, folder = recorded
    answer = invoke("replay", folder, "--level", "full")
    assert answer.exit_code == 2
    assert "its strategy 'odd.py:Odd' cannot be made again" in answer.stderr
    answer = invoke("replay", folder, "--level", "everything")
    assert (answer.exit_code, "levels are state, decisions, full" in answer.stderr) == (2, True)


def test_a_stopped_run_goes_on(recorded: tuple[Path, Path]) -> None:
    """The journal is that of the uninterrupted run, byte for byte; one that is complete is left alone."""
    run_file, folder = recorded
    journal = folder if folder.is_file() else folder / "journal.jsonl"
    whole = journal.read_bytes()
    planned = load_run(run_file)
    asked: list[int] = []
    recording = planned.recording(folder=run_file.parent / "stopped")
    planned.orchestrator.run(
        planned.feed(), journal=recording, should_stop=lambda: bool(asked.append(1)) or len(asked) > 60
    )
    (stopped,) = (run_file.parent / "stopped").iterdir()
    assert (stopped / "journal.jsonl").read_bytes() != whole
    answer = invoke("resume", stopped, "--run", run_file)
    assert (answer.exit_code, "then went on; complete" in answer.stdout) == (0, True), answer.output
    assert (stopped / "journal.jsonl").read_bytes() == whole
    again = invoke("resume", stopped, "--run", run_file)
    assert (again.exit_code, "there is nothing to resume" in again.stderr) == (2, True)


def test_a_run_is_resumed_from_its_own_inputs_only(recorded: tuple[Path, Path]) -> None:
    """Another parameter is another run; what was recorded stays as it is."""
    run_file, folder = recorded
    journal = folder if folder.is_file() else folder / "journal.jsonl"
    part = journal.with_name("journal.jsonl.part")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.unlink()
    part.write_bytes(b"".join(lines[:20]))
    run_file.write_text(RUN.replace("days = 3", "days = 4"), encoding="utf-8")
    answer = invoke("resume", journal.parent, "--run", run_file)
    assert answer.exit_code == 2
    assert "strategy odd: parameters was {'days': 3}, is {'days': 4}" in answer.stderr
    assert part.read_bytes() == b"".join(lines[:20])


def test_who_needs_the_run_file_is_told_so(
    recorded: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From another folder, where the file of the strategy is not found."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    answer = invoke("replay", recorded[1], "--level", "full")
    assert (answer.exit_code, "--run RUN.toml" in answer.stderr) == (2, True)


MOODY = """
from pathlib import Path

class Odd:
    def __init__(self, days):
        self.days = days
    def should_enter(self, bars):
        return len(bars) % (self.days + Path(__file__).with_name("mood").exists()) == 0
    def should_exit(self, position, bars):
        return len(bars) % 4 == 0
"""


def test_a_run_that_does_not_repeat_itself_is_a_divergence(tmp_path: Path) -> None:
    """Exit code 1, as for any; nothing is added to what was recorded."""
    (tmp_path / "odd.py").write_text(MOODY, encoding="utf-8")
    run_file = tmp_path / "run.toml"
    run_file.write_text(RUN, encoding="utf-8")
    answer = invoke("run", run_file, "--journal", tmp_path / "runs", "--json")
    journal = Path(json.loads(answer.stdout)["journal"]["path"])
    part = journal.with_name("journal.jsonl.part")
    begun = b"".join(journal.read_bytes().splitlines(keepends=True)[:60])
    journal.unlink()
    part.write_bytes(begun)
    (tmp_path / "mood").touch()
    told = invoke("resume", journal.parent, "--run", run_file, "--json")
    assert (told.exit_code, json.loads(told.stdout)["exit_code"], part.read_bytes()) == (1, 1, begun)
    assert "the run does not repeat what was recorded, so nothing is added to it" in told.stderr
    assert "`ropewalk replay --level full` tells more" in told.stderr
    again = invoke("replay", journal.parent, "--level", "full", "--run", run_file)
    assert (again.exit_code, "diverged" in again.stdout) == (1, True)


TELLER = """
import sys
import ropewalk

@ropewalk.observer(ropewalk.Turn)
class Teller:
    def __init__(self):
        self.own = sys.stderr
    def __call__(self, event, number, cause):
        self.own.write("own\\n")
        print("printed")
"""


@pytest.mark.parametrize("prints", [None, 7])
def test_a_screen_of_ones_own_is_not_cut(prints: int | None, recorded: tuple[Path, Path]) -> None:
    """An observer takes its stream when it is made, as the ticker does; what is printed meanwhile has the bound."""
    run_file, folder = recorded
    (run_file.parent / "teller.py").write_text(TELLER, encoding="utf-8")
    observe = ("--observe", f"{run_file.parent / 'teller.py'}:Teller")
    bound = () if prints is None else ("--prints", prints)
    answer = invoke("replay", folder, "--level", "decisions", "--run", run_file, *observe, *bound)
    assert answer.exit_code == 0, answer.output
    assert answer.stderr.splitlines().count("own") == 120
    assert answer.stdout.splitlines().count("printed") == (120 if prints is None else prints)
    assert ("113 more lines" in answer.stderr) is (prints is not None)
