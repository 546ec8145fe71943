"""
Turns: how everything here is timed. Two things take turns in one process; what is kept is the median of their ratio.

Times are those of the processor, so what others do on the machine does not count; how fast it is still differs from
minute to minute. A time that a target names is therefore told at a reference pace, too: that of a machine on which the
bare loop with accounts passes half a million bars a second, for which the targets were set.
"""

from __future__ import annotations

import gc
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.workload import bare_accounts, crossovers, walk

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
REFERENCE_US = 2.0
"""Microseconds a bar of the bare loop with accounts at the reference pace."""

_BARS = walk(20_000)


class Pair(NamedTuple):
    """Medians of two things that took turns, and of their ratio."""

    ours: float
    bare: float
    ratio: float


class Paced(NamedTuple):
    """Medians of a time as it was, of the same at the reference pace, and of how many times slower the machine was."""

    here: float
    reference: float
    pace: float


def seconds(work: Callable[[], Any]) -> float:
    """Processor seconds of one call, behind a collection of what others left."""
    gc.collect()
    began = process_time()
    work()
    return process_time() - began


def paired(ours: Callable[[], Any], bare: Callable[[], Any], *, rounds: int = ROUNDS) -> Pair:
    """Let the two take turns, once to warm up and then as often as it is said."""
    ours()
    bare()
    pairs = [(seconds(ours), seconds(bare)) for _ in range(rounds)]
    return Pair(median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs))


def pace() -> float:
    """Say how many times slower this machine is now than the reference."""
    return seconds(lambda: bare_accounts(_BARS, crossovers())) / (len(_BARS) * REFERENCE_US * 1e-6)


def paced(measure: Callable[[], float], *, rounds: int = ROUNDS) -> Paced:
    """Take a measure several times, each between two looks at the pace; one that is not counted warms up."""
    measure()
    found = []
    for _ in range(rounds):
        before = pace()
        took = measure()
        found.append((took, (before + pace()) / 2))
    return Paced(
        median(took for took, _ in found), median(took / slower for took, slower in found), median(b for _, b in found)
    )


def told(one: Paced, count: int, *, unit: float = 1e6) -> str:
    """Say what each of so many took here, and how slow it was."""
    return f"{one.here / count * unit:.2f} here, where the bare loop took {one.pace * REFERENCE_US:.1f} µs a bar"
