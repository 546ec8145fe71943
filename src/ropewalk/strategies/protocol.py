"""
The three ways to write a strategy, and the words in which it says what it wants.

A strategy knows nothing of the others, of capital limits or of the bus. It looks at bars and answers.
"""

from __future__ import annotations

# Names of a struct's fields are looked up at run time by help(), signature() and decoders.
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import msgspec

from ropewalk.events import Action, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.events import Bar, Dividend, Fill, Split
    from ropewalk.strategies.view import View


class Position(msgspec.Struct, frozen=True):
    """
    What a strategy holds of one symbol.

    `shares` is signed; `entry_price` is the average price paid; prices are Decimals when the
    caller's bars hold Decimals, else floats.
    """

    symbol: str
    shares: int | float | Decimal
    entry_price: float | Decimal
    entry_date: datetime
    current_price: float | Decimal


@runtime_checkable
class IStrategy(Protocol):
    """
    A strategy that is asked, bar by bar and symbol by symbol, whether to be in or out.

    `bars` is the list of all bars of one symbol up to now; `bars[-1]` is the current one. It is asked
    `should_enter` when it holds nothing of the symbol and `should_exit` when it does; never while
    an order of its own is resting there. An optional `position_size(capital, price)` says how
    many shares to buy with the capital available; without it, each symbol gets an equal share
    of the strategy's capital.
    """

    def should_enter(self, bars: Sequence[Any]) -> bool:
        """Say whether to buy at the next opportunity."""
        ...

    def should_exit(self, position: Position, bars: Sequence[Any]) -> bool:
        """Say whether to close the position."""
        ...


class Want(msgspec.Struct, frozen=True, gc=False):
    """
    What a strategy says it wants; made by `buy`, `sell`, `close` and `target`.

    The number is as the strategy said it. Whether it is usable is judged when it becomes an intent,
    so that an unusable one is refused on record instead of raising in the strategy. So is `conviction`, from 0 to 1.
    """

    symbol: str
    action: Action
    unit: Unit
    number: Any
    note: str = ""
    conviction: Any = 0


def _want(symbol: str, action: Action, asked: dict[Unit, Any], note: str, conviction: Any = 0) -> Want:
    given = [(unit, number) for unit, number in asked.items() if number is not None]
    if len(given) != 1:
        names = " or ".join(f"{unit}=" for unit in asked)
        found = ", ".join(unit for unit, _ in given) or "none"
        raise TypeError(f"{action}({symbol!r}) takes exactly one of {names}, found {found}")
    return Want(symbol, action, given[0][0], given[0][1], note, conviction)


def buy(
    symbol: str,
    *,
    quantity: Any = None,
    notional: Any = None,
    fraction: Any = None,
    note: str = "",
    conviction: Any = 0,
) -> Want:
    """
    Want to buy: so many shares (or coins), so much money, or a fraction of the strategy's capital.

    A quantity must be a multiple of the instrument's lot, which is one share unless declared.
    What is held short is bought back first, which needs no capital; the rest opens or adds. A `conviction`
    from 0 to 1 is for conflict policies that ask who is more convinced.

    >>> buy("GLD", fraction=0.5).unit
    'fraction'
    """
    if fraction is not None and quantity is None and notional is None:
        return Want(symbol, "buy", "fraction", fraction, note, conviction)
    return _want(symbol, "buy", {"quantity": quantity, "notional": notional, "fraction": fraction}, note, conviction)


def sell(
    symbol: str,
    *,
    quantity: Any = None,
    notional: Any = None,
    fraction: Any = None,
    note: str = "",
    conviction: Any = 0,
) -> Want:
    """Want to sell; what is held long is sold first, the rest opens or adds to a short position."""
    return _want(symbol, "sell", {"quantity": quantity, "notional": notional, "fraction": fraction}, note, conviction)


def close(symbol: str, *, quantity: Any = None, fraction: Any = None, note: str = "") -> Want:
    """
    Want to close a position: all of it, so many shares, or a fraction of what is held.

    >>> close("GLD").number
    1
    """
    if quantity is None and fraction is None:
        return Want(symbol, "close", "fraction", 1, note)
    return _want(symbol, "close", {"quantity": quantity, "fraction": fraction}, note)


def target(
    symbol: str,
    *,
    quantity: Any = None,
    notional: Any = None,
    fraction: Any = None,
    note: str = "",
    conviction: Any = 0,
) -> Want:
    """Want to hold so much, signed: the order is the difference to what is held and resting. Zero is flat."""
    return _want(symbol, "target", {"quantity": quantity, "notional": notional, "fraction": fraction}, note, conviction)


Wants = Want | list[Want] | tuple[Want, ...] | None
"""What a callback may return: nothing, one want, or several in a list or tuple."""


class Strategy:
    """
    A strategy that sees everything it may see through a view and returns what it wants.

    Override `on_bar`, which is called for each bar of its symbols, or `on_turn`, which is called
    once an instant after all bars of it, or both. Whatever they return is wanted; None is silence.
    """

    def on_start(self, view: View) -> Wants:
        """Hear that the run begins; there are no bars yet."""
        return None

    def on_bar(self, bar: Bar, view: View) -> Wants:
        """Look at one symbol's bar."""
        return None

    def on_turn(self, view: View) -> Wants:
        """Look at all bars of an instant together."""
        return None

    def on_fill(self, fill: Fill, view: View) -> Wants:
        """Hear of one of the strategy's own fills."""
        return None

    def on_split(self, split: Split, view: View) -> Wants:
        """
        Hear that a symbol has split; the history is in the new shares already, and so is what is held.

        Prices that the strategy has kept are to be multiplied by `denominator / numerator`.
        """
        return None

    def on_dividend(self, dividend: Dividend, view: View) -> Wants:
        """Hear that a symbol goes ex; what is held has been paid for."""
        return None

    def on_end(self, view: View) -> None:
        """Hear that the data are over."""


@runtime_checkable
class SignalStrategy(Protocol):
    """
    A strategy that says its targets for one symbol's whole sample at once.

    `signals(history)` gets the columns (`open`, `high`, `low`, `close`, `volume`: float64 arrays of one
    length, in the shares of the first bar, so without jumps at splits) and returns an array of that length:
    1.0 is fully invested with the symbol's equal share of the strategy's capital, 0.0 flat, −1.0 fully
    short, NaN as before. Entry i may use rows up to and including i, no later ones.
    """

    def signals(self, history: Any) -> Any:
        """Return one target a bar."""
        ...
