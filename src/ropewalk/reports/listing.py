"""
Listings: many rows as plain lines, quick enough for a million of them.

As wide as the terminal allows: the columns of the highest rank are left out first, and the caller is told which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len

from ropewalk.money import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

NO_VALUE = "—"
GAP = "  "
BOLD, GREEN, RED, PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[0m"


class Field(NamedTuple):
    """
    One column of a listing: the frame's column, its title, how to show a value, and its rank.

    `is_text` stands to the left. `is_gain` is green above and red below zero, on terminals.
    """

    name: str
    title: str
    show: Callable[[Any], str]
    rank: int = 0
    is_text: bool = False
    is_gain: bool = False


class Listing(NamedTuple):
    """The lines, of which the first is the head, and the titles of what is left out."""

    lines: Iterator[str]
    left_out: tuple[str, ...]


def amount(micros: int) -> str:
    """Show micros as currency with two digits; what is not zero but rounds to it says so."""
    return f"{micros / MICROS:,.2f}"


def price(micros: int) -> str:
    """Show a price in micros with four digits."""
    return f"{micros / MICROS:,.4f}"


def whole(value: int) -> str:
    """Show a whole number."""
    return f"{value:,}"


def moment(at: Any) -> str:
    """Show a time in UTC; midnight is the date alone."""
    return f"{at:%Y-%m-%d %H:%M:%S}".removesuffix(" 00:00:00").removesuffix(":00")


def listing(
    fields: Sequence[Field], columns: dict[str, list[Any]], *, width: int | None, is_styled: bool = False
) -> Listing:
    """Lay rows out in columns; `width` None leaves nothing out."""
    shown = {one.name: [_shown(one, value) for value in columns[one.name]] for one in fields}
    widths = {one.name: max(map(cell_len, (one.title, *shown[one.name]))) for one in fields}
    kept = list(fields)
    while width is not None and len(kept) > 1 and _line_width(kept, widths) > width and max(one.rank for one in kept):
        rank = max(one.rank for one in kept)
        kept = [one for one in kept if one.rank < rank]
    left_out = tuple(one.title for one in fields if one not in kept)
    return Listing(_lines(kept, columns, shown, widths, is_styled=is_styled), left_out)


def _shown(field: Field, value: Any) -> str:
    return NO_VALUE if value is None else field.show(value)


def _line_width(fields: Sequence[Field], widths: dict[str, int]) -> int:
    return sum(widths[one.name] for one in fields) + len(GAP) * (len(fields) - 1)


def _lines(
    fields: Sequence[Field],
    columns: dict[str, list[Any]],
    shown: dict[str, list[str]],
    widths: dict[str, int],
    *,
    is_styled: bool,
) -> Iterator[str]:
    head = GAP.join(_set(one.title, widths[one.name], is_text=one.is_text) for one in fields).rstrip()
    yield f"{BOLD}{head}{PLAIN}" if is_styled else head
    rule = "─" * min(_line_width(fields, widths), 1_000)
    yield rule
    for row in range(len(columns[fields[0].name])):
        cells = []
        for one in fields:
            cell = _set(shown[one.name][row], widths[one.name], is_text=one.is_text)
            value = columns[one.name][row]
            if is_styled and one.is_gain and value:
                cell = f"{GREEN if value > 0 else RED}{cell}{PLAIN}"
            cells.append(cell)
        yield GAP.join(cells).rstrip()


def _set(text: str, width: int, *, is_text: bool) -> str:
    space = " " * (width - cell_len(text))
    return text + space if is_text else space + text
