"""`ropewalk runs`: what was recorded, a line a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ropewalk.cli.places import RUNS, AsJson
from ropewalk.cli.screen import answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Group
    from rich.table import Table

    from ropewalk.journal import RunSummary

NO_VALUE = "—"
COLORS = {"complete": "green", "unreadable": "red", "failed": "red"}
DIGITS_SHOWN = 12
DATE_WIDTH = len("to 2000-01-01")


def runs(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The folder of the runs.")] = RUNS,
    as_json: AsJson = False,
) -> None:
    """
    List the recorded runs in a folder.

    A line each: strategies, data, state, what was realised after commissions, the return where the bars are beside
    the journal, size and digest.
    """
    from ropewalk.journal import runs as recorded

    found = recorded(folder)
    told = _shown(found) if found else _none_in(folder)
    answer(told, [one.to_dict() for one in found], as_json=as_json)


def _none_in(folder: Path) -> str:
    from ropewalk.recording.names import journal_in

    is_run = journal_in(folder).is_file()
    return f"there are no runs in {folder}" + (", which is one itself; give the folder that it is in" if is_run else "")


def _shown(found: Sequence[RunSummary]) -> Group:
    from rich.console import Group
    from rich.text import Text

    # What is wrong, and where, needs the whole line.
    problems = [Text(f"{one.status}: {one.path}: {one.problem}") for one in found if one.problem]
    remarks = [Text(f"{one.status}: {one.path}: {one.remark}") for one in found if one.remark]
    return Group(_table(found), *problems, *remarks)


def _table(found: Sequence[RunSummary]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("run", no_wrap=True)
    table.add_column("strategies", overflow="fold")
    table.add_column("data", overflow="fold", min_width=DATE_WIDTH)
    table.add_column("state", no_wrap=True)
    for title in ("realised", "return", "fills", "kB"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("sha256", no_wrap=True)
    for one in found:
        table.add_row(*_row(one))
    return table


def _row(one: RunSummary) -> list[str]:
    from rich.markup import escape

    from ropewalk.journal.words import moment

    is_read = one.status != "unreadable"
    span = [moment(at_us) for at_us in (one.first_us, one.last_us) if at_us is not None]
    gained = one.total_return
    return [
        escape(one.name),
        escape(", ".join(one.strategies)) or NO_VALUE,
        " to ".join(span) or NO_VALUE,
        f"[{COLORS.get(one.status, 'yellow')}]{one.status}[/]",
        f"{one.realised_micros / 1e6:,.0f}" if is_read else NO_VALUE,
        NO_VALUE if gained is None else f"{gained:+.1%}",
        f"{one.fills:,}" if is_read else NO_VALUE,
        f"{one.size / 1000:,.0f}",
        one.digest[:DIGITS_SHOWN],
    ]
