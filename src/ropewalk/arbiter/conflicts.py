"""
Conflicts: which wishes get in each other's way, of which kind that is, and what goes on record of it.

Pure functions; what is held comes from the standings, symbol by symbol, so that looking costs nothing where nobody
else holds the symbol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ropewalk.arbiter.policies import Independent, stated_parameters, version_of
from ropewalk.arbiter.wishes import Holder
from ropewalk.events import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ropewalk.arbiter.policies import ConflictPolicy, Outcome
    from ropewalk.arbiter.wishes import Wish
    from ropewalk.events import ConflictKind
    from ropewalk.market.standing import Holding
    from ropewalk.reasons import Reason


class Rule:
    """A policy as it goes on record: its name, its version and its parameters as one text, said once a run."""

    __slots__ = ("is_asked", "name", "parameters", "policy", "version")

    def __init__(self, policy: ConflictPolicy) -> None:
        self.policy = policy
        self.name = policy.name
        self.version = version_of(policy)
        self.parameters = ", ".join(f"{name}={value}" for name, value in sorted(stated_parameters(policy).items()))
        # What only records weighs nothing.
        self.is_asked = not isinstance(policy, Independent)


def is_faced(strategy: str, side: int, asked_micros: int, held: dict[str, Holding]) -> bool:
    """Say whether others hold the other side of what a strategy would open."""
    if asked_micros:
        for holder, holding in held.items():
            if holding.quantity * side < 0 and holder != strategy:
                return True
    return False


def would_face(wish: Wish, held: dict[str, Holding]) -> bool:
    """Say whether others hold the other side of what a wish would open."""
    return is_faced(wish.strategy, wish.side, wish.asked_micros, held)


def faced(wishes: Sequence[Wish], holders: Sequence[Holder]) -> list[Wish]:
    """Tell each wish that would open which others hold the other side; `holders` stand in seat order."""
    opposite = {side: tuple(one for one in holders if one.lots * side < 0) for side in (1, -1)}
    places = {side: {one.seat: place for place, one in enumerate(opposite[side])} for side in (1, -1)}
    told = []
    for wish in wishes:
        against: tuple[Holder, ...] = ()
        if wish.asked_micros:
            against, own = opposite[wish.side], places[wish.side].get(wish.seat)
            if own is not None:
                against = against[:own] + against[own + 1 :]
        told.append(replace(wish, against=against) if against else wish)
    return told


def kind_of(wishes: Sequence[Wish]) -> ConflictKind | None:
    """
    Name the kind of conflict between the wishes for one symbol; None where nobody is in anybody's way.

    Wishes of several strategies are `crowded` on one side; on both, they are `entry_against_exit` where one side only
    closes and the other opens, else `opposed`. Wishes of one strategy are a conflict where another holds the opposite.
    """
    first = wishes[0]
    if all(wish.seat == first.seat for wish in wishes):
        return "against_position" if any(wish.against for wish in wishes) else None
    if all(wish.side == first.side for wish in wishes):
        return "crowded"
    entering = {wish.side: None for wish in wishes if wish.asked_micros}
    return "entry_against_exit" if len(entering) == 1 else "opposed"


def conflict_of(
    at_us: int,
    kind: ConflictKind,
    rule: Rule,
    wishes: Sequence[Wish],
    outcomes: Sequence[Outcome],
    over_limit: Reason | None,
) -> Conflict:
    """Put a settled conflict into words."""
    holders = _all_against(wishes)
    return Conflict(
        at_us,
        wishes[0].symbol,
        kind,
        rule.name,
        tuple([wish.number for wish in wishes]),
        tuple([wish.strategy for wish in wishes]),
        tuple([wish.side for wish in wishes]),
        tuple([wish.asked_micros for wish in wishes]),
        tuple([outcome.allowed_micros for outcome in outcomes]),
        tuple([wish.side * wish.close_lots for wish in wishes]),
        tuple([wish.side * outcome.allowed_close_lots for wish, outcome in zip(wishes, outcomes, strict=True)]),
        rule.version,
        rule.parameters,
        tuple([one.strategy for one in holders]),
        tuple([one.lots for one in holders]),
        over_limit,
    )


def _all_against(wishes: Sequence[Wish]) -> list[Holder]:
    """Name all who hold the other side of what any wish would open."""
    found: dict[Holder, None] = {}
    heard: dict[int, dict[int, None]] = {1: {}, -1: {}}
    for wish in wishes:
        seats = heard[wish.side]
        # All who hold the other side, but for oneself: of each side, two strategies tell everybody.
        if wish.against and len(seats) < 2 and wish.seat not in seats:
            seats[wish.seat] = None
            found |= dict.fromkeys(wish.against)
    return sorted(found)


def in_seat_order(wishes: Iterable[Wish]) -> list[Wish]:
    """Order wishes by seat; those of one strategy as it said them."""
    return sorted(wishes, key=_by_seat)


def _by_seat(wish: Wish) -> tuple[int, int]:
    return wish.seat, wish.number
