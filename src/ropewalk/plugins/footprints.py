"""
Footprints: what belongs to everyone in a process, and what a plugin left changed of it.

Whoever changes these changes the runs of others, and later ones, without a word of it in any journal.
"""

from __future__ import annotations

import decimal
import locale
import os
import random
import signal
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.errors import clipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

IMPORTS_CHANGE = ("the filters of warnings",)
"""What large libraries change when they are imported, so that nobody is blamed for it then."""


class Shared(NamedTuple):
    """One thing that a process has once; `is_shown` says whether its values mean anything to people."""

    name: str
    read: Callable[[], Any]
    is_shown: bool = True


def _numpy_stream() -> Any:
    # Of numpy nothing is used here; its old global stream belongs to those who do, and is made when first asked for.
    return repr(import_module("numpy.random").get_state(legacy=False)) if "numpy" in sys.modules else None


def _decimal_context() -> Any:
    context = decimal.getcontext()
    traps = sorted(kind.__name__ for kind, is_set in context.traps.items() if is_set)
    # Its flags say what has happened; they change nothing.
    return f"prec={context.prec} {context.rounding} {context.Emin}…{context.Emax} traps {', '.join(traps)}"


def _handlers() -> Any:
    return {one.name: signal.getsignal(one) for one in signal.Signals}


SHARED = (
    Shared("the stream of random", random.getstate, is_shown=False),
    Shared("the global stream of numpy.random", _numpy_stream, is_shown=False),
    Shared("the decimal context", _decimal_context),
    Shared("the locale", lambda: locale.setlocale(locale.LC_ALL)),
    Shared("the working folder", os.getcwd),
    Shared("the signal handlers", _handlers, is_shown=False),
    Shared("the recursion limit", sys.getrecursionlimit),
    Shared("the environment", lambda: dict(os.environ), is_shown=False),
    Shared("the filters of warnings", lambda: list(warnings.filters), is_shown=False),
)
"""What is looked at."""


def footprints() -> dict[str, Any]:
    """Read everything that is shared, by name."""
    return {one.name: one.read() for one in SHARED}


def changed(before: Mapping[str, Any], after: Mapping[str, Any], *, spared: tuple[str, ...] = ()) -> list[str]:
    """Say what differs between two readings; a stream that came with an import in between is no change."""
    return [
        f"{one.name}: was {clipped(before[one.name])}, is {clipped(after[one.name])}" if one.is_shown else one.name
        for one in SHARED
        if one.name not in spared and before[one.name] is not None and before[one.name] != after[one.name]
    ]
