"""
Recorded runs: what `run` and `demo` share about journals.

A run is recorded unless somebody says otherwise. Where the same inputs were recorded before, the bytes have to be
the same; if they are not, the earlier journal is kept and the divergence is told.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ropewalk.cli.signals import INTERRUPTED, stopping
from ropewalk.errors import ConfigError, JournalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.feeds.feed import Feed
    from ropewalk.orchestrator import StrategyOrchestrator
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

EARLIER = "earlier"
DIVERGENCE = "DIVERGED"
DIVERGED = 1
"""What a command ends with whose run is not the one that was recorded."""


def check_options(folder: Path | None, mode: str | None, *, is_off: bool) -> None:
    """Raise ConfigError for options that contradict each other."""
    if is_off and (folder is not None or mode is not None):
        raise ConfigError("--no-journal stands beside --journal or --journal-mode; give one or the other")


def walk(
    orchestrator: StrategyOrchestrator, feed: Feed, recording: Recording | None, observers: Sequence[Any] = ()
) -> tuple[OrchestratorResult, str]:
    """
    Run and record, until the end or until somebody interrupts.

    Returns the result, and what has to be said about an earlier journal of the same run; empty when it is equal or
    there is none. Raises JournalError, with the way out, when the journal cannot be written.
    """
    from ropewalk.recording.recording import recording_of
    from ropewalk.recording.writer import run_folder

    recording = recording_of(recording)
    folder = None
    if recording is not None and recording.folder is not None:
        folder = run_folder(recording.folder, orchestrator.inputs(feed, origins=recording.origins))
    with _kept(folder) as earlier, stopping() as should_stop:
        try:
            result = orchestrator.run(feed, observers=observers, journal=recording, should_stop=should_stop)
        except JournalError as error:
            raise JournalError(
                f"{error}\n--journal DIR records elsewhere, --no-journal runs without a record"
            ) from error
    return result, "" if earlier is None or folder is None else _compared(earlier, folder)


def ended(result: OrchestratorResult, warning: str) -> None:
    """Say on stderr what went otherwise than planned, and end the command with the code for it."""
    if warning:
        typer.echo(f"ropewalk: {warning}", err=True)
    if result.ended.status == "stopped":
        path = None if result.journal is None else result.journal.path
        way = "nothing was recorded to go on from" if path is None else f"`ropewalk resume {path.parent}` goes on"
        at = f"{result.ended.timestamp:%Y-%m-%d %H:%M}"
        typer.echo(f"ropewalk: stopped at {at}, after {result.ended.instants:,} instants; {way}", err=True)
        raise typer.Exit(INTERRUPTED)
    if warning.startswith(DIVERGENCE):
        raise typer.Exit(DIVERGED)


@contextmanager
def _kept(folder: Path | None) -> Iterator[Path | None]:
    """Keep an earlier journal of the same run aside while it is recorded again, and for good if that fails."""
    from ropewalk.recording.environment import ENVIRONMENT
    from ropewalk.recording.files import JOURNAL, kept_aside

    if folder is None or not (folder / JOURNAL).exists():
        yield None
        return
    try:
        earlier = kept_aside(folder, EARLIER)
        earlier.mkdir()
        _linked(folder / JOURNAL, earlier / JOURNAL)
        if (folder / ENVIRONMENT).exists():
            shutil.copyfile(folder / ENVIRONMENT, earlier / ENVIRONMENT)
    except OSError as error:
        raise JournalError(f"the earlier journal in {folder} cannot be kept aside: {error}") from error
    try:
        yield earlier
    except BaseException:
        if (folder / JOURNAL).samefile(earlier / JOURNAL):
            _forget(earlier)
        raise


def _linked(source: Path, target: Path) -> None:
    """Give a file a second name, or where the disk has no such thing, a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _forget(earlier: Path) -> None:
    shutil.rmtree(earlier, ignore_errors=True)
    try:
        earlier.parent.rmdir()
    except OSError:
        # Something else is in quarantine, and stays there.
        return


def _compared(earlier: Path, folder: Path) -> str:
    """Hold a run that was recorded again against its earlier journal; what is equal is not kept twice."""
    from ropewalk.journal import diff, verify
    from ropewalk.recording.files import JOURNAL

    if (earlier / JOURNAL).read_bytes() == (folder / JOURNAL).read_bytes():
        _forget(earlier)
        return ""
    kept = f"the earlier journal is kept in {earlier}"
    found = verify(earlier)
    if not found.is_clean:
        return f"the earlier journal of this run was not sound ({found.verdict.meaning}); {kept}"
    difference = diff(earlier, folder)
    ends = () if difference is None else (difference.a, difference.b)
    if difference is None or any(place is not None and place.said.get("k") == "footer" for place in ends):
        return f"one of the two was stopped before the other, up to there they are equal; {kept}"
    return f"{DIVERGENCE}: the same inputs gave another run\n{difference}\n{kept}"
