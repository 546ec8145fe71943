"""
Lines made again: many lines understood at once, and believed if writing what was understood gives the same bytes.

Where a line is odd, or wrong, nothing is said of any of them: `codec.parsed` understands them one by one then, and
says what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from ropewalk.recording.block import WORD_OF, are_lines
from ropewalk.recording.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def heads_of(block: bytes) -> list[Head] | None:
    """Read how the lines of a block begin; None unless all of them are JSON and of known kinds."""
    try:
        return _heads_of(block)
    except (ValueError, RecursionError):
        return None


def remade(
    block: bytes, raws: Sequence[bytes], heads: Sequence[Head], first: int, before: int
) -> tuple[list[str], list[int | None], list[Any], int] | None:
    """
    Understand a block of lines of plain kinds, `raws` without their LF: the first has to have the number `first` and
    follow the checksum `before`.

    Gives their kinds, causes and events, and the last checksum; None unless they are what the writer would write.
    """
    kinds = [head.k for head in heads]
    causes = [head.c for head in heads]
    places: dict[str, list[int]] = {kind: [] for kind in kinds}
    for place, kind in enumerate(kinds):
        places[kind].append(place)
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
    last = are_lines(block, raws, before, (first, causes, events))
    return None if last is None else (kinds, causes, events, last)
