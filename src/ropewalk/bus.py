"""
The bus: one queue that every event passes, in one order that everybody sees.

Receivers subscribe through blinker signals, one a type of event and phase. Before the run the bus is **sealed**:
subscriptions become tuples, ordered by phase and then by order of subscription, and delivering an event is a plain loop
over a tuple. What a receiver publishes waits its turn at the end of the queue: no recursion, and nobody is overtaken.

The bus numbers what is recorded, without gaps, and knows the cause of each event: the event that was being delivered
when it was published, unless the publisher names a better one. All bars of an instant share the number of its *step*,
which is taken only when something follows from them.
"""

from __future__ import annotations

from collections import defaultdict
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar, cast

from blinker import Signal

from ropewalk.errors import PASSED_ON, PluginError, refuse_unrun, told
from ropewalk.events import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Receiver = Callable[[Any], None]
    Observer = Callable[[Any, int, int], object]
    Entry = tuple[int, int, Any]

Registered = TypeVar("Registered", bound="Callable[..., object]")

CHAIN_MAX = 1_000_000
"""Events that one instant may lead to before the run is stopped as endless."""

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


class Lane:
    """
    The receivers of one type of beat, ready to be called one after the other.

    Receivers that are on call hear beats only while the lane is awake. What they would do with the others is nothing,
    so nothing is what those cost. `brief` is what to call instead, where only one receiver hears this beat and would
    rather have the one bar that it is about.
    """

    __slots__ = ("_all", "_always", "brief", "receivers")

    def __init__(self) -> None:
        self._all: tuple[Receiver, ...] = ()
        self._always: tuple[Receiver, ...] = ()
        self.receivers: tuple[Receiver, ...] = ()
        self.brief: Receiver | None = None

    def seal(self, receivers: Sequence[Receiver], *, on_call: Sequence[Receiver], brief: Receiver | None) -> None:
        """Fix who hears this beat."""
        self._all = tuple(receivers)
        self._always = self.receivers = tuple(receiver for receiver in receivers if receiver not in on_call)
        self.brief = brief if len(receivers) == 1 else None

    def wake(self) -> None:
        """Let those on call hear the beats from the next one on."""
        self.receivers = self._all

    def sleep(self) -> None:
        """Let those on call rest."""
        self.receivers = self._always


class Bus:
    """
    One first-in-first-out queue with sealed seats.

    `number` and `cause` are those of the event being delivered; during the clock's beats both are the step's. They
    never go back. `next` is the number that the next event will take, `unused` what it is while nothing follows from
    the open step. `instant_us` is the current instant. `queue` holds what waits, and what was delivered before it.
    """

    def __init__(self) -> None:
        self.number = self.cause = self.next = self.instant_us = 0
        self.queue: list[Entry] = []
        self._step = self._last = 0
        self.unused = -1
        self._signals: dict[tuple[type, Phase], _OrderedSignal] = {}
        self._observers: dict[type, _OrderedSignal] = {}
        self._on_call: dict[type, list[Receiver]] = {}
        self._briefs: dict[type, Receiver] = {}
        self._names: dict[Observer, tuple[str, bool]] = {}
        self._recorders: list[Callable[[Sequence[Entry]], object]] = []
        self.tracer: Callable[[int, Fault, BaseException], object] | None = None
        self._record: Callable[[Sequence[Entry]], object] = self._record_all
        self._routes: defaultdict[type, tuple[Receiver, ...]] = defaultdict(tuple)
        self._shows: dict[type, tuple[Receiver, ...]] = {}
        self._lanes: dict[type, Lane] = {}
        self._detached: list[Observer] = []
        self._is_sealed = False

    def subscribe(
        self,
        event_type: type,
        receiver: Registered,
        *,
        phase: Phase,
        is_on_call: bool = False,
        brief: Receiver | None = None,
    ) -> Registered:
        """
        Give a receiver its seat; it is held strongly and called as `receiver(event)`.

        A receiver on call hears a beat only while that beat's `lane` is awake. One that hears a beat alone, observers
        included, may be called as `brief(bar)` instead, where the beat is about one bar. Raises PluginError once the
        bus is sealed: seats do not move during a run.
        """
        self._refuse_when_sealed(receiver)
        if is_on_call:
            self._on_call.setdefault(event_type, []).append(cast("Receiver", receiver))
        if brief is not None:
            self._briefs[event_type] = brief
        signal = self._signals.setdefault((event_type, phase), _OrderedSignal())
        return signal.connect(receiver, weak=False)

    def observe(self, event_type: type, observer: Registered, *, name: str = "", is_vital: bool = False) -> Registered:
        """
        Let an observer hear one type of event, after everyone else, as `observer(event, number, cause)`.

        An observer that raises is detached and leaves a Fault; a vital one stops the run instead. Raises PluginError
        once the bus is sealed.
        """
        self._refuse_when_sealed(observer)
        self._names[observer] = (name or getattr(observer, "__qualname__", type(observer).__name__), is_vital)
        return self._observers.setdefault(event_type, _OrderedSignal()).connect(observer, weak=False)

    def record(self, recorder: Callable[[Sequence[Entry]], object]) -> None:
        """
        Hand every numbered event, as `(number, cause, event)`, to a recorder, in order.

        It is given a sequence each time the queue has been delivered; the sequence is not its own to keep. When a
        receiver raises it is first given all that was delivered, that event included.
        """
        self._refuse_when_sealed(recorder)
        self._recorders.append(recorder)

    def fault(self, fault: Fault, error: BaseException, cause: int | None = None) -> None:
        """Publish that somebody raised, and show the `tracer` what: which way it took is in no event."""
        number, show = self.publish(fault, cause), self.tracer
        if show is not None:
            show(number, fault, error)

    def _refuse_when_sealed(self, receiver: object) -> None:
        if self._is_sealed:
            raise PluginError(f"{receiver!r} came after the run began; subscribe before it, seats are sealed then")

    def lane(self, event_type: type) -> Lane:
        """The lane of one type of beat; there is one each, before and after the bus is sealed."""
        return self._lanes.setdefault(event_type, Lane())

    def seal(self) -> None:
        """Turn the subscriptions into tuples. From here on the order of delivery is fixed."""
        routes: dict[type, list[Receiver]] = {}
        for event_type, phase in sorted(self._signals, key=lambda seat: seat[1]):
            routes.setdefault(event_type, []).extend(self._signals[event_type, phase].in_order())
        for event_type, signal in self._observers.items():
            self._shows[event_type] = tuple(self._shown(observer) for observer in signal.in_order())
            routes.setdefault(event_type, []).extend(self._shows[event_type])
        for event_type, receivers in routes.items():
            self._routes[event_type] = tuple(receivers)
            on_call, brief = self._on_call.get(event_type, ()), self._briefs.get(event_type)
            self.lane(event_type).seal(receivers, on_call=on_call, brief=brief)
        if len(self._recorders) == 1:
            self._record = self._recorders[0]
        self._is_sealed = True

    def _record_all(self, entries: Sequence[Entry]) -> None:
        for record in self._recorders:
            record(entries)

    def open_step(self) -> None:
        """
        Give an instant's step the next number.

        While `next` is still `unused`, nothing has followed from the step, and the number serves a later instant.
        """
        self.number = self.cause = self._step = step = self.next
        self.next = self.unused = step + 1

    def publish(self, event: Any, cause: int | None = None) -> int:
        """Number an event, put it at the end of the queue, and say its number."""
        number = self.next
        self.next = number + 1
        self.queue.append((number, self.number if cause is None else cause, event))
        return number

    def announce(self, event: Any) -> None:
        """Publish an event from outside the beats, such as the start and the end of a run, and deliver it."""
        if self.next == self.unused:
            # A step from which nothing followed gives its number back.
            self.next -= 1
        self.unused = -1
        self.instant_us = event.at_us
        self._step = self.publish(event, max(self.next - 1, 0))
        self.drain()

    def repeat(self, entry: Entry) -> None:
        """Deliver an event of another run, with the number and the cause it has there."""
        self._step, self.next = entry[0], entry[0] + 1
        self.queue.append(entry)
        self.drain()

    def drain(self) -> None:
        """Deliver what waits, and what follows from it, until nothing waits."""
        queue, routes, last = self.queue, self._routes, self._last
        try:
            # The queue grows while it is walked.
            for self.number, self.cause, event in queue:
                for receive in routes[type(event)]:
                    receive(event)
                if self.number >= last:
                    last = self._last = self._bound(event)
        except BaseException:
            delivered = [entry for entry in queue if entry[0] <= self.number]
            self._record(delivered)
            del queue[: len(delivered)]
            raise
        try:
            self._record(queue)
        finally:
            queue.clear()
        self.number = self.cause = self._step

    def _bound(self, event: Any) -> int:
        """Say up to which number events may follow from the step without a further look."""
        if self.number - self._step >= CHAIN_MAX:
            raise PluginError(f"one instant led to more than {CHAIN_MAX} events; the last was {event!r}")
        return self._step + CHAIN_MAX

    def abandon(self) -> None:
        """Record what waits and show it to observers, but deliver none of it: the run has failed."""
        for number, cause, event in self.queue:
            self.number, self.cause = number, cause
            for show in self._shows.get(type(event), ()):
                show(event)
        self._record(self.queue)
        self.queue.clear()

    def _shown(self, observer: Observer) -> Receiver:
        """Make an observer a receiver that cannot hurt the run."""
        (name, is_vital), detached = self._names[observer], self._detached

        def show(event: Any) -> None:
            if detached and observer in detached:
                return
            try:
                answer = observer(event, self.number, self.cause)
                if answer is not None:
                    refuse_unrun(answer)
            except BaseException as error:
                # Who was torn out of what it did is not asked about what is left to be said, either.
                detached.append(observer)
                if is_vital or isinstance(error, PASSED_ON):
                    raise
                heard, text = type(event).__name__, told(error)[:ERROR_MAX]
                self.fault(Fault(self.instant_us, name, heard, "", text, "detach"), error, cause=self.number)

        return show
