"""
The files of a journal being written: one growing file, one lock, one rename at the end.

Every operation on the file system goes through `Files`, so that a test can let any one of them fail.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import contextmanager, suppress
from filecmp import cmp
from pathlib import Path
from typing import TYPE_CHECKING

from ropewalk.errors import JournalError
from ropewalk.recording.codec import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

JOURNAL = "journal.jsonl"
PART = "journal.jsonl.part"
LOCK = "journal.lock"
QUARANTINE = "quarantine"


class Files:
    """The operations on files that writing a journal needs, and the clock that says when to hurry."""

    def open(self, path: Path, flags: int) -> int:
        """Open a file; what is made is readable by all and writable by its owner."""
        return os.open(path, flags | os.O_CLOEXEC, 0o644)

    def write(self, descriptor: int, data: memoryview) -> int:
        """Write some of the data and say how many bytes."""
        return os.write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        """Wait until what was written is on the disk."""
        os.fsync(descriptor)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file."""
        os.ftruncate(descriptor, size)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file its other name, in place of whatever had it."""
        os.replace(source, target)

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back; it decides when to write, never what."""
        return time.monotonic()


class GrowingFile:
    """
    A run's `journal.jsonl.part`: whole lines only, held by one writer.

    `number` is that of the last record written, −1 before the first; `synced` the last that the disk
    has confirmed.
    """

    def __init__(self, folder: Path, files: Files, *, again: bool) -> None:
        self.path = folder / PART
        self.number = self.synced = -1
        self._folder = folder
        self._files = files
        self._size = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(folder / LOCK, files)
        try:
            self._descriptor = self._opened(again=again)
        except BaseException:
            self._unlock()
            raise

    def _opened(self, *, again: bool) -> int:
        _make_room(self._folder, self._files, again=again)
        return self._files.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)

    def append(self, block: bytes) -> None:
        """
        Write a block of whole lines. What is written short is continued.

        Raises OSError; the file has been cut back to its last whole line then, if that was possible.
        """
        data = memoryview(block)
        written = 0
        try:
            while written < len(data):
                count = self._files.write(self._descriptor, data[written:])
                if count <= 0:
                    raise OSError(errno.EIO, "nothing was written")
                written += count
        except OSError:
            whole = block.rfind(b"\n", 0, written) + 1
            self._grow(block[:whole])
            # What cannot be cut, such as a device, has not grown either; the first error is the one to tell.
            with suppress(OSError):
                self._files.truncate(self._descriptor, self._size)
            raise
        self._grow(block)

    def _grow(self, lines: bytes) -> None:
        if lines:
            self._size += len(lines)
            last = PREFIX.match(lines, lines.rfind(b"\n", 0, -1) + 1)
            self.number = int(last[1]) if last is not None else self.number

    def sync(self) -> None:
        """Wait for the disk. Raises OSError, after which nobody knows what the disk has: never try again."""
        self._files.fsync(self._descriptor)
        self.synced = self.number

    def finish(self) -> Path:
        """Give the journal its name once all of it is on the disk."""
        self.sync()
        target = self._folder / JOURNAL
        if self._is_another(target):
            self._files.rename(target, kept_aside(self._folder, JOURNAL))
        self._files.rename(self.path, target)
        self.path = target
        _sync_folder(self._folder, self._files)
        return target

    def _is_another(self, earlier: Path) -> bool:
        """Say whether a journal that is there has other bytes, and no second name under which somebody keeps it."""
        if not earlier.exists() or earlier.stat().st_nlink > 1:
            return False
        return not cmp(earlier, self.path, shallow=False)

    def close(self) -> None:
        """Let go of the file and of the lock."""
        os.close(self._descriptor)
        self._unlock()

    def _unlock(self) -> None:
        (self._folder / LOCK).unlink(missing_ok=True)
        os.close(self._lock)


@contextmanager
def held(folder: Path, files: Files) -> Iterator[None]:
    """Hold a run's folder as a writer does. Raises JournalError when somebody writes there."""
    lock = _locked(folder / LOCK, files)
    try:
        yield
    finally:
        (folder / LOCK).unlink(missing_ok=True)
        os.close(lock)


def _locked(path: Path, files: Files) -> int:
    descriptor = files.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever held it before may have removed the file after we opened it; then this is nobody's lock.
        is_ours = _is_same(descriptor, path)
    except BlockingIOError:
        is_ours = False
    except BaseException:
        os.close(descriptor)
        raise
    if not is_ours:
        holder = os.pread(descriptor, 64, 0).decode("ascii", "replace").strip() or "another process"
        os.close(descriptor)
        raise JournalError(f"{path.parent} is being written by {holder}; wait for it, or record into another folder")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"process %d\n" % os.getpid(), 0)
    return descriptor


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _make_room(folder: Path, files: Files, *, again: bool) -> None:
    """Refuse a folder that has a journal, unless told to record again; what was unfinished is kept aside."""
    finished, part = folder / JOURNAL, folder / PART
    if not again and finished.exists():
        raise JournalError(
            f"{finished} is finished: a run of these inputs was recorded there. Give again=True to record it again; "
            "what was recorded is kept in quarantine if it differs"
        )
    if part.exists() and not part.stat().st_size:
        part.unlink()
    if part.exists():
        if not again:
            raise JournalError(f"{part} was never finished; recover it, or give again=True to begin anew")
        files.rename(part, kept_aside(folder, PART))


def kept_aside(folder: Path, name: str) -> Path:
    """Find a free name in a run's quarantine."""
    quarantine = folder / QUARANTINE
    quarantine.mkdir(exist_ok=True)
    number = 1
    while (target := quarantine / f"{name}.{number}").exists():
        number += 1
    return target


def _sync_folder(folder: Path, files: Files) -> None:
    descriptor = files.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        files.fsync(descriptor)
    finally:
        os.close(descriptor)
