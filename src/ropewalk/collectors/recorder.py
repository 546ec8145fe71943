"""The recorder: keeps what was recorded in a run, with numbers and causes, for results to be made of."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from ropewalk.bus import Bus, Phase
from ropewalk.events import Conflict, Decision, Fault, Fill, Intent, Lapse, Transfer

if TYPE_CHECKING:
    from collections.abc import Callable

Recorded = TypeVar("Recorded")


class Entry(NamedTuple, Generic[Recorded]):
    """An event, its number in the run, and the number of the event that led to it."""

    number: int
    cause: int
    event: Recorded


class Recorder:
    """
    Every intent, conflict, decision, fill, lapse, transfer and fault of a run, in the order of numbers.

    A decision's cause is its intent, a fill's and a lapse's cause the decision that granted it.
    """

    def __init__(self, bus: Bus) -> None:
        self.intents: list[Entry[Intent]] = []
        self.conflicts: list[Entry[Conflict]] = []
        self.decisions: list[Entry[Decision]] = []
        self.fills: list[Entry[Fill]] = []
        self.lapses: list[Entry[Lapse]] = []
        self.transfers: list[Entry[Transfer]] = []
        self.faults: list[Entry[Fault]] = []
        kept: tuple[tuple[type, list[Any]], ...] = (
            (Intent, self.intents),
            (Conflict, self.conflicts),
            (Decision, self.decisions),
            (Fill, self.fills),
            (Lapse, self.lapses),
            (Transfer, self.transfers),
            (Fault, self.faults),
        )
        self._kept = kept
        for event_type, entries in kept:
            bus.subscribe(event_type, _keeper(bus, entries), phase=Phase.COLLECTORS)

    def digest(self) -> str:
        """SHA-256 over all entries in the order of their numbers: equal for runs in which the same happened."""
        entries = sorted((entry for _, kept in self._kept for entry in kept), key=lambda entry: entry.number)
        digest = sha256()
        for number, cause, event in entries:
            digest.update(msgspec.json.encode((number, cause, type(event).__name__, event)))
        return digest.hexdigest()


def _keeper(bus: Bus, entries: list[Any]) -> Callable[[Any], None]:
    append = entries.append

    def keep(event: Any) -> None:
        append(Entry(bus.number, bus.cause, event))

    return keep
