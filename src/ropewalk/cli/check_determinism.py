"""`ropewalk check-determinism`: whether a run file says the same again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ropewalk.cli.screen import reserved_stdout


def check_determinism(
    run_file: Annotated[Path, typer.Argument(metavar="RUN.toml", help="The run file.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
    runs: Annotated[int, typer.Option("--runs", metavar="N", help="How often to run it; more find more.")] = 2,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", metavar="SECONDS", help="End a run that takes longer.", show_default=False),
    ] = None,
) -> None:
    """
    Run a run file twice, and name the strategy that does not say the same again.

    The runs are processes that differ in hash seed, time zone, folder, random streams and clock.
    Exit code 0: equal, 1: they diverge, 2: it cannot be run.
    """
    from ropewalk.journal.determinism import check_determinism as check

    with reserved_stdout(is_wanted=as_json):
        found = check(run_file, runs=runs, seconds_max=timeout)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2, allow_nan=False))
    elif found.is_judged:
        typer.echo(str(found))
    else:
        typer.echo(f"ropewalk: {found}", err=True)
    raise typer.Exit(found.exit_code)
