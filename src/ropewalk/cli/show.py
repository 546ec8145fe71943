"""`ropewalk show`: a recorded run, looked at again, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ropewalk.cli.places import AsJson, BarsOf, JournalPlace, bars_of, journal_at
from ropewalk.cli.screen import answer, present, print_lines, say, screen_size
from ropewalk.cli.soundness import damage_told, soundness_told
from ropewalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.journal import Figures
    from ropewalk.reports.views import Filters, Shown

PAGE_ROWS = 40


def _option(name: str, metavar: str, told: str) -> Any:
    return typer.Option(name, metavar=metavar, help=told, show_default=False)


def show(
    folder: JournalPlace,
    view: Annotated[
        str | None,
        typer.Argument(
            metavar="[equity|trades|decisions|conflicts|costs|limits]",
            help="What to page through; without it the whole run is summed up.",
            show_default=False,
        ),
    ] = None,
    strategy: Annotated[str | None, _option("--strategy", "S", "Only this strategy's.")] = None,
    symbol: Annotated[str | None, _option("--symbol", "X", "Only in this symbol.")] = None,
    start: Annotated[str | None, _option("--from", "DATE", "From this date or time on, in UTC.")] = None,
    end: Annotated[str | None, _option("--to", "DATE", "Up to this date or time, included.")] = None,
    reason: Annotated[str | None, _option("--reason", "R", "Only decisions with this reason.")] = None,
    limit: Annotated[int | None, _option("--limit", "N", "At most so many rows, and no pager.")] = None,
    page: Annotated[int | None, _option("--page", "P", f"The P-th N rows (N is {PAGE_ROWS} without --limit).")] = None,
    run_file: BarsOf = None,
    as_json: AsJson = False,
) -> None:
    """
    Look at a recorded run again: summed up, or row by row with filters.

    On a terminal longer lists open in a pager; into a pipe or a file they are printed whole. Trades are round trips,
    those still open last; a span shows those that were open at some time of it. With --json money is in exact micros.
    Ends with 3 when the run has not ended.
    """
    from ropewalk.journal import figures_of
    from ropewalk.journal.verdict import UNFINISHED
    from ropewalk.reports.views import VIEWS

    filters = _filters(strategy, symbol, start, end, reason)
    if view is None and (str(filters) or limit is not None or page is not None):
        raise ConfigError(f"filters and pages are of a view; say which: {', '.join(VIEWS)}")
    _check_positive(limit=limit, page=page)
    place = journal_at(folder)
    with damage_told(place, as_json=as_json):
        figures = figures_of(place, data=bars_of(run_file))
    if view is None:
        _sum_up(figures, as_json=as_json)
    else:
        with soundness_told(place, as_json=as_json):
            _show(figures, view, filters, limit=limit, page=page, as_json=as_json)
    if figures.state.status == "incomplete":
        raise typer.Exit(UNFINISHED)


def _show(figures: Figures, view: str, filters: Filters, *, limit: int | None, page: int | None, as_json: bool) -> None:
    from ropewalk.reports.views import view as viewed

    shown = viewed(figures.frames, view, filters)
    rows = PAGE_ROWS if limit is None and page is not None else limit
    first = 0 if rows is None else rows * ((page or 1) - 1)
    if rows is not None and first and first >= len(shown.frame):
        pages = -(-len(shown.frame) // rows)
        raise ConfigError(f"--page {page} is beyond the end: {len(shown.frame):,} {shown.what} fill {pages:,} pages")
    part = shown.frame if rows is None else shown.frame.slice(first, rows)
    if as_json:
        told = {
            "run": figures.journal.run_id,
            "status": figures.state.status,
            "view": view,
            "filters": {name: value for name, value in filters._asdict().items() if value is not None},
            "total": shown.total,
            "matching": len(shown.frame),
            "first": first,
            "rows": [_plain(row) for row in part.to_dicts()],
        }
        answer(None, told, as_json=True)
        return
    _print(figures, shown._replace(frame=part), filters, first=first, matching=len(shown.frame), is_paged=rows is None)


def _filters(
    strategy: str | None, symbol: str | None, start: str | None, end: str | None, reason: str | None
) -> Filters:
    from ropewalk.feeds.feed import bound_us
    from ropewalk.reports.views import Filters

    from_us = None if start is None else bound_us(start, "--from")
    to_us = None if end is None else bound_us(end, "--to", whole_days=1)
    return Filters(strategy, symbol, reason, from_us, to_us)


def _check_positive(**given: int | None) -> None:
    for name, value in given.items():
        if value is not None and value < 1:
            raise ConfigError(f"--{name} is {value}; it counts from 1")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}


def _sum_up(figures: Figures, *, as_json: bool) -> None:
    result = figures.frames.result
    if result is not None:
        bars = sum(map(len, result.series))
        present(result, label=f"run {figures.journal.run_id}", bars=bars, as_json=as_json)
        return
    told = {**figures.state.to_dict(), "run": figures.journal.run_id}
    answer(f"run {figures.journal.run_id}, {figures.state.status}\n{figures.state}", told, as_json=as_json)


def _print(figures: Figures, shown: Shown, filters: Filters, *, first: int, matching: int, is_paged: bool) -> None:
    from ropewalk.reports.listing import listing

    size = screen_size()
    if not len(shown.frame):
        say(_nothing(shown, filters))
        return
    columns = {field.name: shown.frame[field.name].to_list() for field in shown.fields}
    laid = listing(shown.fields, columns, width=size.width, is_styled=size.is_styled)
    print_lines(
        _with_tail(laid.lines, _tail(figures, shown, filters, first=first, matching=matching, left_out=laid.left_out)),
        rows=len(shown.frame) + 3,
        is_paged=is_paged,
    )


def _with_tail(lines: Iterator[str], tail: str) -> Iterator[str]:
    yield from lines
    yield ""
    yield tail


def _nothing(shown: Shown, filters: Filters) -> str:
    if not shown.total:
        return f"the run has no {shown.what}"
    return f"none of the run's {shown.total:,} {shown.what} is left by: {filters}"


def _tail(
    figures: Figures, shown: Shown, filters: Filters, *, first: int, matching: int, left_out: tuple[str, ...]
) -> str:
    rows = len(shown.frame)
    told = f"{matching:,} {shown.what}"
    if str(filters):
        told += f" of {shown.total:,}: {filters}"
    if rows < matching:
        told += f"; these are {first + 1:,} to {first + rows:,}"
    if left_out:
        told += f"\nnot shown at this width: {', '.join(left_out)}"
    if figures.state.status == "incomplete":
        told += "\nthe run has not ended: this is what was recorded"
    return told
