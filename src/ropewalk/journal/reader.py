"""
Reading: lines of a journal as bytes, as records, and as the first thing that is wrong with them.

A journal is a file, a run's folder, or the bytes of one. Nothing here writes.
"""

from __future__ import annotations

from io import BytesIO
from os import PathLike
from pathlib import Path
from stat import S_ISDIR, S_ISFIFO, S_ISSOCK
from typing import TYPE_CHECKING, Any, BinaryIO

from ropewalk.errors import JournalError, clipped
from ropewalk.journal.links import Stretch, linked
from ropewalk.journal.recognition import recognised
from ropewalk.recording.environment import read_environment
from ropewalk.recording.inputs import DataSet, Inputs, Plugin
from ropewalk.recording.kinds import Record
from ropewalk.recording.names import JOURNAL, PART

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.journal.links import Line
    from ropewalk.recording.codec import LineError

Source = Path | str | bytes
"""Where a journal is: a file, a run's folder, or its bytes."""

NAMES_SHOWN = 8


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


def lines_of(source: Source) -> Iterator[Line]:
    """
    Walk a journal line by line and hold each against the one before: form, checksum and number.

    Nothing raises: a line that cannot be believed carries its error, and the walk goes on behind it.
    Raises JournalError only when the source cannot be read.
    """
    for part in parts_of(source):
        if isinstance(part, Stretch):
            yield from part.lines()
        else:
            yield part


def parts_of(source: Source) -> Iterator[Stretch | Line]:
    """Walk a journal as `lines_of` does, plain lines in stretches."""
    with opened(source) as stream:
        yield from linked(stream)


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
