"""
Round trips: every journey of a strategy's position from flat to flat, read off its fills.

Money is what the ledger booked, never recomputed: the closed and the open round trips together sum to
what the fills and the splits realised and cost, to the last micro. Dividends are no part of them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ropewalk.errors import LedgerError
from ropewalk.events import Adjustment
from ropewalk.money import divided_half_even, scaled_towards_zero, shared_by_largest_remainder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ropewalk.events import Fill

    Moves = Iterable[Fill | Adjustment]


class RoundTrip(msgspec.Struct, frozen=True):
    """
    One strategy's position in one symbol, from flat to flat.

    Adds and partial closes inside belong to it; a fill through zero ends one round trip and begins the
    next. A split inside scales it: quantities and prices are in the shares of its end, and a fraction of a
    lot that was cashed counts as closed. `direction` is +1 for long, −1 for short; `quantity_max` is the
    largest position in lots, not signed. Prices are averages per lot over what was opened and what was
    closed, rounded half to even.
    `gross_micros` is what the ledger realised before fees; slippage is in the prices already, so
    `net_micros = gross_micros − commission_micros` and `slippage_micros` is for the record.
    """

    strategy: str
    symbol: str
    direction: int
    quantity_max: int
    opened_at_us: int
    closed_at_us: int
    entry_price_micros: int
    exit_price_micros: int
    gross_micros: int
    commission_micros: int
    slippage_micros: int

    @property
    def net_micros(self) -> int:
        """What it earned after fees."""
        return self.gross_micros - self.commission_micros

    @property
    def holding_us(self) -> int:
        """How long it lasted, in microseconds."""
        return self.closed_at_us - self.opened_at_us

    @property
    def is_win(self) -> bool:
        """Whether it earned anything after fees; a round trip that came out even did not."""
        return self.net_micros > 0


class OpenRoundTrip(msgspec.Struct, frozen=True):
    """
    A round trip that is not flat yet: what it holds, and what it has realised and cost so far.

    `quantity` is signed and not zero; the other fields are those of `RoundTrip`. What it would earn at
    the last mark is no part of it.
    """

    strategy: str
    symbol: str
    direction: int
    quantity: int
    quantity_max: int
    opened_at_us: int
    entry_price_micros: int
    gross_micros: int
    commission_micros: int
    slippage_micros: int

    @property
    def net_micros(self) -> int:
        """What it has earned after fees so far."""
        return self.gross_micros - self.commission_micros


class Stop(NamedTuple):
    """
    A round trip right after one of its moves: the signed lots held, and all cash it has brought and cost so far.

    `price_micros` is what a lot was filled at, None for a split. At the last stop the cash is the trip's net.
    """

    at_us: int
    lots: int
    cash_micros: int
    price_micros: int | None


def round_trips(moves: Moves) -> tuple[RoundTrip, ...]:
    """
    List the closed round trips in the order they closed: by time, then by the order of fills.

    `moves` are the fills and adjustments of a run, of any strategies and symbols, in the order they happened,
    from the first on. Raises LedgerError for what cannot follow one another.
    """
    return tuple(trip for trip, _ in _walked(moves)[0])


def paths_of(moves: Moves) -> tuple[tuple[RoundTrip, tuple[Stop, ...]], ...]:
    """List the closed round trips, each with its stops, in the order and with the conditions of `round_trips`."""
    return _walked(moves)[0]


def open_round_trips(moves: Moves) -> tuple[OpenRoundTrip, ...]:
    """List the round trips that are still open after the last fill, in the order they opened."""
    return _walked(moves)[1]


class _Trip:
    """A round trip under way: sums over its fills."""

    __slots__ = (
        "closed_lots",
        "closed_value",
        "commission",
        "first",
        "gross",
        "opened_lots",
        "opened_value",
        "path",
        "quantity",
        "quantity_max",
        "slippage",
    )

    def __init__(self, first: Fill) -> None:
        self.first = first
        self.quantity = self.quantity_max = 0
        # A split may leave fractions of a lot in what was opened and closed before it.
        self.opened_lots: int | Fraction = 0
        self.closed_lots: int | Fraction = 0
        self.opened_value = self.closed_value = 0
        self.gross = self.commission = self.slippage = 0
        self.path: list[Stop] = []

    def _stop(self, at_us: int, cash_micros: int, price_micros: int | None) -> None:
        before = self.path[-1].cash_micros if self.path else 0
        self.path.append(Stop(at_us, self.quantity, before + cash_micros, price_micros))

    def open(self, lots: int, fill: Fill, *, commission: int, slippage: int) -> None:
        self.quantity += lots
        self.quantity_max = max(self.quantity_max, abs(self.quantity))
        self.opened_lots += abs(lots)
        self.opened_value += abs(lots) * fill.price_micros
        self.commission += commission
        self.slippage += slippage
        self._stop(fill.at_us, -lots * fill.price_micros - commission, fill.price_micros)

    def close(self, lots: int, fill: Fill, *, commission: int, slippage: int) -> None:
        self.quantity += lots
        self.closed_lots += abs(lots)
        self.closed_value += abs(lots) * fill.price_micros
        self.gross += fill.realised_micros
        self.commission += commission
        self.slippage += slippage
        self._stop(fill.at_us, -lots * fill.price_micros - commission, fill.price_micros)

    def adjust(self, adjustment: Adjustment) -> None:
        if adjustment.quantity_before != self.quantity:
            raise _wrong(adjustment, f"it is of {adjustment.quantity_before} lots, and {self.quantity} are held")
        ratio = Fraction(adjustment.numerator, adjustment.denominator)
        self.opened_lots *= ratio
        self.closed_lots = self.closed_lots * ratio + abs(self.quantity * ratio - adjustment.quantity_after)
        self.closed_value += abs(adjustment.cash_micros)
        self.gross += adjustment.realised_micros
        self.quantity = adjustment.quantity_after
        self.quantity_max = scaled_towards_zero(self.quantity_max, adjustment.numerator, adjustment.denominator)
        self._stop(adjustment.at_us, adjustment.cash_micros, None)

    @property
    def direction(self) -> int:
        return 1 if self.first.quantity > 0 else -1

    @property
    def entry_price_micros(self) -> int:
        return _each(self.opened_value, self.opened_lots)

    def closed(self, at_us: int) -> RoundTrip:
        return RoundTrip(
            strategy=self.first.strategy,
            symbol=self.first.symbol,
            direction=self.direction,
            quantity_max=self.quantity_max,
            opened_at_us=self.first.at_us,
            closed_at_us=at_us,
            entry_price_micros=self.entry_price_micros,
            exit_price_micros=_each(self.closed_value, self.closed_lots),
            gross_micros=self.gross,
            commission_micros=self.commission,
            slippage_micros=self.slippage,
        )

    def still_open(self) -> OpenRoundTrip:
        return OpenRoundTrip(
            strategy=self.first.strategy,
            symbol=self.first.symbol,
            direction=self.direction,
            quantity=self.quantity,
            quantity_max=self.quantity_max,
            opened_at_us=self.first.at_us,
            entry_price_micros=self.entry_price_micros,
            gross_micros=self.gross,
            commission_micros=self.commission,
            slippage_micros=self.slippage,
        )


def _each(value: int, lots: int | Fraction) -> int:
    return divided_half_even(value * lots.denominator, lots.numerator)


def _walked(moves: Moves) -> tuple[tuple[tuple[RoundTrip, tuple[Stop, ...]], ...], tuple[OpenRoundTrip, ...]]:
    closed: list[tuple[RoundTrip, tuple[Stop, ...]]] = []
    # A trip enters when it opens and leaves when it is flat, so these stand in the order of opening.
    under_way: dict[tuple[str, str], _Trip] = {}
    before: Fill | Adjustment | None = None
    for fill in moves:
        if before is not None and fill.at_us < before.at_us:
            raise _wrong(fill, f"it is earlier than the one before it, at {before.timestamp}; give them in their order")
        before = fill
        key = (fill.strategy, fill.symbol)
        trip = under_way.get(key)
        if isinstance(fill, Adjustment):
            if trip is None:
                raise _wrong(fill, f"it is of {fill.quantity_before} lots, and nothing is held")
            trip.adjust(fill)
            if trip.quantity == 0:
                closed.append((trip.closed(fill.at_us), tuple(trip.path)))
                del under_way[key]
            continue
        closing = _closing(fill, trip.quantity if trip else 0)
        opening = fill.quantity - closing
        commission = _shared(fill.commission_micros, closing, opening)
        slippage = _shared(fill.slippage_micros, closing, opening)
        if trip and closing:
            trip.close(closing, fill, commission=commission[0], slippage=slippage[0])
            if trip.quantity == 0:
                closed.append((trip.closed(fill.at_us), tuple(trip.path)))
                del under_way[key]
                trip = None
        if opening:
            if trip is None:
                trip = under_way[key] = _Trip(fill)
            trip.open(opening, fill, commission=commission[1], slippage=slippage[1])
    return tuple(closed), tuple(trip.still_open() for trip in under_way.values())


def _shared(cost_micros: int, closing: int, opening: int) -> Sequence[int]:
    """Share what a fill cost between the part that closes and the part that opens, by quantity."""
    if closing and opening:
        return shared_by_largest_remainder(cost_micros, [abs(closing), abs(opening)])
    return (cost_micros, 0) if closing else (0, cost_micros)


def _closing(fill: Fill, held: int) -> int:
    """The signed part of a fill that brings the position nearer to flat; the ledger must agree."""
    if fill.quantity == 0:
        raise _wrong(fill, "its quantity is 0; a fill moves at least one lot")
    closing = 0
    if (held > 0) != (fill.quantity > 0):
        closing = max(-held, fill.quantity) if held > 0 else min(-held, fill.quantity)
    if fill.closed_quantity != closing:
        raise _wrong(fill, f"it closes {fill.closed_quantity} lots by its own word and {closing} of the {held} held")
    if closing == 0 and fill.realised_micros != 0:
        raise _wrong(fill, f"it closes nothing but realised {fill.realised_micros} micros")
    return closing


def _wrong(move: Fill | Adjustment, finding: str) -> LedgerError:
    what = type(move).__name__.lower()
    return LedgerError(f"{what} of {move.strategy!r} in {move.symbol} at {move.timestamp}: {finding}")
