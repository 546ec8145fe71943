"""The conflicts of a page: when they were, of which kind, and who took part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from ropewalk.events import ConflictKind

if TYPE_CHECKING:
    from ropewalk.reports.page.packing import Pack
    from ropewalk.reports.page.subject import Subject

KINDS: tuple[ConflictKind, ...] = get_args(ConflictKind)


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
