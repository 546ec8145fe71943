"""
Blocks: many lines made at once, in passes over all of them instead of line by line.

What a pass of a library costs for a thousand lines, a call in Python costs for a few. The writer makes its lines here,
and a reader makes them again from what it understood, to hold them against what is there.
"""

from __future__ import annotations

from binascii import hexlify
from struct import pack
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec

from ropewalk.recording.codec import SUM_LENGTH, TEXT_MAX, may_have_large_numbers
from ropewalk.recording.kinds import KIND_OF, KINDS, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_encoder = msgspec.json.Encoder(order="deterministic")
_encode = _encoder.encode
_encode_lines = _encoder.encode_lines

WORD_OF: dict[type, bytes] = {
    event: b',"k":"' + name.encode() + b'","c":'
    for event, name in KIND_OF.items()
    if KINDS[name].before is KINDS[name].after is None
} | {Step: b',"k":"step"'}
"""What stands between number and cause of a line that can be made here."""

BEGINNING, COMMA, END = b'{"n":', b",", b"\n"
SUM_BEGINS, SUM_ENDS = b',"x":"', b'"}\n'
NEXT, NEXT_SUM = END + BEGINNING, SUM_ENDS + b"\0" + SUM_BEGINS


def lines_of(first: int, causes: Sequence[int | None], events: Sequence[Any]) -> list[bytes] | None:
    """
    Write the lines of records without gaps, up to their checksums; a step has no cause.

    None if one of them is of no plain kind, or what comes out needs a closer look: it is not ASCII, too long, or may
    have integers beyond ±2^53.
    """
    pieces = _pieces(first, causes, events)
    if pieces is None:
        return None
    pieces[5::5] = [NEXT] * (len(events) - 1)
    content = b"".join(pieces)
    if not is_plain(content):
        return None
    lines = content.split(END)
    return None if _may_be_long(content) and max(map(len, lines)) > TEXT_MAX else lines


def _pieces(first: int, causes: Sequence[int | None], events: Sequence[Any]) -> list[bytes] | None:
    """Five pieces a line; what stands before the number is the caller's to put there, but for the first line."""
    count = len(events)
    try:
        words = list(map(WORD_OF.__getitem__, map(type, events)))
        bodies = _encode_lines(events)[1:-2].split(b"}\n{")
    except (KeyError, UnicodeError, OverflowError):
        return None
    pieces: list[bytes] = [BEGINNING] * (5 * count)
    pieces[1::5] = _encode(list(range(first, first + count)))[1:-1].split(COMMA)
    pieces[2::5] = words
    # A comma follows each cause, and stands where there is none.
    pieces[3::5] = (_encode(causes)[1:-1].replace(b"null", b"").replace(COMMA, b",\n") + COMMA).split(END)
    pieces[4::5] = bodies
    return pieces


def is_plain(content: bytes) -> bool:
    """Say whether lines are ASCII and have no integers beyond ±2^53, nor what may look like one."""
    return content.isascii() and not may_have_large_numbers(content)


def are_lines(
    block: bytes, raws: Sequence[bytes], before: int, said: tuple[int, Sequence[int | None], Sequence[Any]]
) -> int | None:
    """
    Say whether a block is what is written of records: the first number, causes and events.

    `raws` are its lines without LF, `before` is the checksum of the line before. Gives the checksum of the last; None
    if the block is anything else, or needs a closer look.
    """
    if not is_plain(block) or (_may_be_long(block) and max(map(len, raws)) > TEXT_MAX):
        return None
    pieces = _pieces(*said)
    if pieces is None:
        return None
    # If the block is what is written, these are the checksums of what is written.
    sums = chained([raw[:-SUM_LENGTH] for raw in raws], before)
    ends = _ends(sums).replace(END, NEXT).split(b"\0")
    pieces.append(ends.pop().removesuffix(BEGINNING))
    pieces[5:-1:5] = ends
    return sums[-1] if b"".join(pieces) == block else None


def _may_be_long(content: bytes) -> bool:
    """Tell quickly whether a line may be longer than a text; one that is has a whole stretch of half of one in it."""
    half = TEXT_MAX // 2
    return any(content.find(END, start, start + half) < 0 for start in range(0, len(content) - half, half))


def chained(lines: Iterable[bytes], before: int) -> list[int]:
    """Take the checksums of lines, given that of the line before."""
    return [before := crc32(line, before) for line in lines]


def summed_lines(lines: Sequence[bytes], sums: Sequence[int]) -> bytes:
    r"""
    End lines with their checksums.

    >>> summed_lines([b'{"n":7,"k":"data_ended","c":6,"t":0'], [0x6DA76788])
    b'{"n":7,"k":"data_ended","c":6,"t":0,"x":"6da76788"}\n'
    """
    pieces: list[bytes] = [END] * (2 * len(lines))
    pieces[0::2] = lines
    pieces[1::2] = _ends(sums).split(b"\0")
    return b"".join(pieces)


def _ends(sums: Sequence[int]) -> bytes:
    """Write the ends of lines, from their checksums on, with a zero between them."""
    return SUM_BEGINS + hexlify(pack(f">{len(sums)}I", *sums), b"\0", 4).replace(b"\0", NEXT_SUM) + SUM_ENDS
