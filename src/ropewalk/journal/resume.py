"""
Resuming: a run that was stopped or died is walked again up to where its journal ends, and on from there.

The finished journal is, byte for byte, that of a run that was never interrupted.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ropewalk.errors import DamagedError, DiskFullError, JournalError
from ropewalk.journal.reader import Journal, located
from ropewalk.journal.recovery import recovered
from ropewalk.journal.remaking import Remade, changes, remade
from ropewalk.journal.verdict import CLEAN, DAMAGED, Verdict
from ropewalk.journal.verify import Verification, verify
from ropewalk.orchestrator.walk import Walk
from ropewalk.recording.files import Files
from ropewalk.recording.lock import FolderLock
from ropewalk.recording.names import ENVIRONMENT_PART, PART, kept_aside, sidecar_of
from ropewalk.recording.steps import canonical_times
from ropewalk.recording.writer import JournalWriter
from ropewalk.strategies.prompter import is_of_observer, script_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ropewalk.config import OrchestratorConfig
    from ropewalk.orchestrator.watchdog import Watchdog
    from ropewalk.recording.inputs import Inputs
    from ropewalk.recording.recording import Origin
    from ropewalk.recording.writer import Mode


class Resumption(msgspec.Struct, frozen=True, kw_only=True):
    """
    What resuming came to.

    What was recorded up to `kept_number` was repeated, what follows is new. `quarantined` is where a torn tail or
    the footer of a stopped run was put. `digest` is the SHA-256 of the journal as it is now.
    """

    path: str
    run: str
    status: str
    kept_number: int
    digest: str
    quarantined: str | None
    result: Any

    @property
    def exit_code(self) -> int:
        """0: the run went on."""
        return CLEAN

    def to_dict(self) -> dict[str, Any]:
        """Everything but the result, ready for JSON."""
        told = {name: getattr(self, name) for name in self.__struct_fields__ if name != "result"}
        return {**told, "exit_code": self.exit_code}

    def __str__(self) -> str:
        aside = "" if self.quarantined is None else f"; what stood behind it is in {self.quarantined}"
        return (
            f"{self.path}: repeated up to number {self.kept_number}, then went on; {self.status}{aside}\n"
            f"  sha256 {self.digest}"
        )


def resume(
    source: Path | str,
    *,
    strategies: Mapping[str, Any] | None = None,
    origins: Mapping[str, Origin] | None = None,
    data: Any = None,
    config: OrchestratorConfig | None = None,
    folder: Path | str = "",
    plugins: Sequence[Path | str] = (),
    observers: Sequence[Any] = (),
    mode: Mode = "process",
    should_stop: Callable[[], bool] | None = None,
    watchdog: Watchdog | None = None,
) -> Resumption:
    """
    Take a run up where its journal ends.

    A torn tail is recovered first, and the footer of a run that was stopped, by somebody or by a full disk, set aside;
    both go to the run's quarantine. What the other parameters are for says `remaking.remade`. Raises JournalError, and
    changes nothing, for a run that is complete or failed, for a damaged journal, and where the inputs are not those of
    the run; DivergedError where the run does not repeat what was recorded.
    """
    path = located(source)
    if path is None:
        raise JournalError("only a run in a folder can be resumed")
    files = Files()
    try:
        lock = FolderLock(path.parent, files)
    except OSError as error:
        raise JournalError(f"{path} cannot be resumed: {error}") from error
    with lock:
        given = {"strategies": strategies, "origins": origins, "data": data, "config": config}
        taken = _taken_up(path, files, **given, folder=folder, plugins=plugins)
        return taken.run(lock, observers=observers, mode=mode, should_stop=should_stop, watchdog=watchdog)


class _TakenUp(NamedTuple):
    """A part that is ready to be gone on with, up to the number that it keeps."""

    part: Path
    kept_number: int
    quarantined: Path | None
    inputs: Inputs
    made: Remade
    stumbles: list[tuple[int, int, Any]]

    def run(
        self,
        lock: FolderLock,
        *,
        observers: Sequence[Any],
        mode: Mode,
        should_stop: Callable[[], bool] | None,
        watchdog: Watchdog | None,
    ) -> Resumption:
        """Walk it again, and on."""
        orchestrator, feed, _ = self.made
        times = canonical_times(feed.series)
        given = {name: seat.strategy for name, seat in orchestrator.seats.items()}
        writer = JournalWriter(self.part.parent, inputs=self.inputs, times=times, mode=mode, resumes=True, lock=lock)
        script = script_of(self.stumbles, steps=())
        with writer:
            walk = Walk(
                orchestrator,
                feed,
                given,
                observers,
                writer=writer,
                script=script,
                watchdog=watchdog,
                tell=writer.fault,
            )
            # Who stops again stops where something was added: a footer inside of what was recorded would be none.
            result = walk.walk(lambda: should_stop is not None and writer.has_caught_up and should_stop())
        return Resumption(
            path=str(writer.path),
            run=self.inputs.run_id,
            status=result.ended.status,
            kept_number=self.kept_number,
            digest=writer.journal.digest,
            quarantined=None if self.quarantined is None else str(self.quarantined),
            result=result,
        )


def _taken_up(path: Path, files: Files, **given: Any) -> _TakenUp:
    found = verify(path)
    # A full disk is no fault of the run's: it was ended where it was, as one that is stopped.
    is_stopped = found.status == "stopped" or found.reason.startswith(f"{DiskFullError.__name__}: ")
    has_footer = found.verdict is Verdict.COMPLETE and is_stopped
    # All was written, but whoever wrote it died before the journal had its name.
    lacks_name = found.verdict is Verdict.COMPLETE and found.status == "complete" and path.name == PART
    if not has_footer and not lacks_name and found.verdict not in (Verdict.INCOMPLETE, Verdict.TORN):
        error = DamagedError if found.exit_code == DAMAGED else JournalError
        raise error(f"{path} cannot be resumed: {_why_not(found)}")
    # A tail may be torn in the lines of the inputs already.
    quarantined = recovered(path, files).quarantined if found.verdict is Verdict.TORN else None
    journal = Journal(path)
    made = remade(journal, **given)
    inputs = made.orchestrator.inputs(made.feed, origins=made.origins)
    _check_inputs(journal, inputs)
    stumbles = [
        (record.number, record.cause or 0, record.event) for record in journal.records() if is_of_observer(record.event)
    ]
    if has_footer:
        quarantined = _without_footer(path, files)
    part = path.with_name(PART) if has_footer else path
    return _TakenUp(part, found.last_number - has_footer, quarantined, inputs, made, stumbles)


def _why_not(found: Verification) -> str:
    if found.verdict is not Verdict.COMPLETE:
        return f"it is left as it is, {found.verdict.meaning}; `ropewalk verify` tells what is wrong"
    if found.status == "failed":
        return "the run failed, and its footer says why; mend that and run it anew"
    return "the run is complete, and there is nothing to resume"


def _check_inputs(journal: Journal, inputs: Inputs) -> None:
    if inputs.run_id == journal.run_id:
        return
    raise JournalError(
        f"{journal.label} is run {journal.run_id}, what is given makes run {inputs.run_id}; a run can only be resumed "
        f"from its own inputs. {'; '.join(changes(journal.inputs, inputs)) or 'The semantics differ'}"
    )


def _without_footer(path: Path, files: Files) -> Path:
    """Set the footer of a run that ended early aside, and make its journal a part again."""
    part = path.with_name(PART)
    content = path.read_bytes()
    keep = content.rfind(b"\n", 0, -1) + 1
    aside = kept_aside(path.parent, f"{path.name}.footer")
    with open(str(aside), "xb") as stream:
        stream.write(content[keep:])
        stream.flush()
        os.fsync(stream.fileno())
    if (sidecar := sidecar_of(path)).exists():
        files.rename(sidecar, path.with_name(ENVIRONMENT_PART))
    files.rename(path, part)
    descriptor = files.open(part, os.O_RDWR)
    try:
        files.truncate(descriptor, keep)
        files.fsync(descriptor)
    finally:
        os.close(descriptor)
    return aside
