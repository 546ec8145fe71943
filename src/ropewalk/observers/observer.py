"""The mark that says which events an observer wants to hear."""

from __future__ import annotations

from inspect import isasyncgenfunction, iscoroutinefunction, isfunction, isgeneratorfunction, ismethod
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, get_args

from ropewalk.errors import PASSED_ON, ConfigError, PluginError, RopewalkError, clipped, told
from ropewalk.events import Bar, Cutoff, Event, ExDate, Record, Turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.bus import Bus

Marked = TypeVar("Marked")

OnError = Literal["detach", "stop"]

MARK = "__ropewalk_events__"
ON_ERROR = "__ropewalk_on_error__"


EVENTS: tuple[type, ...] = (Bar, Turn, Cutoff, ExDate, *get_args(Record))
"""Every type of event that there is to hear: the clock's beats, and all that is numbered."""


class Hearing(NamedTuple):
    """An observer as it is attached: what it hears, what it is called in a Fault, and what happens when it raises."""

    observer: Any
    events: tuple[type, ...]
    name: str
    on_error: OnError


def observer(*event_types: type, on_error: OnError = "detach") -> Callable[[Marked], Marked]:
    """
    Mark a function or a class as an observer of some types of event.

    It is called as `observer(event, number, cause)` after everyone else, and cannot publish. One that raises is
    detached with a Fault on record, or with `on_error="stop"` stops the run. What an object hears, it may also say
    itself: `observer(Fill)(self)` in its constructor.

    >>> from ropewalk.events import Fill
    >>> @observer(Fill)
    ... def show(event, number, cause):
    ...     print(number, event)
    """
    for event_type in event_types or (None,):
        if not isinstance(event_type, type) or not issubclass(event_type, (Event, Bar)):
            found = clipped(event_type) if event_types else "nothing"
            raise ConfigError(f"observer(...) got {found}; give the types of event to hear: @observer(Fill, Decision)")

    if on_error not in ("detach", "stop"):
        raise ConfigError(f"observer(...) got on_error={clipped(on_error)}; 'detach' and 'stop' are what there is")

    def mark(marked: Marked) -> Marked:
        setattr(marked, MARK, event_types)
        setattr(marked, ON_ERROR, on_error)
        return marked

    return mark


def hearing_of(one: Any, *, name: str = "", on_error: OnError | None = None) -> Hearing:
    """
    Say how an observer is attached, under a name and with a rule of its own if they are given.

    Raises ConfigError for one that is not marked or cannot be called.
    """
    if isinstance(one, Hearing):
        return one
    events = getattr(one, MARK, None)
    if events is None or isinstance(one, type) or not callable(one):
        raise ConfigError(
            f"{clipped(one)} is no observer: decorate a function, or a class with __call__(event, number, cause) "
            "whose instance you give, with @observer(Fill, ...)"
        )
    call = one if isfunction(one) or ismethod(one) else one.__call__
    if iscoroutinefunction(call) or isgeneratorfunction(call) or isasyncgenfunction(call):
        raise ConfigError(
            f"{clipped(one)} is async or has a yield: ropewalk calls an observer as a plain function, and nobody would "
            "run what it returns; write def, and no yield"
        )
    called = name or getattr(one, "__qualname__", type(one).__qualname__)
    marked: OnError = getattr(one, ON_ERROR, "detach")
    return Hearing(one, events, called, on_error or marked)


def attach(bus: Bus, observers: Any) -> None:
    """
    Attach marked observers in the order given.

    Raises ConfigError for one that is not marked or cannot be called.
    """
    for one in map(hearing_of, observers):
        is_vital = one.on_error == "stop"
        hear = _vital(one) if is_vital else one.observer
        for event_type in one.events:
            bus.observe(event_type, hear, name=one.name, is_vital=is_vital)


def _vital(one: Hearing) -> Callable[[Any, int, int], None]:
    def hear(event: Any, number: int, cause: int) -> None:
        try:
            one.observer(event, number, cause)
        except (RopewalkError, *PASSED_ON):
            raise
        except BaseException as error:
            raise PluginError(
                f"observer {one.name} raised {told(error)} when it heard {type(event).__name__}, number {number}, and "
                "is to stop the run then"
            ) from error

    return hear
