"""The conflicts of a page: when they were, who met whom, and how it went."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from ropewalk.events import ConflictKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.collectors.recorder import Entry
    from ropewalk.events import Conflict
    from ropewalk.reports.page.packing import Pack
    from ropewalk.reports.page.subject import Subject

KINDS: tuple[ConflictKind, ...] = get_args(ConflictKind)


class Meeting(NamedTuple):
    """How often two strategies met: in conflicts, on opposite sides, and over which symbols most."""

    conflicts: int
    opposed: int
    often: str


def conflicts(subject: Subject, pack: Pack) -> dict[str, Any]:
    """Pack the conflicts: their times, kinds and symbols, and who took part as seats."""
    found = [entry.event for entry in subject.record.conflicts]
    seats = {name: seat for seat, name in enumerate(subject.started.strategies)}
    symbols = list(dict.fromkeys(one.symbol for one in found))
    places = {symbol: place for place, symbol in enumerate(symbols)}
    return {
        "at": pack.column([one.at_us / 1_000 for one in found], "f8"),
        "kind": pack.column([KINDS.index(one.kind) for one in found], "u1"),
        "symbol": pack.column([places[one.symbol] for one in found], "u2"),
        "symbols": symbols,
        "kinds": [kind.replace("_", " ") for kind in KINDS],
        "between": [[seats[name] for name in dict.fromkeys((*one.strategies, *one.holders))] for one in found],
    }


def meetings(entries: Sequence[Entry[Conflict]]) -> dict[tuple[str, str], Meeting]:
    """Count for every two strategies the conflicts in which they met; a conflict of three counts for each pair."""
    times: Counter[tuple[str, str]] = Counter()
    opposed: Counter[tuple[str, str]] = Counter()
    over: dict[tuple[str, str], Counter[str]] = {}
    for _, _, conflict in entries:
        sides: dict[str, list[int]] = {}
        for name, side in zip(conflict.strategies, conflict.sides, strict=True):
            sides.setdefault(name, []).append(side)
        for name, lots in zip(conflict.holders, conflict.held, strict=True):
            # Who only holds stands on the side of what it holds.
            if name not in conflict.strategies:
                sides[name] = [1 if lots > 0 else -1]
        names = list(sides)
        for seat, name in enumerate(names):
            for other in names[seat + 1 :]:
                is_opposed = any(side != its for side in sides[name] for its in sides[other])
                for pair in ((name, other), (other, name)):
                    times[pair] += 1
                    opposed[pair] += is_opposed
                    over.setdefault(pair, Counter())[conflict.symbol] += 1
    return {
        pair: Meeting(count, opposed[pair], ", ".join(f"{name} {n:,}" for name, n in over[pair].most_common(3)))
        for pair, count in times.items()
    }
