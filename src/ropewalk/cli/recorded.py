"""
Recorded runs: what `run` and `demo` share about journals.

A run is recorded unless somebody says otherwise. Where the same inputs were recorded before, the bytes have to be
the same; if they are not, the earlier journal is kept and the divergence is told.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ropewalk.cli.prints import LINES_MAX, bounded_prints
from ropewalk.cli.signals import INTERRUPTED, stopping
from ropewalk.cli.told import CANNOT_RUN
from ropewalk.errors import ConfigError, DiskFullError, JournalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.config import OrchestratorConfig
    from ropewalk.feeds.feed import Feed
    from ropewalk.orchestrator import StrategyOrchestrator
    from ropewalk.orchestrator.profile import Profile
    from ropewalk.orchestrator.watchdog import Watchdog as WatchdogOfRun
    from ropewalk.recording.recording import Recording

JournalFolder = Annotated[
    Path | None,
    typer.Option("--journal", metavar="DIR", help="Record the run into a folder of its own in this one.  [runs]"),
]
NoJournal = Annotated[bool, typer.Option("--no-journal", help="Record nothing.")]
JournalMode = Annotated[
    str | None,
    typer.Option(
        "--journal-mode",
        metavar="MODE",
        help="How soon it is written: process (every half second), step, power (to the disk), or memory (to no file).  "
        "[process]",
    ),
]

DIVERGENCE = "DIVERGED"
DIVERGED = 1
"""What a command ends with whose run is not the one that was recorded."""


Watchdog = Annotated[
    float | None,
    typer.Option(
        "--watchdog",
        metavar="SECONDS",
        help="End the run when it has not come on for so long; 0: never.  [600]",
        show_default=False,
    ),
]
Prints = Annotated[
    int, typer.Option("--prints", metavar="N", min=0, help="Let plugins print up to N lines while the run goes on.")
]

SECONDS_GRANTED = 600.0
"""How long anything may take before the watchdog ends a run, unless it is said otherwise."""


def watchdog_of(asked: float | None, config: OrchestratorConfig | None) -> WatchdogOfRun | None:
    """
    Make the watchdog of a command: as asked for here, else in the run file, else a patient one.

    It may end the process: nobody else is in it. Raises ConfigError.
    """
    from ropewalk.orchestrator.watchdog import Watchdog as WatchdogOfRun

    planned = None if config is None else config.watchdog_seconds
    seconds = asked if asked is not None else SECONDS_GRANTED if planned is None else planned
    return WatchdogOfRun(seconds, exit_code=CANNOT_RUN) if seconds else None


def check_options(folder: Path | None, mode: str | None, *, is_off: bool) -> None:
    """Raise ConfigError for options that contradict each other."""
    if is_off and (folder is not None or mode is not None):
        raise ConfigError("--no-journal stands beside --journal or --journal-mode; give one or the other")


def walk(
    orchestrator: StrategyOrchestrator,
    feed: Feed,
    recording: Recording | None,
    observers: Sequence[Any] = (),
    *,
    profile: Profile | None = None,
    watchdog: float | None = None,
    prints: int = LINES_MAX,
) -> tuple[OrchestratorResult, str]:
    """
    Run and record, until the end or until somebody interrupts.

    Returns the result, and what has to be said about an earlier journal of the same run; empty when it is equal or
    there is none. Raises JournalError, with the way out, when the journal cannot be written.
    """
    dog = watchdog_of(watchdog, orchestrator.config)
    with stopping() as should_stop, bounded_prints(prints):
        try:
            result = orchestrator.run(
                feed,
                observers=observers,
                journal=recording,
                should_stop=should_stop,
                watchdog=dog,
                profile=profile,
            )
        except DiskFullError:
            raise
        except JournalError as error:
            raise JournalError(
                f"{error}\n--journal DIR records elsewhere, --no-journal runs without a record"
            ) from error
    journal = result.journal
    if journal is None or journal.earlier is None or journal.path is None:
        return result, ""
    return result, _compared(journal.earlier, journal.path)


def ended(result: OrchestratorResult, warning: str, run_file: Path | None = None) -> None:
    """
    Say on stderr what went otherwise than planned, and end the command with the code for it.

    Who was stopped is told how to go on; the run file is needed for strategies that are files beside it.
    """
    if warning:
        typer.echo(f"ropewalk: {warning}", err=True)
    if result.ended.status == "stopped":
        path = None if result.journal is None else result.journal.path
        made_of = "" if run_file is None else f" --run {run_file}"
        goes_on = "" if path is None else f"`ropewalk resume {path.parent}{made_of}` goes on"
        way = goes_on or "nothing was recorded to go on from"
        at = f"{result.ended.timestamp:%Y-%m-%d %H:%M}"
        plural = "" if result.ended.instants == 1 else "s"
        typer.echo(f"ropewalk: stopped at {at}, after {result.ended.instants:,} instant{plural}; {way}", err=True)
        raise typer.Exit(INTERRUPTED)
    if warning.startswith(DIVERGENCE):
        raise typer.Exit(DIVERGED)


def _compared(earlier: Path, journal: Path) -> str:
    """Say how a run that was recorded again differs from what was recorded of it before."""
    from ropewalk.journal import Verdict, diff, verify

    kept = f"the earlier journal is kept in {earlier}"
    found = verify(earlier)
    if found.found or found.verdict not in (Verdict.COMPLETE, Verdict.INCOMPLETE):
        return f"the earlier journal of this run was not sound ({found.verdict.meaning}); {kept}"
    difference = diff(earlier, journal)
    ends = () if difference is None else (difference.a, difference.b)
    if difference is None or any(place is None or place.said.get("k") == "footer" for place in ends):
        return f"one of the two was stopped before the other, up to there they are equal; {kept}"
    return f"{DIVERGENCE}: the same inputs gave another run\n{difference}\n{kept}"
