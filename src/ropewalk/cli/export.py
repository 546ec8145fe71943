"""`ropewalk export`: a recorded run's tables as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ropewalk.cli.places import AsJson, BarsOf, JournalPlace, bars_of, journal_at
from ropewalk.cli.screen import answer
from ropewalk.cli.soundness import damage_told

INCOMPLETE = 3


def export(
    folder: JournalPlace,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help="parquet, csv or duckdb.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where to.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    run_file: BarsOf = None,
    as_json: AsJson = False,
) -> None:
    """
    Write a recorded run's tables: a file each as Parquet or CSV, or all in one DuckDB file.

    Money is in exact integer micros, times are in UTC. Ends with 3 when tables are left out: those that need bars, of a
    run that has not ended or whose bars are not there.
    """
    from ropewalk.journal import figures_of
    from ropewalk.reports.exports import write_tables

    place = journal_at(folder)
    with damage_told(place, as_json=as_json):
        frames = figures_of(place, data=bars_of(run_file)).frames
    written = write_tables(frames, output, to=to, over=force)
    width = max(len(str(one.path)) for one in written)
    lines = [f"{one.path!s:{width}}  {one.rows:>9,} row{'' if one.rows == 1 else 's'}" for one in written]
    if frames.result is None:
        lines.append(f"left out are equity, account, bars and positions: {frames.missing}")
    told = {
        "files": [{"path": str(one.path), "rows": one.rows} for one in written],
        "missing": frames.missing,
    }
    answer("\n".join(lines), told, as_json=as_json, exit_code=0 if frames.result is not None else INCOMPLETE)
