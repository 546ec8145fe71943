"""`check-determinism` and `check-lookahead`: words or JSON on stdout, the outcome in the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ropewalk.cli.main import app

RUN = '[data]\nsource = "synthetic"\nbars = 40\n[strategies.odd]\nuse = "odd.py:Odd"\nweight = 0.5\n'
CLEAN = "return (history.close < 1e9).astype(float)"
PEEKING = "return np.round(history.close / history.close.max(), 2)"
MOODY = "return np.full(len(history), random.random())"
FAILING = "return 1 / 0"
# That the processes of a check are fresh ones is for tests/unit/journal/test_determinism.py.
pytestmark = pytest.mark.usefixtures("warm_interpreter")
COMMANDS = ("check-determinism", "check-lookahead")


def invoke(*arguments: object):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    return planted(tmp_path, CLEAN)


def planted(folder: Path, body: str) -> Path:
    strategy = (
        f"import random\nimport numpy as np\nprint('imported')\nclass Odd:\n  def signals(self, history):\n    {body}\n"
    )
    (folder / "odd.py").write_text(strategy, encoding="utf-8")
    path = folder / "run.toml"
    path.write_text(RUN, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("command", "body", "code", "said"),
    [
        ("check-determinism", CLEAN, 0, "is deterministic: 2 runs of"),
        ("check-determinism", MOODY, 1, "strategy 'odd' caused it"),
        ("check-lookahead", CLEAN, 0, "nobody looks ahead"),
        ("check-lookahead", PEEKING, 1, "looks ahead: odd"),
    ],
)
def test_the_outcome_is_told_in_words_json_and_exit_code(
    command: str, body: str, code: int, said: str, tmp_path: Path
) -> None:
    """0 fine, 1 found; JSON is alone on stdout whatever strategies print."""
    path = planted(tmp_path, body)
    if code or command == "check-lookahead":
        answer = invoke(command, path)
        assert (answer.exit_code, said in answer.stdout, answer.stderr) == (code, True, "")
    if not code or command == "check-lookahead":
        # Each check of determinism is two processes: one in words and one in JSON will do.
        machines = invoke(command, path, "--json")
        told = json.loads(machines.stdout)
        assert (machines.exit_code, told["exit_code"], told["run_file"]) == (code, code, str(path))


@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_run_exits_2_with_the_words_of_run(command: str, tmp_path: Path) -> None:
    """A faulty run file, a missing one, and a strategy that raises."""
    path = planted(tmp_path, FAILING)
    plain = invoke("run", path)
    answer = invoke(command, path)
    assert answer.exit_code == 2
    assert answer.stderr.startswith(plain.stderr.partition("\nropewalk: its journal")[0].rstrip())
    path.write_text(RUN.replace("weight", "wieght"), encoding="utf-8")
    for wrong in (path, tmp_path / "none.toml"):
        answer = invoke(command, wrong)
        assert (answer.exit_code, answer.stderr) == (2, invoke("run", wrong).stderr)


def test_a_run_that_cannot_be_compared_is_json_too(tmp_path: Path) -> None:
    """With the error and the surroundings of each run."""
    answer = invoke("check-determinism", planted(tmp_path, FAILING), "--json", "--timeout", 60)
    told = json.loads(answer.stdout)
    assert (answer.exit_code, told["exit_code"], list(told["errors"])) == (2, 2, ["0", "1"])
    assert "ZeroDivisionError" in told["errors"]["0"]


def test_how_much_is_tried_can_be_asked_for(run_file: Path) -> None:
    """More cuts, more runs; what makes no sense is refused."""
    assert "(14 other futures after 7 instants" in invoke("check-lookahead", run_file, "--cuts", 7).stdout
    assert invoke("check-lookahead", run_file, "--cuts", 0).exit_code == 2
    assert "runs is 1; give 2 to 50" in invoke("check-determinism", run_file, "--runs", 1).stderr
    for command in COMMANDS:
        assert "--json" in invoke(command, "--help").output
