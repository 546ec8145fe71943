"""
Links: the lines of a stream, each held against the one before: form, checksum and number.

Plain lines come as stretches, which are understood at once and believed as a whole. All others come one by one, with
what is wrong with them.
"""

from __future__ import annotations

from itertools import accumulate, repeat
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from zlib import crc32

from ropewalk.journal.recognition import retold
from ropewalk.journal.remade_lines import PLAIN, heads_of, remade
from ropewalk.recording.codec import LINE_MAX, SUM_LENGTH, LineError, Parsed, may_have_large_numbers, parsed
from ropewalk.recording.kinds import KINDS
from ropewalk.recording.older import reader_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ropewalk.journal.remade_lines import Head

CHUNK = 1 << 20
AT_ONCE = 1 << 16
"""Bytes of lines that are understood together, few enough to be still at hand in the next pass over them."""
NUMBERED = {name: None for name, kind in KINDS.items() if kind.is_numbered}


Line = tuple[int, int, bytes, bool, Parsed | None, LineError | None]
"""
One line as it lies in a file: its number from 1, its first byte, its bytes without LF, whether an LF ended
it, what it says, and why it cannot be believed. A plain tuple: there are millions.
"""


class Stretch(NamedTuple):
    """
    Plain lines in a row, all of which are believed.

    `line` and `offset` are the place of the first, `number` is its number, and those of the others follow. `raws` are
    their bytes, without LF; `kinds`, `causes` and `events` what they say. A step is the one that has no cause.
    """

    line: int
    offset: int
    number: int
    raws: list[bytes]
    kinds: list[str]
    causes: list[int | None]
    events: list[Any]

    def lines(self) -> Iterator[Line]:
        """Tell them one by one."""
        count = len(self.raws)
        lines = range(self.line, self.line + count)
        offsets = accumulate([len(raw) + 1 for raw in self.raws], initial=self.offset)
        numbers = range(self.number, self.number + count)
        says = zip(numbers, self.kinds, self.causes, self.events, repeat(None), strict=False)
        return zip(lines, offsets, self.raws, repeat(True), says, repeat(None), strict=False)


def linked(stream: BinaryIO) -> Iterator[Stretch | Line]:
    """
    Walk the lines of a stream.

    Nothing raises: a line that cannot be believed carries its error, and the walk goes on behind it.
    """
    chain = _Chain()
    rest, hidden = b"", 0
    while chunk := stream.read(CHUNK):
        chunk = rest + chunk
        start, end = 0, chunk.rfind(b"\n") + 1
        while start < end:
            # As many lines as have room, or one that is longer.
            stop = chunk.rfind(b"\n", start, start + AT_ONCE) + 1 or chunk.find(b"\n", start + AT_ONCE) + 1
            yield from chain.parts(chunk[start:stop], hidden)
            start, hidden = stop, 0
        rest = chunk[end:]
        if len(rest) > LINE_MAX + 1:
            # Nobody has to keep a line of a gigabyte to say that it is too long.
            hidden += len(rest) - LINE_MAX - 1
            rest = rest[: LINE_MAX + 1]
    if rest:
        yield chain.torn(rest, hidden)


class _Chain:
    """Lines so far: the last checksum and number, None where they are not known, and where the next begins."""

    def __init__(self) -> None:
        self._before: int | None = 0
        self._last: int | None = -1
        self._line = self._offset = 0
        self._understand: Callable[[bytes, bool, bool], Parsed] = parsed

    def parts(self, block: bytes, hidden: int) -> Iterator[Stretch | Line]:
        """Understand whole lines, of whose first so much is hidden: where they are plain many at once, else each."""
        raws = block.split(b"\n")
        raws.pop()
        if self._line == 0:
            self._understand = reader_of(raws[0])
        # A journal of an older version is not what the writer would write today.
        heads = heads_of(block) if not hidden and self._understand is parsed else None
        if heads is None or len(heads) != len(raws):
            yield from self._each(raws, hidden, is_suspect=may_have_large_numbers(block))
            return
        odd = [place for place, head in enumerate(heads) if head.k not in PLAIN]
        if not odd and (whole := self._many(block, raws, heads)) is not None:
            yield whole
            return
        start = 0
        for place in [*odd, len(raws)]:
            if place > start:
                some = raws[start:place]
                lines = b"\n".join(some) + b"\n"
                stretch = self._many(lines, some, heads[start:place]) if odd else None
                if stretch is not None:
                    yield stretch
                else:
                    yield from self._each(some, 0, is_suspect=may_have_large_numbers(lines))
            yield from self._each(raws[place : place + 1], 0, is_suspect=True)
            start = place + 1

    def torn(self, raw: bytes, hidden: int) -> Line:
        """Understand what no LF ends."""
        if self._line == 0:
            self._understand = reader_of(raw)
        return self._one(raw, len(raw) + hidden, has_end=False, is_suspect=True)

    def _many(self, block: bytes, raws: list[bytes], heads: list[Head]) -> Stretch | None:
        if self._last is None or self._before is None:
            return None
        number = self._last + 1
        found = remade(block, raws, heads, number, self._before)
        if found is None:
            return None
        kinds, causes, events, self._before = found
        stretch = Stretch(self._line + 1, self._offset, number, raws, kinds, causes, events)
        self._last += len(raws)
        self._line += len(raws)
        self._offset += len(block)
        return stretch

    def _each(self, raws: list[bytes], hidden: int, *, is_suspect: bool) -> Iterator[Line]:
        for raw in raws:
            yield self._one(raw, len(raw) + hidden + 1, has_end=True, is_suspect=is_suspect)
            hidden = 0

    def _one(self, raw: bytes, length: int, *, has_end: bool, is_suspect: bool) -> Line:
        self._line += 1
        line, offset, last, before = self._line, self._offset, self._last, self._before
        self._offset += length
        checksum = crc32(raw[:-SUM_LENGTH], before or 0)
        is_summed = raw[-SUM_LENGTH:] == b',"x":"%08x"}' % checksum
        try:
            said = self._understand(raw, is_suspect, is_summed)
        except LineError as found:
            error = LineError(found.rule, retold(raw, line=line) or str(found))
            # Whether what cannot be read had a number of its own is not known.
            self._before, self._last = _recorded(raw), None
            return line, offset, raw, has_end, None, error
        wrong = None
        if not is_summed or not has_end or last is None or said[0] != (last + 1 if said[1] in NUMBERED else last):
            wrong = _unlinked(said, last, line, is_summed=is_summed or before is None, has_end=has_end)
        self._before = checksum if is_summed else _recorded(raw)
        self._last = said[0]
        return line, offset, raw, has_end, said, wrong


def _expected(last: int | None, said: Parsed) -> int:
    if last is None:
        return said[0]
    return last + 1 if said[1] in NUMBERED else last


def _recorded(raw: bytes) -> int | None:
    try:
        return int(raw[-10:-2], 16) if raw[-SUM_LENGTH:-10] == b',"x":"' and raw[-2:] == b'"}' else None
    except ValueError:
        return None


def _unlinked(said: Parsed, last: int | None, line: int, *, is_summed: bool, has_end: bool) -> LineError | None:
    number, kind, _, _, _ = said
    if kind != "header" and line == 1:
        return LineError("framing", f"begins with {kind}; a journal begins with its header")
    if kind == "header" and line > 1:
        return LineError("link", "a second journal begins here; two were written into one file")
    expected = _expected(last, said)
    if number != expected:
        what = "lines were lost before it" if number > expected else "it was moved, repeated, or is another journal's"
        return LineError("link", f"{kind} has number {number}, after {last} comes {expected}: {what}")
    if not is_summed:
        return LineError("checksum", f"{kind} {number} was changed after it was written, or is another journal's")
    if not has_end:
        return LineError("framing", f"{kind} {number} has no line end; the rest was not written")
    return None
