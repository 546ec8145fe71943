"""
The files of a journal being written: one growing file, one lock, one rename at the end.

Every operation on the file system goes through `Files`, so that a test can let any one of them fail.
"""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from pathlib import Path

from ropewalk.errors import JournalError
from ropewalk.recording.ballast import FULL, Ballast
from ropewalk.recording.codec import PREFIX
from ropewalk.recording.lock import FolderLock
from ropewalk.recording.names import JOURNAL, PART, named, put_aside, without_repeated_parts


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

    def allocate(self, descriptor: int, size: int) -> None:
        """Set room on the disk aside for a file, where the system can."""
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)

    monotonic = staticmethod(time.monotonic)
    """Seconds of a clock that never goes back; it decides when to write, never what."""


class GrowingFile:
    """
    A run's `journal.jsonl.part`: whole lines only, held by one writer.

    `number` is that of the last record written, −1 before the first; `synced` the last that the disk has confirmed.
    `full` is what the disk said when it was full, and nothing but what was set aside for the end is left. `earlier`
    is where a journal of the same run with other bytes was put. Who holds the folder already gives the `lock` away.
    """

    def __init__(self, folder: Path, files: Files, *, again: bool, lock: FolderLock | None = None) -> None:
        self.path = folder / PART
        self.number = self.synced = -1
        self.full: OSError | None = None
        self.earlier: Path | None = None
        self._folder = folder
        self._files = files
        self._size = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = lock if lock is not None else FolderLock(folder, files)
        try:
            self._descriptor = self._opened(again=again)
        except BaseException:
            self._lock.release()
            raise
        self._ballast = Ballast(folder, files)

    def _opened(self, *, again: bool) -> int:
        self.earlier = _make_room(self._folder, self._files, again=again)
        return self._files.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)

    def append(self, block: bytes) -> None:
        """
        Write a block of whole lines. What is written short is continued; on a full disk, with what was set aside.

        Raises OSError; the file has been cut back to its last whole line then, if that was possible.
        """
        data = memoryview(block)
        written = 0
        try:
            while written < len(data):
                written += self._write(data[written:], self._size + written)
        except OSError:
            whole = block.rfind(b"\n", 0, written) + 1
            self._grow(block[:whole])
            # What cannot be cut, such as a device, has not grown either; the first error is the one to tell.
            with suppress(OSError):
                self._files.truncate(self._descriptor, self._size)
            raise
        self._grow(block)

    def _write(self, data: memoryview, size: int) -> int:
        try:
            count = self._files.write(self._descriptor, data)
        except OSError as error:
            if error.errno not in FULL or not self._ballast.drop():
                raise
            with suppress(OSError):
                # Nobody knows what an error has written.
                self._files.truncate(self._descriptor, size)
                count = self._files.write(self._descriptor, data)
                self.full = error
            if self.full is None:
                raise
        if count <= 0:
            raise OSError(errno.EIO, "nothing was written")
        return count

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
        self._ballast.drop()
        self.sync()
        self.path, another = named(self.path, self._files)
        without_repeated_parts(self._folder)
        if another is not None:
            self.earlier = another
        elif self.earlier is not None and not self.earlier.exists():
            self.earlier = None
        return self.path

    def close(self) -> None:
        """Let go of the file and of the lock."""
        self._ballast.drop()
        os.close(self._descriptor)
        self._lock.release()


def _make_room(folder: Path, files: Files, *, again: bool) -> Path | None:
    """Refuse a folder that has a journal, unless told to record again; say where what was unfinished is kept."""
    finished, part = folder / JOURNAL, folder / PART
    if not again and finished.exists():
        raise JournalError(
            f"{finished} is finished: a run of these inputs was recorded there. Give again=True to record it again; "
            "what was recorded is kept in quarantine if it differs"
        )
    if part.exists() and not part.stat().st_size:
        part.unlink()
    if not part.exists():
        return None
    if not again:
        raise JournalError(f"{part} was never finished; recover it, or give again=True to begin anew")
    return put_aside(part, files)
