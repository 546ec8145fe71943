"""Ballast: room on the disk that a run holds from its beginning and gives back when there is no other left."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ropewalk.recording.files import Files

BALLAST = "journal.ballast"
BALLAST_BYTES = 1 << 20
"""More than a block of lines takes; the block that met the full disk is ended with it, and the journal after it."""

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What an operating system answers when a disk, or a share of it, is full."""


class Ballast:
    """
    A file without a name, so that nothing of it is left whatever happens to the process.

    A disk that has no room for it, or cannot set room aside, is no error: the run goes on without.
    """

    def __init__(self, folder: Path, files: Files) -> None:
        self._descriptor: int | None = None
        path = folder / BALLAST
        with suppress(OSError):
            self._descriptor = files.open(path, os.O_RDWR | os.O_CREAT)
            path.unlink(missing_ok=True)
            files.allocate(self._descriptor, BALLAST_BYTES)

    def drop(self) -> bool:
        """Give the room back; says whether there was any to give."""
        if self._descriptor is None:
            return False
        had_room = os.fstat(self._descriptor).st_size > 0
        # A forked child may hold the file open, too, so that closing it would free nothing.
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
        self._descriptor = None
        return had_room
