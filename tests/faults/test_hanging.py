"""What a user gets when a plugin leaves the process, or does not return."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fault_runs import RUN, InAndOut, bars, command, in_a_process, plan, seats
from ropewalk import ConfigError, Fill, PluginError, RunEnded, StrategyError, StrategyOrchestrator, observer
from ropewalk.cli.main import app
from ropewalk.journal import read_environment, recover, verify
from ropewalk.orchestrator.watchdog import Watchdog


def test_a_process_that_is_left_leaves_a_part(folder: Path) -> None:
    """66: after `os._exit` what was written is sound, and can be recovered and resumed."""
    plan(folder, "os._exit(7)")
    assert in_a_process("--journal-mode", "step").returncode == 7
    (part,) = folder.glob("runs/*/journal.jsonl.part")
    assert verify(part).exit_code == 3
    assert recover(part).exit_code in (0, 3)


# ── 67 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def spins(bar: Any, view: Any) -> None:
    while True:
        pass


def waits(bar: Any, view: Any) -> None:
    threading.Event().wait()


def watched(bad: Any, seconds: float = 0.4, **given: Any) -> Any:
    orchestrator = StrategyOrchestrator(seats(bad), 10_000)
    return orchestrator.run(bars(), watchdog=Watchdog(seconds), **given)


@pytest.mark.parametrize("bad", [spins, waits])
def test_a_strategy_that_never_returns_is_ended(bad: Any, tmp_path: Path) -> None:
    """67: computing or waiting; the run ends with an error that names it, and the stack is in the sidecar."""
    before = signal.getsignal(signal.SIGURG)
    with pytest.raises(StrategyError, match=r"'bad': on_bar on AAA at 2020-01-03T.* did not return") as got:
        watched(bad, journal=tmp_path)
    assert any(f", in {bad.__name__}" in note for note in got.value.__notes__)
    (journal,) = tmp_path.glob("*/journal.jsonl")
    assert (verify(journal).is_clean, verify(journal).status) == (True, "failed")
    (told,) = read_environment(journal)["faults"]
    assert any(f"in {bad.__name__}" in line for line in told["traceback"])
    assert signal.getsignal(signal.SIGURG) == before


def test_who_swallows_the_interruption_gains_nothing() -> None:
    """67: the run ends all the same: how it would go on depended on a clock. Nobody else is blamed."""

    def swallows(bar: Any, view: Any) -> None:
        try:
            spins(bar, view)
        except BaseException:  # noqa: BLE001 -- what is tried here
            return

    with pytest.raises(PluginError, match="something did not return at 2020-01-03"):
        watched(swallows)


def test_an_observer_that_never_returns_ends_the_run() -> None:
    """67: whatever hangs, the run does not, at its end neither."""
    for heard in (Fill, RunEnded):

        @observer(heard)
        def hangs(event: Any, number: int, cause: int) -> None:
            threading.Event().wait()

        with pytest.raises(PluginError, match="did not return"):
            watched(InAndOut(), observers=[hangs])


def test_outside_the_main_thread_a_watchdog_watches_too() -> None:
    """67: what computes is interrupted there as well."""
    raised: list[BaseException] = []

    def walk() -> None:
        try:
            watched(spins)
        except StrategyError as error:
            raised.append(error)

    thread = threading.Thread(target=walk)
    thread.start()
    thread.join()
    assert "did not return" in str(raised[0])


def test_a_watchdog_changes_no_run() -> None:
    """67: what comes on is left alone; without seconds there is no watchdog."""
    orchestrator = StrategyOrchestrator(seats(InAndOut()), 10_000)
    assert watched(InAndOut(), 60).record.digest() == orchestrator.run(bars()).record.digest()
    with pytest.raises(ConfigError, match="give more than 0"):
        Watchdog(0)


def test_the_command_has_a_watchdog(folder: Path) -> None:
    """67: exit code 2, and where it was is said; run files and the command line say how patient it is."""
    plan(folder, "while True: pass")
    (folder / "run.toml").write_text(RUN.replace("[settings]", "[settings]\nwatchdog_seconds = 60.5"), encoding="utf-8")
    answer = command("--watchdog", "0.8")
    assert answer.exit_code == 2
    assert "strategy 'bad': on_bar on SYN" in answer.stderr
    assert "nothing came on for 0.8 seconds; watchdog_seconds says how long that may last" in answer.stderr
    assert "bad.py:7, in on_bar" in answer.stderr


def test_a_replay_of_what_hangs_ends_as_the_run_did(folder: Path) -> None:
    """67: the journal ends where the strategy did not return; a replay comes there, and is ended there."""
    plan(folder, "while True: pass")
    assert command("--watchdog", "0.8").exit_code == 2
    (journal,) = folder.glob("runs/*/journal.jsonl")
    again = ["replay", str(journal), "--level", "full", "--run", "run.toml", "--watchdog", "0.8"]
    answer = CliRunner().invoke(app, again)
    assert (answer.exit_code, "identical; full replay" in answer.stdout) == (0, True)


def test_a_counterfactual_of_what_hangs_is_ended(folder: Path) -> None:
    """67: a strategy that is led where it does not return is stopped with the words of a run."""
    plan(folder, "for _ in iter(int, int(view.capital_available < 2_000)): pass")
    assert command("--watchdog", "0.8").exit_code == 0
    (journal,) = folder.glob("runs/*/journal.jsonl")
    asked = ["counterfactual", str(journal), "--live", "--run", "run.toml", "--set", "capital=1000"]
    answer = CliRunner().invoke(app, [*asked, "--watchdog", "0.8", "-o", "cases"])
    assert answer.exit_code == 2
    assert "strategy 'bad': on_bar on SYN" in answer.stderr
    assert "nothing came on for 0.8 seconds; watchdog_seconds says how long that may last" in answer.stderr
    assert "bad.py:7, in on_bar" in answer.stderr
    (case,) = folder.glob("cases/*/journal.jsonl")
    assert (verify(case).status, [one["source"] for one in read_environment(case)["faults"]]) == (
        "failed",
        ["watchdog"],
    )


def test_compiled_code_that_never_returns_ends_the_process(folder: Path) -> None:
    """67: no Python can run then; the stack is dumped, and what was recorded can be recovered."""
    plan(folder, "collections.deque(itertools.count(), maxlen=0)")
    answer = in_a_process("--journal-mode", "step", "--watchdog", "0.8")
    assert answer.returncode == -signal.SIGPROF
    assert "most recent call first" in answer.stderr
    assert "bad.py" in answer.stderr
    (part,) = folder.glob("runs/*/journal.jsonl.part")
    assert verify(part).exit_code == 3
