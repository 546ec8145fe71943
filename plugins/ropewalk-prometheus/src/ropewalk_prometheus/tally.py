"""Tally: what is counted of a run, in plain dicts, and how it is told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from ropewalk import Conflict, Decision, Fault, Fill, RunEnded, RunStarted, Turn, Worth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prometheus_client import Metric

    Labelled = Mapping[tuple[str, ...], float]

SECOND_US = 1_000_000
POOL = "(pool)"
"""What the capital that no strategy has is called, where strategies have names."""

COUNTED: dict[type, tuple[str, str, tuple[str, ...]]] = {
    Decision: ("ropewalk_decisions", "decisions by strategy, verdict and reason", ("strategy", "verdict", "reason")),
    Fill: ("ropewalk_fills", "fills by strategy", ("strategy",)),
    Conflict: ("ropewalk_conflicts", "conflicts by kind", ("kind",)),
    Fault: ("ropewalk_faults", "faults by who raised", ("source",)),
}
"""What is counted further than by type: a metric, what it is, and the fields of the event that are its labels."""


class Tally:
    """One run, counted so far."""

    def __init__(self) -> None:
        self._started: RunStarted | None = None
        self._status = "running"
        self._at_us = 0
        self._worth = Worth()
        self._events: Counter[type] = Counter()
        self._further: dict[type, Counter[tuple[str, ...]]] = {kind: Counter() for kind in COUNTED}

    def count(self, event: Any) -> None:
        """Take note of an event."""
        kind = type(event)
        self._events[kind] += 1
        self._worth.hear(event)
        if kind is Turn:
            self._at_us = event.at_us
        elif kind in COUNTED:
            self._further[kind][tuple(getattr(event, label) for label in COUNTED[kind][2])] += 1
        elif kind is RunStarted:
            self._started, self._at_us = event, event.at_us
            # Who has not traded yet is at zero, not missing.
            self._further[Fill].update({(strategy,): 0 for strategy in event.strategies})
        elif kind is RunEnded:
            self._status = event.status

    def metrics(self) -> list[Metric]:
        """Tell it; nothing before a run."""
        if self._started is None:
            return []
        events: Labelled = {(kind.__name__,): count for kind, count in self._events.items()}
        equities: Labelled = {(owner or POOL,): self._worth.equity(owner) for owner in self._worth.given}
        first, now = self._started.at_us / SECOND_US, self._at_us / SECOND_US
        return [
            gauge("ropewalk_run", "1, with how the run stands", {(self._status,): 1}, "status"),
            counter("ropewalk_events", "events by type", events, "type"),
            *(counter(name, told, self._further[kind], *labels) for kind, (name, told, labels) in COUNTED.items()),
            gauge("ropewalk_equity", "cash and positions at the last closes, in currency", equities, "strategy"),
            gauge("ropewalk_account_equity", "all of it, the pool included", {(): sum(equities.values())}),
            gauge("ropewalk_simulated_start_timestamp_seconds", "the first instant of the data", {(): first}),
            gauge("ropewalk_simulated_timestamp_seconds", "the instant that the run is at", {(): now}),
        ]


def counter(name: str, told: str, counts: Labelled, *labels: str) -> Metric:
    """Make a family of counters, in the order of the values of their labels."""
    family = CounterMetricFamily(name, told, labels=labels)
    for values, count in sorted(counts.items()):
        family.add_metric(values, count)
    return family


def gauge(name: str, told: str, values: Labelled, *labels: str) -> Metric:
    """Make a family of gauges, in the order given."""
    family = GaugeMetricFamily(name, told, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
