"""The prompter: says again what strategies said in another run, at the same places, without asking them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from ropewalk.bus import Bus, Phase
from ropewalk.events import Bar, Cutoff, ExDate, Fault, Record, Turn

if TYPE_CHECKING:
    from collections.abc import Container, Iterable


class Script(NamedTuple):
    """
    What was said in another run.

    `turns` and `answers` are intents and faults of strategies, in order, by the number of what caused them and the time
    at which they were said: a step, or an event. Both are needed, since a step from which nothing follows gives its
    number to what comes next. `stumbles` are the faults of observers by their own numbers and by what caused them: the
    beats of an instant have one number, and a fault may have come with any of them.
    """

    turns: dict[tuple[int, int], list[Any]]
    answers: dict[tuple[int, int], list[Any]]
    stumbles: dict[tuple[int, int], Fault]


def script_of(entries: Iterable[tuple[int, int, Any]], *, steps: Container[int]) -> Script:
    """Arrange what was said, given as numbers, causes and events in their order, and the numbers of all steps."""
    script = Script({}, {}, {})
    for number, cause, event in entries:
        if is_of_observer(event):
            script.stumbles[number, cause] = event
        else:
            said = script.turns if cause in steps else script.answers
            said.setdefault((cause, event.at_us), []).append(event)
    return script


def is_of_observer(said: Any) -> bool:
    """Tell the fault of an observer from whatever else is said."""
    return said.__class__ is Fault and said.action == "detach"


class Prompter:
    """Sits where the strategies would, and publishes what the script has for the event that is delivered."""

    def __init__(self, bus: Bus, script: Script) -> None:
        self._bus = bus
        self._script = script
        bus.subscribe(Turn, self.speak, phase=Phase.STRATEGIES)
        for event_type in get_args(Record):
            bus.subscribe(event_type, self.answer, phase=Phase.STRATEGIES)

    def speak(self, event: Any) -> None:
        """Say what strategies said at this turn."""
        for said in self._script.turns.get((self._bus.number, self._bus.instant_us), ()):
            self._bus.publish(said)

    def answer(self, event: Any) -> None:
        """Say what strategies said when they heard this event."""
        for said in self._script.answers.get((self._bus.number, self._bus.instant_us), ()):
            self._bus.publish(said)

    def attend(self) -> None:
        """Take a seat behind all observers: a fault that one of them causes again is not said a second time."""
        if self._script.stumbles:
            for event_type in (Bar, Turn, Cutoff, ExDate, *get_args(Record)):
                self._bus.observe(event_type, self.stumble, name="prompter", is_vital=True)

    def stumble(self, event: Any, number: int, cause: int) -> None:
        """Put on record which observers failed here."""
        bus = self._bus
        while (fault := self._script.stumbles.get((bus.next, number))) is not None and _is_here(fault, event, bus):
            bus.publish(fault, cause=number)


def _is_here(fault: Fault, event: Any, bus: Bus) -> bool:
    # A fault's callback is what its observer was hearing.
    return fault.callback == type(event).__name__ and fault.at_us == bus.instant_us
