"""The console ticker: what each strategy is worth while the run goes on, and where strategies meet."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

from ropewalk.events import Conflict, RunEnded, RunStarted, Turn
from ropewalk.notation import timestamp
from ropewalk.observers.observer import observer
from ropewalk.observers.worth import POOL, Worth

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

SECONDS_A_FRAME = 0.1


@observer(*Worth.HEARS, RunEnded, Conflict)
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
        if isinstance(event, Conflict):
            self._conflict(event)
            return
        self._worth.hear(event)
        if isinstance(event, Turn):
            self._turn(event)

    def _begin(self, started: RunStarted) -> None:
        self._worth = Worth()
        self._latest: list[str] = []
        self._met = 0
        self._drawn = float("-inf")
        if self._console.is_terminal:
            from rich.live import Live

            self._live = Live(console=self._console, auto_refresh=False)
            self._live.start()

    def _turn(self, event: Turn) -> None:
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
