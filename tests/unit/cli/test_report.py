"""`ropewalk report`, `run --report` and the demo write pages, and say where, or why not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from journal_runs import resummed
from ropewalk import BuyAndHold, StrategyOrchestrator, sample_feed
from ropewalk.cli.main import app
from ropewalk.reports.page import page as making

RUN_FILE = """
[run]
capital = 10_000
[data]
source = "sample"
symbols = ["IBM"]
start = 2008-09-01
end = 2008-12-31
[strategies.hold]
use = "buy-and-hold"
weight = 0.5
"""


def invoke(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [str(one) for one in arguments])


@pytest.fixture
def recorded(own_folder: Path) -> Path:
    feed = sample_feed(["IBM"], start="2008-09-01", end="2008-12-31")
    result = StrategyOrchestrator({"hold": (BuyAndHold(), "0.5")}, 10_000).run(feed, journal="runs")
    assert result.journal is not None
    assert result.journal.path is not None
    return result.journal.path.parent


def test_a_report_goes_beside_its_journal_or_where_it_is_asked_for(recorded: Path) -> None:
    answer = invoke("report", recorded.name[:6])
    assert (answer.exit_code, answer.stdout) == (0, f"report {recorded / 'report.html'}\n")
    answer = invoke("report", recorded, "-o", "mine.html")
    assert (answer.exit_code, answer.stdout) == (0, "report mine.html\n")
    told = json.loads(invoke("report", recorded, "-o", "mine.html", "--json").stdout)
    assert told == {"path": "mine.html", "status": "complete", "missing": "", "exit_code": 0}
    assert Path("mine.html").read_bytes() == (recorded / "report.html").read_bytes()


def test_a_report_without_bars_says_how_to_get_curves(recorded: Path) -> None:
    """The page is written nevertheless, and the run file brings what it lacks."""
    shutil.rmtree(recorded / "data")
    answer = invoke("report", recorded, "-o", "poor.html")
    assert answer.exit_code == 0
    assert "no curves and no metrics" in answer.stderr
    assert "--run RUN.toml gives the data" in answer.stderr
    Path("run.toml").write_text(RUN_FILE)
    answer = invoke("report", recorded, "-o", "rich.html", "--run", "run.toml")
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert Path("rich.html").stat().st_size > Path("poor.html").stat().st_size


def test_a_run_that_has_not_ended_gets_no_advice_about_data(recorded: Path) -> None:
    journal = recorded / "journal.jsonl"
    content = journal.read_bytes()
    journal.write_bytes(content[: content.rfind(b"\n", 0, -1) + 1])
    answer = invoke("report", recorded)
    assert answer.exit_code == 3
    assert "the run has not ended" in answer.stderr
    assert "--run" not in answer.stderr


def test_a_damaged_journal_gets_its_report_and_ends_with_1(recorded: Path) -> None:
    """What stands before the damage is shown, and a script learns that there is some."""
    journal = recorded / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"buy"', b'"bug"', 1))
    answer = invoke("report", recorded, "--json")
    assert answer.exit_code == json.loads(answer.stdout)["exit_code"] == 1
    assert "cannot be believed as a whole" in answer.stderr
    assert "--run" not in answer.stderr
    assert "What is wrong: corrupt in the middle; line " in (recorded / "report.html").read_text(encoding="utf-8")


def test_a_forger_is_not_taken_at_his_word(recorded: Path) -> None:
    """All lines in form, their checksums made right: only a digest over them knows, and the report asks it."""
    journal = recorded / "journal.jsonl"
    lines = journal.read_bytes().split(b"\n")[:-1]
    place = next(place for place, line in enumerate(lines) if b'"slippage":0' in line)
    lines[place] = lines[place].replace(b'"slippage":0', b'"slippage":3')
    journal.write_bytes(b"\n".join(resummed(lines, place, len(lines))) + b"\n")
    assert invoke("report", recorded).exit_code == 1
    text = (recorded / "report.html").read_text(encoding="utf-8")
    assert "edited: its lines are in form, but a digest over them is wrong" in text
    assert "No curves, returns and metrics." in text


def test_a_torn_journal_gets_its_report_and_ends_with_3(recorded: Path) -> None:
    """Also one that is torn behind its first line, where there is nothing to report."""
    journal = recorded / "journal.jsonl"
    content = journal.read_bytes()
    journal.write_bytes(content[: len(content) * 2 // 3])
    assert invoke("report", recorded).exit_code == 3
    assert "What is wrong: its tail is torn" in (recorded / "report.html").read_text(encoding="utf-8")
    journal.write_bytes(content[: content.index(b"\n") + 9])
    answer = invoke("report", recorded, "--json")
    assert answer.exit_code == json.loads(answer.stdout)["exit_code"] == 3
    assert "its tail is torn" in answer.stderr


def test_what_cannot_be_reported_is_said(recorded: Path) -> None:
    assert invoke("report", "nowhere").exit_code == 2
    answer = invoke("report", recorded, "-o", recorded)
    assert answer.exit_code == 2
    assert "cannot be written" in answer.stderr


def test_a_run_writes_its_report(own_folder: Path) -> None:
    Path("run.toml").write_text(RUN_FILE)
    answer = invoke("run", "run.toml", "--report", "run.html")
    assert answer.exit_code == 0
    assert answer.stdout.endswith("report run.html\n")
    answer = invoke("run", "run.toml", "--report", "memory.html", "--journal-mode", "memory", "--json")
    assert json.loads(answer.stdout)["status"] == "complete"
    assert "report memory.html" in answer.stderr
    assert Path("memory.html").stat().st_size > 500_000


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--no-journal", "--report", "run.html"], "--report stands beside --no-journal"),
        (["--report", "no/such/folder/run.html"], "there is no no/such/folder"),
        (["--report", "."], "is a folder"),
    ],
)
def test_a_report_that_cannot_be_is_refused_before_the_run(own_folder: Path, given: list[str], message: str) -> None:
    Path("run.toml").write_text(RUN_FILE)
    answer = invoke("run", "run.toml", *given)
    assert answer.exit_code == 2
    assert message in answer.stderr
    assert not Path("runs").exists()


def test_the_demo_ends_with_a_report(own_folder: Path) -> None:
    answer = invoke("demo")
    (path,) = Path("runs").glob("*/report.html")
    assert answer.stdout.splitlines()[-1] == f"report  {path}"


@pytest.mark.parametrize("given", [["--no-report"], ["--json"], ["--no-journal"]])
def test_the_demo_writes_no_report_where_none_is_wanted(own_folder: Path, given: list[str]) -> None:
    assert invoke("demo", *given).exit_code == 0
    assert not list(own_folder.glob("**/report.html"))


def test_without_what_it_takes_the_demo_goes_on_and_the_report_says_so(
    recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "find_spec", lambda name: None)
    answer = invoke("demo")
    assert answer.exit_code == 0
    assert "no report: a report needs Jinja2, which is not installed" in answer.stderr
    answer = invoke("report", recorded)
    assert answer.exit_code == 2
    assert "pip install 'ropewalk[report]'" in answer.stderr
