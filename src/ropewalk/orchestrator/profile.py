"""
The profile of a run: which strategy, policy, cost model and observer took how long, and what was left for the walk.

Each part is stood in for by one that times its calls. What is timed hears, says and returns the same, so a run with a
profile has the same journal. Times are those of the clock on the wall and differ from run to run.
"""

from __future__ import annotations

from contextlib import contextmanager
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.config.orchestrator import OWN_LIMITS
from ropewalk.ledger.costs import NoCommission, NoSlippage
from ropewalk.observers.observer import hearing_of
from ropewalk.strategies.adapters import CALLBACKS, callbacks_of
from ropewalk.strategies.pristine import Cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ropewalk.config import OrchestratorConfig
    from ropewalk.observers.observer import Hearing

WALK = "walk"
"""The kind of the last row: clock, bus, arbiter, ledger and journal, and the timing itself."""


class Cost(NamedTuple):
    """What one part of a run took: its calls, in all nanoseconds; the walk itself has no calls to count."""

    kind: str
    name: str
    calls: int
    nanoseconds: int


class Tally:
    """Calls and nanoseconds, added up while a part is called."""

    __slots__ = ("calls", "nanoseconds")

    def __init__(self) -> None:
        self.calls = 0
        self.nanoseconds = 0

    def timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Stand in for a callable, and add up how often it is called and how long it takes."""

        def stand_in(*arguments: Any) -> Any:
            began = perf_counter_ns()
            try:
                return call(*arguments)
            finally:
                self.nanoseconds += perf_counter_ns() - began
                self.calls += 1

        return stand_in


class Profile:
    """
    What the parts of one run cost; empty until the run has ended.

    Give it to `StrategyOrchestrator.run(..., profile=...)`. A second run adds to the first.
    """

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._total = Tally()

    @property
    def nanoseconds(self) -> int:
        """How long the run took in all, from its first event to its result."""
        return self._total.nanoseconds

    @property
    def costs(self) -> list[Cost]:
        """Each part's cost, the dearest first, and at the end what is left for the walk itself."""
        parts = [Cost(*part, tally.calls, tally.nanoseconds) for part, tally in self._tallies.items()]
        parts.sort(key=lambda cost: -cost.nanoseconds)
        left = self.nanoseconds - sum(cost.nanoseconds for cost in parts)
        return [*parts, Cost(WALK, "", 0, left)]

    def rows(self, *, bars: int) -> list[dict[str, Any]]:
        """Give the costs as plain values: seconds in all, microseconds for each of so many bars, share of the run."""
        whole = max(self.nanoseconds, 1)
        return [
            {
                "kind": cost.kind,
                "name": cost.name,
                "calls": cost.calls,
                "seconds": cost.nanoseconds / 1e9,
                "microseconds_a_bar": cost.nanoseconds / 1e3 / max(bars, 1),
                "share": cost.nanoseconds / whole,
            }
            for cost in self.costs
        ]

    @contextmanager
    def of(
        self, cast: Cast, config: OrchestratorConfig, observers: Sequence[Any]
    ) -> Iterator[tuple[Cast, Sequence[Hearing]]]:
        """Time a run: give stand-ins for all who take part in it, and add up until it has ended."""
        strategies = {
            name: self._stand_in(one, "strategy", name, callbacks_of(one)) for name, one in cast.strategies.items()
        }
        began = perf_counter_ns()
        try:
            yield (
                Cast(strategies, {**cast.rules, **self._rules(config.with_rules(cast.rules))}),
                [self._observer(hearing_of(one)) for one in observers],
            )
        finally:
            self._total.nanoseconds += perf_counter_ns() - began

    def _rules(self, config: OrchestratorConfig) -> dict[str, Any]:
        policy, policies = config.policies()
        commission, slippage = config.commission_model(), config.slippage_model()
        rules: dict[str, Any] = {
            "conflict_policy": self._stand_in(policy, "policy", policy.name, ["settle"]),
            "conflict_policies": {
                symbol: self._stand_in(one, "policy", f"{one.name}, {symbol}", ["settle"])
                for symbol, one in policies.items()
            },
        }
        # Models that charge nothing are not asked.
        if not isinstance(commission, NoCommission):
            name = type(commission).__name__
            rules["commission"] = self._stand_in(commission, "commission", name, ["commission_micros"])
        if not isinstance(slippage, NoSlippage):
            rules["slippage"] = self._stand_in(slippage, "slippage", type(slippage).__name__, ["slippage_micros"])
        model = config.filling()
        if model is not None:
            rules["fill_model"] = self._stand_in(model, "fill model", type(model).__name__, ["fill"])
        rebalancer = config.rebalancer()
        if rebalancer is not None:
            rules["rebalance"] = self._stand_in(rebalancer, "rebalancer", rebalancer.name, ["targets"])
        if config.limits.own:
            rules[OWN_LIMITS] = {
                name: self._stand_in(one, "limit", name, ["room"]) for name, one in config.limits.own.items()
            }
        return rules

    def _observer(self, hearing: Hearing) -> Hearing:
        return hearing._replace(observer=self._tally("observer", hearing.name).timed(hearing.observer))

    def _stand_in(self, part: Any, kind: str, name: str, methods: Sequence[str]) -> Any:
        tally = self._tally(kind, name)
        timed = {method: tally.timed(getattr(part, method)) for method in methods}
        # Errors name the class of what raised, so the stand-in's has the same name.
        return type(type(part).__name__, (_StandIn,), {})(part, timed)

    def _tally(self, kind: str, name: str) -> Tally:
        return self._tallies.setdefault((kind, name), Tally())


class _StandIn:
    """Has the timed methods of a part, and everything else of it as it is."""

    def __init__(self, part: Any, timed: dict[str, Any]) -> None:
        self.__dict__.update(timed)
        self._part = part

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        # A policy is judged by what it is, not by who stands in for it.
        return type(self._part)

    def __getattr__(self, name: str) -> Any:
        if name in CALLBACKS:
            raise AttributeError(name)
        return getattr(self._part, name)
