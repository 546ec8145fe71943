"""The lock of a run's folder: one process at a time writes, recovers or resumes there."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Self

from ropewalk.errors import JournalError

if TYPE_CHECKING:
    from pathlib import Path

    from ropewalk.recording.files import Files

LOCK = "journal.lock"


class FolderLock:
    """
    A run's folder, held until it is released; releasing it twice is releasing it once.

    The file that it leaves behind when its process is killed holds nobody up: the system has let go of it. Raises
    JournalError when somebody else holds the folder, and OSError when it cannot be held at all.
    """

    def __init__(self, folder: Path, files: Files) -> None:
        self._path = folder / LOCK
        self._descriptor: int | None = _locked(self._path, files)

    def release(self) -> None:
        """Let go of the folder."""
        if self._descriptor is None:
            return
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


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
        raise JournalError(f"{path.parent} is being written by {holder}; wait until that has ended")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, b"process %d\n" % os.getpid(), 0)
    return descriptor


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
