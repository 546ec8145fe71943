"""
Lines in the making: turns what the bus numbered into the bytes of a journal, in blocks.

Pure: no files, no clock. The bytes depend on the entries alone, never on how they were cut into blocks.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zlib import crc32

from ropewalk.errors import JournalError
from ropewalk.events import RunEnded, RunStarted
from ropewalk.recording.block import chained, lines_of, summed_lines
from ropewalk.recording.books import Books
from ropewalk.recording.codec import STEP, line_of, summed
from ropewalk.recording.kinds import KIND_OF, Seal, Step, heading_of
from ropewalk.recording.steps import rows_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ropewalk.recording.inputs import Inputs

Entry = tuple[int, int, Any]
"""What the bus hands out: number, cause, event."""

BETWEEN_CHECKPOINTS = 4096
"""Events from one checkpoint to the next; steps are not counted."""

ENDS = (RunStarted, RunEnded)


class Lines:
    """
    The chain of a journal's lines, and what it comes to so far.

    `number` is that of the last record, −1 before the header. Nothing can follow the footer.
    """

    def __init__(self, inputs: Inputs, times: NDArray[np.int64]) -> None:
        self.number = -1
        self.is_ended = False
        self.books = Books()
        self._inputs = inputs
        self._times = times
        self._sum = 0
        self._counts: Counter[str] = Counter()
        self._events = 0
        self._bytes = sha256()
        self._content = sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of all bytes so far: once the run has ended, what `sha256sum` says of the file."""
        return self._bytes.hexdigest()

    def blocks(self, entries: Sequence[Entry]) -> Iterator[tuple[bytes, bool]]:
        """
        Make the lines of entries, in order; each block comes with whether it ends in a checkpoint.

        Raises JournalError for an entry that no journal can hold; the lines before it have been given out then.
        """
        start = 0
        while start < len(entries):
            if self.is_ended:
                raise JournalError(f"event {entries[start][0]} comes after the run has ended")
            first = entries[start]
            if first[2].__class__ in ENDS:
                yield (self._open if first[2].__class__ is RunStarted else self._close)(first), False
                start += 1
                continue
            room = BETWEEN_CHECKPOINTS - self._events % BETWEEN_CHECKPOINTS
            part = entries[start : start + room]
            if part[-1][2].__class__ is RunEnded:
                part = part[:-1]
            start += len(part)
            yield from self._made(part)
            if not self._events % BETWEEN_CHECKPOINTS:
                yield self._sealed("ckpt", line_of("ckpt", self.number, None, self._seal())), True

    def _made(self, entries: Sequence[Entry]) -> Iterator[tuple[bytes, bool]]:
        whole = self._fast(entries)
        if whole is not None:
            yield whole, False
            return
        # Something in it needs care; one by one, so that what comes before a fault is kept.
        for entry in entries:
            steps = self._steps((entry,))
            lines = [STEP % (step, at_us, *rows) for step, at_us, rows in steps]
            number, cause, event = entry
            kind = self._kind(event)
            lines.append(line_of(kind, number, cause, event))
            yield self._take(lines, [*(Step(at_us, rows) for _, at_us, rows in steps), event]), False

    def _fast(self, entries: Sequence[Entry]) -> bytes | None:
        """Write entries without looking into them; None if what comes out shows that one must look."""
        first = self.number + 1
        count = entries[-1][0] - self.number
        if not 0 < first <= first + len(entries) <= first + count <= first + 2 * len(entries):
            return None
        events: list[Any] = [None] * count
        causes: list[int | None] = [None] * count
        for number, cause, event in entries:
            place = number - first
            if not 0 <= place < count:
                return None
            events[place] = event
            causes[place] = cause
        steps = 0
        if count > len(entries):
            steps = self._put_steps(events)
        if steps != count - len(entries):
            return None
        lines = lines_of(first, causes, events)
        if lines is None:
            return None
        sums = chained(lines, self._sum)
        return self._commit(summed_lines(lines, sums), b"\n".join(lines), sums[-1], events)

    def _put_steps(self, events: list[Any]) -> int:
        """Put a step before each event that has none where a number was left out; says how many."""
        places = [place for place, event in enumerate(events) if event is None]
        followed = [events[place + 1] for place in places]
        if None in followed:
            return -1
        instants = [event.at_us for event in followed]
        for place, step in zip(places, map(Step, instants, rows_at(self._times, instants)), strict=True):
            events[place] = step
        return len(places)

    def _take(self, lines: list[bytes], events: Sequence[Any]) -> bytes:
        made = []
        before = self._sum
        for line in lines:
            made.append(summed(line, before))
            before = crc32(line, before)
        return self._commit(b"".join(made), b"\n".join(lines), before, events)

    def _commit(self, block: bytes, content: bytes, before: int, events: Sequence[Any]) -> bytes:
        self.books.take_all(events)
        for event_type, count in Counter(map(type, events)).items():
            if event_type is Step:
                self._counts["step"] += count
            else:
                self._counts[KIND_OF[event_type]] += count
                self._events += count
        self.number += len(events)
        self._sum = before
        self._content.update(content)
        self._content.update(b"\n")
        self._bytes.update(block)
        return block

    def _steps(self, entries: Sequence[Entry]) -> list[tuple[int, int, tuple[int, int]]]:
        """Find the numbers that were left out: each is the step of the instant that follows."""
        numbers = [entry[0] for entry in entries]
        if self.number < 0:
            raise JournalError(f"the first event is {numbers[0]}, a {type(entries[0][2]).__name__}, not a RunStarted")
        if numbers[-1] - self.number == len(numbers):
            return []
        gaps = []
        before = self.number
        for number, _, event in entries:
            if number == before + 2:
                gaps.append((number - 1, event.at_us))
            elif number != before + 1:
                raise JournalError(f"event {number} follows {before}; a journal takes every event of one run, in order")
            before = number
        rows = rows_at(self._times, [at_us for _, at_us in gaps])
        return [(step, at_us, row) for (step, at_us), row in zip(gaps, rows, strict=True)]

    def _kind(self, event: Any) -> str:
        kind = KIND_OF.get(event.__class__)
        if kind is None or event.__class__ in ENDS:
            raise JournalError(
                f"a {type(event).__name__} has no place here; a run's events are {', '.join(KIND_OF.values())}"
            )
        return kind

    def _open(self, entry: Entry) -> bytes:
        number, _, started = entry
        if number != 0 or self.number >= 0:
            raise JournalError(f"RunStarted has number {number}, after {self.number}; it comes first, as 0")
        self.number = 0
        self._events = 1
        self.books.take(started)
        lines = [self._sealed("header", line_of("header", 0, None, heading_of(self._inputs), started))]
        lines += [self._sealed("data", line_of("data", 0, None, one)) for one in self._inputs.data]
        lines += [self._sealed("plugin", line_of("plugin", 0, None, one)) for one in self._inputs.plugins]
        return b"".join(lines)

    def _close(self, entry: Entry) -> bytes:
        number, cause, ended = entry
        block = b""
        for step, at_us, rows in self._steps((entry,)):
            line = STEP % (step, at_us, *rows)
            self._content.update(line + b"\n")
            block += self._sealed("step", line)
        self.number = number
        self.is_ended = True
        return block + self._sealed("footer", line_of("footer", number, cause, ended, self._seal()))

    def _seal(self) -> Seal:
        return Seal(
            sha256=self._bytes.hexdigest(),
            events=self._content.hexdigest(),
            books=self.books.digest(),
            counts=dict(self._counts),
        )

    def _sealed(self, kind: str, line: bytes) -> bytes:
        made = summed(line, self._sum)
        self._sum = crc32(line, self._sum)
        self._counts[kind] += 1
        self._bytes.update(made)
        return made
