"""Parting: the first record that is not the same in two journals, found without reading all that is before it."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ropewalk.errors import DamagedError, JournalError
from ropewalk.journal.passages import equal_checkpoints
from ropewalk.journal.verdict import Verdict
from ropewalk.journal.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.journal.passages import Passages
    from ropewalk.journal.reader import Source

Class = Literal["inputs", "different", "missing", "extra"]
AHEAD = 64
"""Lines that are looked ahead to tell a record that is missing from one that is different."""
Walk = tuple[int, bytes]
"""A line that is compared: its first byte, and its bytes without the checksum."""
Found = tuple[Class, Walk | None, Walk | None]


class Start(NamedTuple):
    """Where to compare from: a byte on each side, and the number at the last equal checkpoint before it."""

    a: int
    b: int
    equal_up_to: int | None


FROM_THE_BEGINNING = Start(0, 0, None)


def start_of(a: Passages, b: Passages, *, has_same_inputs: bool) -> Start | None:
    """
    Find from where two journals are to be compared; None where they are the same bytes.

    The same inputs and events are the same bytes, so of those the first line is found that is another. Otherwise each
    checksum is another, and the digests in the checkpoints are believed.
    """
    if has_same_inputs:
        place = a.line_apart_from(b)
        if place is None:
            return None
        return Start(place, place, next((one.number for one in reversed(a.checkpoints) if one.offset < place), None))
    equal = equal_checkpoints(a, b)
    return FROM_THE_BEGINNING if equal is None else Start(equal[0].offset, equal[1].offset, equal[0].number)


def check_sound(*sources: Source) -> None:
    """Raise JournalError, or DamagedError, for the first journal in which something is wrong."""
    for source in sources:
        found = verify(source)
        if not found.is_believable:
            error = JournalError if found.verdict is Verdict.TORN else DamagedError
            raise error(f"{found.label}, {found.findings[0]}; what else they say is the same")


def first_apart(a: Passages, b: Passages, start: Start) -> Found | None:
    """Find the first record that is not the same, from a byte on each side. Raises DamagedError for what is none."""
    ours, theirs = a.lines_from(start.a), b.lines_from(start.b)
    for one, other in zip_longest(ours, theirs):
        if one is None:
            return "extra", None, other
        if other is None:
            return "missing", one, None
        if one[1] != other[1]:
            said, heard = a.said(one[1], one[0]), b.said(other[1], other[0])
            return _class(said, heard, _ahead(a, ours), _ahead(b, theirs)), one, other
    return None


def _ahead(passages: Passages, lines: Iterator[Walk]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    # What cannot be read further on says nothing about this place.
    with suppress(DamagedError):
        for offset, line in islice(lines, AHEAD):
            found.append(_payload(passages.said(line, offset)))
    return found


def _class(
    said: dict[str, Any], heard: dict[str, Any], after_said: list[dict[str, Any]], after_heard: list[dict[str, Any]]
) -> Class:
    """Tell a record that one side has in addition from one that both have, differently."""
    if _subject(said) == _subject(heard):
        return "different"
    if _payload(said) in after_heard:
        return "extra"
    if _payload(heard) in after_said:
        return "missing"
    return "different"


def _payload(said: dict[str, Any]) -> dict[str, Any]:
    # Numbers and causes shift when a record is missing; what is said does not.
    return {name: value for name, value in said.items() if name not in ("n", "c")}


def _subject(said: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(said.get(name) for name in ("k", "t", "strategy", "symbol", "giver", "taker"))
