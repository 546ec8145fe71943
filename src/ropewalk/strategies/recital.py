"""
The recital: says the intents of another run again at their instants, whatever has become of the events around them.

A prompter repeats a run to the letter, so it goes by numbers. Where decisions come out otherwise numbers do, too; here
what was said at a turn is said at the turn of that instant, and what was said to an event when that event comes again.
If it does not come, it is said at the turn.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from ropewalk.bus import Bus, Phase
from ropewalk.events import DataEnded, Decision, Fault, Fill, Intent, Rebalance, Split, Transfer, Turn
from ropewalk.strategies.prompter import is_of_observer

if TYPE_CHECKING:
    from collections.abc import Iterable

Heard = tuple[Any, ...]

SUBJECTS: dict[type, tuple[str, ...]] = {
    Fill: ("strategy", "symbol"),
    Transfer: ("giver", "taker"),
    Split: ("symbol", "numerator", "denominator"),
    Fault: ("source", "callback", "symbol"),
}
"""What tells events of one kind and instant apart that are the same in two runs though their numbers are not."""


class Play:
    """
    What strategies said in another run, in its order.

    `turns` has what they said at turns, by time; `answers` what they said to events: by the event as it can be known
    again, and by how many of its like came before. `last` are answers to what came when the data had ended, `late`
    those to what came after the last cutoff. `times` are all instants at which something was said; `dropped` counts
    faults of observers, who are not there now.
    """

    def __init__(self, entries: Iterable[tuple[int, int, Any]]) -> None:
        self.turns: dict[int, list[Any]] = {}
        self.answers: OrderedDict[Heard, list[Any]] = OrderedDict()
        self.last: dict[Heard, None] = {}
        self.late: dict[Heard, None] = {}
        self.times: list[int] = []
        self.said = self.answered = self.dropped = 0
        entries = list(entries)
        said = [entry for entry in entries if entry[2].__class__ is Intent or entry[2].__class__ is Fault]
        numbers = {cause for _, cause, _ in said}
        if numbers.isdisjoint([number for number, _, _ in entries]):
            # What answered no event was said at a turn.
            for _, _, event in said:
                if is_of_observer(event):
                    self.dropped += 1
                elif event.at_us in self.turns:
                    self.turns[event.at_us].append(event)
                else:
                    self.turns[event.at_us] = [event]
            self.times = list(self.turns)
            self.said = sum([event.__class__ is Intent for _, _, event in said])
        else:
            kinds = {event.__class__ for number, _, event in entries if number in numbers}
            self._sort(entries, kinds)

    def _sort(self, entries: Iterable[tuple[int, int, Any]], kinds: set[type]) -> None:
        """Tell turns from answers, where something answered events of some kinds."""
        events: dict[int, Heard] = {}
        alike: Counter[Heard] = Counter()
        where: dict[int, Heard] = {}
        has_ended = False
        for number, cause, event in entries:
            kind = event.__class__
            if kind is Intent or kind is Fault:
                heard = events.get(cause)
                if kind is Intent and heard is not None and heard[0] is Rebalance:
                    # What sells down to rebalance is no strategy's word; who said it sits in this run, too.
                    continue
                if is_of_observer(event):
                    self.dropped += 1
                    continue
                self._take(event, heard)
                if heard is not None:
                    where[number] = heard
                    if has_ended:
                        self.last[heard] = None
            elif kind is Decision:
                if event.reason == "data_ended" and cause in where:
                    self.late[where[cause]] = None
                continue
            has_ended = has_ended or kind is DataEnded
            if kind is not Intent and kind in kinds:
                like = known_again(event)
                events[number] = (*like, alike[like])
                alike[like] += 1

    def _take(self, event: Any, heard: Heard | None) -> None:
        self.said += event.__class__ is Intent
        if heard is None:
            self.turns.setdefault(event.at_us, []).append(event)
        else:
            self.answered += event.__class__ is Intent
            self.answers.setdefault(heard, []).append(event)
        if not self.times or self.times[-1] != event.at_us:
            self.times.append(event.at_us)


def known_again(event: Any) -> Heard:
    """Say what an event is, whatever its number and its amounts."""
    kind = event.__class__
    if kind is Fill and event.remaining_quantity:
        # What crosses of an order before its last fill: orders are known again by their last one.
        return kind, event.at_us, event.strategy, event.symbol, "crossed in part"
    return kind, event.at_us, *(getattr(event, name) for name in SUBJECTS.get(kind, ()))


class Recital:
    """
    Sits where the strategies would, and says what a play has for the turn or the event that is delivered.

    `fills_at_close` is whether orders of the run that is played filled at the close, behind the turn. `moved` counts
    what was said at another time than in that run, `unsaid` what could not be said any more.
    """

    def __init__(self, bus: Bus, play: Play, *, fills_at_close: bool) -> None:
        self._bus = bus
        self._play = play
        self._fills_at_close = fills_at_close
        self._waiting = OrderedDict(play.answers)
        self._alike: Counter[Heard] = Counter()
        self.moved = 0
        bus.subscribe(Turn, self.speak, phase=Phase.STRATEGIES)
        kinds = dict.fromkeys(heard[0] for heard in play.answers)
        for kind in kinds:
            if kind is not DataEnded:
                bus.subscribe(kind, self.answer, phase=Phase.STRATEGIES)
        bus.subscribe(DataEnded, self.on_data_ended, phase=Phase.STRATEGIES)

    @property
    def times(self) -> list[int]:
        """The instants at which something is to be said."""
        return self._play.times

    @property
    def is_waiting(self) -> bool:
        """Something of an instant that is over has not been said yet."""
        return bool(self._waiting) and next(iter(self._waiting))[1] <= self._bus.instant_us

    def has_word(self, at_us: int) -> bool:
        """Say whether a turn of that time may make it speak."""
        return bool(self._waiting) or at_us in self._play.turns

    @property
    def unsaid(self) -> int:
        """Intents that were not said."""
        return sum(event.__class__ is Intent for said in self._waiting.values() for event in said)

    def speak(self, turn: Turn) -> None:
        """Say what was said at this turn, behind what has been waiting for events that did not come."""
        waiting = self._waiting
        while waiting:
            heard = next(iter(waiting))
            if heard in self._play.last or heard[1] >= turn.at_us + (not self._fills_at_close):
                break
            self._say_late(heard)
        publish = self._bus.publish
        for event in self._play.turns.get(turn.at_us, ()):
            publish(event)

    def answer(self, event: Any) -> None:
        """Say what was said to this event."""
        like = known_again(event)
        heard = (*like, self._alike[like])
        self._alike[like] += 1
        for said in self._waiting.pop(heard, ()):
            self._bus.publish(said)

    def on_data_ended(self, ended: DataEnded) -> None:
        """Say what was said at the end, and what is left, but for answers to what comes behind the last cutoff."""
        self.answer(ended)
        for heard in [one for one in self._waiting if one not in self._play.late]:
            self._say_late(heard)

    def _say_late(self, heard: Heard) -> None:
        at_us = self._bus.instant_us
        for event in self._waiting.pop(heard):
            self.moved += event.__class__ is Intent
            self._bus.publish(event if event.at_us == at_us else replace(event, at_us=at_us))
