"""Comparison: holds a run against a journal while it goes on, record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from ropewalk.collectors.result import RunJournal
from ropewalk.journal.reader import opened
from ropewalk.recording.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ropewalk.journal.reader import Journal
    from ropewalk.recording.lines import Entry

BLOCK = 512


class Comparison:
    """
    Sits where a writer would and compares instead.

    `is_over` once something differs or the journal has nothing more to compare with, which is known as soon as the
    record with the number `last` was repeated; the run need not go on then. `made` are the bytes of a journal that
    is as the recorded one up to the difference.
    """

    def __init__(self, journal: Journal, times: NDArray[np.int64], *, size: int, last: int) -> None:
        self.has_diverged = False
        self._lines = Lines(journal.inputs, times)
        self._run_id = journal.run_id
        self._recorded = opened(journal.source)
        self._size = size
        self._last = last
        self._equal = 0
        self._waiting: list[Entry] = []
        self._beyond = b""

    @property
    def is_over(self) -> bool:
        """Nothing is left to be found out."""
        return self.has_diverged or self._equal >= self._size

    @property
    def journal(self) -> RunJournal:
        """The run's name and the digest of what it would have written."""
        return RunJournal(self._run_id, self._lines.digest, None)

    @property
    def made(self) -> bytes:
        """What was recorded as far as it was repeated, and what the run said where it was not."""
        self._recorded.seek(0)
        return self._recorded.read(self._equal) + self._beyond

    def record(self, entries: Sequence[Entry]) -> None:
        """Take what the bus numbered."""
        if not self.is_over:
            self._waiting.extend(entries)
            if len(self._waiting) >= BLOCK or (entries and entries[-1][0] >= self._last):
                self.flush()

    def flush(self) -> None:
        """Compare what waits."""
        waiting, self._waiting = self._waiting, []
        for block, _ in self._lines.blocks(waiting):
            if self.is_over:
                return
            there = self._recorded.read(min(len(block), self._size - self._equal))
            if not block.startswith(there):
                self.has_diverged = True
                self._beyond = block
                return
            self._equal += len(there)

    def close(self) -> None:
        """Compare the rest; what was recorded beyond the end of the run is a difference, too."""
        self.flush()
        self.has_diverged = self.has_diverged or self._equal < self._size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._recorded.close()
