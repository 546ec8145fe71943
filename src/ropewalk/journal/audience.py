"""The audience of a replay: observers that hear what was recorded, and whose own failures are no part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.errors import ConfigError, clipped, told
from ropewalk.observers.observer import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Audience:
    """
    Observers as a replay attaches them.

    They hear nothing beyond the last number that was recorded. One that raises is not called again; `faults`
    says so, and the run that is replayed knows nothing of it.
    """

    def __init__(self, observers: Sequence[Any], *, last: int | None = None) -> None:
        if not isinstance(observers, (list, tuple)):
            raise ConfigError(f"observers is {clipped(observers)}; give a list of observers")
        self.faults: list[str] = []
        self.seats = [self._seated(one, last) for one in observers]

    def _seated(self, one: Any, last: int | None) -> Any:
        marked = getattr(one, MARK, None)
        if marked is None or isinstance(one, type) or not callable(one):
            # What is no observer is refused where observers are attached.
            return one
        hear: Callable[[Any, int, int], object] = one
        name = getattr(one, "__qualname__", type(one).__qualname__)
        is_detached = False

        def heard(event: Any, number: int, cause: int) -> None:
            nonlocal is_detached
            if is_detached or (last is not None and number > last):
                return
            try:
                hear(event, number, cause)
            except Exception as error:  # noqa: BLE001 -- it is told, and the replay goes on
                is_detached = True
                self.faults.append(f"{name}: {told(error)}")

        setattr(heard, MARK, marked)
        heard.__qualname__ = name
        return heard
