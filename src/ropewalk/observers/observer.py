"""The mark that says which events an observer wants to hear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ropewalk.errors import ConfigError, clipped
from ropewalk.events import Bar, Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.bus import Bus

Marked = TypeVar("Marked")

MARK = "__ropewalk_events__"


def observer(*event_types: type) -> Callable[[Marked], Marked]:
    """
    Mark a function or a class as an observer of some types of event.

    It is called as `observer(event, number, cause)` after everyone else, and cannot publish.

    >>> from ropewalk.events import Fill
    >>> @observer(Fill)
    ... def show(event, number, cause):
    ...     print(number, event)
    """
    for event_type in event_types or (None,):
        if not isinstance(event_type, type) or not issubclass(event_type, (Event, Bar)):
            found = clipped(event_type) if event_types else "nothing"
            raise ConfigError(f"observer(...) got {found}; give the types of event to hear: @observer(Fill, Decision)")

    def mark(marked: Marked) -> Marked:
        setattr(marked, MARK, event_types)
        return marked

    return mark


def attach(bus: Bus, observers: Any) -> None:
    """
    Attach marked observers in the order given.

    Raises ConfigError for one that is not marked or cannot be called.
    """
    for one in observers:
        event_types = getattr(one, MARK, None)
        if event_types is None or isinstance(one, type) or not callable(one):
            raise ConfigError(
                f"{clipped(one)} is no observer: decorate a function, or a class with __call__(event, number, cause) "
                "whose instance you give, with @observer(Fill, ...)"
            )
        name = getattr(one, "__qualname__", type(one).__qualname__)
        for event_type in event_types:
            bus.observe(event_type, one, name=name)
