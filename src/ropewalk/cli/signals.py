"""Signals: Ctrl-C and SIGTERM end a run between two instants, a second one at once, and a third the process."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from ropewalk.errors import LeftAtOnce

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INTERRUPTED = 130
"""What a command that was interrupted ends with, by whichever signal."""

HEARD = (signal.SIGINT, signal.SIGTERM)
FIRST = b"\nropewalk: stopping after this instant; the same again leaves at once\n"
SECOND = b"\nropewalk: leaving at once, what was recorded is kept; the same again kills\n"


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """
    Listen while a run goes on; gives what its `should_stop` is.

    What whoever started the process has set to be ignored, as `nohup` and shells do for commands in the background,
    stays ignored. Outside the main thread nothing can be heard. Raises typer.Exit once somebody has left at once.
    """
    ear = _Ear()
    heard = HEARD if threading.current_thread() is threading.main_thread() else ()
    before = {one: signal.signal(one, ear.hear) for one in heard if signal.getsignal(one) is not signal.SIG_IGN}
    try:
        yield ear.has_heard
    except LeftAtOnce:
        raise typer.Exit(INTERRUPTED) from None
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class _Ear:
    """Counts signals. It may be called anywhere in the run, so it does not write to buffered streams."""

    def __init__(self) -> None:
        self.count = 0
        self.stderr = _descriptor()

    def has_heard(self) -> bool:
        """Tell whether there was a signal."""
        return self.count > 0

    def hear(self, number: int, _frame: Any) -> None:
        """Remember the first, leave the run at the second, die of the third as if nobody had listened."""
        self.count += 1
        if self.count == 1:
            self._say(FIRST)
            return
        if self.count == 2:
            self._say(SECOND)
            raise LeftAtOnce
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _say(self, text: bytes) -> None:
        if self.stderr is None:
            return
        try:
            os.write(self.stderr, text)
        except OSError:
            self.stderr = None


def _descriptor() -> int | None:
    try:
        return sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        return None
