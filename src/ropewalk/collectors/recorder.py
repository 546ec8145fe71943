"""The recorder: keeps what was numbered in a run, for results to be made of."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from hashlib import sha256
from itertools import compress, repeat
from operator import is_, itemgetter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Recorded = TypeVar("Recorded")

_EVENT = itemgetter(2)


class Entry(NamedTuple, Generic[Recorded]):
    """An event, its number in the run, and the number of the event that led to it."""

    number: int
    cause: int
    event: Recorded


class Recorder:
    """
    Everything that was numbered in a run, in order; to be read once the run has ended.

    `take` is for the bus's recorder seat.

    A decision's cause is its intent, a fill's and a lapse's the decision that granted it.
    """

    def __init__(self, entries: Iterable[tuple[int, int, Any]] = ()) -> None:
        self._entries = list(entries)
        self.take = self._entries.extend
        self._by_type: dict[type, list[tuple[int, int, Any]]] = {}

    @cached_property
    def _types(self) -> list[type]:
        return list(map(type, map(_EVENT, self._entries)))

    @cached_property
    def _found(self) -> dict[type, None]:
        return dict.fromkeys(self._types)

    def _picked(self, event_type: type) -> list[tuple[int, int, Any]]:
        """Pick a type out once somebody asks for it, without a loop in Python."""
        if event_type not in self._found:
            return []
        if event_type not in self._by_type:
            self._by_type[event_type] = list(compress(self._entries, map(is_, self._types, repeat(event_type))))
        return self._by_type[event_type]

    def __iter__(self) -> Iterator[tuple[int, int, Any]]:
        """Go through everything as plain tuples, which `entries` gives names."""
        return iter(self._entries)

    def _of(self, event_type: type) -> list[Any]:
        return [Entry(*entry) for entry in self._picked(event_type)]

    @cached_property
    def entries(self) -> list[Entry[Any]]:
        """Everything."""
        return [Entry(*entry) for entry in self._entries]

    @cached_property
    def intents(self) -> list[Entry[Intent]]:
        """What was wanted."""
        return self._of(Intent)

    @cached_property
    def conflicts(self) -> list[Entry[Conflict]]:
        """Who wanted the same."""
        return self._of(Conflict)

    @cached_property
    def decisions(self) -> list[Entry[Decision]]:
        """What became of each intent."""
        return self._of(Decision)

    @cached_property
    def fills(self) -> list[Entry[Fill]]:
        """What was executed."""
        return self._of(Fill)

    @cached_property
    def lapses(self) -> list[Entry[Lapse]]:
        """What was granted and never filled."""
        return self._of(Lapse)

    @cached_property
    def transfers(self) -> list[Entry[Transfer]]:
        """What capital was moved."""
        return self._of(Transfer)

    @cached_property
    def rebalances(self) -> list[Entry[Rebalance]]:
        """How capital was to be shared."""
        return self._of(Rebalance)

    @cached_property
    def reallocations(self) -> list[Entry[Reallocation]]:
        """What of that moved, and when; the cause of each is its rebalance."""
        return self._of(Reallocation)

    @cached_property
    def suspensions(self) -> list[Entry[Suspension]]:
        """Who went on paper, and who came back."""
        return self._of(Suspension)

    @cached_property
    def faults(self) -> list[Entry[Fault]]:
        """What raised."""
        return self._of(Fault)

    @cached_property
    def actions(self) -> list[Entry[Split | Dividend]]:
        """What splits and dividends took effect."""
        return [Entry(*entry) for entry in self._entries if entry[2].__class__ in (Split, Dividend)]

    @cached_property
    def adjustments(self) -> list[Entry[Adjustment]]:
        """What splits did to positions; the cause of each is its split."""
        return self._of(Adjustment)

    @cached_property
    def payments(self) -> list[Entry[Payment]]:
        """What dividends brought or cost; the cause of each is its dividend."""
        return self._of(Payment)

    def events(self, *event_types: type[Recorded]) -> tuple[Recorded, ...]:
        """The events of some types in their order, without their numbers."""
        there = [event_type for event_type in event_types if event_type in self._found]
        if len(there) == 1:
            return tuple(map(_EVENT, self._picked(there[0])))
        return tuple([entry[2] for entry in self._entries if entry[2].__class__ in there]) if there else ()

    def counts(self) -> dict[type, int]:
        """Count the events so far by type."""
        return Counter(map(type, map(_EVENT, self._entries)))

    def digest(self) -> str:
        """SHA-256 over everything in order: equal for runs in which the same happened."""
        digest = sha256()
        for number, cause, event in self._entries:
            digest.update(msgspec.json.encode((number, cause, type(event).__name__, event)))
            digest.update(b"\n")
        return digest.hexdigest()
