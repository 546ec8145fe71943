"""Pairs of strategies: how often each two met, on which sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ropewalk.events import Conflict


def are_opposed(conflict: Conflict, name: str, other: str) -> bool:
    """Tell whether two of the strategies of a conflict wanted opposite sides; who only held stands on that side."""
    sides: dict[str, list[int]] = {name: [], other: []}
    held = ((name, lots) for name, lots in zip(conflict.holders, conflict.held, strict=True))
    silent = [(name, lots // abs(lots)) for name, lots in held if name not in conflict.strategies]
    for strategy, side in [*zip(conflict.strategies, conflict.sides, strict=True), *silent]:
        if strategy in sides:
            sides[strategy].append(side)
    return any(side != its for side in sides[name] for its in sides[other])


def pairs_of(conflict: Conflict) -> list[tuple[str, str]]:
    """List each two strategies that met in a conflict, in seat order, those whose positions stood in the way last."""
    names = list(dict.fromkeys((*conflict.strategies, *conflict.holders)))
    return [(name, other) for seat, name in enumerate(names) for other in names[seat + 1 :]]
