"""Pairs of strategies: how often each two met, on which sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ropewalk.events import Conflict


def are_opposed(conflict: Conflict, name: str, other: str) -> bool:
    """Tell whether two of the strategies of a conflict wanted opposite sides."""
    sides: dict[str, list[int]] = {name: [], other: []}
    for strategy, side in zip(conflict.strategies, conflict.sides, strict=True):
        if strategy in sides:
            sides[strategy].append(side)
    return any(side != its for side in sides[name] for its in sides[other])


def pairs_of(conflict: Conflict) -> list[tuple[str, str]]:
    """List each two strategies that met in a conflict, in seat order."""
    names = list(dict.fromkeys(conflict.strategies))
    return [(name, other) for seat, name in enumerate(names) for other in names[seat + 1 :]]
