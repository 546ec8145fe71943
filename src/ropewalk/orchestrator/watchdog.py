"""
The watchdog: ends a run in which nothing moves any more, since something in it does not return.

It is no part of the walk, which reads no clock. A thread of its own looks at where the walk is, ten times in the time
that is granted; when it has found it ten times at the same place it notes the stack and raises `Overdue` where the walk
is stuck. Looks are counted, and not what a clock says: a process that was stopped, or a laptop that slept, is not late.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import traceback
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ropewalk.errors import ConfigError, Overdue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from traceback import FrameSummary

    Stack = list[FrameSummary]

LOOKS = 10
"""How often the walk is found at one place before it is called stuck."""
ATTEMPTS = 3
"""Interruptions that go unheard before the process is ended, where that is allowed."""
SIGNAL = signal.SIGURG
"""What wakes a walk that waits in a call of the system. By itself it does nothing, to whomever it is sent."""


class Watchdog:
    """
    Grants `seconds` to whatever moves nothing.

    With an `exit_code` it may end the process, where nothing else helps: with this code when `Overdue` was swallowed
    three times, and by SIGPROF when compiled code has kept the interpreter to itself for `seconds` of processor time.
    `was_swallowed` says that the run came on after it was interrupted: whoever is interrupted then did not hang.
    """

    def __init__(self, seconds: float, *, exit_code: int | None = None) -> None:
        if not 0 < seconds <= threading.TIMEOUT_MAX:
            raise ConfigError(f"the watchdog was given {seconds} seconds; give more than 0")
        self.seconds = seconds
        self.was_swallowed = False
        self._exit_code = exit_code
        self._has_barked = self._has_interrupted = False
        self._over = threading.Event()
        self._walker = threading.current_thread()
        self._place: Callable[[], Any] = object
        self._tell: Callable[[Stack], object] = list
        self._stuck_at: Any = None
        self._put_off: Callable[[], object] = object

    @contextmanager
    def watching(self, place: Callable[[], Any], tell: Callable[[Stack], object]) -> Iterator[None]:
        """
        Watch the thread that enters this until it leaves.

        `place` says where the walk is; `tell` is given its stack, once, in the watchdog's own thread.
        """
        self._place, self._tell = place, tell
        self._has_barked = self._has_interrupted = self.was_swallowed = False
        self._over, self._walker = threading.Event(), threading.current_thread()
        looking = threading.Thread(target=self._look, name="ropewalk watchdog", daemon=True)
        is_heard = self._walker is threading.main_thread() and signal.getsignal(SIGNAL) is signal.SIG_DFL
        if is_heard:
            signal.signal(SIGNAL, self._interrupt)
        try:
            with _last_resort(self.seconds if self._exit_code is not None else 0) as self._put_off:
                looking.start()
                try:
                    yield
                    if self._has_interrupted:
                        self.was_swallowed = True
                        raise Overdue
                finally:
                    # From here on nobody is interrupted.
                    self._over.set()
                    looking.join()
                    if self._has_interrupted and not is_heard:
                        _let_come()
        finally:
            if is_heard and signal.getsignal(SIGNAL) == self._interrupt:
                signal.signal(SIGNAL, signal.SIG_DFL)

    def _look(self) -> None:
        seen, times, attempts = self._place(), 0, 0
        while not self._over.wait(self.seconds / LOOKS):
            self._put_off()
            place = self._place()
            times = times + 1 if place == seen else 0
            attempts = attempts if place == seen else 0
            seen = place
            if self._has_interrupted and place != self._stuck_at:
                # What was interrupted is no run to go on with: how it would go on depended on a clock.
                self.was_swallowed = True
            elif times < LOOKS:
                continue
            if attempts == ATTEMPTS and self._exit_code is not None:
                _leave(self.seconds, self._exit_code)
            attempts += 1
            self._stuck_at = place
            self._bark()

    def _bark(self) -> None:
        walker = self._walker.ident
        if walker is None:
            return
        if not self._has_barked:
            self._has_barked = True
            self._tell(traceback.extract_stack(sys._current_frames().get(walker)))
        if self._over.is_set():
            return
        if signal.getsignal(SIGNAL) == self._interrupt:
            signal.pthread_kill(walker, SIGNAL)
        else:
            self._has_interrupted = True
            _raise_in(self._walker, Overdue)

    def _interrupt(self, _number: int, _frame: Any) -> None:
        # What has come on in the meantime is let go.
        if not self._over.is_set() and (self.was_swallowed or self._stuck_at == self._place()):
            self._has_interrupted = True
            raise Overdue


def _raise_in(thread: threading.Thread, error: type[BaseException]) -> None:
    """Raise in a thread that no signal reaches, once it runs Python again."""
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(error))


def _let_come() -> None:
    """
    Let an `Overdue` that was sent to this thread, and was not raised yet, be raised here, where it hurts nobody.

    It is not taken back: CPython 3.11 then goes on looking for it, and never comes on where a tracer is at work.
    """
    with suppress(Overdue):
        # An exception from outside is raised where a loop goes back.
        for _ in range(2):
            pass


def _leave(seconds: float, exit_code: int) -> None:
    with suppress(OSError):
        os.write(2, f"\nropewalk: nothing came on for {seconds:g} seconds, nor was to be interrupted: left\n".encode())
    os._exit(exit_code)


# ── compiled code that holds on to the interpreter, so that no Python can run ─────────────────────────────────────────


@contextmanager
def _last_resort(seconds: float) -> Iterator[Callable[[], object]]:
    """
    Let the process end, with a dump of its stack, when nobody has put it off for `seconds` of processor time; 0: never.

    Gives what puts it off. Whoever measures with SIGPROF is not disturbed.
    """
    is_free = signal.getsignal(signal.SIGPROF) is signal.SIG_DFL and not any(signal.getitimer(signal.ITIMER_PROF))
    if not seconds or not is_free:
        yield object
        return
    # A stderr that is no file cannot be dumped to; the process ends all the same.
    with suppress(OSError, ValueError, AttributeError, RuntimeError):
        faulthandler.register(signal.SIGPROF, file=sys.__stderr__ or 2, all_threads=True, chain=True)

    def put_off() -> None:
        signal.setitimer(signal.ITIMER_PROF, seconds)

    put_off()
    try:
        yield put_off
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.unregister(signal.SIGPROF)
