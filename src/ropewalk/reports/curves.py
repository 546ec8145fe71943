"""The curves of a run for the terminal: equity as lines of characters, the deepest falls as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from ropewalk.collectors.return_metrics import max_drawdown
from ropewalk.collectors.sessions import session_days, session_returns
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.money import currency
from ropewalk.notation import timestamp
from ropewalk.reports.sketches import bar, sparkline

if TYPE_CHECKING:
    from rich.console import Console

    from ropewalk.collectors.equity import EquityCurve
    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.collectors.return_metrics import Drawdown

DAY_US = 86_400_000_000
SPARK_MAX = 60
SPARK_MIN = 8
BAR_MAX = 24
NAME_MAX = 18
TITLES = 15
"""What stands left of a name, and the gaps."""
BESIDE_BAR, BESIDE_LONG_BAR = TITLES + 43, TITLES + 50
"""What stands beside a bar and a name: titles, depth and dates."""
NARROW = 100
"""Where a terminal is narrower, it is left out when a fall was over."""


def equity(result: OrchestratorResult, console: Console) -> Table:
    """Draw each strategy's equity and the account's, each from its own lowest to its own highest, and its ends."""
    curves = _curves(result)
    ends = {name: _ends(curve) for name, curve in curves.items()}
    beside = TITLES + _names_width(curves) + max(map(len, ends.values()))
    width = max(min(console.width - beside, SPARK_MAX), SPARK_MIN)
    table = _grid(curves)
    for name, curve in curves.items():
        line = Text(sparkline(curve.equity_micros.tolist(), width=width), "cyan")
        table.add_row(_named(name), line, ends[name])
    return table


def drawdowns(result: OrchestratorResult, console: Console) -> Table:
    """Draw each one's deepest fall, session by session, on one scale; with when it began, and when it was over."""
    curves = _curves(result)
    falls = {name: max_drawdown(session_returns(curve)) for name, curve in curves.items()}
    deepest = max((-fall.depth for fall in falls.values() if fall is not None), default=0.0)
    is_narrow = console.width < NARROW
    beside = (BESIDE_BAR if is_narrow else BESIDE_LONG_BAR) + _names_width(curves)
    width = max(min(console.width - beside, BAR_MAX), SPARK_MIN)
    table = _grid(curves)
    for name, fall in falls.items():
        if fall is None:
            table.add_row(_named(name), "", "no value: there was no session to compare with")
        elif fall.depth == 0.0:
            table.add_row(_named(name), "", "never fell")
        else:
            drawn = Text(bar(-fall.depth / deepest, width=width), "red")
            table.add_row(_named(name), drawn, f"{fall.depth:7.1%}  {_span(fall, curves[name], is_narrow=is_narrow)}")
    return table


def _curves(result: OrchestratorResult) -> dict[str, EquityCurve]:
    own = {name: one.equity_curve for name, one in result.strategy_results.items()}
    return {**own, AGGREGATE: result.equity_curve}


def _grid(curves: dict[str, EquityCurve]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, min_width=_names_width(curves))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    return table


def _ends(curve: EquityCurve) -> str:
    first, last = (int(curve.equity_micros[at]) for at in (0, -1))
    return f"{currency(first):,.0f} → {currency(last):,.0f}"


def _names_width(curves: dict[str, EquityCurve]) -> int:
    return min(max(map(len, curves)), NAME_MAX)


def _named(name: str) -> Text:
    shown = name if len(name) <= NAME_MAX else name[: NAME_MAX - 1] + "…"
    return Text(shown, "bold" if name == AGGREGATE else "")


def _span(fall: Drawdown, curve: EquityCurve, *, is_narrow: bool) -> str:
    days = session_days(curve.at_us).tolist()
    # The last return ends with the last session; what stands before the first return is the funding.
    before = len(days) - 1 - len(session_returns(curve))

    def day(seat: int | None) -> str:
        return f"{timestamp(days[max((seat or 0) + before, 0)] * DAY_US):%Y-%m-%d}"

    span = f"{day(fall.start)} to {day(fall.trough)}"
    if fall.recovery is None:
        return f"{span}, not over"
    return span if is_narrow else f"{span}, over {day(fall.recovery)}"
