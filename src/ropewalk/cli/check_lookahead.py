"""`ropewalk check-lookahead`: whether a strategy of a run file knows what comes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ropewalk.cli.prints import LINES_MAX, bounded_prints
from ropewalk.cli.recorded import Prints
from ropewalk.cli.screen import reserved_stdout


def check_lookahead(
    run_file: Annotated[Path, typer.Argument(metavar="RUN.toml", help="The run file.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
    cuts: Annotated[int, typer.Option("--cuts", metavar="N", help="After how many instants; more find more.")] = 5,
    prints: Prints = LINES_MAX,
) -> None:
    """
    Name the strategies that know the future.

    Data are cut off, and scrambled, after instants spread through the sample: who wants something else before?
    Exit code 0: nobody looks ahead, 1: somebody does, 2: it cannot be run.
    """
    from ropewalk.journal.lookahead import check_lookahead as check

    with reserved_stdout(is_wanted=as_json), bounded_prints(prints):
        found = check(run_file, instants=cuts)
    typer.echo(json.dumps(found.to_dict(), indent=2, allow_nan=False) if as_json else str(found))
    raise typer.Exit(found.exit_code)
