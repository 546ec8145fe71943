"""The view: all that a strategy may see, and nothing that it could change or that has not happened."""

from __future__ import annotations

import hashlib
from random import Random
from typing import TYPE_CHECKING, Any

from ropewalk.events import timestamp
from ropewalk.money import currency
from ropewalk.strategies.protocol import Position

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from ropewalk.bus import Bus
    from ropewalk.events import Decision
    from ropewalk.market.history import Bars, History
    from ropewalk.market.instrument import Instrument
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

    def quantity(self, symbol: str) -> int:
        """Signed lots held; 0 when flat."""
        return self._standing.quantity(symbol)

    def position(self, symbol: str) -> Position | None:
        """What is held of a symbol, or None when flat. Prices are floats per share."""
        return position_of(self._standing, self._history, symbol, is_decimal=False)

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


def position_of(standing: Standing, history: History, symbol: str, *, is_decimal: bool) -> Position | None:
    """Show a holding to a person: shares, average price and last price, as floats or as Decimals."""
    holding = standing.holdings.get(symbol)
    if holding is None:
        return None
    if holding.shown is None:
        holding.shown = _shown(holding, history.instruments[symbol], is_decimal=is_decimal)
    shares, entry_price, entry_date = holding.shown
    price = (history.originals(symbol) if is_decimal else history.bars(symbol))[-1].close
    return Position(symbol, shares, entry_price, entry_date, price)


def _shown(holding: Holding, instrument: Instrument, *, is_decimal: bool) -> tuple[Any, Any, datetime]:
    shares: Any = holding.quantity if instrument.lot == 1 else holding.quantity * instrument.lot
    if is_decimal:
        entry_price: Any = currency(holding.cost_micros) / shares
    else:
        shares = shares if isinstance(shares, int) else float(shares)
        entry_price = holding.cost_micros / (holding.quantity * instrument.scale)
    return shares, entry_price, timestamp(holding.opened_at_us)
