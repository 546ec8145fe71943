"""Worth: what each strategy is worth while a run goes on, for observers that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.events import Adjustment, Fill, Payment, RunStarted, Transfer, Turn
from ropewalk.money import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable

POOL = ""
"""The owner of what no strategy has."""


class Worth:
    """
    What each owner is worth at the last closes, in floats for the eye; the result has it exactly.

    Owners are the strategies, and the pool, whose name is empty. `given` is the capital that each was given so far.
    What a lot is, is read off the first fill of a symbol: its price without slippage against the bar's.

    >>> from ropewalk import BuyAndHold, StrategyOrchestrator, observer, synthetic_feed
    >>> worth = Worth()
    >>> @observer(*Worth.HEARS)
    ... def listen(event, number, cause):
    ...     worth.hear(event)
    >>> result = StrategyOrchestrator({"hold": (BuyAndHold(), "0.5")}).run(synthetic_feed(1, 50), observers=[listen])
    >>> round(worth.equity("hold")) == round(result.strategy_results["hold"].final_equity)
    True
    """

    HEARS: tuple[type, ...] = (RunStarted, Turn, Transfer, Fill, Adjustment, Payment)

    def __init__(self) -> None:
        self._takes: dict[type, Callable[[Any], None]] = {
            RunStarted: self._start,
            Turn: self._turn,
            Transfer: self._transfer,
            Fill: self._fill,
            Adjustment: self._adjust,
            Payment: self._pay,
        }
        self.given: dict[str, float] = {}
        self._cash: dict[str, float] = {}
        self._held: dict[str, dict[str, int]] = {}
        self._closes: dict[str, float] = {}
        self._lots: dict[str, float] = {}
        self._unpriced: dict[str, float] = {}
        self._at_us = -1

    def hear(self, event: Any) -> None:
        """Take note of an event; those that move no money and no price are nothing to it."""
        take = self._takes.get(type(event))
        if take is not None:
            take(event)

    def _start(self, event: RunStarted) -> None:
        """Begin with all capital in the pool."""
        self._cash = {POOL: event.capital_micros / MICROS} | dict.fromkeys(event.strategies, 0.0)
        self._held = {owner: {} for owner in self._cash}
        self.given = dict.fromkeys(self._cash, 0.0) | {POOL: self._cash[POOL]}
        self._closes, self._lots, self._unpriced, self._at_us = {}, {}, {}, -1

    def _turn(self, event: Turn) -> None:
        """Take the closes, and what lots of symbols are that were filled at the open of these bars."""
        self._at_us = event.at_us
        for bar in event.bars:
            self._closes[bar.symbol] = bar.close
            if bar.symbol in self._unpriced:
                self._lots[bar.symbol] = self._unpriced.pop(bar.symbol) / bar.open

    def _transfer(self, event: Transfer) -> None:
        """Move capital."""
        moved = event.micros / MICROS
        for owner, amount in ((event.giver, -moved), (event.taker, moved)):
            self._cash[owner] += amount
            self.given[owner] += amount

    def _fill(self, event: Fill) -> None:
        """Pay for lots."""
        self._cash[event.strategy] -= (event.quantity * event.price_micros + event.commission_micros) / MICROS
        held, symbol = self._held[event.strategy], event.symbol
        held[symbol] = held.get(symbol, 0) + event.quantity
        if symbol not in self._lots:
            price = (event.price_micros - event.slippage_micros / event.quantity) / MICROS
            if event.at_us == self._at_us:
                self._lots[symbol] = price / self._closes[symbol]
            else:
                self._unpriced[symbol] = price

    def _adjust(self, event: Adjustment) -> None:
        """Count the shares after a split."""
        self._cash[event.strategy] += event.cash_micros / MICROS
        self._held[event.strategy][event.symbol] = event.quantity_after

    def _pay(self, event: Payment) -> None:
        """Take a dividend."""
        self._cash[event.strategy] += event.micros / MICROS

    def equity(self, owner: str) -> float:
        """Add up cash and what is held, at the last closes."""
        held = self._held[owner].items()
        marks = (lots * self._closes.get(symbol, 0.0) * self._lots.get(symbol, 0.0) for symbol, lots in held)
        return self._cash[owner] + sum(marks)
