"""`ropewalk replay`: a recorded run, run again as far as is wanted, and compared."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ropewalk.cli.places import AsJson, JournalPlace, Observers, PluginFolders, journal_at
from ropewalk.cli.prints import LINES_MAX, bounded_prints
from ropewalk.cli.recorded import Prints, Watchdog, watchdog_of
from ropewalk.cli.screen import answer, reserved_stdout
from ropewalk.cli.soundness import damage_told
from ropewalk.errors import MissingInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RunFile = Annotated[
    Path | None,
    typer.Option(
        "--run",
        metavar="RUN.toml",
        help="The run file: for strategies that are files beside it, and for data of which no copy was kept.",
        show_default=False,
    ),
]
Depth = Annotated[
    str,
    typer.Option(
        "--level",
        metavar="LEVEL",
        help="state: books and figures from the recorded events. decisions: the recorded intents, settled and filled "
        "again. full: the strategies themselves, over the recorded bars.",
    ),
]


def replay(
    folder: JournalPlace,
    level: Depth = "state",
    run_file: RunFile = None,
    plugins: PluginFolders = None,
    observe: Observers = None,
    watchdog: Watchdog = None,
    prints: Prints = LINES_MAX,
    as_json: AsJson = False,
) -> None:
    """
    Run a journal again and compare record by record.

    Ends with 0 when everything came out as it was recorded, 1 when not; the first difference is then told as `diff`
    tells it. Also with 1 when the journal is damaged, 2 when it cannot be run again, 3 when nothing differs but the run
    has not ended.
    """
    from ropewalk.journal import replay as replayed

    place = journal_at(folder)
    with damage_told(place, as_json=as_json), reserved_stdout(is_wanted=as_json), way_out(run_file):
        given = remaking_of(run_file, plugins or ())
        if observe:
            from ropewalk.run_file.watching import observers_of

            given["observers"] = observers_of(observe, plugins=plugins or ())
        dog = watchdog_of(watchdog, given.get("config"))
        with bounded_prints(prints):
            found = replayed(place, level=level, watchdog=dog, **given)  # type: ignore[arg-type]
    if found.state is not None and found.state.lacks_bars and run_file is None:
        typer.echo("ropewalk: --run RUN.toml gives the bars, for curves and metrics", err=True)
    answer(found, found.to_dict(), as_json=as_json, exit_code=found.exit_code)


@contextmanager
def way_out(run_file: Path | None) -> Iterator[None]:
    """Say what to give on the command line when a run cannot be made again from its journal alone."""
    try:
        yield
    except MissingInputError as error:
        if run_file is not None:
            raise
        remedy = "--run RUN.toml gives what is not in the journal, from the run file"
        raise MissingInputError(error.found, remedy) from error


def remaking_of(run_file: Path | None, plugins: Sequence[Path] = ()) -> dict[str, Any]:
    """Read from a run file what it takes to make its run again."""
    if run_file is None:
        return {"plugins": [folder.absolute() for folder in plugins]}
    from ropewalk.run_file import load_run

    planned = load_run(run_file, plugins=plugins)
    return {
        "strategies": {name: seat.strategy for name, seat in planned.orchestrator.seats.items()},
        "origins": planned.origins,
        "data": planned.feed(),
        "config": planned.orchestrator.config,
    }
