"""
Resuming: a run that was stopped or died is walked again up to where its journal ends, and on from there.

The finished journal is, byte for byte, that of a run that was never interrupted.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.errors import JournalError
from ropewalk.journal.reader import Journal, located
from ropewalk.journal.recovery import recover
from ropewalk.journal.remaking import changes, remade
from ropewalk.journal.verdict import CLEAN, Verdict
from ropewalk.journal.verify import Verification, verify
from ropewalk.orchestrator.walk import Walk
from ropewalk.recording.files import PART, Files, held, kept_aside
from ropewalk.recording.steps import canonical_times
from ropewalk.recording.writer import JournalWriter
from ropewalk.strategies.prompter import is_of_observer, script_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ropewalk.config import OrchestratorConfig
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
) -> Resumption:
    """
    Take a run up where its journal ends.

    A torn tail is recovered first, and the footer of a stopped run set aside; both go to the run's quarantine. What
    the other parameters are for says `remaking.remade`. Raises JournalError, and changes nothing, for a run that is
    complete or failed, for a damaged journal, and where the inputs are not those of the run.
    """
    path = located(source)
    if path is None:
        raise JournalError("only a run in a folder can be resumed")
    found = verify(path)
    is_stopped = found.verdict is Verdict.COMPLETE and found.status == "stopped"
    # All was written, but whoever wrote it died before the journal had its name.
    lacks_name = found.verdict is Verdict.COMPLETE and found.status == "complete" and path.name == PART
    if not is_stopped and not lacks_name and found.verdict not in (Verdict.INCOMPLETE, Verdict.TORN):
        raise JournalError(f"{path} cannot be resumed, {_why_not(found)}")
    # A tail may be torn in the lines of the inputs already.
    quarantined = recover(path).quarantined if found.verdict is Verdict.TORN else None
    journal = Journal(path)
    made = remade(
        journal,
        strategies=strategies,
        origins=origins,
        data=data,
        config=config,
        folder=folder,
        plugins=plugins,
    )
    given = {name: seat.strategy for name, seat in made.orchestrator.seats.items()}
    inputs = made.orchestrator.inputs(made.feed, given, origins=made.origins)
    _check_inputs(journal, inputs)
    stumbles = [
        (record.number, record.cause or 0, record.event)
        for record in Journal(path).records()
        if is_of_observer(record.event)
    ]
    if is_stopped:
        quarantined = _without_footer(path)
    kept = found.last_number - is_stopped
    writer = JournalWriter(path.parent, inputs=inputs, times=canonical_times(made.feed.series), mode=mode, resumes=True)
    script = script_of(stumbles, steps=())
    with writer:
        walk = Walk(made.orchestrator, made.feed, given, observers, writer=writer, script=script)
        # Who stops again stops where something was added: a footer inside of what was recorded would be none.
        result = walk.walk(lambda: should_stop is not None and writer.has_caught_up and should_stop())
    return Resumption(
        path=str(writer.path),
        run=journal.run_id,
        status=result.ended.status,
        kept_number=kept,
        digest=writer.journal.digest,
        quarantined=None if quarantined is None else str(quarantined),
        result=result,
    )


def _why_not(found: Verification) -> str:
    if found.verdict is not Verdict.COMPLETE:
        return f"and is left as it is: {found.verdict.meaning}; `ropewalk verify` tells what is wrong"
    if found.status == "failed":
        return "the run failed, and its footer says why; mend that and run it anew"
    return "there is nothing to resume: the run is complete"


def _check_inputs(journal: Journal, inputs: Inputs) -> None:
    if inputs.run_id == journal.run_id:
        return
    raise JournalError(
        f"{journal.label} is run {journal.run_id}, what is given makes run {inputs.run_id}; a run can only be resumed "
        f"from its own inputs. {'; '.join(changes(journal.inputs, inputs)) or 'The semantics differ'}"
    )


def _without_footer(path: Path) -> Path:
    """Set a stopped run's footer aside, and make its journal a part again."""
    files = Files()
    part = path.parent / PART
    with held(path.parent, files):
        content = path.read_bytes()
        keep = content.rfind(b"\n", 0, -1) + 1
        aside = kept_aside(path.parent, f"{path.name}.footer")
        with open(str(aside), "xb") as stream:
            stream.write(content[keep:])
            stream.flush()
            os.fsync(stream.fileno())
        files.rename(path, part)
        descriptor = files.open(part, os.O_RDWR)
        try:
            files.truncate(descriptor, keep)
            files.fsync(descriptor)
        finally:
            os.close(descriptor)
    return aside
