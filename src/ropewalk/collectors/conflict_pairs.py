"""Conflict pairs: which two strategies met over what, of which kind, and how each came out of it."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from ropewalk.collectors.figures import Figures, Is, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ropewalk.events import Conflict, ConflictKind

PairOutcome = Literal["allowed", "trimmed", "refused", "held"]

OFTEN_MAX = 3
NO_CONFLICT = "no strategy was in another's way"


class ConflictPair(Figures, frozen=True, kw_only=True):
    """
    Conflicts in which two strategies met, of one kind and with one outcome for each.

    A conflict counts once for each two strategies in it that both wanted something, and once for each that wanted to
    open what another held the opposite of, so pairs do not sum to conflicts. The kind is the pair's: `crowded` on one
    side, on both sides `entry_against_exit` where one of them only closes, else `opposed`; `against_position` where
    the other wanted nothing and its outcome is `held`. Outcomes are the policy's: what it allowed of what each asked,
    in capital and in lots to close; what limits did afterwards is in the decisions.
    """

    strategy: str
    other: str
    kind: Literal["opposed", "crowded", "entry_against_exit", "against_position"]
    outcome: PairOutcome
    other_outcome: PairOutcome
    conflicts: Annotated[int, Is("count", "conflicts", "how often they met so")]
    asked_micros: Annotated[int, Is("micros", "Σ asked", "capital that `strategy` asked for in these")]
    allowed_micros: Annotated[int, Is("micros", "Σ allowed", "capital that the policy allowed `strategy`")]
    other_asked_micros: Annotated[int, Is("micros", "Σ asked", "capital that `other` asked for in these")]
    other_allowed_micros: Annotated[int, Is("micros", "Σ allowed", "capital that the policy allowed `other`")]


class _Side:
    """One strategy's part of one conflict: the intents it had there, added up, or the lots it held."""

    def __init__(self, conflict: Conflict, strategy: str) -> None:
        own = [seat for seat, name in enumerate(conflict.strategies) if name == strategy]
        self.held = sum(lots for name, lots in zip(conflict.holders, conflict.held, strict=True) if name == strategy)
        self.is_silent = not own
        self.sides = [conflict.sides[seat] for seat in own]
        self.opening = [conflict.sides[seat] for seat in own if conflict.asked_micros[seat]]
        self.asked = sum(conflict.asked_micros[seat] for seat in own)
        self.allowed = sum(conflict.allowed_micros[seat] for seat in own)
        wanted = self.asked + sum(abs(conflict.asked_close[seat]) for seat in own)
        given = self.allowed + sum(abs(conflict.allowed_close[seat]) for seat in own)
        self.outcome: PairOutcome = (
            "held" if self.is_silent else "allowed" if given >= wanted else "trimmed" if given else "refused"
        )

    def kind(self, other: _Side) -> ConflictKind | None:
        """How the two are in each other's way; None where neither is in the other's."""
        if self.is_silent or other.is_silent:
            stands = self.faces(other) or other.faces(self)
            return "against_position" if stands else None
        if not any(side * its < 0 for side in self.sides for its in other.sides):
            return "crowded"
        return "opposed" if bool(self.opening) is bool(other.opening) else "entry_against_exit"

    def faces(self, other: _Side) -> bool:
        """Whether it wanted to open what the other, silently, held the opposite of."""
        return other.is_silent and any(side * other.held < 0 for side in self.opening)


class Meeting(NamedTuple):
    """How often two strategies were in each other's way: in all, on opposite sides, and over which symbols."""

    conflicts: int
    opposed: int
    symbols: Counter[str]

    @property
    def often(self) -> str:
        """The symbols over which they met most."""
        return ", ".join(f"{symbol} {times:,}" for symbol, times in self.symbols.most_common(OFTEN_MAX))


def _met(
    conflicts: Iterable[Conflict], strategies: Sequence[str]
) -> Iterator[tuple[Conflict, ConflictKind, tuple[str, str], tuple[_Side, _Side]]]:
    """Give each two strategies that were in each other's way, conflict by conflict, in the strategies' order."""
    seats = {strategy: seat for seat, strategy in enumerate(strategies)}
    for conflict in conflicts:
        names = sorted(dict.fromkeys((*conflict.strategies, *conflict.holders)), key=seats.__getitem__)
        sides = {name: _Side(conflict, name) for name in names}
        for name, other in combinations(names, 2):
            kind = sides[name].kind(sides[other])
            if kind is not None:
                yield conflict, kind, (name, other), (sides[name], sides[other])


def meetings(conflicts: Iterable[Conflict], *, strategies: Sequence[str]) -> dict[tuple[str, str], Meeting]:
    """Count the conflicts of each pair, who met first first; one of three strategies counts for each of its pairs."""
    found: dict[tuple[str, str], list[tuple[bool, str]]] = {}
    for conflict, kind, pair, _ in _met(conflicts, strategies):
        found.setdefault(pair, []).append((kind != "crowded", conflict.symbol))
    return {
        pair: Meeting(len(met), sum(opposed for opposed, _ in met), Counter(symbol for _, symbol in met))
        for pair, met in found.items()
    }


def conflict_pairs(conflicts: Iterable[Conflict], *, strategies: Sequence[str]) -> Rows[ConflictPair]:
    """Count conflicts by pair, kind and outcome, the most frequent first; a pair stands in the strategies' order."""
    seats = {strategy: seat for seat, strategy in enumerate(strategies)}
    found: dict[tuple[str, str, ConflictKind, PairOutcome, PairOutcome], list[tuple[_Side, _Side]]] = {}
    for _, kind, pair, (own, its) in _met(conflicts, strategies):
        found.setdefault((*pair, kind, own.outcome, its.outcome), []).append((own, its))
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
