"""The chorus: at each turn every strategy speaks, one after the other, in the order of their seats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.bus import Bus, Phase
from ropewalk.events import Fault, Turn
from ropewalk.strategies.voice import RAISED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.events import Bar
    from ropewalk.strategies.adapters import Adapter


class Chorus:
    """
    All adapters of a run, in seat order.

    Where an instant has one bar and every strategy listens to bars only, they are called straight
    from here: the commonest turn then costs little more than the strategies themselves. Where all of them are
    foretold, `times` are those at which one speaks, once the run has started.
    """

    is_waiting = False

    def __init__(self, bus: Bus, adapters: Sequence[Adapter]) -> None:
        self._adapters = tuple(adapters)
        self._hearers = tuple((adapter.hear, adapter.view, adapter) for adapter in adapters if adapter.hear is not None)
        self._is_plain = len(self._hearers) == len(self._adapters)
        self._speakers: dict[int, list[Adapter]] = {}
        brief = self.on_bar if self._is_plain else None
        bus.subscribe(Turn, self.on_turn, phase=Phase.STRATEGIES, brief=brief)
        bus.subscribe(Fault, self.on_fault, phase=Phase.STRATEGIES)

    @property
    def times(self) -> list[int]:
        """When one of those that are foretold speaks; only they are called at a turn from here on."""
        speakers: dict[int, list[Adapter]] = {}
        for adapter in self._adapters:
            for at_us in adapter.times:
                speakers.setdefault(at_us, []).append(adapter)
        self._speakers = speakers
        return list(speakers)

    def has_word(self, at_us: int) -> bool:
        """Say whether one of those that are foretold speaks at a turn."""
        return at_us in self._speakers

    def on_fault(self, fault: Fault) -> None:
        """Let every later turn go through the adapters: they know who is silent now."""
        self._is_plain = False

    def on_turn(self, turn: Turn) -> None:
        """Let everyone speak."""
        if self._is_plain and len(turn.bars) == 1:
            self.on_bar(turn.bars[0])
        else:
            speakers = self._speakers.get(turn.at_us) if self._speakers else None
            for adapter in self._adapters if speakers is None else speakers:
                adapter.on_turn(turn)

    def on_bar(self, bar: Bar) -> None:
        """Let everyone speak at an instant of one bar."""
        if not self._is_plain:
            self.on_turn(Turn(bar.at_us, (bar,)))
            return
        for hear, view, adapter in self._hearers:
            try:
                wants = hear(bar, view)
                if wants is not None:
                    adapter.say(wants)
            except RAISED as error:
                adapter.fail(error, bar)
