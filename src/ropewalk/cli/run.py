"""`ropewalk run`: the run that a run file describes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ropewalk.cli.screen import present, progress, reserved_stdout


def run(
    run_file: Annotated[Path, typer.Argument(metavar="RUN.toml", help="The run file.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
    logs: Annotated[
        Path | None,
        typer.Option("--logs", metavar="DIR", help="Write a structured log, as JSON lines, into this folder."),
    ] = None,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Show no progress bar on long runs.")] = False,
) -> None:
    """
    Run what a run file describes: data, capital, settings, strategies and their weights.

    Everything that is wrong with the file is said at once, with the path of each key.
    """
    from ropewalk.run_file import load_run

    with reserved_stdout(is_wanted=as_json):
        planned = load_run(run_file, settings={} if logs is None else {"log_directory": str(logs)})
        feed = planned.feed()
        with progress(feed, is_wanted=not (as_json or no_progress)) as observers:
            result = planned.orchestrator.run(feed, observers=observers)
    present(result, feed, as_json=as_json)
