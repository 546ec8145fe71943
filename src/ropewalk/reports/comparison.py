"""The comparison of strategies as a table for the terminal, as wide as the terminal allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich import box
from rich.measure import Measurement
from rich.table import Table

from ropewalk.collectors.tables import comparison_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from ropewalk.collectors.result import OrchestratorResult

NO_VALUE = "—"


def _money(value: float) -> str:
    return f"{value:,.0f}"


def _percent(value: float) -> str:
    return f"{value:.1%}"


def _signed_percent(value: float) -> str:
    return f"{value:+.1%}" if abs(value) < 10 else f"{value:+,.0%}"


class Column(NamedTuple):
    """One figure of the comparison; those of the highest `rank` are left out first when space is short."""

    name: str
    title: str
    show: Callable[[Any], str]
    rank: int
    is_colored: bool = False


COLUMNS = (
    Column("strategy", "strategy", str, 0),
    Column("weight", "weight", "{:.0%}".format, 6),
    Column("initial_capital", "start\ncapital", _money, 10),
    Column("final_equity", "final\nequity", _money, 0),
    Column("total_return", "return", _signed_percent, 0, is_colored=True),
    Column("annual_return", "CAGR", _percent, 4, is_colored=True),
    Column("annual_volatility", "vola-\ntility", _percent, 11),
    Column("sharpe", "Sharpe", "{:.2f}".format, 1, is_colored=True),
    Column("max_drawdown", "max\ndrawdown", _percent, 1),
    Column("round_trips", "round\ntrips", "{:,}".format, 7),
    Column("win_rate", "win\nrate", "{:.0%}".format, 9),
    Column("fills", "fills", "{:,}".format, 8),
    Column("refused", "re-\nfused", "{:,}".format, 3),
    Column("conflicts", "con-\nflicts", "{:,}".format, 2),
    Column("costs", "costs", _money, 5),
)


def comparison(result: OrchestratorResult, console: Console) -> Table:
    """
    Draw a row for each strategy, a rule, and a row for the account.

    Where the console is too narrow the less important columns are left out, and the caption names them.
    """
    rows = comparison_rows(result)
    # Who plugs a metric in wants to see it.
    columns = (*COLUMNS, *(Column(name, name, "{:,.4g}".format, 0) for name in result.measures))
    for rank in sorted({column.rank for column in columns}, reverse=True):
        table = _table(rows, [column for column in columns if column.rank <= rank])
        if Measurement.get(console, console.options.update(width=1_000), table).maximum <= console.width:
            break
    left_out = [column.title.replace("-\n", "").replace("\n", " ") for column in columns if column.rank > rank]
    if left_out:
        table.caption = f"not shown at this width: {', '.join(left_out)}"
        table.caption_justify = "left"
    return table


def _table(rows: Sequence[dict[str, Any]], columns: Sequence[Column]) -> Table:
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), show_footer=True)
    *strategies, account = rows
    for column in columns:
        is_text = column.name == "strategy"
        table.add_column(
            column.title,
            _cell(column, account[column.name]),
            justify="left" if is_text else "right",
            no_wrap=is_text,
            vertical="bottom",
            header_style="bold",
            footer_style="bold",
        )
    for row in strategies:
        table.add_row(*(_cell(column, row[column.name]) for column in columns))
    return table


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return NO_VALUE
    shown = column.show(value)
    if not column.is_colored or value == 0:
        return shown
    return f"[{'green' if value > 0 else 'red'}]{shown}[/]"
