"""
Suspension: which strategies are on paper, by schedule or by rule.

A suspended strategy is asked like everyone else, and what it wants goes on record; what would open a position is
refused. Its exits pass, its orders rest, its capital stays where it is, and nobody else notices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ropewalk.arbiter.exposure import Peaks
from ropewalk.arbiter.limits import within_drawdown
from ropewalk.bus import Bus, Phase
from ropewalk.events import Suspension, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from ropewalk.events import SuspendedBy
    from ropewalk.market.history import History
    from ropewalk.market.standing import Standings

DAY_US = 86_400_000_000


class SuspensionRule(NamedTuple):
    """
    When one strategy is suspended: between two times, both included, or for some days once it has a drawdown.

    None is no bound.
    """

    strategy: str
    start_us: int | None = None
    end_us: int | None = None
    drawdown: Fraction | None = None
    days: int | None = None


class Watch:
    """One rule while a run goes on: whether it holds now, and until when; None is for good."""

    __slots__ = ("is_on", "rule", "until_us")

    def __init__(self, rule: SuspensionRule) -> None:
        self.rule = rule
        self.is_on = False
        self.until_us: int | None = None


class Suspensions:
    """
    Says at each turn, before anyone speaks, who is suspended from now on and who is not any more.

    A strategy is suspended, and among `suspended`, while one of its rules holds. A drawdown is measured from the
    highest equity, which begins anew where a suspension ends.
    """

    def __init__(self, bus: Bus, history: History, standings: Standings, rules: Sequence[SuspensionRule]) -> None:
        self._bus = bus
        self._history = history
        self._standings = standings
        self._watches = [Watch(rule) for rule in rules]
        watched = dict.fromkeys(rule.strategy for rule in rules if rule.drawdown is not None)
        self._peaks = Peaks(bus, history, {name: standings[name] for name in watched}) if watched else None
        self.suspended: dict[str, None] = {}
        bus.subscribe(Turn, self.on_turn, phase=Phase.LEDGER)

    def on_turn(self, turn: Turn) -> None:
        """Look at every rule, and say what changed."""
        at_us = turn.at_us
        held: dict[str, SuspendedBy] = {}
        ended: dict[str, SuspendedBy] = {}
        told: dict[str, tuple[int, int]] = {}
        for watch in self._watches:
            rule, was_on = watch.rule, watch.is_on
            cause: SuspendedBy = "schedule"
            if rule.drawdown is None:
                begun = rule.start_us is None or at_us >= rule.start_us
                watch.is_on = begun and (rule.end_us is None or at_us <= rule.end_us)
            else:
                cause = "drawdown"
                self._look(watch, at_us, told)
            if watch.is_on:
                held.setdefault(rule.strategy, cause)
            elif was_on:
                ended[rule.strategy] = cause
        for strategy, cause in held.items():
            if strategy not in self.suspended:
                self.suspended[strategy] = None
                peak, equity = told.get(strategy, (0, 0)) if cause == "drawdown" else (0, 0)
                self._bus.publish(Suspension(at_us, strategy, "suspend", cause, peak, equity))
        for strategy, cause in ended.items():
            if strategy not in held:
                del self.suspended[strategy]
                self._bus.publish(Suspension(at_us, strategy, "resume", cause))

    def _look(self, watch: Watch, at_us: int, told: dict[str, tuple[int, int]]) -> None:
        """Hold one strategy's drawdown against its rule."""
        rule, peaks = watch.rule, self._peaks
        if peaks is None or rule.drawdown is None:
            return
        if watch.is_on:
            if watch.until_us is None or at_us < watch.until_us:
                return
            watch.is_on = False
            peaks.begin_anew(rule.strategy)
        peak = peaks.micros[rule.strategy]
        equity = self._standings[rule.strategy].value_micros(self._history)[0]
        if within_drawdown(equity, peak, rule.drawdown) is not None:
            watch.is_on = True
            watch.until_us = None if rule.days is None else at_us + rule.days * DAY_US
            told[rule.strategy] = peak, equity
