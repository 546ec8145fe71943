"""
Conflict policies: what becomes of wishes when strategies get in each other's way.

A policy is one small class: a name and a pure function from the wishes of one conflict to one outcome
each. It may allow less than was asked, never more; exits always pass; the limits come after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from ropewalk.errors import PluginError, clipped
from ropewalk.money import exact_fraction, exact_text, part_down, shared_by_largest_remainder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ropewalk.arbiter.wishes import Wish


class Outcome(NamedTuple):
    """What a policy allows of one wish: capital to open with, and lots that may close, which is all it asked."""

    allowed_micros: int
    allowed_close_lots: int


@runtime_checkable
class ConflictPolicy(Protocol):
    """
    Settles one conflict.

    The wishes come in the declared order of the strategies, so an outcome cannot depend on who spoke
    or subscribed first. A `version`, a text, and `parameters`, a dict of texts, go on record where there are any.
    """

    @property
    def name(self) -> str:
        """The name that conflicts on record carry."""
        ...

    def settle(self, wishes: Sequence[Wish]) -> Sequence[Outcome]:
        """Return one outcome for each wish, in the same order."""
        ...


def _entries(wishes: Sequence[Wish], may_enter: Callable[[Wish], bool]) -> list[Outcome]:
    """Let some enter, all of it or nothing; exits pass."""
    return [Outcome(wish.asked_micros if may_enter(wish) else 0, wish.close_lots) for wish in wishes]


@dataclass(frozen=True)
class Independent:
    """Record the conflict and let each book act for itself."""

    name = "independent"
    version = "1"

    def settle(self, wishes: Sequence[Wish]) -> Sequence[Outcome]:
        """Allow everything."""
        return [Outcome(wish.asked_micros, wish.close_lots) for wish in wishes]


@dataclass(frozen=True)
class Net(Independent):
    """
    Let opposite orders cross between the books, and trade only what is left, as one order.

    Nothing is refused: the ledger nets what fills for the symbol at one instant.
    """

    name = "net"


@dataclass(frozen=True)
class Priority:
    """
    Let the side of the strategy that is declared first win; those against it may only close.

    A position counts like a wish: nobody enters against what a strategy declared earlier holds.
    """

    name = "priority"
    version = "1"

    def settle(self, wishes: Sequence[Wish]) -> Sequence[Outcome]:
        """Refuse entries against earlier positions, then those against the first wish that is left."""
        standing = [wish for wish in wishes if not _is_against_earlier(wish)]
        first = standing[0] if standing else None
        return _entries(
            wishes,
            lambda wish: (
                first is not None
                and not _is_against_earlier(wish)
                and (wish.side == first.side or wish.seat == first.seat)
            ),
        )


def _is_against_earlier(wish: Wish) -> bool:
    return any(holder.seat < wish.seat for holder in wish.against)


@dataclass(frozen=True)
class CancelBoth:
    """Refuse every entry whose opposite another strategy wants at the same instant."""

    name = "cancel_both"
    version = "1"

    def settle(self, wishes: Sequence[Wish]) -> Sequence[Outcome]:
        """Allow entries that nobody else is opposed to."""
        seats: dict[int, dict[int, None]] = {1: {}, -1: {}}
        for wish in wishes:
            seats[wish.side][wish.seat] = None
        return _entries(wishes, lambda wish: len(seats[-wish.side]) == (wish.seat in seats[-wish.side]))


@dataclass(frozen=True)
class WeightedAverage:
    """
    Let the side win that more capital stands behind, as far as the other side does not outweigh it.

    Each entry counts with its capital asked times its strategy's capital; the sign of the weighted average is the side
    that wins. The winners together keep that part of their asks which the average keeps of theirs, shared by largest
    remainder; the others may only close. Where all are on one side nothing is taken.
    """

    name = "weighted_average"
    version = "1"

    def settle(self, wishes: Sequence[Wish]) -> Sequence[Outcome]:
        """Weigh the sides, and share what is left of the heavier one."""
        says = {1: 0, -1: 0}
        for wish in wishes:
            says[wish.side] += wish.asked_micros * max(wish.weight_micros, 0)
        if not says[1] or not says[-1]:
            return _entries(wishes, lambda wish: says[-wish.side] == 0)
        side = 1 if says[1] > says[-1] else -1
        asks = [wish.asked_micros if wish.side == side else 0 for wish in wishes]
        total = sum(asks) * (says[side] - says[-side]) // says[side]
        shares = shared_by_largest_remainder(total, asks)
        return [Outcome(share, wish.close_lots) for share, wish in zip(shares, wishes, strict=True)]


@dataclass(frozen=True)
class ProRata:
    """
    Scale all entries alike where together they would take more of a symbol than its share of the capital.

    The cap is `share` of what all strategies may have at work; what is at work or reserved in the symbol counts
    against it, longs and shorts alike. What is free is shared in proportion to the asks, by largest remainder.
    """

    share: Decimal
    name = "pro_rata"
    version = "1"

    @property
    def parameters(self) -> dict[str, str]:
        """The settings, as one types them."""
        return {"share": exact_text(exact_fraction(self.share))}

    def settle(self, wishes: Sequence[Wish]) -> Sequence[Outcome]:
        """Share what the cap leaves free."""
        asks = [wish.asked_micros for wish in wishes]
        cap = part_down(max(wishes[0].capital_micros, 0), exact_fraction(self.share))
        free = max(cap - wishes[0].symbol_micros, 0)
        if sum(asks) > free:
            asks = shared_by_largest_remainder(free, asks)
        return [Outcome(ask, wish.close_lots) for ask, wish in zip(asks, wishes, strict=True)]


@dataclass(frozen=True)
class LargestConviction:
    """Let the side of the wish with the largest conviction win, ties to the strategy declared first."""

    name = "largest_conviction"
    version = "1"

    def settle(self, wishes: Sequence[Wish]) -> Sequence[Outcome]:
        """Refuse entries of others against the most convinced."""
        most = max(wishes, key=lambda wish: wish.conviction)
        return _entries(wishes, lambda wish: wish.side == most.side or wish.seat == most.seat)


@dataclass(frozen=True)
class Veto:
    """
    Let one named strategy forbid: nobody else enters against what it wants or holds.

    Conflicts in which it neither wants nor holds the opposite are left as they are.
    """

    strategy: str
    name = "veto"
    version = "1"

    @property
    def parameters(self) -> dict[str, str]:
        """The settings, as one types them."""
        return {"strategy": self.strategy}

    def settle(self, wishes: Sequence[Wish]) -> Sequence[Outcome]:
        """Refuse entries of others against the named strategy."""
        forbidden = {-wish.side: None for wish in wishes if wish.strategy == self.strategy}
        return _entries(
            wishes,
            lambda wish: (
                wish.strategy == self.strategy
                or not (wish.side in forbidden or any(holder.strategy == self.strategy for holder in wish.against))
            ),
        )


@dataclass(frozen=True)
class OwnRule:
    """A function of one's own as a policy; conflicts carry the function's name."""

    settle: Callable[[Sequence[Wish]], Sequence[Outcome]]

    @property
    def name(self) -> str:
        """The function's name."""
        return str(getattr(self.settle, "__name__", type(self.settle).__name__))


KINDS: dict[str, type] = {
    kind.name: kind
    for kind in (Independent, Net, Priority, CancelBoth, WeightedAverage, ProRata, LargestConviction, Veto)
}
"""The policies that ship, by name."""

POLICIES: dict[str, ConflictPolicy] = {
    **{
        policy.name: policy
        for policy in (Independent(), Net(), Priority(), CancelBoth(), WeightedAverage(), LargestConviction())
    },
    "first_wins": Priority(),
}
"""The policies that a name alone chooses; `first_wins` is another word for `priority`."""


def version_of(policy: ConflictPolicy) -> str:
    """Say a policy's version; empty where it has none."""
    return str(getattr(policy, "version", ""))


def stated_parameters(policy: ConflictPolicy) -> dict[str, str]:
    """Say a policy's parameters as texts; empty where it has none."""
    told = getattr(policy, "parameters", None)
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, dict) else {}


def settled(policy: ConflictPolicy, wishes: Sequence[Wish]) -> Sequence[Outcome]:
    """
    Ask a policy, and believe nothing of what it answers.

    Raises PluginError when it raises, does not answer each wish with whole amounts from 0 to what it asked, or
    stands in the way of an exit.
    """
    try:
        outcomes = policy.settle(tuple(wishes))
    except Exception as error:
        raise PluginError(f"policy {policy.name}: settle raised {type(error).__name__}: {error}") from error
    if not isinstance(outcomes, (list, tuple)) or not all(isinstance(one, Outcome) for one in outcomes):
        raise PluginError(f"policy {policy.name} answered {clipped(outcomes)}; return a list with one Outcome a wish")
    if len(outcomes) != len(wishes):
        raise PluginError(f"policy {policy.name} gave {len(outcomes)} outcomes for {len(wishes)} wishes")
    for wish, (money, lots) in zip(wishes, outcomes, strict=True):
        if type(money) is not int or type(lots) is not int:
            raise PluginError(
                f"policy {policy.name} allowed {wish.strategy} {money!r} micros and {lots!r} lots in {wish.symbol}; "
                "both are whole numbers, int"
            )
        if not (0 <= money <= wish.asked_micros and 0 <= lots <= wish.close_lots):
            raise PluginError(
                f"policy {policy.name} allowed {wish.strategy} {money} micros and {lots} lots to close in "
                f"{wish.symbol}, which asked {wish.asked_micros} and {wish.close_lots}; allow from 0 to what was asked"
            )
        if lots < wish.close_lots:
            raise PluginError(
                f"policy {policy.name} allowed {wish.strategy} to close {lots} of {wish.close_lots} lots in "
                f"{wish.symbol}; exits always pass: return Outcome(…, wish.close_lots)"
            )
    return outcomes
