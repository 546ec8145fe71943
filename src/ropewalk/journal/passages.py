"""
Passages: a journal as a map of bytes in which checkpoints and records are found without reading all of it.

For comparing, where two long journals are the same almost everywhere.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

import msgspec

from ropewalk.errors import DamagedError, clipped
from ropewalk.journal.reader import Journal
from ropewalk.recording.codec import PREFIX, SUM_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.journal.reader import Source

CHECKPOINT = b'"k":"ckpt"'
WINDOW = 1 << 20


class Checkpoint(NamedTuple):
    """A checkpoint's place, the number before it, and its digest of the events."""

    offset: int
    number: int
    events: str


class Passages:
    """A journal's bytes, with places in them. Close it, or use it in a `with`."""

    def __init__(self, source: Source) -> None:
        self.journal = Journal(source)
        self.label = self.journal.label
        self._map: mmap.mmap | None = None
        self._bytes: bytes | mmap.mmap
        if self.journal.path is None:
            self._bytes = source if isinstance(source, bytes) else b""
        else:
            with open(str(self.journal.path), "rb") as stream:
                self._bytes = self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)

    def __enter__(self) -> Passages:
        return self

    def __exit__(self, *_: object) -> None:
        if self._map is not None:
            self._map.close()

    @cached_property
    def checkpoints(self) -> list[Checkpoint]:
        """All checkpoints, in order."""
        found = []
        data, overlap = self._bytes, len(CHECKPOINT)
        for start in range(0, len(data), WINDOW):
            window = data[start : start + WINDOW + overlap]
            at = window.find(CHECKPOINT)
            while 0 <= at < WINDOW:
                offset = data.rfind(b"\n", 0, start + at) + 1
                said = self.line_at(offset)
                found.append(Checkpoint(offset, said["n"], said.get("events", "")))
                at = window.find(CHECKPOINT, at + 1)
        return found

    def line_apart_from(self, other: Passages) -> int | None:
        """Find where the first line begins that is not byte for byte that of another journal; None for the same."""
        ours, theirs = self._bytes, other._bytes
        for start in range(0, max(len(ours), len(theirs)), WINDOW):
            one, two = ours[start : start + WINDOW], theirs[start : start + WINDOW]
            if one != two:
                # The first length at which what begins alike no longer does.
                same = bisect_left(range(len(one)), True, key=lambda size: one[: size + 1] != two[: size + 1])
                return ours.rfind(b"\n", 0, start + same) + 1
        return None

    def is_summed(self, offset: int) -> bool:
        """Tell whether the line that begins at a byte has the checksum that follows from it and the line before."""
        end = self._bytes.find(b"\n", offset)
        raw = bytes(self._bytes[offset : end if end >= 0 else len(self._bytes)])
        before = self._bytes[max(offset - 11, 0) : max(offset - 3, 0)]
        try:
            seed = int(before, 16) if before else 0
        except ValueError:
            return False
        return raw[-SUM_LENGTH:] == b',"x":"%08x"}' % crc32(raw[:-SUM_LENGTH], seed)

    def line_at(self, offset: int) -> dict[str, Any]:
        """Read the line that begins at a byte, as its keys say it."""
        end = self._bytes.find(b"\n", offset)
        return self.said(self._bytes[offset : end if end >= 0 else len(self._bytes)], offset)

    def said(self, raw: bytes, offset: int) -> dict[str, Any]:
        """Understand a line, or what of it is compared. Raises DamagedError where it is none."""
        try:
            said: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
        except ValueError as error:
            raise self.unreadable(offset, str(error)) from None
        return said

    def unreadable(self, offset: int, why: str) -> DamagedError:
        """Say which line cannot be compared, and why."""
        line = self.line_number(offset)
        return DamagedError(f"{self.label}, line {line}, byte {offset}: {why}; `ropewalk verify` tells more")

    def lines_from(self, offset: int) -> Iterator[tuple[int, bytes]]:
        """Walk the numbered lines from a byte on, without their checksums; the header is left out."""
        data = self._bytes
        while offset < len(data):
            end = data.find(b"\n", offset)
            if end < 0:
                return
            raw = data[offset:end]
            begun = PREFIX.match(raw)
            if begun is None:
                raise self.unreadable(offset, f"is not a journal's line: {clipped(raw.decode('ascii', 'replace'))}")
            if begun[2] not in (b"header", b"data", b"plugin", b"ckpt") and not begun[2].startswith(b"x-"):
                yield offset, _told(raw, begun[2])
            offset = end + 1

    def line_number(self, offset: int) -> int:
        """Count the lines up to a byte, from 1."""
        return bytes(self._bytes[:offset]).count(b"\n") + 1

    def numbered(self, number: int, before: int) -> dict[str, Any] | None:
        """Find the record of a number that begins before a byte, searching backwards."""
        if number == 0:
            return self.line_at(0)
        offset = self._bytes.rfind(b'\n{"n":%d,' % number, 0, before)
        # Lines about the journal carry the number of the record before them, which is the one that is meant.
        while offset >= 0:
            said = self.line_at(offset + 1)
            if said.get("k") != "ckpt":
                return said
            offset = self._bytes.rfind(b'\n{"n":%d,' % number, 0, offset)
        return None

    def causes(self, said: dict[str, Any], before: int) -> list[dict[str, Any]]:
        """Follow a record's causes back to one that has none."""
        chain: list[dict[str, Any]] = []
        cause = said.get("c")
        while isinstance(cause, int) and len(chain) < 32:
            found = self.numbered(cause, before)
            if found is None:
                break
            chain.append(_brief(found))
            cause = found.get("c")
        return chain


def equal_checkpoints(a: Passages, b: Passages) -> tuple[Checkpoint, Checkpoint] | None:
    """Find the last checkpoint up to which the same happened in both: digests over all before are equal, then never."""
    first, second = a.checkpoints, b.checkpoints
    both = range(min(len(first), len(second)))
    place = bisect_left(both, True, key=lambda one: first[one].events != second[one].events)
    return (first[place - 1], second[place - 1]) if place else None


def _told(raw: bytes, kind: bytes) -> bytes:
    # A footer ends in digests of the whole, which say nothing about where it differs.
    return raw[: raw.rfind(b',"sha256":')] + b"}" if kind == b"footer" else raw[:-SUM_LENGTH] + b"}"


def _brief(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in ("x", "versions", "config", "scales")}
