"""`ropewalk resume`: goes on where a run was stopped or died."""

from __future__ import annotations

from ropewalk.cli.places import AsJson, JournalPlace, PluginFolders, journal_at
from ropewalk.cli.prints import LINES_MAX, bounded_prints
from ropewalk.cli.recorded import Prints, Watchdog, ended, watchdog_of
from ropewalk.cli.replay import RunFile, remaking_of, way_out
from ropewalk.cli.screen import answer, reserved_stdout
from ropewalk.cli.signals import stopping


def resume(
    folder: JournalPlace,
    run_file: RunFile = None,
    plugins: PluginFolders = None,
    watchdog: Watchdog = None,
    prints: Prints = LINES_MAX,
    as_json: AsJson = False,
) -> None:
    """
    Go on where a run was stopped or died.

    What was recorded is repeated and compared first; the finished journal is, byte for byte, that of a run that was
    never interrupted. Ctrl-C stops it again. Ends with 0 when the run got to its end, 1 when the journal is damaged or
    the run does not repeat it, 2 when it cannot be resumed, 130 when it was stopped again.
    """
    from ropewalk.journal import resume as resumed

    with reserved_stdout(is_wanted=as_json), way_out(run_file), stopping() as should_stop:
        given = remaking_of(run_file, plugins or ())
        dog = watchdog_of(watchdog, given.get("config"))
        with bounded_prints(prints):
            found = resumed(journal_at(folder), should_stop=should_stop, watchdog=dog, **given)
    answer(found, found.to_dict(), as_json=as_json)
    ended(found.result, "")
