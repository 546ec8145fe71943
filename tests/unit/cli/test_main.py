"""The command line does what Python can do, says what went wrong in one message, and never more."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import ropewalk
from ropewalk.cli import demo, main
from ropewalk.cli.main import app
from warm import warm

ROOT = Path(__file__).resolve().parents[3]
GOOD = '[data]\nsource = "synthetic"\nbars = 60\n[strategies.hold]\nuse = "buy-and-hold"\nweight = 0.5\n'


COMMANDS = {
    "demo": "Run four strategies on the packaged real data.",
    "run": "Run what a run file describes:",
    "runs": "List the recorded runs in a folder.",
    "explain": "Tell why something happened, or nothing did.",
    "verify": "Check whether a journal can be believed.",
    "diff": "Find the first difference of two journals.",
    "recover": "Move the torn tail of a journal aside.",
    "replay": "Run a journal again and compare record by record.",
    "resume": "Go on where a run was stopped or died.",
}
CHATTY = """\
import sys
print("imported")
class Chatty:
    def __init__(self): print("made")
    def should_enter(self, bars): print("asked"); return WHETHER
    def should_exit(self, position, bars): return False
"""


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    path = tmp_path / "run.toml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def invoke(*arguments: object, width: int = 110):
    return CliRunner(env={"COLUMNS": str(width)}).invoke(app, [str(one) for one in arguments])


def command(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        return warm().run(["-m", "ropewalk", *map(str, arguments)], environment=environment)


def started(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start an interpreter for the command: what it reads of its surroundings only once."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "ropewalk", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def test_the_version_is_the_packages() -> None:
    """`--version` says it and does nothing else."""
    answer = invoke("--version")
    assert (answer.exit_code, answer.output) == (0, f"ropewalk {ropewalk.__version__}\n")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_the_commands(arguments: tuple[str, ...]) -> None:
    """Without arguments the help is shown."""
    answer = invoke(*arguments)
    for name, does in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(does)}", answer.output, re.M)
    assert "Start with: ropewalk demo" in answer.output


@pytest.mark.parametrize("name", list(COMMANDS))
def test_each_command_has_help(name: str) -> None:
    """Every option is explained."""
    answer = invoke(name, "--help")
    assert answer.exit_code == 0
    assert "--json" in answer.output


def test_help_loads_nothing_heavy() -> None:
    """`--help` is quick since the core is not imported for it."""
    script = (
        "import sys\nfrom ropewalk.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = ('numpy', 'polars', 'structlog', 'blinker', 'ropewalk.orchestrator')\n"
        "sys.exit(','.join(name for name in heavy if name in sys.modules) or 0)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    answer = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stderr) == (0, "")


def test_the_demo_shows_strategies_conflicts_and_the_sum() -> None:
    """A stranger reads what happens, who earned what, who met whom, and that it adds up."""
    answer = invoke("demo", "--no-report")
    assert answer.exit_code == 0
    for said in (*("trend", "fast", "revert", "hold", "aggregate"), "that is a conflict", "Conflicts", "ropewalk run"):
        assert said in answer.output
    (total,) = [line for line in answer.output.splitlines() if line.startswith("strategies ")]
    assert " + pool 10,000.000000 = aggregate " in total
    assert total.endswith(", exactly")


@pytest.fixture(scope="module")
def told_by_the_demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is printed for machines."""
    return invoke("demo", "--json", "--journal", tmp_path_factory.mktemp("demo")).output


def test_the_demo_as_json_is_json_and_nothing_else(told_by_the_demo: str) -> None:
    """Machines get the whole result; each intent has its decision."""
    result = json.loads(told_by_the_demo)
    assert list(result["strategies"]) == ["trend", "fast", "revert", "hold"]
    assert result["aggregate"]["final_equity"] == result["final_equity"]
    assert result["intents"] == result["decisions"] > 1000
    assert result["fills"] > 1000
    assert result["conflicts"] > 100


def test_the_demo_words_count_its_own_strategies(told_by_the_demo: str) -> None:
    """The introduction speaks of a tenth in the pool: the weights leave it."""
    assert "a tenth is given to none" in demo.INTRO
    result = json.loads(told_by_the_demo)
    assert result["pool"] == 10_000


def test_a_run_file_is_run(run_file: Path, tmp_path: Path) -> None:
    """The table for people, JSON for machines, and a log when asked for."""
    answer = invoke("run", run_file)
    assert answer.exit_code == 0
    assert "synthetic" in answer.output
    assert "hold" in answer.output
    result = json.loads(invoke("run", run_file, "--json", "--logs", tmp_path / "logs").output)
    assert list(result["strategies"]) == ["hold"]
    (log,) = (tmp_path / "logs").glob("*.jsonl")
    assert "orchestrator.backtest_completed" in log.read_text(encoding="utf-8")


def chatty(folder: Path, whether: str) -> Path:
    """Write a strategy that prints whenever it can, and a run file for it."""
    (folder / "chatty.py").write_text(CHATTY.replace("WHETHER", whether), encoding="utf-8")
    path = folder / "chatty.toml"
    path.write_text(GOOD.replace("buy-and-hold", "chatty.py:Chatty"), encoding="utf-8")
    return path


def test_a_strategy_that_prints_does_not_spoil_json(tmp_path: Path) -> None:
    """With `--json` stdout is the result alone; what strategies print goes to stderr, else to the screen."""
    path = chatty(tmp_path, "False")
    answer = command("run", path, "--json")
    assert answer.returncode == 0
    assert list(json.loads(answer.stdout)["strategies"]) == ["hold"]
    assert answer.stderr.split()[:3] == ["imported", "made", "asked"]
    assert "asked" in command("run", path).stdout


def test_a_strategy_that_exits_is_a_failure(tmp_path: Path) -> None:
    """`sys.exit(0)` in a strategy ends the run, but not as if it were done."""
    answer = command("run", chatty(tmp_path, "sys.exit(0)"), "--json")
    assert (answer.returncode, json.loads(answer.stdout)["exit_code"]) == (2, 2)
    assert "ropewalk: strategy 'hold': should_enter on SYN001" in answer.stderr
    assert "SystemExit" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_what_is_wrong_is_said_on_stderr(tmp_path: Path) -> None:
    """One readable message and exit code 2."""
    path = tmp_path / "run.toml"
    path.write_text(GOOD.replace("weight", "wieght"), encoding="utf-8")
    answer = invoke("run", path)
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith(
        f"ropewalk: {path} cannot be run: 2 findings\n  C45 strategies.hold.weight: is missing"
    )


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    """`--debug` lets the exception through."""
    answer = invoke("--debug", "run", tmp_path / "none.toml")
    assert isinstance(answer.exception, ropewalk.ConfigError)


def test_a_usage_error_is_told_and_exits_2() -> None:
    """Unknown commands and options are the command line's own to tell."""
    assert invoke("dmeo").exit_code == 2
    assert invoke("demo", "--jsn").exit_code == 2


def test_a_defect_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody foresaw is no raw traceback either, unless asked for."""

    def fail() -> None:
        raise KeyError("odd")

    monkeypatch.setattr(main, "app", fail)
    monkeypatch.setattr(sys, "argv", ["ropewalk", "demo"])
    with pytest.raises(SystemExit) as caught:
        main.main()
    assert caught.value.code == 2
    assert "a defect of ropewalk's own: KeyError: 'odd'" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["ropewalk", "--debug", "demo"])
    with pytest.raises(KeyError):
        main.main()


def test_a_file_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Trouble with a file is told with its name, not as a defect."""

    def fail() -> None:
        raise PermissionError(13, "Permission denied", "bars.csv")

    output = os.dup(1)
    monkeypatch.setattr(main, "app", fail)
    monkeypatch.setattr(sys, "argv", ["ropewalk", "demo"])
    try:
        with pytest.raises(SystemExit) as caught:
            main.main()
    finally:
        os.dup2(output, 1)
        os.close(output)
    assert caught.value.code == 2
    assert capfd.readouterr().err == "ropewalk: 'bars.csv': Permission denied\n"


def test_a_closed_output_ends_the_command(
    run_file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A pipe that broke is no error: what was asked for was done, and nobody wants the rest (122)."""

    def break_off(*_: object, **__: object) -> None:
        raise BrokenPipeError

    output = os.dup(1)
    monkeypatch.setattr("ropewalk.cli.run.present", break_off)
    try:
        with pytest.raises(SystemExit) as caught:
            app(["run", str(run_file)])
    finally:
        os.dup2(output, 1)
        os.close(output)
    assert caught.value.code == 0
    assert capfd.readouterr().err == ""


# ── as a process ──────────────────────────────────────────────────────────────────────────────────


def test_a_process_ends_with_the_code_of_its_outcome(run_file: Path) -> None:
    """0 when done, 2 when it cannot run, with nothing on the other stream."""
    good = command("run", run_file)
    assert (good.returncode, good.stderr) == (0, "")
    bad = command("run", run_file.parent / "none.toml")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert "there is no such file" in bad.stderr
    assert "Traceback" not in bad.stderr
    assert "Traceback" in command("--debug", "run", run_file.parent / "none.toml").stderr


def test_a_file_gets_every_column(run_file: Path) -> None:
    """Output that is no terminal is wide enough, unless told how wide to be."""
    assert "not shown at this width" not in command("run", run_file).stdout
    assert "not shown at this width" in command("run", run_file, COLUMNS="80").stdout


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_a_plain_locale_is_served(environment: dict[str, str], tmp_path: Path) -> None:
    """Without Unicode the report is drawn in what there is, and messages are still messages (139)."""
    example = ROOT / "docs" / "examples" / "portfolio.toml"
    answer = started("run", example, **environment)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "aggregate" in answer.stdout
    missing = started("run", tmp_path / "n\u00f6.toml", **environment)
    assert missing.returncode == 2
    assert "Traceback" not in missing.stderr


@pytest.mark.parametrize("flags", [[], ["-O"]])
def test_the_package_is_the_command(flags: list[str]) -> None:
    """`python -m ropewalk` is `ropewalk`, with and without assertions."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    script = [sys.executable, *flags, "-m", "ropewalk", "demo", "--json"]
    answer = subprocess.run(script, env=environment, capture_output=True, timeout=60, check=False, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert json.loads(answer.stdout)["decisions"] > 1000
