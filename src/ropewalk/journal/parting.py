"""Parting: the first record that is not the same in two journals, found by halving between their checkpoints."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any, Literal

from ropewalk.errors import DamagedError, JournalError
from ropewalk.journal.passages import equal_checkpoints
from ropewalk.journal.verdict import Verdict
from ropewalk.journal.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.journal.passages import Checkpoint, Passages
    from ropewalk.journal.reader import Source

Class = Literal["inputs", "different", "missing", "extra"]
AHEAD = 64
"""Lines that are looked ahead to tell a record that is missing from one that is different."""
Walk = tuple[int, bytes]
"""A line that is compared: its first byte, and its bytes without the checksum."""
Found = tuple[Class, Walk | None, Walk | None]


def last_equal(a: Passages, b: Passages, *, has_same_inputs: bool) -> tuple[Checkpoint, Checkpoint] | None:
    """Find the last checkpoint up to which the same happened in both; None where there is none to be believed."""
    equal = equal_checkpoints(a, b)
    # The same inputs and events are the same bytes. Where they are not, a digest says what no longer stands there.
    is_believed = equal is None or not has_same_inputs or a.begins_like(b, equal[0].offset)
    return equal if is_believed else None


def check_sound(*sources: Source) -> None:
    """Raise JournalError, or DamagedError, for the first journal in which something is wrong."""
    for source in sources:
        found = verify(source)
        if not found.is_believable:
            error = JournalError if found.verdict is Verdict.TORN else DamagedError
            raise error(f"{found.label}, {found.findings[0]}; what else they say is the same")


def first_apart(a: Passages, b: Passages, starts: tuple[int, int]) -> Found | None:
    """Find the first record that is not the same, from a byte on each side. Raises DamagedError for what is none."""
    ours, theirs = a.lines_from(starts[0]), b.lines_from(starts[1])
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
