"""`ropewalk run`: the run that a run file describes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ropewalk.cli.places import Observers, PluginFolders
from ropewalk.cli.prints import LINES_MAX
from ropewalk.cli.recorded import (
    JournalFolder,
    JournalMode,
    NoJournal,
    Prints,
    Watchdog,
    check_options,
    ended,
    walk,
)
from ropewalk.cli.report import check_output, report_of
from ropewalk.cli.screen import present, progress, reserved_stdout
from ropewalk.errors import ConfigError


def run(
    run_file: Annotated[Path, typer.Argument(metavar="RUN.toml", help="The run file.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
    logs: Annotated[
        Path | None,
        typer.Option("--logs", metavar="DIR", help="Write a structured log, as JSON lines, into this folder."),
    ] = None,
    journal: JournalFolder = None,
    no_journal: NoJournal = False,
    journal_mode: JournalMode = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write a report of the run, one HTML page, to this file."),
    ] = None,
    is_profiled: Annotated[
        bool, typer.Option("--profile", help="Tell what each strategy, policy, cost model and observer took.")
    ] = False,
    plugins: PluginFolders = None,
    observe: Observers = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Watch every call of a plugin, and name who does what none should. Slow.")
    ] = False,
    watchdog: Watchdog = None,
    prints: Prints = LINES_MAX,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Show no progress bar on long runs.")] = False,
) -> None:
    """
    Run what a run file describes: data, capital, settings, strategies and their weights.

    Everything that is wrong with the file is said at once, with the path of each key. The run is recorded, so that it
    can be verified, compared and explained. Ctrl-C ends it after the instant that it is at.
    """
    from ropewalk.orchestrator.profile import Profile
    from ropewalk.run_file import load_run

    check_options(journal, journal_mode, is_off=no_journal)
    if report is not None and no_journal:
        raise ConfigError("--report stands beside --no-journal; a report is made from the journal")
    check_output(report)
    with reserved_stdout(is_wanted=as_json):
        settings: dict[str, Any] = {} if logs is None else {"log_directory": str(logs)}
        settings |= {"strict": True} if strict else {}
        planned = load_run(run_file, settings=settings, plugins=plugins or (), observe=observe or ())
        recording = None if no_journal else planned.recording(folder=journal, mode=journal_mode)
        feed = planned.feed()
        named = planned.observers()
        # Two of them on one screen would draw over each other.
        is_quiet = as_json or no_progress or any(one.name == "ticker" for one in named)
        profile = Profile() if is_profiled else None
        with progress(feed, is_wanted=not is_quiet) as observers:
            result, warning = walk(
                planned.orchestrator,
                feed,
                recording,
                [*named, *observers],
                watchdog=watchdog,
                prints=prints,
                profile=profile,
            )
        planned.measure(result)
    present(result, label=feed.label, bars=feed.rows, as_json=as_json, profile=profile)
    if report is not None:
        typer.echo(f"report {report_of(result, feed, report, sections=planned.watching.sections)}", err=as_json)
    ended(result, warning, run_file)
