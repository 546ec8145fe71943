"""The console ticker: what each strategy is worth while the run goes on, and where strategies meet."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

from ropewalk.events import (
    Adjustment,
    Conflict,
    Fill,
    Payment,
    RunEnded,
    RunStarted,
    Transfer,
    Turn,
)
from ropewalk.money import MICROS
from ropewalk.notation import timestamp
from ropewalk.observers.observer import observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

POOL = ""
SECONDS_A_FRAME = 0.1


class Worth:
    """
    What each owner is worth at the last closes, in floats for the eye; the result has it exactly.

    What a lot is, is read off the first fill of a symbol: its price without slippage against the bar's.
    """

    def __init__(self) -> None:
        self.given: dict[str, float] = {}
        self._cash: dict[str, float] = {}
        self._held: dict[str, dict[str, int]] = {}
        self._closes: dict[str, float] = {}
        self._lots: dict[str, float] = {}
        self._unpriced: dict[str, float] = {}
        self._at_us = -1

    def start(self, event: RunStarted) -> None:
        """Begin with all capital in the pool."""
        self._cash = {POOL: event.capital_micros / MICROS} | dict.fromkeys(event.strategies, 0.0)
        self._held = {owner: {} for owner in self._cash}
        self.given = dict.fromkeys(self._cash, 0.0) | {POOL: self._cash[POOL]}

    def turn(self, event: Turn) -> None:
        """Take the closes, and what lots of symbols are that were filled at the open of these bars."""
        self._at_us = event.at_us
        for bar in event.bars:
            self._closes[bar.symbol] = bar.close
            if bar.symbol in self._unpriced:
                self._lots[bar.symbol] = self._unpriced.pop(bar.symbol) / bar.open

    def transfer(self, event: Transfer) -> None:
        """Move capital."""
        moved = event.micros / MICROS
        for owner, amount in ((event.giver, -moved), (event.taker, moved)):
            self._cash[owner] += amount
            self.given[owner] += amount

    def fill(self, event: Fill) -> None:
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

    def adjust(self, event: Adjustment) -> None:
        """Count the shares after a split."""
        self._cash[event.strategy] += event.cash_micros / MICROS
        self._held[event.strategy][event.symbol] = event.quantity_after

    def pay(self, event: Payment) -> None:
        """Take a dividend."""
        self._cash[event.strategy] += event.micros / MICROS

    def equity(self, owner: str) -> float:
        """Add up cash and what is held."""
        held = self._held[owner].items()
        marks = (lots * self._closes.get(symbol, 0.0) * self._lots.get(symbol, 0.0) for symbol, lots in held)
        return self._cash[owner] + sum(marks)


@observer(RunStarted, RunEnded, Turn, Transfer, Fill, Adjustment, Payment, Conflict)
class Ticker:
    """
    Shows live on stderr what strategies and account are worth, and the latest `conflicts`.

    Where stderr is no terminal it shows nothing, and hears no more than the start.
    """

    def __init__(self, conflicts: int = 5, *, console: Any = None, now: Any = monotonic) -> None:
        self._console: Console = _stderr() if console is None else console
        self._now: Callable[[], float] = now
        self._kept = conflicts
        self._live: Live | None = None
        if not self._console.is_terminal:
            observer(RunStarted)(self)

    def __call__(self, event: Any, number: int, cause: int) -> None:
        """Take note, and draw when it is time."""
        if isinstance(event, RunStarted):
            self._begin(event)
        if self._live is None:
            return
        if isinstance(event, RunEnded):
            self._live.update(self._drawing(f"{event.status} at {timestamp(event.at_us):%Y-%m-%d}"), refresh=True)
            self._live.stop()
            self._live = None
            return
        self._hears[type(event)](event)

    def _begin(self, started: RunStarted) -> None:
        worth = self._worth = Worth()
        self._latest: list[str] = []
        self._met = 0
        self._drawn = float("-inf")
        self._hears: dict[type, Callable[[Any], None]] = {
            RunStarted: worth.start,
            Turn: self._turn,
            Transfer: worth.transfer,
            Fill: worth.fill,
            Adjustment: worth.adjust,
            Payment: worth.pay,
            Conflict: self._conflict,
        }
        if self._console.is_terminal:
            from rich.live import Live

            self._live = Live(console=self._console, auto_refresh=False)
            self._live.start()

    def _turn(self, event: Turn) -> None:
        self._worth.turn(event)
        now = self._now()
        if self._live is not None and now - self._drawn >= SECONDS_A_FRAME:
            self._drawn = now
            self._live.update(self._drawing(f"{event.timestamp:%Y-%m-%d %H:%M}"), refresh=True)

    def _conflict(self, event: Conflict) -> None:
        self._met += 1
        who = ", ".join(event.strategies)
        self._latest = [*self._latest, f"{event.timestamp:%Y-%m-%d %H:%M}  {event.symbol}  {event.kind}  {who}"]
        self._latest = self._latest[max(len(self._latest) - self._kept, 0) :]

    def _drawing(self, title: str) -> Table:
        from rich import box
        from rich.markup import escape
        from rich.table import Table

        caption = "\n".join([f"{self._met:,} conflicts", *map(escape, self._latest)])
        table = Table(box=box.SIMPLE, title=escape(title), caption=caption, title_justify="left")
        table.caption_justify = "left"
        for name in ("strategy", "equity", "return"):
            table.add_column(name, justify="left" if name == "strategy" else "right", no_wrap=True)
        total = 0.0
        for owner, given in self._worth.given.items():
            equity = self._worth.equity(owner)
            total += equity
            if owner != POOL:
                table.add_row(escape(owner), f"{equity:,.0f}", f"{equity / given - 1:+.1%}" if given > 0 else "—")
        capital = sum(self._worth.given.values())
        table.add_section()
        table.add_row("aggregate", f"{total:,.0f}", f"{total / capital - 1:+.1%}" if capital > 0 else "—")
        return table


def _stderr() -> Console:
    from rich.console import Console

    # This very stream, whatever stands in for stderr while the run goes on.
    return Console(file=sys.stderr)
