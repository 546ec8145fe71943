"""Recovery: a torn tail is moved to quarantine, so that what was written before it can be read and resumed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from ropewalk.errors import DamagedError, JournalError
from ropewalk.journal.reader import located
from ropewalk.journal.verdict import CLEAN, Verdict
from ropewalk.journal.verify import Verification, verify
from ropewalk.recording.files import Files
from ropewalk.recording.lock import FolderLock
from ropewalk.recording.names import PART, kept_aside, named


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was found, and what was done: where the tail went, None when there was none, and how long it was.

    `path` is where the journal is now; with `is_named` it had the name of a part, though it was whole.
    """

    path: Path
    found: Verification
    quarantined: Path | None
    tail_bytes: int
    kept_number: int
    is_named: bool = False

    @property
    def exit_code(self) -> int:
        """0: what is left can be read."""
        return CLEAN

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            "path": str(self.path),
            "found": self.found.to_dict(),
            "quarantined": None if self.quarantined is None else str(self.quarantined),
            "tail_bytes": self.tail_bytes,
            "kept_number": self.kept_number,
            "is_named": self.is_named,
            "exit_code": self.exit_code,
        }

    def __str__(self) -> str:
        if self.is_named:
            aside = "" if self.quarantined is None else f"; another one that had the name is in {self.quarantined}"
            return f"{self.path}: it was whole and lacked only its name, which it has now{aside}"
        if self.quarantined is None:
            return f"{self.path}: {self.found.verdict.meaning}; there was nothing to recover"
        return (
            f"{self.path}: kept up to number {self.kept_number}; "
            f"the torn tail of {self.tail_bytes} byte{'' if self.tail_bytes == 1 else 's'} is in {self.quarantined}"
        )


def recover(path: Path | str, *, files: Files | None = None) -> Recovery:
    """
    Move a torn tail to the run's quarantine, and give a part that is whole its name; nothing is ever deleted.

    A journal that is complete, or incomplete but whole, is left as it is. Raises DamagedError for one that is
    damaged in any other way, whose bytes are evidence, and JournalError for one that is being written.
    """
    files = files if files is not None else Files()
    journal = located(path)
    if journal is None:
        raise JournalError("only a file can be recovered")
    try:
        # Whoever still writes must not be judged by what is not written yet.
        with FolderLock(journal.parent, files):
            return recovered(journal, files)
    except OSError as error:
        raise JournalError(f"{journal} could not be recovered: {error}; nothing was deleted") from error


def recovered(journal: Path, files: Files) -> Recovery:
    """Recover a journal in a folder that whoever calls holds. Raises as `recover`, and OSError."""
    found = verify(journal)
    kept = found.last_number
    if found.is_clean and journal.name == PART:
        target, another = named(journal, files)
        return Recovery(path=target, found=found, quarantined=another, tail_bytes=0, kept_number=kept, is_named=True)
    if found.verdict in (Verdict.COMPLETE, Verdict.INCOMPLETE) and not found.found:
        return Recovery(path=journal, found=found, quarantined=None, tail_bytes=0, kept_number=kept)
    if found.verdict is not Verdict.TORN:
        error = JournalError if found.verdict is Verdict.FOREIGN else DamagedError
        raise error(
            f"only a torn tail can be recovered; nothing was changed. {journal}: {found.verdict.meaning}; "
            "`ropewalk verify` tells what is wrong"
        )
    target, size = _cut(journal, found.sound_bytes, files)
    return Recovery(path=journal, found=found, quarantined=target, tail_bytes=size, kept_number=kept)


def _cut(journal: Path, keep: int, files: Files) -> tuple[Path, int]:
    target = kept_aside(journal.parent, f"{journal.name}.tail")
    descriptor = files.open(journal, os.O_RDWR)
    try:
        tail = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            moved = 0
            while chunk := os.pread(descriptor, 1 << 20, keep + moved):
                data = memoryview(chunk)
                while data:
                    data = data[files.write(tail, data) :]
                moved += len(chunk)
            # The tail is safe before it is cut off.
            files.fsync(tail)
        finally:
            os.close(tail)
        files.truncate(descriptor, keep)
        files.fsync(descriptor)
    finally:
        os.close(descriptor)
    return target, moved
