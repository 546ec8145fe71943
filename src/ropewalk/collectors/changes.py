"""
Changes: what was posted to one column of a book and when, and the column that this makes over the instants of a run.

What changes seldom is kept as steps, so that only whole columns that somebody wants are ever written out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ropewalk.errors import LedgerError
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Int64s = NDArray[np.int64]

BOUND = 2**61
"""Cash, and positions at their marks, stay below this; then all sums of them are exact in int64."""


class Changes:
    """
    Amounts at times, in the order in which they were said: one by one, or whole columns at once.

    Amounts are exact whatever their size; whether they fit is looked at when they are summed.
    """

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[tuple[list[int] | Int64s, list[int] | Int64s]] = []

    def add(self, at_us: int, amount: int) -> None:
        """Note one change."""
        last = self._parts[-1] if self._parts else None
        if last is None or not isinstance(last[0], list) or not isinstance(last[1], list):
            self._parts.append(([at_us], [amount]))
        else:
            last[0].append(at_us)
            last[1].append(amount)

    def extend(self, at_us: Int64s, amounts: Int64s) -> None:
        """Note as many changes as there are rows."""
        self._parts.append((at_us, amounts))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for times, amounts in self._parts:
            yield from zip(map(int, times), map(int, amounts), strict=True)

    def columns(self) -> tuple[Int64s, Int64s]:
        """Times and amounts. Raises OverflowError for an amount that does not fit."""
        times = [np.asarray(at_us, np.int64) for at_us, _ in self._parts]
        amounts = [np.asarray(amount, np.int64) for _, amount in self._parts]
        return (times[0], amounts[0]) if len(times) == 1 else (_joined(times), _joined(amounts))


class Steps(NamedTuple):
    """
    A column over some instants that changes seldom: each level, the row at which it begins and over how many it goes.

    The first begins at row 0, and lengths sum to the instants.
    """

    levels: Int64s
    begins: Int64s
    lengths: Int64s

    def spread(self) -> Int64s:
        """Write the column out."""
        return np.repeat(self.levels, self.lengths)

    def first_held(self) -> int | None:
        """The row at which it is other than zero for the first time; None where it never is."""
        rows = self.levels.nonzero()[0]
        return int(self.begins[rows[0]]) if len(rows) else None


def steps_of(changes: Changes, instants: Int64s, *, what: str) -> Steps:
    """
    Sum changes up; a change counts from the first instant at or after its time.

    Raises LedgerError for a change after the last instant, and for sums and amounts of 2^61 and more.
    """
    try:
        times, amounts = changes.columns()
        # Partial sums are below Σ|amounts|; only what is near the bound pays for the exact check.
        is_near = len(amounts) * largest(amounts) >= BOUND
    except OverflowError:
        is_near = True
    if is_near:
        _check_running(changes, what)
    rows = np.searchsorted(instants, times, side="left")
    if len(rows) and int(rows.max()) == len(instants):
        raise LedgerError(f"{what}: posted at {timestamp(int(times.max()))}, after the last instant of the run")
    if (rows[1:] < rows[:-1]).any():
        order = np.argsort(rows, kind="stable")
        rows, amounts = rows[order], amounts[order]
    # Of several changes at one instant only what they come to together lasts.
    edges = np.concatenate([_ZERO, rows, [len(instants)]])
    lengths = np.diff(edges)
    lasting = lengths > 0
    levels = np.concatenate([_ZERO, np.cumsum(amounts)])
    return Steps(levels[lasting], edges[:-1][lasting], lengths[lasting])


def largest(column: Int64s) -> int:
    """The largest magnitude, as a Python integer; 0 of nothing."""
    return max(-int(column.min()), int(column.max())) if len(column) else 0


def _joined(columns: Sequence[Int64s]) -> Int64s:
    return np.concatenate([_ZERO[:0], *columns])


def _check_running(changes: Changes, what: str) -> None:
    running = 0
    for at_us, amount in sorted(changes, key=lambda pair: pair[0]):
        running += amount
        if abs(running) >= BOUND or abs(amount) >= BOUND:
            raise LedgerError(f"{what}: {running} at {timestamp(at_us)}; allowed is less than ±{BOUND}")


_ZERO = np.zeros(1, np.int64)
