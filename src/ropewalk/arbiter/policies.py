"""
Conflict policies: what becomes of wishes when several strategies want the same symbol at once.

A policy is one small class: a name and a pure function from the wishes of one conflict to one outcome
each. It may allow less than was asked, never more; the limits come after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from ropewalk.errors import PluginError, clipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.arbiter.wishes import Wish


class Outcome(NamedTuple):
    """What a policy allows of one wish: capital to open with, and lots that may close."""

    allowed_micros: int
    allowed_close_lots: int


@runtime_checkable
class ConflictPolicy(Protocol):
    """
    Settles one conflict.

    The wishes come in the declared order of the strategies, so an outcome cannot depend on who spoke
    or subscribed first.
    """

    @property
    def name(self) -> str:
        """The name that conflicts on record carry."""
        ...

    def settle(self, wishes: Sequence[Wish]) -> Sequence[Outcome]:
        """Return one outcome for each wish, in the same order."""
        ...


class Independent:
    """Record the conflict and let each book act for itself."""

    name = "independent"

    def settle(self, wishes: Sequence[Wish]) -> Sequence[Outcome]:
        """Allow everything."""
        return [Outcome(wish.asked_micros, wish.close_lots) for wish in wishes]


POLICIES: dict[str, ConflictPolicy] = {policy.name: policy for policy in (Independent(),)}
"""The policies that ship, by name."""


def settled(policy: ConflictPolicy, wishes: Sequence[Wish]) -> Sequence[Outcome]:
    """
    Ask a policy, and believe nothing of what it answers.

    Raises PluginError when it raises, or does not answer each wish with whole amounts from 0 to what it asked.
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
    return outcomes
