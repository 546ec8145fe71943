"""
Surroundings: what may be otherwise around a run without being an input of it, and a run in a process of its own there.

The first surroundings are nearest to a plain run; each further one differs in everything.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from signal import Signals
from typing import Any

import msgspec

from ropewalk.recording.names import JOURNAL, PART

ZONES = ("UTC", "Pacific/Chatham", "America/St_Johns", "Asia/Kathmandu")
# A day, an hour, a minute and a second further than any round number of them.
CLOCK_STEP_SECONDS = 401 * 86_400 + 5 * 3_600 + 41 * 60 + 17
RANDOM_SEED = 20_011
ERROR_LENGTH = 4_000
"""Characters kept from the end of what a process that died had to say."""

CHILD = (
    "import json, sys; asked = json.load(open(sys.argv[1], encoding='utf-8')); sys.path[:] = asked['paths']; "
    "from ropewalk.journal.elsewhere import run_elsewhere; run_elsewhere(asked)"
)


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """
    What one run finds around it.

    `folder` is the working folder, empty for one of the run's own; the clock on the wall goes
    `clock_ahead_seconds` before the real one; `random_seed` seeds the streams of `random` and `numpy.random`.
    """

    place: int
    hash_seed: int
    zone: str
    clock_ahead_seconds: int
    random_seed: int
    folder: str

    def __str__(self) -> str:
        ahead = self.clock_ahead_seconds
        clock = f"clock {ahead // 86_400} days ahead" if ahead else "clock as it is"
        folder = f"folder {self.folder}" if self.folder else "an empty folder"
        return f"hash seed {self.hash_seed}, zone {self.zone}, {clock}, random seed {self.random_seed}, {folder}"


class Outcome(msgspec.Struct, frozen=True):
    """
    How a run in some surroundings ended.

    `error` is empty when it ended well. `is_told` is true when it is an error that ropewalk raises on purpose; else
    the process died of it. `journal` is what was recorded, if anything was.
    """

    surroundings: Surroundings
    error: str
    is_told: bool
    journal: Path | None


def surroundings_of(count: int) -> list[Surroundings]:
    """Make as many surroundings as are asked for, the same for everyone but for the folder of the first."""
    return [
        Surroundings(
            place=place,
            # Zero would switch the randomness of hashes off.
            hash_seed=place + 1,
            zone=ZONES[place % len(ZONES)],
            clock_ahead_seconds=place * CLOCK_STEP_SECONDS,
            random_seed=RANDOM_SEED + place,
            folder="" if place else str(Path.cwd()),
        )
        for place in range(count)
    ]


def importable_paths() -> list[str]:
    """Where this process imports from, so that another one finds the same wherever it works."""
    return [str(Path(entry).absolute()) for entry in sys.path]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is run in surroundings: a run file, with what can be imported from `paths`.

    `own` are the packages that the strategies come from. `records` is a folder for journals. `seconds_max` is on
    the clock on the wall.
    """

    run_file: str
    paths: tuple[str, ...]
    own: tuple[str, ...]
    records: str
    seconds_max: float | None


def run_in(surroundings: Surroundings, asked: Asked) -> Outcome:
    """Run a run file in a process of its own, and record its journal. It writes no bytecode, and no log."""
    place = f"{surroundings.place}-{surroundings.clock_ahead_seconds}"
    home, work = Path(asked.records, place), Path(asked.records, f"{place}.work")
    home.mkdir()
    work.mkdir()
    told = home / "asked.json"
    told.write_bytes(
        msgspec.json.encode({**msgspec.to_builtins(asked), "records": str(home), "surroundings": surroundings})
    )
    environment = {**os.environ, "PYTHONHASHSEED": str(surroundings.hash_seed), "TZ": surroundings.zone}
    with open(home / "said", "wb") as said:
        try:
            process = subprocess.run(
                [sys.executable, "-B", "-P", "-c", CHILD, str(told)],
                cwd=surroundings.folder or work,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=asked.seconds_max,
                check=False,
            )
        except subprocess.TimeoutExpired:
            late = f"it was not done after {asked.seconds_max:g} seconds"
            return Outcome(surroundings, late, False, _journal(home))
    error, is_told = _ending(home, process.returncode)
    return Outcome(surroundings, error, is_told, _journal(home))


def _ending(home: Path, code: int) -> tuple[str, bool]:
    try:
        outcome: dict[str, Any] = msgspec.json.decode((home / "outcome.json").read_bytes())
    except (OSError, ValueError):
        ended = f"was killed by {Signals(-code).name}" if code < 0 else f"ended with code {code}"
        said = (home / "said").read_bytes()[-ERROR_LENGTH:].decode("utf-8", "replace").strip()
        return f"the process {ended} before the run was over" + (f"; it said:\n{said}" if said else ""), False
    return str(outcome["error"]), bool(outcome["is_told"])


def _journal(home: Path) -> Path | None:
    found = [*home.glob(f"*/{JOURNAL}"), *home.glob(f"*/{PART}")]
    return found[0] if found else None
