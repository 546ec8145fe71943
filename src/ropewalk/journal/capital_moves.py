"""Capital that moves, and who may use it: what must hold between rebalances, transfers and suspensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ropewalk.events import Decision, Intent, Reallocation, Rebalance, RunStarted, Suspension, Transfer
    from ropewalk.recording.inputs import Plugin

FUNDING = 0
"""The number of the header: the cause of what each strategy begins with."""
POOL = ""


class CapitalMoves:
    """
    What is known of a run's capital up to a record, to hold the next one against.

    Each method says what is wrong with a record, given its number and its cause where these matter, or nothing.
    """

    def __init__(self) -> None:
        self._strategies: Sequence[str] = ()
        self._due_name: str | None = None
        self._number = -1
        self._due: dict[str, int] = {}
        self._in_pool = 0
        self._reallocation = -1
        self._moving: dict[str, int] = {}
        self._suspended: dict[str, None] = {}

    def begin(self, started: RunStarted, settings: Any, plugins: Iterable[Plugin]) -> None:
        """Hear who takes part, and whose shares the run follows."""
        self._strategies = started.strategies
        told = settings.get("rebalance") if isinstance(settings, dict) else None
        if isinstance(told, dict):
            own = [one.id for one in plugins if one.role == "rebalancer"]
            self._due_name = own[0] if own else told.get("kind")

    def intent(self, cause: int, intent: Intent) -> str:
        """Only who has too much sells down, and selling down only closes."""
        if cause != self._number or self._number < 0:
            return ""
        if intent.action != "close":
            return f"it is to {intent.action}, and its cause is rebalance {cause}: that only closes"
        if self._due.get(intent.strategy, 0) >= 0:
            return f"its cause is rebalance {cause}, in which {intent.strategy} has nothing to give"
        return ""

    def rebalance(self, number: int, _: int, rebalance: Rebalance) -> str:
        """Everybody is in it, and what is shared is what there is."""
        columns = (rebalance.equity_micros, rebalance.target_micros)
        if rebalance.strategies != self._strategies or any(len(one) != len(self._strategies) for one in columns):
            return f"it is of {', '.join(rebalance.strategies)}; the run has {', '.join(self._strategies)}"
        wrong = self.unmoved()
        targets = zip(rebalance.strategies, rebalance.equity_micros, rebalance.target_micros, strict=True)
        self._number = number
        self._due = {name: target - equity for name, equity, target in targets}
        self._due[POOL] = rebalance.pool_target_micros - rebalance.pool_micros
        if self._due_name is not None and rebalance.rebalancer != self._due_name:
            return f"it is by {rebalance.rebalancer}; the run's rebalancer is {self._due_name}"
        if rebalance.pool_micros != self._in_pool:
            return f"it finds {rebalance.pool_micros} micros in the pool, where rebalances left {self._in_pool}"
        if sum(self._due.values()):
            return f"its targets sum to {sum(self._due.values()):+} micros more than there is"
        if min(*rebalance.target_micros, rebalance.pool_target_micros) < 0:
            return "a target is below zero"
        return wrong

    def reallocation(self, number: int, cause: int, reallocation: Reallocation) -> str:
        """No more moves than is due, and nothing is lost."""
        wrong = self.unmoved()
        moves = dict(zip(reallocation.strategies, reallocation.moved_micros, strict=True))
        moves[POOL] = reallocation.pool_moved_micros
        self._reallocation, self._moving = number, dict(moves)
        if cause != self._number:
            return f"its cause {cause} is not the rebalance under way"
        if [*moves] != [*self._strategies, POOL]:
            return f"it is of {', '.join(reallocation.strategies)}; the run has {', '.join(self._strategies)}"
        if sum(moves.values()):
            return f"its moves sum to {sum(moves.values())} micros, not to zero"
        for owner, moved in moves.items():
            due = self._due[owner]
            if moved * due < 0 or abs(moved) > abs(due):
                return f"it moves {moved} micros of {owner or 'the pool'}, of which {due} are due"
            self._due[owner] = due - moved
        self._in_pool += moves[POOL]
        return wrong

    def transfer(self, cause: int, transfer: Transfer) -> str:
        """A run is funded at its beginning; whatever moves later was reallocated."""
        if cause == FUNDING and not transfer.giver:
            return ""
        if cause != self._reallocation or self._reallocation < 0:
            return f"its cause {cause} is no reallocation"
        for owner, change in ((transfer.giver, -transfer.micros), (transfer.taker, transfer.micros)):
            self._moving[owner] = self._moving.get(owner, 0) - change
        return ""

    def unmoved(self) -> str:
        """Say what was reallocated and not transferred."""
        left = {owner or "the pool": micros for owner, micros in self._moving.items() if micros}
        self._moving = {}
        told = ", ".join(f"{micros} of {owner}" for owner, micros in left.items())
        return f"of reallocation {self._reallocation} no transfer moved {told}" if left else ""

    def suspension(self, _: int, __: int, suspension: Suspension) -> str:
        """Who is suspended was not, who comes back was."""
        strategy, is_on = suspension.strategy, suspension.strategy in self._suspended
        if strategy not in self._strategies:
            return f"there is no strategy {strategy!r}"
        if suspension.action == "suspend":
            self._suspended[strategy] = None
            return f"{strategy} is suspended already" if is_on else ""
        self._suspended.pop(strategy, None)
        return "" if is_on else f"{strategy} is not suspended"

    def decision(self, decision: Decision) -> str:
        """Nothing is opened on paper, and nobody else is refused for that."""
        is_on = decision.strategy in self._suspended
        if is_on and decision.granted_micros:
            return f"it grants {decision.granted_micros} micros, and {decision.strategy} is suspended"
        if decision.reason == "suspended" and not is_on:
            return f"its reason is suspended, and {decision.strategy} is not"
        return ""
