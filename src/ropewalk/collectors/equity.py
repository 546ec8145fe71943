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

    from ropewalk.collectors.postings import Posted, Postings
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

    @property
    def drawdowns(self) -> Float64s:
        """
        How far wealth is below its highest so far: 0 or a negative fraction, one an instant.

        Wealth starts at 1 and grows by `returns`, so that capital that comes or goes is neither gain nor fall.
        """
        wealth = np.cumprod(np.concatenate([np.ones(min(len(self), 1)), 1.0 + self.returns]))
        return wealth / np.maximum.accumulate(wealth) - 1.0

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

    `r_t = (E_t − flow_t) / E_{t−1} − 1`, one fewer than there are instants: capital moves at the closes, so what an
    instant earned was earned on what was there before. The funding at the first instant is the base: it stands for
    E_0, so what the first instant cost is in the first return. While there is nothing to earn with (E_{t−1} ≤ 0) the
    return is 0.

    >>> flow_neutral_returns(np.array([100, 110, 221]), np.array([100, 0, 100])).round(6).tolist()
    [0.1, 0.1]
    """
    before = equity_micros[:-1].copy()
    if len(before):
        before[0] = flow_micros[0]
    growth = np.ones(len(before))
    np.divide(equity_micros[1:] - flow_micros[1:], before, out=growth, where=before > 0)
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
    # One large block: the memory of many long columns costs more than what is computed in them.
    block = np.zeros((len(postings), len(COLUMNS), len(instants)), np.int64)
    books = [_Book(one, instants, columns) for one, columns in zip(postings, block, strict=True)]
    room = np.empty(len(instants), np.int64)
    for symbol in dict.fromkeys(symbol for one in postings for symbol in one.positions):
        if symbol not in closes or not len(closes[symbol].at_us):
            raise LedgerError(f"{symbol} was filled but has no bars; known: {', '.join(closes) or 'none'}")
        marks, first = _marks(closes[symbol], instants)
        for book in books:
            book.hold(symbol, marks, first, room)
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
    for name, total in zip(COLUMNS, np.zeros((len(COLUMNS), len(at_us)), np.int64), strict=True):
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
    """The columns of one owner while they are summed, symbol after symbol, in rows of zeros that it is given."""

    __slots__ = ("bound", "columns", "instants", "postings")

    def __init__(self, postings: Postings, instants: Int64s, columns: Int64s) -> None:
        self.postings = postings
        self.instants = instants
        self.columns = columns
        self.bound = 0

    def hold(self, symbol: str, marks: Int64s, first: int, lots: Int64s) -> None:
        """Add what was held of a symbol; `lots` is room to compute in."""
        if symbol not in self.postings.positions:
            return
        owner = self.postings.owner
        lots.fill(0)
        _add_changes(lots, self.postings.positions[symbol], self.instants, what=f"{owner!r} {symbol}")
        np.cumsum(lots, out=lots)
        if lots[:first].any():
            at = timestamp(int(self.instants[lots.nonzero()[0][0]]))
            raise LedgerError(f"{owner!r} holds {symbol} at {at}, before its first bar; there is no price to mark it")
        self.bound += _largest(lots) * _largest(marks)
        if self.bound >= BOUND:
            raise LedgerError(f"{owner!r} could hold {self.bound} micros with {symbol}; allowed is less than {BOUND}")
        lots *= marks
        _, _, gross, net, _ = self.columns
        net += lots
        gross += np.abs(lots, out=lots)

    def curve(self) -> EquityCurve:
        owner = self.postings.owner
        equity, cash, _, net, flows = self.columns
        _add_changes(cash, self.postings.cash, self.instants, what=f"{owner!r} cash")
        np.cumsum(cash, out=cash)
        _add_changes(flows, self.postings.flows, self.instants, what=f"{owner!r} flows")
        np.add(cash, net, out=equity)
        return EquityCurve(owner, self.instants, *map(_sealed, self.columns))


def _marks(closes: Closes, instants: Int64s) -> tuple[Int64s, int]:
    """The last close at every instant, and how many instants have none yet (they show the first close)."""
    if np.array_equal(closes.at_us, instants):
        return closes.micros, 0
    latest = np.searchsorted(closes.at_us, instants, side="right") - 1
    first = int(np.searchsorted(latest, 0))
    return closes.micros[np.maximum(latest, 0)], first


def _add_changes(column: Int64s, posted: Posted, instants: Int64s, *, what: str) -> None:
    """Add to each instant what was posted at it."""
    if not posted[0]:
        return
    times = np.frombuffer(posted[0], np.int64)
    if len(instants) == 0 or times.max() > instants[-1]:
        raise LedgerError(f"{what}: posted at {timestamp(int(times.max()))}, after the last instant of the run")
    try:
        amounts = np.fromiter(posted[1], np.int64, len(posted[1]))
        # Partial sums are below Σ|amounts|; only books near the bound pay for the exact check.
        is_near = len(amounts) * _largest(amounts) >= BOUND
    except OverflowError:
        is_near = True
    if is_near:
        _check_running(posted, what)
    np.add.at(column, np.searchsorted(instants, times, side="left"), amounts)


def _check_running(posted: Posted, what: str) -> None:
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
