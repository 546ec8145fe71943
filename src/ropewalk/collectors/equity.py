"""
Equity: what every book was worth at every instant, computed once the run is over.

Whole columns of int64 micros are computed from the postings and the closes, exactly and never bar by
bar, so that the strategies' curves and the pool's sum to the account's to the last micro.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from ropewalk.collectors.changes import BOUND, Int64s, largest, steps_of
from ropewalk.errors import LedgerError
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars

    from ropewalk.collectors.postings import Postings
    from ropewalk.events import Split

Float64s = NDArray[np.float64]


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
    block = np.zeros((len(postings), 3, len(instants)), np.int64)
    books = [_Book(one, instants, *columns) for one, columns in zip(postings, block, strict=True)]
    for symbol in dict.fromkeys(symbol for one in postings for symbol in one.positions):
        if symbol not in closes or not len(closes[symbol].at_us):
            raise LedgerError(f"{symbol} was filled but has no bars; known: {', '.join(closes) or 'none'}")
        marks = _Marks.of(symbol, closes[symbol], instants)
        for book in books:
            book.hold(marks)
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
    cash, cash_max = _added([curve.cash_micros for curve in curves], "cash_micros")
    gross, gross_max = _added([curve.gross_exposure_micros for curve in curves], "gross_exposure_micros")
    flows, _ = _added([curve.flow_micros for curve in curves], "flow_micros")
    # No net exposure is larger than the gross one, and no equity than that and cash together.
    if cash_max + gross_max >= 2 * BOUND:
        raise LedgerError(f"the sum of equity_micros over {len(curves)} curves is {2 * BOUND} micros or more")
    net = gross
    if any(curve.gross_exposure_micros is not curve.net_exposure_micros for curve in curves):
        net = np.add.reduce([curve.net_exposure_micros for curve in curves])
    return EquityCurve(owner, at_us, *map(_sealed, (cash + net, cash, gross, net, flows)))


def _added(columns: Sequence[Int64s], name: str) -> tuple[Int64s, int]:
    """Add columns up; returns their sum, and what nothing in it is larger than."""
    total, bound = np.zeros(len(columns[0]), np.int64), 0
    for column in columns:
        size = largest(column)
        bound += size
        if bound >= 2 * BOUND:
            raise LedgerError(f"the sum of {name} over {len(columns)} curves is {2 * BOUND} micros or more")
        if size:
            total += column
    return total, bound


class _Marks(NamedTuple):
    """What a lot of one symbol was worth at every instant; the first `unpriced` ones show its first close."""

    symbol: str
    micros: Int64s
    least: int
    most: int
    unpriced: int

    @classmethod
    def of(cls, symbol: str, closes: Closes, instants: Int64s) -> _Marks:
        ends = int(closes.micros.min()), int(closes.micros.max())
        if closes.at_us is instants or np.array_equal(closes.at_us, instants):
            return cls(symbol, closes.micros, *ends, 0)
        latest = np.searchsorted(closes.at_us, instants, side="right") - 1
        unpriced = int(np.searchsorted(latest, 0))
        return cls(symbol, closes.micros[np.maximum(latest, 0)], *ends, unpriced)


class _Book:
    """
    The columns of one owner while they are summed, symbol after symbol, in columns of zeros that it is given.

    Until something is short, gross exposure is the net one: the same column.
    """

    __slots__ = ("bound", "cash", "equity", "gross", "instants", "net", "postings")

    def __init__(self, postings: Postings, instants: Int64s, equity: Int64s, cash: Int64s, net: Int64s) -> None:
        self.postings = postings
        self.instants = instants
        self.equity, self.cash, self.net, self.gross = equity, cash, net, net
        self.bound = 0

    def hold(self, marks: _Marks) -> None:
        """Add what was held of a symbol."""
        changes = self.postings.positions.get(marks.symbol)
        if changes is None:
            return
        owner, symbol = self.postings.owner, marks.symbol
        steps = steps_of(changes, self.instants, what=f"{owner!r} {symbol}")
        row = steps.first_held()
        if row is None:
            return
        if row < marks.unpriced:
            at = timestamp(int(self.instants[row]))
            raise LedgerError(f"{owner!r} holds {symbol} at {at}, before its first bar; there is no price to mark it")
        is_first = not self.bound
        self.bound += largest(steps.levels) * max(-marks.least, marks.most)
        if self.bound >= BOUND:
            raise LedgerError(f"{owner!r} could hold {self.bound} micros with {symbol}; allowed is less than {BOUND}")
        if self.gross is self.net and (marks.least < 0 or int(steps.levels.min()) < 0):
            self.gross = self.net.copy()
        values = np.multiply(steps.spread(), marks.micros, out=self.net if is_first else None)
        if not is_first:
            self.net += values
        if self.gross is not self.net:
            self.gross += np.abs(values)

    def curve(self) -> EquityCurve:
        owner = self.postings.owner
        self.cash[:] = steps_of(self.postings.cash, self.instants, what=f"{owner!r} cash").spread()
        funded = steps_of(self.postings.flows, self.instants, what=f"{owner!r} flows")
        flows = np.zeros(len(self.instants), np.int64)
        flows[funded.begins] = np.diff(funded.levels, prepend=0)
        np.add(self.cash, self.net, out=self.equity)
        return EquityCurve(owner, self.instants, *map(_sealed, (self.equity, self.cash, self.gross, self.net, flows)))


def _sealed(column: Int64s) -> Int64s:
    column.setflags(write=False)
    return column
