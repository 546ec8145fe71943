"""The conflicts of a run: a tuple that a notebook shows as a table."""

from __future__ import annotations

from collections import Counter

from ropewalk.collectors.tables import html_table
from ropewalk.events import Conflict
from ropewalk.money import currency

ROWS_MAX = 20

SIDES = {1: "buy", -1: "sell"}


def _who(conflict: Conflict) -> list[str]:
    wanted = [
        f"{strategy} ({SIDES.get(side, 'neither')})"
        for strategy, side in zip(conflict.strategies, conflict.sides, strict=True)
    ]
    return wanted + [f"{name} (held {lots:,})" for name, lots in zip(conflict.holders, conflict.held, strict=True)]


class Conflicts(tuple[Conflict, ...]):
    """Conflicts in their order; a notebook shows the first twenty and how many there were of each kind."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        rows = [
            {
                "when": f"{one.timestamp:%Y-%m-%d %H:%M}".removesuffix(" 00:00"),
                "symbol": one.symbol,
                "kind": one.kind,
                "who": ", ".join(_who(one)),
                "asked": f"{currency(sum(one.asked_micros)):,.2f}",
                "allowed": f"{currency(sum(one.allowed_micros)):,.2f}",
                "policy": one.policy,
            }
            for one in self[:ROWS_MAX]
        ]
        if not rows:
            return "<p>no conflicts: no two strategies wanted the same symbol at the same instant</p>"
        kinds = Counter(one.kind for one in self)
        told = ", ".join(f"{times:,} {kind}" for kind, times in kinds.items())
        more = [f"… and {len(self) - ROWS_MAX:,} more"] if len(self) > ROWS_MAX else []
        return html_table(rows, caption=f"{len(self):,} conflicts: {told}", notes=more)
