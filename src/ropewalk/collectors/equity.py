"""
Equity: what every book was worth at every instant, computed once the run is over.

Whole columns of int64 micros are computed from the postings and the closes, exactly and never bar by
bar, so that the strategies' curves and the pool's sum to the account's to the last micro.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from ropewalk.errors import LedgerError
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars

    from ropewalk.collectors.postings import Postings
    from ropewalk.events import Split

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]

BOUND = 2**61
"""Cash, and positions at their marks, stay below this; then all sums of them are exact in int64."""


class Closes(msgspec.Struct, frozen=True, eq=False):
    """One symbol's closes of one lot: rising times and as many int64 micros."""

    at_us: Int64s
    micros: Int64s


def closes_of(at_us: Int64s, close: Float64s, *, splits: Sequence[Split] = (), scale: float = 1e6) -> Closes:
    """
    Make a symbol's marks from its closes as traded.

    A split at an instant without a bar of the symbol has a mark of its own: the last close in the new shares,
    as everybody sees it until the next bar.
    """
    times, prices = at_us, close
    for split in splits:
        row = int(np.searchsorted(times, split.at_us))
        if 0 < row < len(times) and times[row] != split.at_us:
            times = np.insert(times, row, split.at_us)
            prices = np.insert(prices, row, prices[row - 1] * split.denominator / split.numerator)
    return Closes(times, close_micros(prices, scale=scale))


class EquityCurve(msgspec.Struct, frozen=True, eq=False):
    """
    One owner's equity at every instant of a run: read-only int64 columns of one length, in micros.

    `equity_micros` is cash + net exposure, at the closes. `gross_exposure_micros` is Σ|position · mark|,
    `net_exposure_micros` is Σ position · mark, `flow_micros` is the capital that came (+) or went (−) at
    the instant.
    """

    owner: str
    at_us: Int64s
    equity_micros: Int64s
    cash_micros: Int64s
    gross_exposure_micros: Int64s
    net_exposure_micros: Int64s
    flow_micros: Int64s

    def __len__(self) -> int:
        return len(self.at_us)

    @property
    def returns(self) -> Float64s:
        """Simple returns from instant to instant; see `flow_neutral_returns`."""
        return flow_neutral_returns(self.equity_micros, self.flow_micros)

    def to_frame(self) -> polars.DataFrame:
        """Show the curve as a frame: one row an instant, times in UTC, amounts in exact micros."""
        import polars as pl

        columns = {name: getattr(self, name) for name in ("at_us", *COLUMNS)}
        at = pl.col("at_us").cast(pl.Datetime("us", "UTC")).alias("timestamp")
        return pl.DataFrame(columns).select(at, *COLUMNS)


COLUMNS = ("equity_micros", "cash_micros", "gross_exposure_micros", "net_exposure_micros", "flow_micros")


def flow_neutral_returns(equity_micros: Int64s, flow_micros: Int64s) -> Float64s:
    """
    Compute simple returns that capital handed in or taken out does not disturb.

    `r_t = E_t / (E_{t−1} + flow_t) − 1`, one fewer than there are instants. The funding at the first
    instant is the base: it stands for E_0, so what the first instant cost is in the first return.
    While there is nothing to earn with (E_{t−1} + flow_t ≤ 0) the return is 0.

    >>> flow_neutral_returns(np.array([100, 110, 231]), np.array([100, 0, 100])).round(6).tolist()
    [0.1, 0.1]
    """
    before = equity_micros[:-1] + flow_micros[1:]
    if len(before):
        before[0] = flow_micros[0] + flow_micros[1]
    growth = np.ones(len(before))
    np.divide(equity_micros[1:], before, out=growth, where=before > 0)
    return growth - 1.0


def instants_of(times: Iterable[Int64s]) -> Int64s:
    """Merge the symbols' times into the instants of a run: rising and distinct."""
    columns = list(times)
    if columns and all(np.array_equal(column, columns[0]) for column in columns[1:]):
        # One symbol, or all with the same calendar: rising and distinct already.
        return _sealed(columns[0].view())
    return _sealed(np.unique(np.concatenate([np.empty(0, np.int64), *columns])))


def close_micros(close: Float64s, *, scale: float = 1e6) -> Int64s:
    """
    Round closes to micros a lot, half to even: `money.price_micros_half_even`, a column at once.

    Raises LedgerError for what is not finite or too large to be money.
    """
    scaled = np.rint(close * scale)
    if not bool(np.all(np.abs(scaled) < BOUND)):
        raise LedgerError(f"closes must be finite and below {BOUND} micros a lot, found {close.min()} to {close.max()}")
    return scaled.astype(np.int64)


def equity_curves(
    postings: Sequence[Postings], *, instants: Int64s, closes: Mapping[str, Closes]
) -> tuple[EquityCurve, ...]:
    """
    Compute the curve of every owner, in the order given.

    `instants` are rising and hold every time of the run. A symbol without a bar at an instant is
    marked at its last close. Costs instants × (symbols each owner ever held), plus the postings.

    Raises LedgerError for a posting after the last instant, a position before its symbol's first bar
    or in a symbol without bars, and amounts of 2^61 micros and more.
    """
    instants = _sealed(instants.view())
    books = [_Book(one, instants) for one in postings]
    for symbol in dict.fromkeys(symbol for one in postings for symbol in one.positions):
        if symbol not in closes or not len(closes[symbol].at_us):
            raise LedgerError(f"{symbol} was filled but has no bars; known: {', '.join(closes) or 'none'}")
        marks, first = _marks(closes[symbol], instants)
        for book in books:
            book.hold(symbol, marks, first)
    return tuple(book.curve() for book in books)


def summed(curves: Sequence[EquityCurve], *, owner: str = "account") -> EquityCurve:
    """
    Add curves exactly: the strategies' and the pool's sum to the account's.

    Exposures are added too: gross is before netting between owners. Raises LedgerError for no curves,
    for curves over other instants and for sums of 2^62 micros and more.
    """
    if not curves:
        raise LedgerError("there is no curve to sum; give at least one")
    at_us = curves[0].at_us
    for curve in curves:
        if curve.at_us is not at_us and not np.array_equal(curve.at_us, at_us):
            raise LedgerError(f"{curve.owner!r} and {curves[0].owner!r} have curves over different instants")
    columns = {}
    for name in COLUMNS:
        total = np.zeros(len(at_us), np.int64)
        bound = 0
        for curve in curves:
            part: Int64s = getattr(curve, name)
            bound += _largest(part)
            if bound >= 2 * BOUND:
                raise LedgerError(f"the sum of {name} over {len(curves)} curves is {2 * BOUND} micros or more")
            total += part
        columns[name] = _sealed(total)
    return EquityCurve(owner, at_us, **columns)


class _Book:
    """The columns of one owner while they are summed, symbol after symbol."""

    __slots__ = ("bound", "gross", "instants", "net", "postings")

    def __init__(self, postings: Postings, instants: Int64s) -> None:
        self.postings = postings
        self.instants = instants
        self.gross: Int64s | None = None
        self.net: Int64s | None = None
        self.bound = 0

    def hold(self, symbol: str, marks: Int64s, first: int) -> None:
        if symbol not in self.postings.positions:
            return
        owner = self.postings.owner
        lots = _running(self.postings.positions[symbol], self.instants, what=f"{owner!r} {symbol}")
        if lots[:first].any():
            at = timestamp(int(self.instants[lots.nonzero()[0][0]]))
            raise LedgerError(f"{owner!r} holds {symbol} at {at}, before its first bar; there is no price to mark it")
        self.bound += _largest(lots) * _largest(marks)
        if self.bound >= BOUND:
            raise LedgerError(f"{owner!r} could hold {self.bound} micros with {symbol}; allowed is less than {BOUND}")
        # Columns are long, and the memory of a new one costs more than what is computed in it.
        lots *= marks
        if self.net is None or self.gross is None:
            self.net, self.gross = lots, np.abs(lots)
        else:
            self.net += lots
            self.gross += np.abs(lots, out=lots)

    def curve(self) -> EquityCurve:
        owner = self.postings.owner
        cash = _running(self.postings.cash, self.instants, what=f"{owner!r} cash")
        flows = _changes(self.postings.flows, self.instants, what=f"{owner!r} flows")
        if self.net is None or self.gross is None:
            nothing = np.zeros(len(self.instants), np.int64)
            columns = (cash, cash, nothing, nothing, flows)
        else:
            columns = (cash + self.net, cash, self.gross, self.net, flows)
        return EquityCurve(owner, self.instants, *map(_sealed, columns))


def _marks(closes: Closes, instants: Int64s) -> tuple[Int64s, int]:
    """The last close at every instant, and how many instants have none yet (they show the first close)."""
    if np.array_equal(closes.at_us, instants):
        return closes.micros, 0
    latest = np.searchsorted(closes.at_us, instants, side="right") - 1
    first = int(np.searchsorted(latest, 0))
    return closes.micros[np.maximum(latest, 0)], first


def _running(posted: tuple[list[int], list[int]], instants: Int64s, *, what: str) -> Int64s:
    """Sum the changes up to each instant."""
    changes = _changes(posted, instants, what=what)
    return np.cumsum(changes, out=changes)


def _changes(posted: tuple[list[int], list[int]], instants: Int64s, *, what: str) -> Int64s:
    """Sum the changes of each instant."""
    changes = np.zeros(len(instants), np.int64)
    if not posted[0]:
        return changes
    times = np.array(posted[0], np.int64)
    if len(instants) == 0 or times.max() > instants[-1]:
        raise LedgerError(f"{what}: posted at {timestamp(int(times.max()))}, after the last instant of the run")
    try:
        amounts = np.array(posted[1], np.int64)
        # Partial sums are below Σ|amounts|; only books near the bound pay for the exact check.
        is_near = len(amounts) * _largest(amounts) >= BOUND
    except OverflowError:
        is_near = True
    if is_near:
        _check_running(posted, what)
    np.add.at(changes, np.searchsorted(instants, times, side="left"), amounts)
    return changes


def _check_running(posted: tuple[list[int], list[int]], what: str) -> None:
    running = 0
    for at_us, amount in sorted(zip(*posted, strict=True), key=lambda pair: pair[0]):
        running += amount
        if abs(running) >= BOUND or abs(amount) >= BOUND:
            raise LedgerError(f"{what}: {running} at {timestamp(at_us)}; allowed is less than ±{BOUND}")


def _largest(column: Int64s) -> int:
    """The largest magnitude, as a Python integer."""
    return max(-int(column.min()), int(column.max())) if len(column) else 0


def _sealed(column: Int64s) -> Int64s:
    column.setflags(write=False)
    return column
