"""`ropewalk compare`: recorded runs side by side, with what differs marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ropewalk.cli.places import AsJson, journal_at
from ropewalk.cli.screen import answer, screen_size
from ropewalk.cli.soundness import damage_told

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from ropewalk.journal.contrast import Contrast, Line

NO_VALUE = "—"
MARK = "≠"
RUN_WIDTH = 20
NAMES_WIDTH = 30


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN RUN...",
            help="Runs: a run's folder, its journal file, or the beginning of its id under ./runs.",
            show_default=False,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """
    Set recorded runs side by side: what of the inputs differs, how they went, the account and each strategy.

    What is not the same in all runs is marked; of two runs the difference is told, too. `ropewalk diff` tells where two
    runs parted.
    """
    from ropewalk.journal.contrast import contrast

    places = [journal_at(run) for run in runs]
    with damage_told(*places, as_json=as_json):
        found = contrast(places)
    answer(None if as_json else _shown(found), found.to_dict(), as_json=as_json)


def _shown(found: Contrast) -> Group:
    from rich.console import Group
    from rich.text import Text

    width = screen_size().width
    # As many runs as there is room for; the first stands in every block, since the others are compared with it.
    beside = len(found.runs) if width is None else max((width - NAMES_WIDTH) // RUN_WIDTH, 2)
    others = range(1, len(found.runs))
    blocks = [[0, *others[first : first + beside - 1]] for first in range(0, len(others), beside - 1)]
    parts: list[Any] = []
    for block in blocks:
        parts += [_table(found, block), Text()]
    differ = sum(line.is_different for line in found.lines)
    parts.append(
        Text(f"{MARK} marks what differs: {differ} of {len(found.lines)} lines" if differ else "nothing differs")
    )
    parts += [Text(note) for note in found.notes]
    return Group(*parts)


def _table(found: Contrast, block: list[int]) -> Table:
    from rich.table import Table
    from rich.text import Text

    is_pair = len(found.runs) == 2
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", width=1)
    table.add_column("", no_wrap=False, overflow="fold")
    for seat in block:
        table.add_column(found.runs[seat], justify="right", overflow="fold")
    if is_pair:
        table.add_column("difference", justify="right", no_wrap=True)
    section = ""
    for line in found.lines:
        if line.section != section:
            if section:
                table.add_row()
            section = line.section
            table.add_row("", Text(section, "bold"))
        mark = Text(MARK, "yellow") if line.is_different else Text("")
        cells = [_cell(line, seat) for seat in block]
        table.add_row(mark, line.name, *cells, *([_difference(line)] if is_pair else []))
    return table


def _cell(line: Line, seat: int) -> Text:
    from rich.text import Text

    value = line.values[seat]
    style = "bold" if value != line.values[0] else "" if line.is_different else "dim"
    return Text(NO_VALUE if value is None else _told(line, value), style)


def _told(line: Line, value: Any, *, sign: str = "") -> str:
    form = {"money": ",.2f", "fraction": ".1%", "ratio": ".2f", "count": ",", "text": ""}[line.unit]
    return format(value, sign + form)


def _difference(line: Line) -> str:
    one, other = line.values
    if not line.is_different or line.unit == "text" or one is None or other is None:
        return ""
    told = _told(line, other - one, sign="+").replace("-0.0%", "+0.0%")
    # Between two parts of a whole lie points, not a part.
    return told.replace("%", " pp") if line.unit == "fraction" else told
