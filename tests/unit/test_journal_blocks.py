"""Lines made and understood many at once are those made and understood one by one, or nothing is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from ropewalk.journal.reader import lines_of as lines_read
from ropewalk.journal.remade_lines import PLAIN, heads_of, remade
from ropewalk.recording.block import chained, lines_of, summed_lines
from ropewalk.recording.codec import SUM_LENGTH, may_have_large_numbers, parsed, summed

EVERYTHING = (Path(__file__).parents[1] / "golden" / "everything.jsonl").read_bytes()


def plain_lines(content: bytes) -> list[bytes]:
    """The longest run of lines of plain kinds, whatever their numbers."""
    runs: list[list[bytes]] = [[]]
    for raw in content.splitlines():
        if parsed(raw)[1] in PLAIN:
            runs[-1].append(raw)
        else:
            runs.append([])
    return max(runs, key=len)


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return plain_lines(EVERYTHING)


def believed(lines: list[bytes]) -> Any:
    """What is made of lines whose checksums are made to fit, as a forger would."""
    before, made = 7, []
    for line in lines:
        made.append(summed(line[:-SUM_LENGTH], before)[:-1])
        before = crc32(line[:-SUM_LENGTH], before)
    block = b"\n".join(made) + b"\n"
    heads = heads_of(block)
    return None if heads is None or len(heads) != len(made) else remade(block, made, heads, parsed(lines[0])[0], 7)


def test_lines_made_at_once_are_those_that_were_written(lines: list[bytes]) -> None:
    """Of every plain kind, to the byte, checksums included."""
    says = [parsed(line) for line in lines]
    made = lines_of(says[0][0], [cause for _, _, cause, _, _ in says], [event for *_, event, _ in says])
    assert made == [line[:-SUM_LENGTH] for line in lines]
    assert summed_lines(made, chained(made, 7)) == b"".join(
        summed(line, before) for line, before in zip(made, [7, *chained(made, 7)], strict=False)
    )


def test_lines_understood_at_once_say_what_each_says(lines: list[bytes]) -> None:
    kinds, causes, events, last = believed(lines)
    assert list(zip(kinds, causes, events, strict=True)) == [parsed(line)[1:4] for line in lines]
    assert last == chained([line[:-SUM_LENGTH] for line in lines], 7)[-1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"c":', b'"c":-'),
        (b'"c":', b'"c": '),
        (b'"c":', b'"C":'),
        (b'"t":', b'"t":0,"t":'),
        (b'{"n":', b'{"n":1'),
        (b'"k":"', b'"k":"x-'),
        (b',"t":', b',"u":1,"t":'),
        (b',"t":', b'},{"t":'),
        (b'"t":', b'"t":9'),
        (b'"strategy":"', b'"strategy":"\\u00e9'),
    ],
    ids=str,
)
def test_nothing_is_said_where_one_line_is_odd(lines: list[bytes], old: bytes, new: bytes) -> None:
    """Even where its checksum was made to fit: one that is right, as a text that is escaped, is read by itself."""
    place = next(place for place in range(len(lines) // 2, len(lines)) if old in lines[place])
    changed = [*lines[:place], lines[place].replace(old, new, 1), *lines[place + 1 :]]
    assert believed(changed) is None


def test_lines_in_another_order_are_not_believed(lines: list[bytes]) -> None:
    assert believed([lines[1], lines[0], *lines[2:]]) is None
    assert believed([*lines[:3], *lines[4:]]) is None


def test_what_is_odd_leaves_the_others_understood() -> None:
    """A run of lines around a damaged one is read one by one; nothing else is said of it."""
    content = EVERYTHING
    raws = content.split(b"\n")
    place = len(raws) // 2
    raws[place] = raws[place].replace(b'"t":', b'"t":1', 1)
    found = [line for line, *_, error in lines_read(b"\n".join(raws)) if error is not None]
    assert found[0] == place + 1
    assert len(found) <= 2


def test_rows_of_digits_are_seen_wherever_they_lie() -> None:
    """17 digits, or 16 that begin with 9, also across what is looked at in one pass; times of today are none."""
    for digits, is_large in ((b"9" + b"1" * 15, True), (b"1" * 17, True), (b"1" * 16, False), (b"9" * 15, False)):
        for start in (0, 9, 32_751, 32_760, 32_768, 65_519):
            block = bytearray(b"," * 70_000)
            block[start : start + len(digits)] = digits
            assert may_have_large_numbers(bytes(block)) is is_large, (digits, start)
    assert not may_have_large_numbers(b"")
