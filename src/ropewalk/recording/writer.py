"""
The writer: takes what the bus numbered and leaves a journal behind.

It sits in the bus's recorder seat, where an entry costs next to nothing; lines are made and written in blocks.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from ropewalk.collectors.result import RunJournal
from ropewalk.errors import ConfigError, DiskFullError, DivergedError, JournalError, RopewalkError, clipped
from ropewalk.recording.environment import Sidecar
from ropewalk.recording.files import Files, GrowingFile
from ropewalk.recording.lines import Lines
from ropewalk.recording.taken_up import TakenUpFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ropewalk.recording.inputs import Inputs
    from ropewalk.recording.lines import Entry
    from ropewalk.recording.lock import FolderLock

Mode = Literal["memory", "process", "step", "power"]

MODES: dict[str, str] = {
    "memory": "kept as bytes, in no file",
    "process": "to the operating system every 512 records or half a second: survives the death of the process",
    "step": "after each beat of an instant that had consequences",
    "power": "as process, and to the disk at each checkpoint: survives the power going out",
}
BLOCK = 512
HELD_BACK = (signal.SIGINT, signal.SIGTERM)
SECONDS_BETWEEN_WRITES = 0.5


class JournalWriter:
    """
    Writes one run's journal into a folder: `journal.jsonl.part` while it runs, `journal.jsonl` once it ended.

    `times` are those of all bars in canonical order (`canonical_times`). What is in the file is always whole
    lines. The first error ends the writing: the file keeps what it has, up to the number that the
    JournalError names, and the writer takes no more. A full disk is the exception: what follows is written with room
    that was set aside, so that the run can be ended, and its journal with it. `content` is the journal of mode
    `memory`. One that `resumes` takes a part up: what it is given must first repeat the lines that are there. Who
    holds the folder gives the `lock` away.

    Raises JournalError when the folder has a journal already, unless `again`, and when another process
    writes there.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        inputs: Inputs,
        times: NDArray[np.int64],
        mode: Mode = "process",
        again: bool = False,
        resumes: bool = False,
        lock: FolderLock | None = None,
        files: Files | None = None,
    ) -> None:
        if mode not in MODES or (folder is None) is not (mode == "memory"):
            raise ConfigError(
                f"mode {clipped(mode)} with folder {folder}: modes are {', '.join(MODES)}; only memory has no folder"
            )
        self.run_id = inputs.run_id
        self.failure: JournalError | None = None
        self._mode = mode
        self._files = files if files is not None else Files()
        self._lines = Lines(inputs, times)
        self._waiting: list[Entry] = []
        self._blocks: list[bytes] = []
        self._notes: list[str] = []
        self._process = os.getpid()
        self._is_closed = self._is_poisoned = False
        self._by_step = mode == "step"
        self._by_time = mode in ("process", "power")
        self._now = self._files.monotonic
        self._due = self._now() + SECONDS_BETWEEN_WRITES
        self._file: GrowingFile | None = None
        if folder is not None:
            try:
                kind = TakenUpFile if resumes else GrowingFile
                self._file = kind(Path(folder), self._files, again=again, lock=lock)
                self._sidecar = Sidecar(Path(folder))
            except OSError as error:
                if self._file is not None:
                    self._file.close()
                raise JournalError(f"{folder} cannot take a journal: {error}") from error

    @property
    def path(self) -> Path:
        """Where the journal is now. Raises JournalError in mode memory."""
        if self._file is None:
            raise JournalError("a journal of mode memory has no path; its bytes are `content`")
        return self._file.path

    @property
    def content(self) -> bytes:
        """The bytes of a journal of mode memory, as far as it was flushed."""
        return b"".join(self._blocks)

    @property
    def journal(self) -> RunJournal:
        """Where the journal is, and its digest so far."""
        if self._file is None:
            return RunJournal(self.run_id, self._lines.digest, None, self.content)
        return RunJournal(
            self.run_id, self._lines.digest, self._file.path, notes=tuple(self._notes), earlier=self._file.earlier
        )

    @property
    def has_caught_up(self) -> bool:
        """A part that was taken up has been repeated as a whole."""
        return not isinstance(self._file, TakenUpFile) or self._file.has_caught_up

    @property
    def kept_number(self) -> int:
        """The number of the last record that was written; −1 before the first."""
        return self._lines.number if self._file is None else self._file.number

    def note(self, text: str) -> None:
        """Say something about the run's folder: in the sidecar, and to whoever gets the result."""
        self._notes.append(text)
        if self._file is not None:
            self._sidecar.note(text)

    def fault(self, told: dict[str, Any]) -> None:
        """Put the stack of something that raised, or hangs, into the sidecar; a journal has no lines of code in it."""
        if self._file is not None and os.getpid() == self._process:
            self._sidecar.fault(told)

    def record(self, entries: Sequence[Entry]) -> None:
        """
        Take entries, as the bus hands them to a recorder: number, cause, event.

        Raises JournalError once, when writing fails; after that entries are not taken any more.
        """
        waiting = self._waiting
        waiting.extend(entries)
        if len(waiting) >= BLOCK or self._by_step or (self._by_time and self._now() >= self._due):
            self.flush()

    def flush(self) -> None:
        """Write what waits, while signals wait. Raises JournalError when that fails."""
        self._check_process()
        held = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        try:
            # A handler that raises would tear a block, and with it what is to be kept.
            signal.pthread_sigmask(signal.SIG_BLOCK, HELD_BACK)
            self._flush()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def _flush(self) -> None:
        entries, self._waiting = self._waiting, []
        if not entries or self._is_poisoned:
            return
        try:
            for block, is_checkpoint in self._lines.blocks(entries):
                if self._file is None:
                    self._blocks.append(block)
                    continue
                self._file.append(block)
                if is_checkpoint and self._mode == "power":
                    self._file.sync()
        except (OSError, RopewalkError) as error:
            self._fail(error)
        except BaseException as error:
            # Entries are lost in the middle of a block: nothing may follow them.
            self.failure = JournalError(f"{type(error).__name__} interrupted the writing")
            self._is_poisoned = True
            raise
        self._due = self._now() + SECONDS_BETWEEN_WRITES
        if self._file is not None and self._file.full is not None:
            self._end_on_ballast(self._file.full)

    def close(self) -> None:
        """
        Write what waits, and give the journal its name if the run has ended; otherwise it stays a part.

        Raises JournalError when that fails. Closing twice is closing once, and a forked child's is nothing.
        """
        if self._is_closed or os.getpid() != self._process:
            return
        self._is_closed = True
        try:
            self.flush()
            if self._file is not None and not self._is_poisoned:
                self._sidecar.end()
                if self._lines.is_ended:
                    self._file.finish()
                else:
                    self._file.sync()
        except OSError as error:
            self._fail(error)
        finally:
            if self._file is not None:
                self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()
        if error is not None and self._file is not None and self._lines.is_ended:
            error.add_note(f"its journal, with how it ended, is {self._file.path}")
            if self._sidecar.has_faults:
                error.add_note("where it happened in the code is in env.json beside it, under faults")
            if self._file.earlier is not None:
                error.add_note(f"the earlier journal of the same run is kept in {self._file.earlier}")

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise JournalError(
                f"process {os.getpid()} is a forked child of {self._process}, whose journal this is; "
                "a child may not write it"
            )

    def _fail(self, error: Exception) -> None:
        kept = f"the journal keeps records up to number {self.kept_number}"
        if self._file is not None:
            kept += f", in {self._file.path}"
            if isinstance(error, OSError) and self._file.synced < self.kept_number:
                kept += f"; the disk has confirmed {'none' if self._file.synced < 0 else f'up to {self._file.synced}'}"
        if self.kept_number < 0:
            kept = "nothing was kept"
        kind = DivergedError if isinstance(error, DivergedError) else JournalError
        self.failure = kind(f"{error}; {kept}")
        self._is_poisoned = True
        self._waiting = []
        raise self.failure from error

    def _end_on_ballast(self, error: OSError) -> None:
        # A run that has come to its end needs no more room than it was given.
        if self.failure is None and not self._lines.is_ended:
            # No path: this is what the footer says.
            self.failure = DiskFullError(
                f"{error}; the run was stopped after number {self.kept_number}, all of which the journal keeps; "
                "make room and resume it"
            )
            raise self.failure from error


def run_folder(root: Path, inputs: Inputs) -> Path:
    """Say where under `root` a run's journal belongs: in a folder named by its run id."""
    return root / inputs.run_id
