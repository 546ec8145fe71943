"""Valued: what every owner of a run was worth at every instant, as a whole and in one symbol."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ropewalk.collectors.changes import Int64s
from ropewalk.collectors.equity import Closes, EquityCurve, closes_of, equity_curves, instants_of, summed
from ropewalk.collectors.happened import Happened
from ropewalk.collectors.postings import POOL, Postings, post_fills
from ropewalk.collectors.sessions import SessionReturns, sampled
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.errors import ConfigError, LedgerError, clipped, did_you_mean
from ropewalk.events import Split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ropewalk.events import Adjustment, Fill, Payment
    from ropewalk.market.instrument import Instrument
    from ropewalk.market.series import Series


class Valued(Happened):
    """
    A run's record beside its bars.

    The strategies' equities and the pool's sum to the account's exactly, at every instant. An owner is a strategy, by
    its name, or the account, whose name is `aggregate`.
    """

    def __init__(
        self,
        *,
        series: Sequence[Series],
        instruments: Mapping[str, Instrument],
        account_equity_micros: int,
        **happened: Any,
    ) -> None:
        super().__init__(**happened)
        self.account_equity_micros = account_equity_micros
        self.series = tuple(series)
        self.instruments = dict(instruments)
        self._marks: dict[str, Closes] = {}
        self._sampled: dict[str, SessionReturns] = {}
        self._of_symbols: dict[str, dict[str, EquityCurve]] = {}

    @cached_property
    def _instants(self) -> Int64s:
        return instants_of(one.at_us for one in self.series)

    def _closes(self, symbol: str) -> Closes:
        """The marks of a symbol that somebody held."""
        if symbol not in self._marks:
            one = next(one for one in self.series if one.symbol == symbol)
            scale = self.instruments[symbol].scale
            self._marks[symbol] = closes_of(one.at_us, one.close, splits=self._splits(symbol), scale=scale)
        return self._marks[symbol]

    def _splits(self, symbol: str) -> list[Split]:
        return [action for action in self.actions if isinstance(action, Split) and action.symbol == symbol]

    @cached_property
    def equity_curves(self) -> dict[str, EquityCurve]:
        """The curve of each strategy, in their order, and of the pool, whose name is empty."""
        return self._curves(self.fills, self.adjustments, self.payments)

    def _curves(
        self, fills: Sequence[Fill], adjustments: Iterable[Adjustment], payments: Iterable[Payment]
    ) -> dict[str, EquityCurve]:
        """The curves of all owners, by some of what was posted to their books, and by all capital that moved."""
        books = {owner: Postings(owner) for owner in (*self.started.strategies, POOL)}
        books[POOL].fund(self.started.at_us, self.started.capital_micros)
        for transfer in self.transfers:
            for owner in (transfer.giver, transfer.taker):
                books[owner].on_transfer(transfer)
        post_fills(books, fills)
        for adjustment in adjustments:
            books[adjustment.strategy].on_adjustment(adjustment)
        for payment in payments:
            books[payment.strategy].on_payment(payment)
        held = dict.fromkeys(symbol for book in books.values() for symbol in book.positions)
        closes = {symbol: self._closes(symbol) for symbol in held}
        curves = equity_curves(tuple(books.values()), instants=self._instants, closes=closes)
        return dict(zip(books, curves, strict=True))

    @cached_property
    def equity_curve(self) -> EquityCurve:
        """
        The account's curve: the exact sum of the strategies' and the pool's.

        Raises LedgerError if it does not end at what the ledger's account is worth.
        """
        curve = summed(tuple(self.equity_curves.values()), owner=AGGREGATE)
        last = int(curve.equity_micros[-1])
        if last != self.account_equity_micros:
            raise LedgerError(f"the curves end at {last} micros, the account at {self.account_equity_micros}")
        return curve

    def curve(self, owner: str = AGGREGATE) -> EquityCurve:
        """Return the curve of a strategy or of the account. Raises ConfigError for an unknown owner."""
        return self.equity_curve if self._known(owner) == AGGREGATE else self.equity_curves[owner]

    def sampled(self, owner: str = AGGREGATE) -> SessionReturns:
        """Return an owner's returns from session end to session end. Raises ConfigError for an unknown owner."""
        if self._known(owner) not in self._sampled:
            self._sampled[owner] = sampled(self.curve(owner))
        return self._sampled[owner]

    def symbols_of(self, owner: str = AGGREGATE) -> tuple[str, ...]:
        """Name the symbols that an owner ever traded, in the order of the data."""
        self._known(owner)
        held = {move.symbol for move in self.moves if owner in (AGGREGATE, move.strategy)}
        return tuple(one.symbol for one in self.series if one.symbol in held)

    def symbol_curve(self, symbol: str, owner: str = AGGREGATE) -> EquityCurve:
        """
        Return what an owner would have been worth had it traded this symbol alone, with the same fills.

        All its capital is in it, so the profits of its symbols sum to its own, to the micro. Raises ConfigError for
        an unknown owner or symbol.
        """
        self._known(owner)
        if symbol not in self.started.symbols:
            raise ConfigError(f"there is no symbol {clipped(symbol)}; {did_you_mean(symbol, self.started.symbols)}")
        if symbol not in self._of_symbols:
            curves = self._curves(*(of.get(symbol, ()) for of in self._posted))
            curves[AGGREGATE] = summed(tuple(curves.values()), owner=AGGREGATE)
            self._of_symbols[symbol] = curves
        return self._of_symbols[symbol][owner]

    @cached_property
    def _posted(self) -> tuple[dict[str, list[Any]], ...]:
        """Fills, adjustments and payments, each by symbol."""
        return tuple(by_symbol(events) for events in (self.fills, self.adjustments, self.payments))

    def _known(self, owner: str) -> str:
        names = (*self.started.strategies, AGGREGATE)
        if owner not in names:
            raise ConfigError(f"there is no strategy {clipped(owner)}; {did_you_mean(str(owner), names)}")
        return owner


def by_symbol(events: Iterable[Any]) -> dict[str, list[Any]]:
    """Group whatever has a symbol by it, in order."""
    found: dict[str, list[Any]] = {}
    for event in events:
        found.setdefault(event.symbol, []).append(event)
    return found
