"""The view: all that a strategy may see, and nothing that it could change or that has not happened."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from decimal import Decimal
from operator import attrgetter
from random import Random
from typing import TYPE_CHECKING, Any

from ropewalk.money import currency
from ropewalk.notation import timestamp
from ropewalk.strategies.protocol import Position

if TYPE_CHECKING:
    from datetime import datetime

    from ropewalk.bus import Bus
    from ropewalk.events import Decision
    from ropewalk.market.bars import Bars
    from ropewalk.market.history import History
    from ropewalk.market.standing import Holding, Standing


def private_random(seed: int, strategy: str) -> Random:
    """
    Make the stream of chance that belongs to one strategy: adding another strategy changes nothing in it.

    The seed is SHA-256 of the run's seed, the purpose and the strategy's id.
    """
    digest = hashlib.sha256(f"{seed}:strategy:{strategy}".encode()).digest()
    return Random(int.from_bytes(digest, "big"))


class View:
    """What one strategy sees: bars so far, its own position, orders and capital, and a private random stream."""

    __slots__ = ("_bus", "_history", "_standing", "random", "strategy", "symbols")

    def __init__(self, bus: Bus, history: History, standing: Standing, *, symbols: tuple[str, ...], seed: int) -> None:
        self._bus = bus
        self._history = history
        self._standing = standing
        self.strategy = standing.strategy
        self.symbols = symbols
        self.random = private_random(seed, standing.strategy)

    @property
    def at_us(self) -> int:
        """The current instant, in microseconds since 1970 UTC."""
        return self._bus.instant_us

    @property
    def timestamp(self) -> datetime:
        """The current instant as an aware datetime in UTC."""
        return timestamp(self._bus.instant_us)

    def history(self, symbol: str) -> Bars:
        """The bars of a symbol up to now: a read-only list that also has numpy columns such as `close`."""
        return self._history.bars(symbol)

    def quantity(self, symbol: str) -> int | Decimal:
        """Shares (or coins) held, signed; 0 when flat. What `buy`, `sell`, `close` and `target` count in."""
        lots = self._standing.quantity(symbol)
        lot = self._history.instruments[symbol].lot
        return lots if lot == 1 else lots * lot

    def position(self, symbol: str) -> Position | None:
        """What is held of a symbol, or None when flat. Prices are floats per share."""
        return position_of(self._standing, self._history, symbol)

    def open_orders(self, symbol: str) -> tuple[Decision, ...]:
        """Orders that were granted and rest until the symbol has a price."""
        return tuple(self._standing.orders.get(symbol, {}).values())

    @property
    def equity(self) -> Decimal:
        """Cash and positions at the last closes, in currency."""
        return currency(self._standing.value_micros(self._history)[0])

    @property
    def capital_available(self) -> Decimal:
        """Capital that is neither at work nor reserved, in currency."""
        return currency(available_micros(self._standing, self._history))


def available_micros(standing: Standing, history: History) -> int:
    """The strategy's limit less what is at work and what is reserved, at the last closes; never below zero."""
    equity, gross = standing.value_micros(history)
    return max(standing.limit_micros(equity) - gross - standing.reserved_micros, 0)


def position_of(standing: Standing, history: History, symbol: str, *, as_given: bool = False) -> Position | None:
    """
    Show a holding: shares, average price, the time of the bar it was opened on, and the last price.

    `as_given` shows times and prices in the types of the caller's own bars, so that a strategy written
    for those can compute with both; otherwise times are aware and prices floats.
    """
    holding = standing.holdings.get(symbol)
    if holding is None:
        return None
    price = (history.originals(symbol) if as_given else history.bars(symbol))[-1].close
    if holding.shown is None or isinstance(holding.shown[1], Decimal) != isinstance(price, Decimal):
        holding.shown = _shown(holding, history, symbol, as_given=as_given, is_decimal=isinstance(price, Decimal))
    shares, entry_price, entry_date = holding.shown
    return Position(symbol, shares, entry_price, entry_date, price)


def _shown(
    holding: Holding, history: History, symbol: str, *, as_given: bool, is_decimal: bool
) -> tuple[Any, Any, datetime]:
    instrument = history.instruments[symbol]
    shares: Any = holding.quantity if instrument.lot == 1 else holding.quantity * instrument.lot
    if is_decimal:
        entry_price: Any = currency(holding.cost_micros) / shares
    else:
        shares = shares if isinstance(shares, int) else float(shares)
        entry_price = holding.cost_micros / (holding.quantity * instrument.scale)
    if not as_given:
        return shares, entry_price, timestamp(holding.opened_at_us)
    row = bisect_right(history.bars(symbol), holding.opened_at_us, key=attrgetter("at_us")) - 1
    return shares, entry_price, history.originals(symbol)[row].timestamp
