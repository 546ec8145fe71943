"""Conflict pairs: which two strategies met over what, of which kind, and how each came out of it."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Literal

from ropewalk.collectors.figures import Figures, Is, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ropewalk.events import Conflict, ConflictKind

PairOutcome = Literal["allowed", "trimmed", "refused"]

NO_CONFLICT = "no two strategies wanted the same symbol at the same instant"


class ConflictPair(Figures, frozen=True, kw_only=True):
    """
    Conflicts in which two strategies met, of one kind and with one outcome for each.

    A conflict of three strategies counts once for each of its three pairs, so pairs do not sum to conflicts. Two are
    opposed when one wants to buy what the other wants to sell, else crowded. The outcome is the policy's: what it
    allowed of what each asked, in capital and in lots to close; what limits did afterwards is in the decisions.
    """

    strategy: str
    other: str
    kind: Literal["opposed", "crowded"]
    outcome: PairOutcome
    other_outcome: PairOutcome
    conflicts: Annotated[int, Is("count", "conflicts", "how often they met so")]
    asked_micros: Annotated[int, Is("micros", "Σ asked", "capital that `strategy` asked for in these")]
    allowed_micros: Annotated[int, Is("micros", "Σ allowed", "capital that the policy allowed `strategy`")]
    other_asked_micros: Annotated[int, Is("micros", "Σ asked", "capital that `other` asked for in these")]
    other_allowed_micros: Annotated[int, Is("micros", "Σ allowed", "capital that the policy allowed `other`")]


class _Side:
    """One strategy's part of one conflict: the intents it had there, added up."""

    def __init__(self, conflict: Conflict, strategy: str) -> None:
        own = [seat for seat, name in enumerate(conflict.strategies) if name == strategy]
        self.sides = [conflict.sides[seat] for seat in own]
        self.asked = sum(conflict.asked_micros[seat] for seat in own)
        self.allowed = sum(conflict.allowed_micros[seat] for seat in own)
        wanted = self.asked + sum(abs(conflict.asked_close[seat]) for seat in own)
        given = self.allowed + sum(abs(conflict.allowed_close[seat]) for seat in own)
        self.outcome: PairOutcome = "allowed" if given >= wanted else "trimmed" if given else "refused"

    def kind(self, other: _Side) -> ConflictKind:
        return "opposed" if any(side != its for side in self.sides for its in other.sides) else "crowded"


def conflict_pairs(conflicts: Iterable[Conflict], *, strategies: Sequence[str]) -> Rows[ConflictPair]:
    """Count conflicts by pair, kind and outcome, the most frequent first; a pair stands in the strategies' order."""
    seats = {strategy: seat for seat, strategy in enumerate(strategies)}
    found: dict[tuple[str, str, ConflictKind, PairOutcome, PairOutcome], list[tuple[_Side, _Side]]] = {}
    for conflict in conflicts:
        names = sorted(dict.fromkeys(conflict.strategies), key=seats.__getitem__)
        sides = {name: _Side(conflict, name) for name in names}
        for name, other in combinations(names, 2):
            own, its = sides[name], sides[other]
            found.setdefault((name, other, own.kind(its), own.outcome, its.outcome), []).append((own, its))
    rows = [
        ConflictPair(
            strategy=name,
            other=other,
            kind=kind,
            outcome=outcome,
            other_outcome=other_outcome,
            conflicts=len(met),
            asked_micros=sum(own.asked for own, _ in met),
            allowed_micros=sum(own.allowed for own, _ in met),
            other_asked_micros=sum(its.asked for _, its in met),
            other_allowed_micros=sum(its.allowed for _, its in met),
        )
        for (name, other, kind, outcome, other_outcome), met in found.items()
    ]
    rows.sort(key=lambda row: (-row.conflicts, seats[row.strategy], seats[row.other], row.kind, row.outcome))
    return Rows(ConflictPair, rows, missing=NO_CONFLICT)
