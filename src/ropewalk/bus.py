"""
The bus: one queue that every event passes, in one order that everybody sees.

Receivers subscribe through blinker signals, one a type of event and phase. Before the run the bus is
**sealed**: subscriptions become tuples, ordered by phase and then by order of subscription, and
delivering an event is a plain loop over a tuple. What a receiver publishes waits its turn at the end
of the queue, so there is no recursion and no receiver overtakes another.

The bus numbers what is recorded, without gaps, and knows the cause of each event: the event that was
being delivered when it was published, unless the publisher names a better one. All bars of an
instant share the number of its *step*, which is taken only when something follows from them.
"""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar, cast

from blinker import Signal

from ropewalk.errors import PluginError
from ropewalk.events import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Receiver = Callable[[Any], None]
    Observer = Callable[[Any, int, int], object]

Registered = TypeVar("Registered", bound="Callable[..., object]")

CHAIN_MAX = 1_000_000
"""Events that one beat may lead to before the run is stopped as endless."""

ERROR_MAX = 4096
"""Characters of an error's text that a Fault keeps."""


class Phase(IntEnum):
    """Where a receiver stands among those of one event; observers always come last."""

    MARKET = 0
    LEDGER = 1
    STRATEGIES = 2
    ARBITER = 3
    COLLECTORS = 4


class _InOrder(dict[Any, None]):
    """A set in order of arrival: blinker's own would deliver in the order of memory addresses."""

    def add(self, item: object) -> None:
        self[item] = None

    def discard(self, item: object) -> None:
        self.pop(item, None)

    def copy(self) -> _InOrder:
        return _InOrder(self)

    def __or__(self, other: Any) -> Any:
        return _InOrder({**self, **other})


class _OrderedSignal(Signal):
    set_class = cast("type[set[Any]]", _InOrder)

    def in_order(self) -> Iterator[Any]:
        return self.receivers_for(None)


class Bus:
    """
    One first-in-first-out queue with sealed seats.

    `number` and `cause` are those of the event being delivered; between instants and during the
    clock's beats `number` is the step's. They never go back. `instant_us` is the current instant.
    """

    def __init__(self) -> None:
        self.number = 0
        self.cause = 0
        self.instant_us = 0
        self._next = 0
        self._step = 0
        self._step_is_open = False
        self._signals: dict[tuple[type, Phase], _OrderedSignal] = {}
        self._observers: dict[type, _OrderedSignal] = {}
        self._names: dict[Observer, tuple[str, bool]] = {}
        self._routes: dict[type, tuple[Receiver, ...]] = {}
        self._watchers: dict[type, list[Observer]] = {}
        self._queue: deque[tuple[Any, int, int]] = deque()
        self._is_sealed = False

    def subscribe(self, event_type: type, receiver: Registered, *, phase: Phase) -> Registered:
        """
        Give a receiver its seat; it is held strongly and called as `receiver(event)`.

        Raises PluginError once the bus is sealed: seats do not move during a run.
        """
        self._refuse_when_sealed(receiver)
        signal = self._signals.setdefault((event_type, phase), _OrderedSignal())
        return signal.connect(receiver, weak=False)

    def observe(self, event_type: type, observer: Registered, *, name: str = "", is_vital: bool = False) -> Registered:
        """
        Let an observer hear one type of event, after everyone else, as `observer(event, number, cause)`.

        An observer that raises is detached and leaves a Fault; a vital one stops the run instead.
        Raises PluginError once the bus is sealed.
        """
        self._refuse_when_sealed(observer)
        self._names[observer] = (name or getattr(observer, "__qualname__", type(observer).__name__), is_vital)
        return self._observers.setdefault(event_type, _OrderedSignal()).connect(observer, weak=False)

    def _refuse_when_sealed(self, receiver: object) -> None:
        if self._is_sealed:
            raise PluginError(f"{receiver!r} came after the run began; subscribe before it, seats are sealed then")

    def seal(self) -> None:
        """Turn the subscriptions into tuples. From here on the order of delivery is fixed."""
        routes: dict[type, list[Receiver]] = {}
        for event_type, phase in sorted(self._signals, key=lambda seat: seat[1]):
            routes.setdefault(event_type, []).extend(self._signals[event_type, phase].in_order())
        self._routes = {event_type: tuple(receivers) for event_type, receivers in routes.items()}
        self._watchers = {event_type: list(signal.in_order()) for event_type, signal in self._observers.items()}
        self._is_sealed = True

    def start_instant(self, at_us: int) -> None:
        """Open an instant: its step will take the next number if anything follows from its bars."""
        self.instant_us = at_us
        self.number = self.cause = self._step = self._next
        self._step_is_open = True

    def publish(self, event: Any, *, cause: int | None = None) -> int:
        """Number an event, put it at the end of the queue, and say its number."""
        number = self._next
        if self._step_is_open:
            # The first consequence of an instant is preceded by the instant's own step.
            self._step_is_open = False
            number += 1
        self._next = number + 1
        self._queue.append((event, number, self.number if cause is None else cause))
        return number

    def announce(self, event: Any) -> None:
        """Publish an event from outside the beats, such as the start and the end of a run, and deliver it."""
        self._step_is_open = False
        self._step = self.publish(event)
        self._drain()

    def lane(self, event_type: type) -> Callable[[Any], None]:
        """
        Make the function by which the clock delivers one type of beat, and all that follows from it.

        Beats are not queued: when one begins the queue is empty. Bars share the number of their step.
        """
        receivers, watchers = self._routes.get(event_type, ()), self._watchers.get(event_type)
        queue, drain, show = self._queue, self._drain, self._show

        def deliver(event: Any) -> None:
            for receive in receivers:
                receive(event)
            if watchers:
                show(watchers, event, self._step, self._step)
            if queue:
                drain()

        return deliver

    def _drain(self) -> None:
        queue, routes, watchers = self._queue, self._routes, self._watchers
        delivered = 0
        while queue:
            event, self.number, self.cause = queue.popleft()
            for receive in routes.get(event.__class__, ()):
                receive(event)
            if event.__class__ in watchers:
                self._show(watchers[event.__class__], event, self.number, self.cause)
            delivered += 1
            if delivered > CHAIN_MAX:
                raise PluginError(f"one beat led to more than {CHAIN_MAX} events; the last was {event!r}")
        self.number = self.cause = self._step

    def _show(self, watchers: list[Observer], event: Any, number: int, cause: int) -> None:
        for observer in tuple(watchers):
            try:
                observer(event, number, cause)
            except Exception as error:
                name, is_vital = self._names[observer]
                if is_vital:
                    raise
                self._detach(observer)
                text = f"{type(error).__name__}: {error}"[:ERROR_MAX]
                kind = type(event).__name__
                self.publish(Fault(self.instant_us, name, kind, "", text, "detach"), cause=number)

    def _detach(self, observer: Observer) -> None:
        for watchers in self._watchers.values():
            if observer in watchers:
                watchers.remove(observer)
