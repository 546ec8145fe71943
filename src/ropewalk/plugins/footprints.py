"""
Footprints: what belongs to everyone in a process, and what a plugin left changed of it.

Whoever changes these changes the runs of others, and later ones, without a word of it in any journal. Most of it can be
put back as it was.
"""

from __future__ import annotations

import decimal
import locale
import os
import random
import signal
import sys
import threading
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.errors import clipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

IMPORTS_CHANGE = ("the filters of warnings",)
"""What large libraries change when they are imported, so that nobody is blamed for it then."""

SUBNORMAL = 5e-324


class Shared(NamedTuple):
    """
    One thing that a process has once.

    `show` words a value, where it means anything to people; `restore` puts one back, where that can be done.
    """

    name: str
    read: Callable[[], Any]
    restore: Callable[[Any], object] | None = None
    show: Callable[[Any], object] | None = None


def wake_numpy_stream() -> None:
    """Let the old global stream of numpy be there, so that the first draw from it is seen: numpy makes it late."""
    if "numpy" in sys.modules:
        import_module("numpy.random")


# Of numpy nothing is used here; its stream belongs to those who do.
def _numpy_stream() -> Any:
    if "numpy.random" not in sys.modules:
        return None
    name, keys, *rest = sys.modules["numpy.random"].get_state()
    return name, keys.tobytes(), *rest


def _restore_numpy_stream(state: Any) -> None:
    name, keys, *rest = state
    sys.modules["numpy.random"].set_state((name, sys.modules["numpy"].frombuffer(keys, dtype="uint32"), *rest))


# Its flags say what has happened; they change nothing.
def _decimal_context() -> Any:
    context = decimal.getcontext()
    traps = tuple(sorted((kind.__name__ for kind, is_set in context.traps.items() if is_set)))
    return context.prec, context.rounding, context.Emin, context.Emax, context.capitals, context.clamp, traps


def _restore_decimal_context(state: Any) -> None:
    context = decimal.getcontext()
    context.prec, context.rounding, context.Emin, context.Emax, context.capitals, context.clamp, traps = state
    for kind in context.traps:
        context.traps[kind] = kind.__name__ in traps


def _shown_context(state: Any) -> str:
    prec, rounding, least, greatest, _, _, traps = state
    return f"prec={prec} {rounding} {least}…{greatest} traps {', '.join(traps)}"


def _working_folder() -> Any:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "gone"


HANDLED = tuple(
    getattr(signal, f"SIG{name}")
    for name in ("INT", "TERM", "HUP", "QUIT", "ABRT", "ALRM", "VTALRM", "PROF", "USR1", "USR2", "CHLD", "PIPE", "URG")
)
"""The signals that programs handle; asking for all there are would take as long as all else."""


def _handlers() -> Any:
    return {one: signal.getsignal(one) for one in HANDLED}


def _restore_handlers(state: Any) -> None:
    for one, handler in state.items():
        # What was set by compiled code is not known here, and None.
        if handler is not None and signal.getsignal(one) is not handler:
            signal.signal(one, handler)


def _restore_filters(state: Any) -> None:
    warnings.filters[:] = state  # type: ignore[index]
    with warnings.catch_warnings():
        """Coming and going lets the module forget what it remembers of the filters."""


def _environment() -> Any:
    # A library's own begin with an underscore: polars sets one for its memory when it is imported, whenever that is.
    return {name: value for name, value in os.environ.items() if not name.startswith("_")}


# Read at run time, since a compiler of Python would compute it beforehand.
def _subnormals() -> Any:
    return "kept" if float(SUBNORMAL) * 1.0 > 0.0 else "flushed to zero"


SHARED = (
    Shared("the stream of random", random.getstate, random.setstate),
    Shared("the global stream of numpy.random", _numpy_stream, _restore_numpy_stream),
    Shared("the decimal context", _decimal_context, _restore_decimal_context, _shown_context),
    Shared(
        "the locale", lambda: locale.setlocale(locale.LC_ALL), lambda state: locale.setlocale(locale.LC_ALL, state), str
    ),
    Shared("the working folder", _working_folder, os.chdir, str),
    Shared("the signal handlers", _handlers, _restore_handlers),
    Shared("the recursion limit", sys.getrecursionlimit, sys.setrecursionlimit, int),
    Shared("the environment", _environment),
    Shared("the filters of warnings", lambda: list(warnings.filters), _restore_filters),
    Shared("subnormal numbers", _subnormals, None, str),
)
"""What is looked at. Imports of libraries set variables of the environment that they need later, so it stays."""


def footprints() -> dict[str, Any]:
    """Read everything that is shared, by name."""
    return {one.name: one.read() for one in SHARED}


def changed(before: Mapping[str, Any], after: Mapping[str, Any], *, spared: tuple[str, ...] = ()) -> list[str]:
    """Say what differs between two readings; a stream that came with an import in between is no change."""
    return [
        one.name
        if one.show is None
        else f"{one.name}: was {clipped(one.show(before[one.name]))}, is {clipped(one.show(after[one.name]))}"
        for one in _differing(before, after)
        if one.name not in spared
    ]


def put_back(before: Mapping[str, Any], after: Mapping[str, Any], *, spared: tuple[str, ...] = ()) -> list[str]:
    """Put back what differs between two readings; names what could not be."""
    left = []
    for one in _differing(before, after):
        if one.name in spared:
            continue
        try:
            if one.restore is not None:
                one.restore(before[one.name])
        except (OSError, ValueError, TypeError, RecursionError, locale.Error):
            left.append(one.name)
        else:
            left += [one.name] if one.restore is None else []
    return left


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Shared]:
    return [one for one in SHARED if before[one.name] is not None and before[one.name] != after[one.name]]


class Footing:
    """
    What is shared as it stood when this was made, to be gone back to.

    Only the main thread looks: in another one whatever changes may well be somebody else's doing.
    """

    def __init__(self) -> None:
        self._looks = threading.current_thread() is threading.main_thread()
        self._before = footprints() if self._looks else {}
        self._modules = len(sys.modules)
        self.changes: list[str] = []

    def regain(self) -> str:
        """Put back what has changed, say so in a sentence, and keep the `changes`; empty where there are none."""
        if not self._looks:
            return ""
        after = footprints()
        came = list(dict.fromkeys(name.partition(".")[0] for name in list(sys.modules)[self._modules :]))
        spared = IMPORTS_CHANGE if came else ()
        self.changes = changed(self._before, after, spared=spared)
        if not self.changes:
            return ""
        left = put_back(self._before, after, spared=spared)
        text = f"the run changed what others share: {'; '.join(self.changes)}"
        if "subnormal numbers" in left and came:
            text += f", which a library does that is compiled with -ffast-math; imported were {', '.join(came)}"
        stays = f"; it was put back, but for {' and '.join(left)}" if left else "; it was put back"
        return text + stays
