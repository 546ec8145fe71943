"""
Lines: how a record becomes bytes and back, in one form only.

A line is a JSON object in ASCII, without spaces, keys in fixed order, and LF. `n` and `k` come first, the
cause `c` where the kind has one, then the fields, and last `x`: the CRC32 of the bytes before `,"x"`, seeded
with the line before's `x`. What decodes but would not be written so is refused: that one rule catches duplicate
keys, -0, other orders of keys and fields that nobody knows.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec
import numpy as np

from ropewalk.errors import JournalError, clipped, did_you_mean, writable
from ropewalk.events import Event
from ropewalk.money import MICROS_MAX
from ropewalk.recording.kinds import KINDS, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

LINE_MAX = 1 << 20
"""Bytes of a line, LF not counted."""
DEPTH_MAX = 8
TEXT_MAX = 4096
"""Characters of a text that are kept."""
SUM_LENGTH = 16
"""Bytes of the end of a line, from `,"x"` on."""

PREFIX = re.compile(
    rb'\{"n":(0|[1-9][0-9]{0,15}),"k":"([a-z_]{1,32}|x-[A-Za-z0-9._:/-]{1,62})"(?:,"c":(0|[1-9][0-9]{0,15}))?,'
)
SUFFIX = re.compile(rb',"x":"[0-9a-f]{8}"\}')
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
ZERO, NINE = np.uint8(0x30), np.uint8(0x39)
WINDOW = 1 << 15
"""Bytes that are looked at in one pass, so that what a pass leaves for the next is still at hand."""

_encoder = msgspec.json.Encoder(order="deterministic")
encode = _encoder.encode
"""Write a value the fast way; it is a line's body when it is ASCII, short, and has no large numbers."""

STEP = b'{"n":%d,"k":"step","t":%d,"rows":[%d,%d]'


class LineError(JournalError):
    """
    A line that cannot be believed.

    `rule` names what it breaks: framing, limit, number, schema or canonical.
    """

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(text)
        self.rule = rule


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def summed(line: bytes, before: int) -> bytes:
    r"""
    End a line with its checksum, given the checksum of the line before.

    >>> summed(b'{"n":7,"k":"data_ended","c":6,"t":0', 0)
    b'{"n":7,"k":"data_ended","c":6,"t":0,"x":"6da76788"}\n'
    """
    return b'%b,"x":"%08x"}\n' % (line, crc32(line, before))


def may_have_large_numbers(block: bytes) -> bool:
    """
    Tell quickly whether a block of lines could hold an integer beyond ±2^53; texts of digits count, too.

    It could, if 17 digits stand in a row, or 16 that begin with 9.

    >>> may_have_large_numbers(b'{"t":1700000000000000}'), may_have_large_numbers(b'{"t":9007199254740993}')
    (False, True)
    """
    whole = np.frombuffer(block, np.uint8)
    for start in range(0, len(block), WINDOW):
        some = whole[start : start + WINDOW + 16]
        digits = (some - ZERO) < 10
        # Where a row of 2, 4, 8, 16 begins.
        for width in (1, 2, 4, 8):
            digits = digits[:-width] & digits[width:]
        if (digits & (some[: len(digits)] == NINE)).any() or (digits[:-1] & digits[1:]).any():
            return True
    return False


def careful_body(part: Any) -> bytes:
    """
    Write the body of a line whatever is in it: long texts are clipped, what is not ASCII is escaped.

    Raises JournalError, naming the field, for integers beyond ±2^53.
    """
    fields = {name: getattr(part, name) for name in part.__struct_fields__}
    kept = {name: _kept(value, name) for name, value in fields.items()}
    if isinstance(part, Event) and kept != fields:
        # What is not an event is covered by a digest, and says what it says.
        part = msgspec.structs.replace(part, **kept)
    return escaped(encode(part))


def escaped(body: bytes) -> bytes:
    """Write what is not ASCII as JSON escapes."""
    return NOT_ASCII.sub(lambda found: json.dumps(found.group())[1:-1], body.decode()).encode("ascii")


def _kept(value: Any, where: str) -> Any:
    if isinstance(value, str):
        return writable(value)[:TEXT_MAX]
    if isinstance(value, int):
        if abs(value) > MICROS_MAX:
            raise JournalError(
                f"{where} is {value}; a journal holds integers up to ±2^53, which all readers keep exact"
            )
        return value
    if isinstance(value, tuple | list):
        return type(value)(_kept(one, f"{where}[{place}]") for place, one in enumerate(value))
    if isinstance(value, dict):
        return {_kept(key, where): _kept(one, f"{where}.{key}") for key, one in value.items()}
    return value


def line_of(kind: str, number: int, cause: int | None, *parts: Any) -> bytes:
    """Write a line of any kind, carefully, up to its checksum. Raises JournalError when it is too long."""
    bodies = b",".join(careful_body(part)[1:-1] for part in parts)
    because = b"" if cause is None else b'"c":%d,' % cause
    line = b'{"n":%d,"k":"%b",%b%b' % (number, kind.encode(), because, bodies)
    if len(line) + SUM_LENGTH > LINE_MAX:
        raise JournalError(f"the {kind} line {number} has {len(line)} bytes; a line may have {LINE_MAX}")
    return line


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

Parsed = tuple[int, str, int | None, Any, Any]
"""Number, kind, cause, event, and what a header or footer says beside it."""


class _Reader:
    """Decodes the bodies of one kind, strictly, and writes them again to compare."""

    __slots__ = ("body", "extra", "has_cause", "is_before", "is_nested")

    def __init__(self, kind: Kind) -> None:
        extra = kind.before or kind.after
        self.body: Callable[[bytes], Any] = msgspec.json.Decoder(kind.body).decode
        self.extra: Callable[[bytes], Any] | None = None if extra is None else msgspec.json.Decoder(extra).decode
        self.is_before = kind.before is not None
        self.has_cause = kind.has_cause
        self.is_nested = extra is not None or not kind.is_numbered

    def both(self, body: bytes) -> tuple[Any, Any, bytes]:
        """Decode a body of two parts, and write it again."""
        event, about = self.body(body), self.extra(body) if self.extra is not None else None
        first, second = (about, event) if self.is_before else (event, about)
        return event, about, encode(first)[:-1] + b"," + encode(second)[1:]


_READERS = {name.encode(): (name, _Reader(kind)) for name, kind in KINDS.items()}
_any = msgspec.json.Decoder().decode


def parsed(raw: bytes, is_suspect: bool = True, is_summed: bool = False) -> Parsed:
    """
    Understand a line, LF not included; its checksum is for the reader of the chain to check.

    Without `is_suspect`, what surrounds the line is known to have no large numbers; with `is_summed`, its
    checksum is known to be right. Raises LineError.
    """
    if len(raw) > LINE_MAX:
        raise LineError("limit", f"has {len(raw)} bytes; a line may have {LINE_MAX}")
    begun = PREFIX.match(raw)
    if begun is None or not (is_summed or SUFFIX.fullmatch(raw, max(len(raw) - SUM_LENGTH, 0))):
        raise LineError("framing", f"is not a journal's line: {_shown(raw)}")
    digits, word, because = begun.groups()
    body = b"{%b}" % raw[begun.end() : -SUM_LENGTH]
    known = _READERS.get(word)
    # In an event nothing is nested: there depth is an error of its own, if it is not a danger.
    if (known is None or known[1].is_nested or len(raw) > TEXT_MAX) and _depth(raw) > DEPTH_MAX:
        raise LineError("limit", f"is nested {_depth(raw)} deep; {DEPTH_MAX} is the most")
    if known is None:
        return _foreign(int(digits), word.decode(), None if because is None else int(because), body)
    name, reader = known
    if (because is not None) is not reader.has_cause:
        raise LineError(
            "schema", f"{name}: " + ("has no cause" if reader.has_cause else "has a cause, which it cannot")
        )
    about: Any = None
    try:
        if reader.extra is None:
            event = reader.body(body)
            again = encode(event)
        else:
            event, about, again = reader.both(body)
    except (ValueError, OverflowError, RecursionError) as error:
        raise LineError("schema", f"{name}: {error}") from None
    if (again != body or not body.isascii()) and escaped(again) != body:
        raise LineError("canonical", f"{name}: {_difference(body, again)}")
    if is_suspect:
        _check_numbers(_any(body))
    return int(digits), name, None if because is None else int(because), event, about


def _foreign(number: int, kind: str, cause: int | None, body: bytes) -> Parsed:
    if not kind.startswith("x-"):
        raise LineError("schema", f"kind {kind!r} is unknown; {did_you_mean(kind, KINDS)}, or a plugin's own, x-…")
    try:
        said = _any(body)
        again = escaped(encode(said))
    except (ValueError, OverflowError, RecursionError) as error:
        raise LineError("schema", f"{kind}: {error}") from None
    _check_numbers(said)
    # A mapping is written in the order of its keys, so a plugin's fields have to be sorted.
    if again != body:
        raise LineError("canonical", f"{kind}: {_difference(body, again)}")
    return number, kind, cause, said, None


def _check_numbers(said: Any) -> None:
    try:
        _kept(said, "a field")
    except JournalError as error:
        raise LineError("number", str(error)) from None


def _difference(body: bytes, again: bytes) -> str:
    if not again.isascii():
        again = escaped(again)
    at = next((i for i, (a, b) in enumerate(zip(body, again, strict=False)) if a != b), min(len(body), len(again)))
    around = slice(max(at - 12, 0), at + 24)
    return f"says {_shown(body[around])} where a journal writes {_shown(again[around])}"


def _depth(raw: bytes) -> int:
    if raw.count(b"{") + raw.count(b"[") <= DEPTH_MAX:
        return 0
    depth = deepest = 0
    for byte in STRING.sub(b"", raw):
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest


def _shown(raw: bytes) -> str:
    return clipped(raw.decode("ascii", "backslashreplace"))
