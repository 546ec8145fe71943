"""Happened: a run's record, by kind of event."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ropewalk.collectors.conflicts import Conflicts
from ropewalk.collectors.crossing import Crossing, crossing_of
from ropewalk.collectors.trades import RoundTrip, round_trips
from ropewalk.events import (
    Adjustment,
    Conflict,
    Decision,
    Dividend,
    Fault,
    Fill,
    Intent,
    Lapse,
    Payment,
    Reallocation,
    Rebalance,
    Split,
    Suspension,
    Transfer,
)
from ropewalk.money import currency

if TYPE_CHECKING:
    from decimal import Decimal

    from ropewalk.collectors.recorder import Recorder
    from ropewalk.events import RunEnded, RunStarted


class Happened:
    """What happened in a run, as tuples of events in their order."""

    def __init__(self, *, started: RunStarted, ended: RunEnded, record: Recorder) -> None:
        self.started = started
        self.ended = ended
        self.record = record

    @cached_property
    def intents(self) -> tuple[Intent, ...]:
        """All intents; `record` has them with numbers and causes, like everything below."""
        return self.record.events(Intent)

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, one an intent."""
        return self.record.events(Decision)

    @cached_property
    def conflicts(self) -> Conflicts:
        """All conflicts."""
        return Conflicts(self.record.events(Conflict))

    @cached_property
    def fills(self) -> tuple[Fill, ...]:
        """All fills."""
        return self.record.events(Fill)

    @cached_property
    def lapses(self) -> tuple[Lapse, ...]:
        """All orders that ended unfilled."""
        return self.record.events(Lapse)

    @cached_property
    def transfers(self) -> tuple[Transfer, ...]:
        """All capital that moved, beginning with each strategy's own."""
        return self.record.events(Transfer)

    @cached_property
    def rebalances(self) -> tuple[Rebalance, ...]:
        """Every rebalance: what the strategies were worth, and what they were to be worth."""
        return self.record.events(Rebalance)

    @cached_property
    def reallocations(self) -> tuple[Reallocation, ...]:
        """What of the rebalances moved, at the instants at which it did."""
        return self.record.events(Reallocation)

    @cached_property
    def suspensions(self) -> tuple[Suspension, ...]:
        """Who went on paper, and who came back."""
        return self.record.events(Suspension)

    @cached_property
    def actions(self) -> tuple[Split | Dividend, ...]:
        """All corporate actions, at the instants at which they took effect."""
        return self.record.events(Split, Dividend)

    @cached_property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """What splits did to positions."""
        return self.record.events(Adjustment)

    @cached_property
    def payments(self) -> tuple[Payment, ...]:
        """What dividends brought, and cost the short."""
        return self.record.events(Payment)

    @property
    def dividends(self) -> Decimal:
        """All dividends received less those that shorts paid, in currency: the strategies' sum."""
        return currency(sum(payment.micros for payment in self.payments))

    @cached_property
    def crossing(self) -> Crossing:
        """What crossed inside the account under the policy `net`, each cross once, and what that saved in total."""
        return crossing_of(self.fills, sides=2)

    @cached_property
    def moves(self) -> tuple[Fill | Adjustment, ...]:
        """Whatever changed positions, in its order: fills, and adjustments where there were splits."""
        return self.record.events(Fill, Adjustment) if self.actions else self.fills

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """All exceptions of strategies and observers."""
        return self.record.events(Fault)

    @cached_property
    def round_trips(self) -> tuple[RoundTrip, ...]:
        """The round trips of all strategies, each tagged with its strategy, in the order they closed."""
        return round_trips(self.moves)
