"""The trial: what a process of its own does with a plugin, and what it tells about it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.errors import RopewalkError, told
from ropewalk.journal.surroundings import importable_paths
from ropewalk.plugins.footprints import IMPORTS_CHANGE, changed, footprints, wake_numpy_stream
from ropewalk.recording.recording import Recording
from ropewalk.reports.page.sections import shown_sections
from ropewalk.run_file import load_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.run_file import Run

SECONDS_MAX = 120
ROUNDS = 3
CHILD = (
    "import json, sys; asked = json.load(open(sys.argv[1], encoding='utf-8')); sys.path[:] = asked['paths']; "
    "from ropewalk.testing.trial import attempt; attempt(asked)"
)
QUANTITIES = (1, 2, 3, 10, 99, 100, 101, 1_000, 50_000)
PRICES = (1, 10_000, 1_234_567, 100_000_000, 5_000_000_000)


class Trial(msgspec.Struct, kw_only=True):
    """
    What was seen.

    `error` is why the run could not be made or walked. `changes` are of what the process shares. `flaws` are what the
    kind forbids. `intents` and `conflicts` say whether there was anything to see. Seconds are the least of some runs.
    """

    error: str = ""
    changes: list[str] = []
    flaws: list[str] = []
    bars: int = 0
    intents: int = 0
    conflicts: int = 0
    seconds: float = 0.0
    seconds_without: float = 0.0


def tried(kind: str, with_it: Path, without_it: Path) -> Trial:
    """Try a plugin in a process of its own; one that does not end is ended."""
    asked = with_it.with_name("asked.json")
    answer = with_it.with_name("trial.json")
    names = {"kind": kind, "with": str(with_it), "without": str(without_it), "answer": str(answer)}
    asked.write_text(json.dumps({**names, "paths": importable_paths()}), encoding="utf-8")
    try:
        process = subprocess.run(
            [sys.executable, "-B", "-P", "-c", CHILD, str(asked)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Trial(error=f"it was not done after {SECONDS_MAX} seconds")
    if not answer.exists():
        said = process.stderr.decode("utf-8", "replace").strip()[-2_000:]
        return Trial(error=f"the process ended with code {process.returncode} before it was done\n{said}".strip())
    return msgspec.json.decode(answer.read_bytes(), type=Trial)


def attempt(asked: dict[str, Any]) -> None:
    """Be the process: load, run, look, measure, and leave the answer."""
    trial = Trial()
    try:
        _attempt(asked, trial)
    except RopewalkError as error:
        trial.error = str(error)
    except Exception as error:
        trial.error = told(error)
        raise
    finally:
        Path(asked["answer"]).write_bytes(msgspec.json.encode(trial))


def _attempt(asked: dict[str, Any], trial: Trial) -> None:
    kind = asked["kind"]
    # What ropewalk imports by itself is no doing of the plugin.
    _walk(load_run(asked["without"]))
    wake_numpy_stream()
    before = footprints()
    planned = load_run(asked["with"])
    feed = planned.feed()
    trial.changes = changed(before, footprints(), spared=IMPORTS_CHANGE)
    trial.bars = feed.rows
    trial.flaws += _flaws_of(kind, planned)
    wake_numpy_stream()
    before = footprints()
    recorded = Recording(mode="memory", origins=planned.origins)
    observers = planned.observers()
    result = planned.orchestrator.run(feed, observers=observers, journal=recorded)
    planned.measure(result)
    # What a run finds changed it puts back.
    trial.changes += [*result.left_changed, *changed(before, footprints())]
    trial.intents, trial.conflicts = len(result.intents), len(result.conflicts)
    trial.flaws += [f"{fault.source} raised {fault.error} on {fault.callback}" for fault in result.faults]
    if kind == "observer":
        alone = planned.orchestrator.run(feed, journal=recorded)
        if result.journal is not None and alone.journal is not None and result.journal.digest != alone.journal.digest:
            trial.flaws.append("the journal is another one than without it")
    if kind == "metric":
        first = dict(result.measures)
        planned.measure(result)
        if first != result.measures:
            trial.flaws.append(f"asked twice about one run it answered {first}, then {result.measures}")
    if kind == "report section":
        shown = shown_sections(planned.watching.sections, result)
        trial.flaws += [one.wrong for one in shown if one.wrong]
        if shown != shown_sections(planned.watching.sections, result):
            trial.flaws.append("asked twice about one run it showed something else")
    if kind == "feed" and planned.feed().digest != feed.digest:
        trial.flaws.append("asked twice it gave other bars")
    trial.seconds = _least(lambda: _walk(planned))
    trial.seconds_without = _least(lambda: _walk(load_run(asked["without"])))


def _walk(planned: Run) -> float:
    feed, observers = planned.feed(), planned.observers()
    began = perf_counter()
    planned.orchestrator.run(feed, observers=observers)
    return perf_counter() - began


def _least(walk: Callable[[], float]) -> float:
    return min(walk() for _ in range(ROUNDS))


def _flaws_of(kind: str, planned: Run) -> list[str]:
    """Hold a cost model against what its protocol promises, beyond what a run happens to ask it."""
    config = planned.orchestrator.config
    if kind == "commission":
        model = config.commission_model()
        return _amounts(lambda quantity, price: model.commission_micros(quantity, price), may_fall=False)
    if kind == "slippage":
        slippage = config.slippage_model()
        return _amounts(lambda quantity, price: slippage.slippage_micros(quantity, price), may_fall=True)
    return []


def _amounts(ask: Callable[[int, int], Any], *, may_fall: bool) -> list[str]:
    flaws = []
    for price in PRICES:
        last = 0
        for quantity in QUANTITIES:
            micros = ask(quantity, price)
            asked = f"{quantity} lots at {price} micros"
            if type(micros) is not int or micros < 0:
                return [f"for {asked} it answered {micros!r}; amounts are int, 0 or more"]
            if micros != ask(quantity, price):
                flaws.append(f"asked twice for {asked} it answered differently")
            if micros < last and not may_fall:
                flaws.append(f"for {asked} it takes {micros}, for fewer lots {last}; it must not fall")
            last = micros
    return flaws[:1]
