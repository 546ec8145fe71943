"""What a user gets when a plugin asks for what is no input of a run, changes what all share, or says too much."""

from __future__ import annotations

import ctypes
import datetime
import decimal
import json
import locale
import os
import platform
import random
import signal
import socket
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.random
import pytest
from typer.testing import CliRunner

from fault_runs import Does, InAndOut, bars, command, fault, plan, run, seats
from ropewalk import (
    Fill,
    OrchestratorConfig,
    Outcome,
    PluginError,
    Strategy,
    StrategyError,
    StrategyOrchestrator,
    observer,
)
from ropewalk.cli.main import app
from ropewalk.journal import counterfactual, replay, resume
from ropewalk.plugins.footprints import changed, footprints

# ── 77, 78, 83 ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: time.time(), "called time.time (test_processes.py:"),
        (lambda: time.perf_counter(), "called time.perf_counter ("),
        (lambda: datetime.datetime.now(), "called datetime.now ("),
        (lambda: datetime.date.today(), "called date.today ("),
        (lambda: random.choice([1, 2]), "called the stream of random, by its getrandbits (test_processes.py:"),
        (lambda: os.urandom(1), "called os.urandom ("),
        (lambda: Path(__file__).open(encoding="utf-8").close(), "called open (test_processes.py:"),
        (lambda: socket.socket().connect_ex(("127.0.0.1", 9)), "called the network, by socket.connect_ex ("),
        (lambda: subprocess.run(["true"], check=True), "called another process ("),
    ],
    ids=["time", "perf_counter", "now", "today", "random", "urandom", "open", "socket", "process"],
)
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_what_is_no_input_of_a_run_is_named(ask: Any, said: str) -> None:
    """77: clocks, chance, files, networks and processes, in strict mode, with the line that asked."""
    assert said in fault(lambda bar, view: ask() and None, strict=True).error


def test_strict_mode_leaves_good_plugins_alone() -> None:
    """77: whoever does nothing wrong has the run that he has without it, and may log, import and draw from the view."""

    def good(bar: Any, view: Any) -> Any:
        import this_module_is_not_there  # noqa: F401

    def draws(bar: Any, view: Any) -> Any:
        view.random.random()
        assert view.timestamp

    strict, plain = (run(draws, strict=is_strict) for is_strict in (True, False))
    assert (strict.fills, strict.faults) == (plain.fills, ())
    assert fault(good, strict=True).error.startswith("ModuleNotFoundError")


CHANGES = [
    (lambda: random.random(), "the stream of random"),
    (lambda: np.random.rand(), "the global stream of numpy.random"),
    (lambda: setattr(decimal.getcontext(), "prec", 6), "the decimal context: was 'prec=28"),
    (lambda: locale.setlocale(locale.LC_ALL, "C.UTF-8"), "the locale: was "),
    (lambda: os.chdir("/"), "the working folder: was "),
    (lambda: signal.signal(signal.SIGUSR1, signal.SIG_IGN), "the signal handlers"),
    (lambda: sys.setrecursionlimit(5_001), "the recursion limit: was "),
    (lambda: warnings.simplefilter("ignore", UserWarning), "the filters of warnings"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES, ids=[said for _, said in CHANGES])
def test_what_all_share_is_put_back(change: Any, said: str) -> None:
    """78: a run says what was changed, and leaves it as it was; strict mode names the strategy, at once."""
    before = footprints()
    result = run(lambda bar, view: change() and None)
    assert f"the run changed what others share: {said}" in result.notes[-1]
    assert result.notes[-1].endswith("; it was put back")
    assert changed(before, footprints()) == []
    found = fault(lambda bar, view: change() and None, strict=True)
    assert said in found.error
    assert found.source == "bad"
    assert changed(before, footprints()) == []


def test_who_fails_leaves_nothing_behind() -> None:
    """78: what was changed before a run failed is put back as well, and said beside the error."""

    def both(bar: Any, view: Any) -> None:
        decimal.getcontext().prec = 6
        raise ValueError("no")

    with pytest.raises(StrategyError) as got:
        run(both, on_strategy_error="stop")
    assert any("the decimal context" in note for note in got.value.__notes__)
    assert decimal.getcontext().prec == 28


def test_observers_and_rules_are_watched_as_well() -> None:
    """78: a cost model or an observer that changes what all share is named in strict mode."""

    class Fee:
        def commission_micros(self, quantity: int, price_micros: int) -> int:
            decimal.getcontext().prec = 6
            return 0

    class Policy:
        name = "careless"

        def settle(self, wishes: Any) -> Any:
            decimal.getcontext().prec = 6
            return [Outcome(wish.asked_micros, wish.close_lots) for wish in wishes]

    @observer(Fill)
    def careless(event: Any, number: int, cause: int) -> None:
        decimal.getcontext().prec = 6

    with pytest.raises(PluginError, match="changed the decimal context"):
        run(InAndOut(), commission=Fee(), strict=True)
    with pytest.raises(PluginError, match="changed the decimal context"):
        run(InAndOut(), conflict_policy=Policy(), strict=True)
    with pytest.raises(PluginError, match="changed the decimal context"):
        run(InAndOut(), conflict_policies={"AAA": Policy()}, strict=True)
    (found,) = run(InAndOut(), observers=[careless], strict=True).faults
    assert "careless" in found.source
    assert "changed the decimal context" in found.error


class LateFee:
    """Changes what all share from its n-th fill on."""

    def __init__(self, fills: int) -> None:
        self.fills = fills

    def commission_micros(self, quantity: int, price_micros: int) -> int:
        self.fills -= 1
        if self.fills < 0:
            decimal.getcontext().prec = 6
        return 0


class LatePolicy:
    """Changes what all share from its n-th conflict on."""

    name = "late"

    def __init__(self, conflicts: int) -> None:
        self.conflicts = conflicts

    def settle(self, wishes: Any) -> Any:
        self.conflicts -= 1
        if self.conflicts < 0:
            decimal.getcontext().prec = 6
        return [Outcome(wish.asked_micros, wish.close_lots) for wish in wishes]


LATE: dict[str, tuple[Any, Any]] = {
    "commission": (LateFee, lambda rule: rule),
    "conflict_policy": (LatePolicy, lambda rule: rule),
    "conflict_policies": (LatePolicy, lambda rule: {"AAA": rule}),
}


@pytest.mark.parametrize("place", LATE)
def test_rules_are_watched_wherever_a_run_is_made_again(place: str, tmp_path: Path) -> None:
    """78: by resume, by both what-ifs and by replays, as in the run itself; and named as they are."""
    rule, put = LATE[place]

    def config(after: int) -> OrchestratorConfig:
        return OrchestratorConfig(strict=True, **{place: put(rule(after))})

    def ran(after: int, folder: str, **more: Any) -> Any:
        return StrategyOrchestrator(seats(InAndOut()), 10_000, config(after)).run(
            bars(), journal=tmp_path / folder, **more
        )

    def again() -> dict[str, Any]:
        return {name: strategy for name, (strategy, _) in seats(InAndOut()).items()}

    who = "LateFee" if rule is LateFee else "policy late: settle"
    said = f"{who} raised PluginError: changed the decimal context: was "
    with pytest.raises(PluginError, match=said):
        ran(2, "failed")
    asked = iter(range(100))
    stopped = ran(2, "stopped", should_stop=lambda: next(asked) == 2)
    with pytest.raises(PluginError, match=said):
        resume(stopped.journal.path, strategies=again(), config=config(2))
    # The rule that is given is not as it was, which is noted, and is found out all the same.
    whole = ran(100, "whole").journal.path
    for level, given in (("decisions", {}), ("full", {"strategies": again()})):
        found = replay(whole, level=level, config=config(2), **given)
        assert found.exit_code == 1
        assert f"PluginError: {who} raised " in str(found)
    for live in (False, True):
        with pytest.raises(PluginError, match=said):
            counterfactual(whole, live=live, strategies=again() if live else None, config=config(2))


@pytest.mark.skipif(
    platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc", reason="sets a register that others have not"
)
def test_flushing_of_small_numbers_is_found() -> None:
    """83: a library that is compiled with -ffast-math sets it for everyone; the run says so, strict mode says who."""
    libm = ctypes.CDLL("libm.so.6")
    kept = ctypes.create_string_buffer(64)
    libm.fegetenv(kept)

    def flushes(bar: Any, view: Any) -> None:
        state = ctypes.create_string_buffer(bytes(kept), 64)
        # The last four of the 32 bytes: MXCSR, with flush-to-zero and denormals-are-zero.
        state[28:32] = (int.from_bytes(state[28:32], "little") | 0x8040).to_bytes(4, "little")
        libm.fesetenv(state)

    try:
        assert "subnormal numbers: was 'kept', is 'flushed to zero'" in run(flushes).notes[-1]
        libm.fesetenv(kept)
        assert "changed subnormal numbers" in fault(flushes, strict=True).error
    finally:
        libm.fesetenv(kept)


# ── 79 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_printed_has_a_bound(folder: Path) -> None:
    """79: the first lines are shown, the others counted; the result is shown as always."""
    plan(folder, "print(*range(20_000), sep='\\n')")
    answer = command("--prints", "3", "--no-journal")
    assert answer.exit_code == 0
    assert answer.stdout.splitlines()[:3] == ["0", "1", "2"]
    assert "aggregate" in answer.stdout
    assert "ropewalk: 19,997 more lines were printed during the run and are left out" in answer.stderr
    plan(folder, "print('x' * 3_000_000, end='')")
    assert len(command("--no-journal").stdout) < 1_100_000


@pytest.mark.parametrize(
    "again",
    [["replay", "--level", "full"], ["replay", "--level", "full", "--json"], ["counterfactual", "--live"]],
    ids=" ".join,
)
def test_what_is_printed_while_a_run_is_run_again_has_a_bound(folder: Path, again: list[str]) -> None:
    """79: whoever runs strategies again floods no screen with what they print, and answers as always."""
    plan(folder, "print(*range(20_000), sep='\\n')")
    recorded = Path(json.loads(command("--json").stdout)["journal"]["path"]).parent
    answer = CliRunner().invoke(app, [*again, str(recorded), "--run", "run.toml"])
    assert answer.exit_code == 0, answer.output
    assert "ropewalk: 19,000 more lines were printed during the run and are left out" in answer.stderr
    if "--json" in again:
        assert json.loads(answer.stdout)["exit_code"] == 0


def test_a_library_that_is_imported_meanwhile_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """78: what it sets for itself in the environment begins with an underscore; other names are told of."""
    for name, told in (("_LIBRARYS_OWN", False), ("SOMEBODYS", True)):
        monkeypatch.delenv(name, raising=False)
        result = run(lambda bar, view, name=name: monkeypatch.setenv(name, "1"))
        assert any("the environment" in one for one in result.left_changed) is told


class Silent(Strategy):
    def on_bar(self, bar: Any, view: Any) -> None:
        return None


def test_a_quiet_run_has_nothing_to_say() -> None:
    """78: who changes nothing is not told of."""
    assert (run(Silent()).notes, run(Does(lambda bar, view: None)).left_changed) == ((), ())
