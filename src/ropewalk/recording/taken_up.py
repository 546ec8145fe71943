"""Taking up: a journal that was not finished is repeated line for line before anything is added to it."""

from __future__ import annotations

import os
from itertools import zip_longest

from ropewalk.errors import DivergedError, clipped
from ropewalk.recording.files import GrowingFile

SHOWN = 300


class TakenUpFile(GrowingFile):
    """
    A `journal.jsonl.part` that is there already.

    What is appended must repeat its bytes first; only what comes behind them is written. Nothing of
    what was recorded is ever changed.
    """

    @property
    def has_caught_up(self) -> bool:
        """All that was there has been repeated."""
        return not self._left

    def _opened(self, *, again: bool) -> int:
        descriptor = self._files.open(self.path, os.O_RDWR | os.O_APPEND)
        self._left = os.fstat(descriptor).st_size
        return descriptor

    def append(self, block: bytes) -> None:
        """Hold a block against what is there, and write what goes beyond it. Raises DivergedError where it differs."""
        if self._left:
            there = os.pread(self._descriptor, min(len(block), self._left), self._size)
            if not block.startswith(there):
                raise DivergedError(_difference(there, block))
            self._left -= len(there)
            self._grow(there)
            block = block[len(there) :]
        if block:
            super().append(block)


def _difference(there: bytes, now: bytes) -> str:
    for recorded, made in zip_longest(there.split(b"\n"), now.split(b"\n"), fillvalue=b""):
        if recorded != made:
            break
    return (
        "the run does not repeat what was recorded, so nothing is added to it: recorded was "
        f"{clipped(recorded.decode('ascii', 'replace'), width=SHOWN)}, now comes "
        f"{clipped(made.decode('ascii'), width=SHOWN)}; `ropewalk replay --level full` tells more"
    )
