"""`ropewalk sql`: questions about a recorded run, in SQL."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ropewalk.cli.places import AsJson, BarsOf, JournalPlace, bars_of, journal_at
from ropewalk.cli.screen import answer, print_lines, screen_size
from ropewalk.cli.soundness import damage_told
from ropewalk.errors import ConfigError

if TYPE_CHECKING:
    import polars

EXPLAINED = ["explain_key", "explain_value"]


def sql(
    folder: JournalPlace,
    question: Annotated[
        str, typer.Argument(metavar="SQL", help='A SELECT, such as "select * from fills".', show_default=False)
    ],
    run_file: BarsOf = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the answer as CSV, and nothing else.")] = False,
) -> None:
    """
    Ask a recorded run in SQL (DuckDB).

    Tables: equity, account, bars, intents, decisions, conflicts, fills, round_trips, costs and more; "show tables"
    lists them, "describe fills" the columns. Money is in integer micros; currency(price_micros) shows it as a decimal.
    A question reads the run and nothing else: no file, no network. Needs the extra `sql`.
    """
    from ropewalk.journal import figures_of
    from ropewalk.reports.database import query

    if as_json and as_csv:
        raise ConfigError("--json stands beside --csv; give one or the other")
    place = journal_at(folder)
    with damage_told(place, as_json=as_json):
        frames = figures_of(place, data=bars_of(run_file)).frames
    found = query(frames, question)
    if as_json:
        answer(None, [{name: _plain(value) for name, value in row.items()} for row in found.to_dicts()], as_json=True)
    elif as_csv:
        sys.stdout.write(_csv(found))
        sys.stdout.flush()
    else:
        _print(found)


def _plain(value: Any) -> Any:
    """Make a value fit for JSON: times as ISO text, decimals as text, which keeps them exact, no number as null."""
    if isinstance(value, bool | int | str | None):
        return value
    if isinstance(value, float):
        return value if value - value == 0.0 else None
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _csv(found: polars.DataFrame) -> str:
    import polars as pl

    # Lists and structs have no place in CSV; as text they have.
    nested = [name for name, kind in found.schema.items() if kind.is_nested() or kind == pl.Binary]
    return found.with_columns(pl.Series(name, map(str, found[name].to_list())) for name in nested).write_csv()


def _print(found: polars.DataFrame) -> None:
    from ropewalk.reports.listing import Field, listing

    if not found.width or not len(found):
        print_lines([f"no rows; columns: {', '.join(found.columns)}"], rows=1, is_paged=False)
        return
    if found.columns == EXPLAINED:
        # A plan is a drawing of many lines.
        print_lines("\n".join(found["explain_value"].to_list()).split("\n"), rows=len(found), is_paged=False)
        return
    fields = [Field(name, name, _shown, is_text=not kind.is_numeric()) for name, kind in found.schema.items()]
    columns = {name: [_held(value) for value in found[name].to_list()] for name in found.columns}
    laid = listing(fields, columns, width=None, is_styled=screen_size().is_styled)
    print_lines(laid.lines, rows=len(found) + 2, is_paged=True)


def _held(value: Any) -> Any:
    return None if isinstance(value, float) and value - value != 0.0 else value


def _shown(value: Any) -> str:
    from ropewalk.reports.listing import moment

    if hasattr(value, "hour") and hasattr(value, "year"):
        return moment(value)
    # A line is a row, whatever stands in a text.
    return " ".join(str(value).split("\n"))
