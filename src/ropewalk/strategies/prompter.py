"""The prompter: says again what strategies said in another run, at the same places, without asking them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from ropewalk.bus import Bus, Phase
from ropewalk.events import Fault, Record, Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Script = dict[tuple[int, int], list[Any]]
"""Intents and faults, in order, by the number of what caused them and the time at which they were said."""


def script_of(entries: Iterable[tuple[int, Any]]) -> Script:
    """Arrange what was said, given as causes and events in the order of their numbers."""
    script: Script = {}
    for cause, event in entries:
        script.setdefault((cause, event.at_us), []).append(event)
    return script


class Prompter:
    """
    Sits where the strategies would, and publishes what the script has for the event that is delivered.

    Faults of observers come after everyone has heard the event, as they did.
    """

    def __init__(self, bus: Bus, script: Mapping[tuple[int, int], list[Any]]) -> None:
        self._bus = bus
        self._script = script
        for event_type in (Turn, *get_args(Record)):
            bus.subscribe(event_type, self.speak, phase=Phase.STRATEGIES)
            bus.subscribe(event_type, self.stumble, phase=Phase.COLLECTORS)

    def speak(self, event: Any) -> None:
        """Say what strategies said here."""
        for said in self._script.get((self._bus.number, self._bus.instant_us), ()):
            if not _is_of_observer(said):
                self._bus.publish(said)

    def stumble(self, event: Any) -> None:
        """Put on record which observers failed here."""
        for said in self._script.get((self._bus.number, self._bus.instant_us), ()):
            if _is_of_observer(said):
                self._bus.publish(said)


def _is_of_observer(said: Any) -> bool:
    return said.__class__ is Fault and said.action == "detach"
