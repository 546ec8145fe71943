"""The audience of a replay: observers that hear what was recorded, and whose own failures are no part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.errors import ConfigError, clipped, told
from ropewalk.observers.observer import Hearing, hearing_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Audience:
    """
    Observers as a replay attaches them.

    They hear nothing beyond the last number that was recorded. One that raises is not called again; `faults`
    says so, and the run that is replayed knows nothing of it. `has_stopped` says that one ended it, as it is to.
    """

    def __init__(self, observers: Sequence[Any], *, last: int | None = None) -> None:
        if not isinstance(observers, (list, tuple)):
            raise ConfigError(f"observers is {clipped(observers)}; give a list of observers")
        self.faults: list[str] = []
        self.has_stopped = False
        self.seats = [self._seated(one, last) for one in observers]

    def _seated(self, one: Any, last: int | None) -> Hearing:
        given = hearing_of(one)
        hear: Callable[[Any, int, int], object] = given.observer
        is_detached = False

        def heard(event: Any, number: int, cause: int) -> None:
            nonlocal is_detached
            if is_detached or (last is not None and number > last):
                return
            try:
                hear(event, number, cause)
            except (Exception, SystemExit) as error:
                if given.on_error == "stop":
                    self.has_stopped = True
                    raise
                is_detached = True
                self.faults.append(f"{given.name}: {told(error)}")

        return given._replace(observer=heard)
