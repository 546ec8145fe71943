"""Traces: the stack behind each fault, which is no part of a journal, since it names files and lines of code."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ropewalk.errors import Overdue, PluginError, told, writable
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from traceback import FrameSummary

    from ropewalk.bus import Bus
    from ropewalk.events import Fault
    from ropewalk.orchestrator.watchdog import Watchdog

FRAMES = 50
"""Calls of a stack that are kept, the innermost ones."""
LINE = 400
STDLIB = sysconfig.get_path("stdlib")


class Traces:
    """
    Keeps what was raised, by the number of its Fault, and tells it as soon as it is there.

    `advice` is what whoever sees the run fail has to know beside the error; empty where there is nothing.
    """

    def __init__(self, tell: Callable[[dict[str, Any]], object] | None) -> None:
        self.kept: dict[int, str] = {}
        self.advice = self.hung_at = ""
        self._tell = tell

    def take(self, number: int, fault: Fault, error: BaseException) -> None:
        """Take an exception behind a Fault."""
        stack = traceback_of(error)
        self.kept[number] = "\n".join(stack)
        if self._tell is not None:
            self._tell(
                {
                    "number": number,
                    "at": fault.timestamp.isoformat(),
                    "source": fault.source,
                    "callback": fault.callback,
                    "symbol": fault.symbol,
                    "action": fault.action,
                    "traceback": stack,
                }
            )

    def hang(self, bus: Bus, seconds: float, stack: list[FrameSummary]) -> None:
        """Take where the run hangs."""
        lines = [
            line for part in traceback.format_list(stack[-FRAMES:]) for line in writable(part).rstrip("\n").split("\n")
        ]
        at = timestamp(bus.instant_us).isoformat()
        self.hung_at = f"at {at} (event {bus.number})"
        late = f"nothing came on for {seconds:g} seconds; watchdog_seconds says how long that may last"
        if self._tell is not None:
            self._tell({"number": bus.number, "at": at, "source": "watchdog", "error": late, "traceback": lines})
        own = [one for one in stack if not is_of_python(one.filename)][-1:]
        self.advice = "; ".join([late, *(f"it was at {one.filename}:{one.lineno}, in {one.name}" for one in own)])

    def worded(self, error: BaseException, bus: Bus, watchdog: Watchdog | None) -> BaseException:
        """Make an error of what is none, raised anywhere else than in a strategy: by the watchdog, or by `sys.exit`."""
        if watchdog is not None and watchdog.was_swallowed:
            return PluginError(
                f"something did not return {self.hung_at}, swallowed the interruption, and the run was ended; mend it"
            )
        at = f"at {timestamp(bus.instant_us).isoformat()} (event {bus.number})"
        if isinstance(error, Overdue):
            return PluginError(f"something did not return {at}, and the watchdog ended the run; mend it")
        if isinstance(error, SystemExit):
            return PluginError(
                f"{who_raised(error)} left the process {at} with {told(error)}; raise an exception instead"
            )
        return error


def who_raised(error: BaseException) -> str:
    """Name the function that an exception came from, in words that are the same on every machine."""
    own = [one for one in traceback.extract_tb(error.__traceback__) if not is_of_python(one.filename)]
    return f"{own[-1].name} ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else "something"


def is_of_python(file: str) -> bool:
    """Tell the code of Python itself: whoever called it is the one to name."""
    return file.startswith(("<frozen ", STDLIB))


def traceback_of(error: BaseException) -> list[str]:
    """Word how an exception came about as lines; of a long stack the innermost calls are kept."""
    kept = traceback.TracebackException.from_exception(error, limit=-FRAMES)
    return [writable(line)[:LINE] for part in kept.format() for line in part.rstrip("\n").split("\n")]
