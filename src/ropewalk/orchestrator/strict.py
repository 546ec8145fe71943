"""
Strict mode: every call of a plugin is watched, so that whoever does what no plugin should do is named where he does it.

Two things are looked at: what a process has once, before and after each call, and is put back; and calls of a strategy
that ask for what is no input of a run: clocks, chance, files, networks, processes, threads. It costs a multiple of
the run, and is for finding out, not for every day.
"""

from __future__ import annotations

import builtins
import os
import random
import sys
import threading
import time
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any

from ropewalk.config.orchestrator import OF_SYMBOLS, OWN_LIMITS
from ropewalk.errors import PluginError, RopewalkError, StrategyError
from ropewalk.observers.observer import hearing_of
from ropewalk.orchestrator.traces import is_of_python
from ropewalk.plugins.footprints import changed, footprints, put_back, wake_numpy_stream
from ropewalk.strategies.adapters import callbacks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

CLOCKS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "ctime")
FILES = ("open", "listdir", "scandir", "stat", "remove", "rename", "mkdir")
OTHERS = ("system", "fork", "posix_spawn", "urandom", "getrandom")
FOREIGN = {
    **{getattr(time, name): f"time.{name}" for name in CLOCKS},
    **{getattr(os, name): f"os.{name}" for name in (*FILES, *OTHERS) if hasattr(os, name)},
    builtins.open: "open",
}
"""Functions that tell what is no input of a run, or change what is no part of it."""

TODAY = ("now", "today", "utcnow")
SOCKETS = ("connect", "connect_ex", "sendto", "recv", "bind")
MODULES = {"_socket": "the network", "_posixsubprocess": "another process"}
SPARED = ("logging", "importlib", "linecache", "traceback", "warnings", "threading")
"""Modules whose own looks at a clock or a file change nothing: saying something, and importing."""

TIMER = "ropewalk.orchestrator.profile"
"""Who times a call of a plugin looks at a clock, beside it."""

RULES = {
    "conflict_policy": "settle",
    "commission": "commission_micros",
    "slippage": "slippage_micros",
    "rebalance": "targets",
    "fill_model": "fill",
}


class _Ear:
    """Hears every call of a compiled function in a thread, as `sys.setprofile` tells them, and keeps the first."""

    def __init__(self) -> None:
        self.heard = ""

    def __call__(self, frame: FrameType, event: str, called: Any) -> None:
        if event != "c_call" or self.heard:
            return
        name = _foreign(called)
        if name and not _is_spared(frame):
            self.heard = f"called {name} ({_place(frame)})"


def _foreign(called: Any) -> str:
    """Name what is called, if it is no input of a run."""
    try:
        name = FOREIGN.get(called)
    except TypeError:
        return ""
    if name:
        return name
    name, owner = getattr(called, "__name__", ""), getattr(called, "__self__", None)
    if name in TODAY and isinstance(owner, type) and issubclass(owner, date):
        return f"{owner.__name__}.{name}"
    if owner is random.random.__self__:  # type: ignore[attr-defined]
        return f"the stream of random, by its {name}"
    if name in SOCKETS and type(owner).__module__ == "socket":
        return f"the network, by socket.{name}"
    return MODULES.get(getattr(called, "__module__", None) or "", "")


def _is_spared(frame: FrameType) -> bool:
    """Tell whether a module of Python's own that may do that asked, or one is being imported."""
    module = frame.f_globals.get("__name__", "")
    if module == TIMER or module.partition(".")[0] in SPARED:
        return True
    at: FrameType | None = frame
    while at is not None and not at.f_code.co_filename.startswith("<frozen importlib"):
        at = at.f_back
    return at is not None


def _place(frame: FrameType) -> str:
    """Say where a call stands, in code that is not Python's own."""
    at: FrameType | None = frame
    while at is not None and is_of_python(at.f_code.co_filename):
        at = at.f_back
    at = at or frame
    return f"{os.path.basename(at.f_code.co_filename)}:{at.f_lineno}"


class Guard:
    """Calls what it is given, and raises `error` when it did what it should not do, once that was put back."""

    def __init__(self, error: type[RopewalkError], *, hears: bool = False) -> None:
        self._error = error
        self._hears = hears
        wake_numpy_stream()

    def over(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Make a function that does the same, watched."""

        @wraps(function)
        def watched(*given: Any, **named: Any) -> Any:
            before, threads = footprints(), threading.enumerate()
            ear, other = _Ear(), sys.getprofile()
            if self._hears:
                sys.setprofile(ear)
            try:
                answer = function(*given, **named)
            finally:
                if self._hears:
                    sys.setprofile(other)
                found = self._found(ear, before, threads)
            if found:
                raise self._error(f"{found}; strict mode allows none of that")
            return answer

        return watched

    def _found(self, ear: _Ear, before: Mapping[str, Any], threads: Sequence[threading.Thread]) -> str:
        after = footprints()
        found = [ear.heard] if ear.heard else []
        changes = changed(before, after)
        if changes:
            put_back(before, after)
            found.append(f"changed {'; '.join(changes)}")
        if self._hears:
            started = [one.name for one in threading.enumerate() if one not in threads]
            found += [f"started the thread {name!r}" for name in started]
        return ", and ".join(found)


class Guarded:
    """
    Stands for a plugin, with watched methods in the place of its own; everything else is the plugin's.

    So is its class's name, by which a rule is named that fails.
    """

    def __new__(cls, plugin: Any, *_: Any) -> Guarded:
        """Make one of a class of its own."""
        return object.__new__(type(type(plugin).__name__, (cls,), {}))

    def __init__(self, plugin: Any, methods: Mapping[str, Any], guard: Guard) -> None:
        self._plugin = plugin
        # What a protocol asks for is looked up in an object itself.
        for name in (one for one in dir(plugin) if not one.startswith("_")):
            setattr(self, name, getattr(plugin, name))
        for name, method in methods.items():
            setattr(self, name, guard.over(method))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plugin, name)


class _Callbacks:
    """Has what a strategy overrides, and nothing else: which kind of strategy it is, is seen from its methods."""


def guarded_strategy(strategy: Any) -> Any:
    """Watch all callbacks of a strategy; one that has none is left to be refused as itself."""
    callbacks = callbacks_of(strategy)
    if not callbacks:
        return strategy
    guard, stand_in = Guard(StrategyError, hears=True), _Callbacks()
    for name in callbacks:
        setattr(stand_in, name, guard.over(getattr(strategy, name)))
    return stand_in


def guarded_observers(observers: Sequence[Any]) -> list[Any]:
    """Watch observers; clocks, files and networks are their business, what all share is not."""
    guard = Guard(PluginError)
    return [one._replace(observer=guard.over(one.observer)) for one in map(hearing_of, observers)]


def guarded_rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Watch a policy, models, a rebalancer and limits of one's own."""
    guard = Guard(PluginError)
    guarded = {
        name: Guarded(one, {RULES[name]: getattr(one, RULES[name])}, guard) if name in RULES else one
        for name, one in rules.items()
    }
    if OF_SYMBOLS in rules:
        policies = rules[OF_SYMBOLS].items()
        guarded[OF_SYMBOLS] = {symbol: Guarded(one, {"settle": one.settle}, guard) for symbol, one in policies}
    if OWN_LIMITS in rules:
        limits = rules[OWN_LIMITS].items()
        guarded[OWN_LIMITS] = {name: Guarded(one, {"room": one.room}, guard) for name, one in limits}
    return guarded
