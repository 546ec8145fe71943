"""
Sections of one's own in a report: what a plugin says about a result, as a part of the page that cannot break it.

Text and tables are escaped, HTML is reduced to a few plain tags, each of them closed, and figures are data until the
page draws them. A section that raises, or returns something else, says so in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ropewalk.errors import ConfigError, clipped, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.collectors.result import OrchestratorResult

    OwnSection = Callable[[OrchestratorResult], Any]

ROWS_MAX = 500
TAGS = (
    *("p", "br", "h3", "h4", "b", "i", "em", "strong", "code", "pre", "small", "sub", "sup", "span", "div"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
)
"""What HTML of a section may have; other tags are left out, and what stands in them stays."""
SPANS = ("colspan", "rowspan")
SILENT = ("script", "style", "template", "title", "textarea", "noscript")
"""Tags of which nothing stays, since what stands in them is no text for people."""


DRAWABLE = ("scatter", "bar", "pie")
"""The traces that the script in a page draws; it would draw others as lines."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a section shows, in this order: `text`, a `table`, a `figure` and `html`; what is left out is not shown.

    Empty lines divide the text into paragraphs. A table is a polars or pandas frame, or a list of mappings. A figure is
    one of plotly's, of lines, bars or pies, which every page can draw.
    """

    title: str
    text: str = ""
    table: Any = None
    figure: Any = None
    html: str = ""


class Shown(NamedTuple):
    """A section, ready for the page: `html` is plain and closed, `figure` JSON, `wrong` what is told instead."""

    title: str
    paragraphs: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    left_out: int = 0
    figure: str = ""
    html: str = ""
    wrong: str = ""


def shown_sections(sections: Mapping[str, OwnSection], result: OrchestratorResult | None) -> list[Shown]:
    """Ask each section what it shows of a result; `sections` are by name, in the order of the page."""
    return [_shown(name, section, result) for name, section in sections.items()]


def _shown(name: str, section: OwnSection, result: OrchestratorResult | None) -> Shown:
    if result is None:
        return Shown(name, wrong="it is made of curves and figures, and this report has none")
    try:
        made = section(result)
        if not isinstance(made, Section):
            return Shown(name, wrong=f"it returned {clipped(made)}; return a Section")
        columns, rows, left_out = _table(made.table)
        return Shown(
            str(made.title) or name,
            tuple(one.strip() for one in str(made.text).split("\n\n") if one.strip()),
            columns,
            rows,
            left_out,
            "" if made.figure is None else _drawable(made.figure),
            plain_html(str(made.html)),
        )
    except Exception as error:
        return _faulty(name, error)


def _faulty(name: str, error: Exception) -> Shown:
    """Put what was raised in the place of a section: the page is everybody's."""
    return Shown(name, wrong=f"it raised {told(error)}")


def _table(table: Any) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], int]:
    if table is None:
        return (), (), 0
    rows: list[Iterable[Any]]
    if isinstance(table, list):
        columns = list(dict.fromkeys(name for row in table for name in row))
        rows = [[row.get(name) for name in columns] for row in table]
    else:
        columns = list(table.columns)
        rows = list(table.iter_rows() if hasattr(table, "iter_rows") else table.itertuples(index=False))
    cells = tuple(tuple(_cell(value) for value in row) for row in rows[:ROWS_MAX])
    return tuple(map(str, columns)), cells, max(len(rows) - ROWS_MAX, 0)


def _drawable(figure: Any) -> str:
    """Give a figure as JSON. Raises ConfigError for one with a trace that a page cannot draw."""
    text = str(figure.to_json())
    strange = sorted({str(getattr(one, "type", "")) for one in getattr(figure, "data", ())} - {*DRAWABLE})
    if strange:
        raise ConfigError(f"its figure has {', '.join(strange)}; a page draws {', '.join(DRAWABLE)}: show a table")
    return text


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def plain_html(text: str) -> str:
    """
    Reduce HTML to plain tags without attributes, but for spans of cells, and close what is open.

    >>> plain_html("<p onclick=x()>1 < 2</div><b>so<script>alert(1)</script>")
    '<p>1 &lt; 2<b>so</b></p>'
    """
    reader = _Plain()
    reader.feed(text)
    reader.close()
    return reader.closed()


class _Plain(HTMLParser):
    """Writes what it reads again, of the tags that are allowed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._written: list[str] = []
        self._open: list[str] = []
        self._silenced = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silenced += 1
        elif tag in TAGS and not self._silenced:
            counts = [(name, value) for name, value in attrs if name in SPANS and (value or "").isdecimal()]
            spans = [f' {name}="{int(value or 1)}"' for name, value in counts]
            self._written.append(f"<{tag}{''.join(spans)}>")
            if tag != "br":
                self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silenced = max(self._silenced - 1, 0)
        elif tag in self._open and not self._silenced:
            while self._open:
                inner = self._open.pop()
                self._written.append(f"</{inner}>")
                if inner == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self._silenced:
            self._written.append(escape(data))

    def closed(self) -> str:
        """All that was written, with what is open closed."""
        return "".join([*self._written, *(f"</{tag}>" for tag in reversed(self._open))])
