"""
Lines made again: many lines understood at once, and believed if writing what was understood gives the same bytes.

Where a line is odd, or wrong, nothing is said of any of them: `codec.parsed` understands them one by one then, and
says what is wrong.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from ropewalk.recording.block import WORD_OF, chained, lines_of, summed_lines
from ropewalk.recording.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ropewalk.recording.codec import Parsed

AT_ONCE = 1024
"""Lines that are understood together; those around an odd one are the fewer."""

PLAIN: dict[str, Callable[[bytes], list[Any]]] = {
    name: msgspec.json.Decoder(list[kind.body]).decode  # type: ignore[name-defined]
    for name, kind in KINDS.items()
    if kind.body in WORD_OF and kind.before is kind.after is None
}
"""What reads the bodies of a kind; it passes over what is not the body's: number, kind, cause and checksum."""


class Head(msgspec.Struct, frozen=True, gc=False):
    """How a line of a known kind begins."""

    k: Literal[tuple(KINDS)]  # type: ignore[valid-type]
    c: Annotated[int, msgspec.Meta(ge=0)] | None = None


_heads_of = msgspec.json.Decoder(Head).decode_lines


def heads_of(raws: Sequence[bytes]) -> list[Head] | None:
    """Read how lines begin; None unless all of them are JSON and of known kinds."""
    try:
        heads = _heads_of(b"\n".join(raws))
    except (ValueError, RecursionError):
        return None
    return heads if len(heads) == len(raws) else None


def remade(raws: Sequence[bytes], heads: Sequence[Head], first: int, before: int) -> tuple[list[Parsed], int] | None:
    """
    Understand lines of plain kinds, of which the first has to have the number `first` and follow the checksum `before`.

    Gives what they say, and the last checksum; None unless they are what the writer would write.
    """
    places: dict[str, list[int]] = {}
    for place, head in enumerate(heads):
        places.setdefault(head.k, []).append(place)
    events: list[Any] = [None] * len(raws)
    for kind, some in places.items():
        try:
            bodies = PLAIN[kind](b"[%b]" % b",".join([raws[place] for place in some]))
        except (ValueError, RecursionError):
            return None
        if len(bodies) != len(some):
            return None
        for place, body in zip(some, bodies, strict=True):
            events[place] = body
    causes = [head.c for head in heads]
    lines = lines_of(first, causes, events)
    if lines is None:
        return None
    sums = chained(lines, before)
    if summed_lines(lines, sums) != b"\n".join(raws) + b"\n":
        return None
    kinds = [head.k for head in heads]
    return list(zip(range(first, first + len(raws)), kinds, causes, events, repeat(None), strict=False)), sums[-1]
