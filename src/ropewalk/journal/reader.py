"""
Reading: lines of a journal as bytes, as records, and as the first thing that is wrong with them.

A journal is a file, a run's folder, or the bytes of one. Nothing here writes.
"""

from __future__ import annotations

from io import BytesIO
from itertools import accumulate, repeat
from os import PathLike
from pathlib import Path
from stat import S_ISDIR, S_ISFIFO, S_ISSOCK
from typing import TYPE_CHECKING, Any, BinaryIO
from zlib import crc32

from ropewalk.errors import JournalError, clipped
from ropewalk.journal.recognition import recognised, retold
from ropewalk.journal.remade_lines import AT_ONCE, PLAIN, heads_of, remade
from ropewalk.recording.codec import LINE_MAX, SUM_LENGTH, LineError, Parsed, may_have_large_numbers, parsed
from ropewalk.recording.environment import read_environment
from ropewalk.recording.inputs import DataSet, Inputs, Plugin
from ropewalk.recording.kinds import KINDS, Record
from ropewalk.recording.names import JOURNAL, PART
from ropewalk.recording.older import reader_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ropewalk.journal.remade_lines import Head

Source = Path | str | bytes
"""Where a journal is: a file, a run's folder, or its bytes."""

CHUNK = 1 << 20
NAMES_SHOWN = 8
NUMBERED = {name: None for name, kind in KINDS.items() if kind.is_numbered}


Line = tuple[int, int, bytes, bool, Parsed | None, LineError | None]
"""
One line as it lies in a file: its number from 1, its first byte, its bytes without LF, whether an LF ended
it, what it says, and why it cannot be believed. A plain tuple: there are millions.
"""


def located(source: Source) -> Path | None:
    """
    Find the file of a journal; None for bytes.

    Raises JournalError when there is none, and for what is no file: a pipe would be waited for, a device has no end.
    """
    if isinstance(source, bytes):
        return None
    if not isinstance(source, str | PathLike):
        raise JournalError(f"{clipped(source)} is no journal; give a file, a run's folder, or the bytes of one")
    path = Path(source)
    if not path.is_dir():
        return _regular(path)
    for name in (JOURNAL, PART):
        if (path / name).exists():
            return _regular(path / name)
    inside = sorted(one.name for one in path.iterdir() if any((one / name).is_file() for name in (JOURNAL, PART)))
    if inside:
        more = f", … ({len(inside)} in all)" if len(inside) > NAMES_SHOWN else ""
        raise JournalError(f"{path} is a folder of runs; give one of them: {', '.join(inside[:NAMES_SHOWN])}{more}")
    raise JournalError(f"{path} has no journal: neither {JOURNAL} nor {PART} is there")


def _regular(path: Path) -> Path:
    if path.exists() and not path.is_file():
        raise JournalError(f"{path} is {_sort_of(path)}; a journal is a file, or in a run's folder")
    return path


def _sort_of(path: Path) -> str:
    mode = path.stat().st_mode
    sorts = {"a folder": S_ISDIR, "a pipe": S_ISFIFO, "a socket": S_ISSOCK}
    return next((sort for sort, holds in sorts.items() if holds(mode)), "a device")


def opened(source: Source) -> BinaryIO:
    """Open a journal for reading. Raises JournalError when that cannot be done."""
    if isinstance(source, bytes):
        return BytesIO(source)
    path = located(source)
    try:
        return open(str(path), "rb")
    except OSError as error:
        raise JournalError(f"{path} cannot be read: {error.strerror}") from error


def _raw_lines(stream: BinaryIO) -> Iterator[tuple[list[bytes], int, bool, bool]]:
    """Cut a stream into lines: some at once, bytes of the first that are not kept, whether LF ended them, suspicion."""
    rest, hidden = b"", 0
    while chunk := stream.read(CHUNK):
        lines = (rest + chunk).split(b"\n")
        is_suspect = may_have_large_numbers(rest + chunk)
        rest = lines.pop()
        for start in range(0, len(lines), AT_ONCE):
            yield lines[start : start + AT_ONCE], hidden, True, is_suspect
            hidden = 0
        if len(rest) > LINE_MAX + 1:
            # Nobody has to keep a line of a gigabyte to say that it is too long.
            hidden += len(rest) - LINE_MAX - 1
            rest = rest[: LINE_MAX + 1]
    if rest:
        yield [rest], hidden, False, True


def lines_of(source: Source) -> Iterator[Line]:
    """
    Walk a journal line by line and hold each against the one before: form, checksum and number.

    Nothing raises: a line that cannot be believed carries its error, and the walk goes on behind it.
    Raises JournalError only when the source cannot be read.
    """
    with opened(source) as stream:
        chain = _Chain()
        for raws, hidden, has_end, is_suspect in _raw_lines(stream):
            yield from chain.lines(raws, hidden, has_end=has_end, is_suspect=is_suspect)


class _Chain:
    """Lines so far: the last checksum and number, None where they are not known, and where the next begins."""

    def __init__(self) -> None:
        self._before: int | None = 0
        self._last: int | None = -1
        self._line = self._offset = 0
        self._understand: Callable[[bytes, bool, bool], Parsed] = parsed

    def lines(self, raws: list[bytes], hidden: int, *, has_end: bool, is_suspect: bool) -> Iterator[Line]:
        """Understand the next lines: many at once where they are plain, else one by one."""
        if self._line == 0 and raws:
            self._understand = reader_of(raws[0])
        # A journal of an older version is not what the writer would write today.
        heads = heads_of(raws) if has_end and not hidden and self._understand is parsed else None
        start = 0
        while start < len(raws):
            end = start
            while heads is not None and end < len(raws) and heads[end].k in PLAIN:
                end += 1
            if heads is not None and end > start and (lines := self._many(raws[start:end], heads[start:end])):
                yield from lines
                start = end
                continue
            end = max(end, start + 1) if heads is not None else len(raws)
            for raw in raws[start:end]:
                yield self._one(raw, len(raw) + hidden + 1 if has_end else len(raw) + hidden, has_end, is_suspect)
                hidden = 0
            start = end

    def _many(self, raws: list[bytes], heads: list[Head]) -> list[Line] | None:
        if self._last is None or self._before is None:
            return None
        found = remade(raws, heads, self._last + 1, self._before)
        if found is None:
            return None
        says, self._before = found
        self._last += len(raws)
        offsets = list(accumulate([len(raw) + 1 for raw in raws], initial=self._offset))
        numbers = range(self._line + 1, self._line + len(raws) + 1)
        self._line, self._offset = numbers[-1], offsets.pop()
        return list(zip(numbers, offsets, raws, repeat(True), says, repeat(None), strict=False))

    def _one(self, raw: bytes, length: int, has_end: bool, is_suspect: bool) -> Line:
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


class Journal:
    """
    A journal opened for reading.

    `header` is its first record, `inputs` what the run was made from. `records()` walks it once and raises
    JournalError, with line and byte, at the first line that cannot be believed; `verify` finds them all.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.path = located(source)
        self.label = str(self.path) if self.path is not None else "the journal in memory"
        self.header: Record
        data: list[DataSet] = []
        plugins: list[Plugin] = []
        for record in self.records():
            if record.kind == "header":
                self.header = record
            elif record.kind == "data":
                data.append(record.event)
            elif record.kind == "plugin":
                plugins.append(record.event)
            else:
                break
        heading = self.header.about
        self.inputs = Inputs(
            configuration=heading.config,
            capital_micros=self.header.event.capital_micros,
            seed=heading.seed,
            data=tuple(data),
            plugins=tuple(plugins),
            scales=heading.scales,
            counterfactual=heading.counterfactual,
            parent=heading.parent,
            overrides=heading.overrides,
        )

    @property
    def run_id(self) -> str:
        """The run's id, as the header has it."""
        return str(self.header.about.run)

    @property
    def environment(self) -> dict[str, Any]:
        """What the sidecar says; empty without one, and for one that is broken, since nothing depends on it."""
        if self.path is None:
            return {}
        try:
            return read_environment(self.path)
        except (JournalError, RecursionError):
            return {}

    def records(self) -> Iterator[Record]:
        """Walk all records. Raises JournalError at the first that cannot be believed."""
        line = 0
        for line, offset, _, _, said, error in lines_of(self.source):
            if error is not None or said is None:
                raise self.disbelieved(line, offset, error)
            number, kind, cause, event, about = said
            yield Record(number, kind, getattr(event, "at_us", None), cause, event, about, line, offset)
        if not line:
            raise JournalError(f"{self.label} is empty; a journal begins with a header line")

    def disbelieved(self, line: int, offset: int, error: LineError | None) -> JournalError:
        """Say which line cannot be believed, and why."""
        hint = recognised(self.head()) if line == 1 else ""
        return JournalError(
            f"{self.label}, line {line}, byte {offset}: {hint or f'{error}; `ropewalk verify` tells more'}"
        )

    def head(self) -> bytes:
        """The first bytes, enough to tell what a file is."""
        with opened(self.source) as stream:
            return stream.read(1 << 16)


def read(source: Source) -> Iterator[Record]:
    """
    Walk the records of a journal: a file, a run's folder, or bytes.

    Raises JournalError, with line and byte, at the first line that cannot be believed.
    """
    return Journal(source).records()
