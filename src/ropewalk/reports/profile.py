"""A profile of a run as a table: who took how long, the dearest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def profile_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Show the rows of a `Profile`: calls, seconds in all, microseconds for each bar, share of the run."""
    table = Table(title="what it took", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("part")
    for heading in ("calls", "seconds", "µs a bar", "share"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        is_part = bool(row["name"])
        table.add_row(
            escape(f"{row['kind']} {row['name']}") if is_part else "the walk itself",
            f"{row['calls']:,}" if is_part else "",
            f"{row['seconds']:.3f}",
            f"{row['microseconds_a_bar']:.2f}",
            f"{row['share']:.1%}",
        )
    return table
