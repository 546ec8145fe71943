"""Figures: the result of a recorded run and its frames, rebuilt from the journal and the bars beside it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.collectors.frames import Frames
from ropewalk.collectors.result import RunJournal
from ropewalk.errors import DamagedError, JournalError
from ropewalk.journal.reader import Journal, located, opened
from ropewalk.journal.remaking import feed_beside
from ropewalk.journal.state import State, state_of

if TYPE_CHECKING:
    from pathlib import Path

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.journal.reader import Source


class Figures(NamedTuple):
    """A recorded run: its journal, what its events come to, and everything as frames."""

    journal: Journal
    state: State
    frames: Frames


def figures_of(source: Source, *, data: Any = None) -> Figures:
    """
    Rebuild the frames of a recorded run: equal to those of the run itself.

    A run that has not ended, or whose bars are not at hand (`data` gives them), has the frames that need no bars.
    Raises JournalError for a journal that cannot be read or believed, with what to do about it.
    """
    path = located(source)
    journal = Journal(source)
    # Bars of another run are nothing that is wrong with the journal.
    feed = None if data is None else feed_beside(journal, data)
    try:
        state = state_of(journal, data=feed)
    except JournalError as error:
        error.add_note(f"`ropewalk recover {_place(path)}` moves a torn tail aside")
        raise
    if state.wrong:
        raise DamagedError(f"{journal.label}: {state.wrong}; `ropewalk verify {_place(path)}` says all that is wrong")
    missing = state.missing
    if state.status == "incomplete":
        missing += f"; `ropewalk resume {_place(path)}` goes on with it"
    elif missing:
        missing += "; give the data of the run"
    result = state.result
    if result is not None:
        with opened(source) as stream:
            digest = sha256(stream.read()).hexdigest()
        result.journal = RunJournal(journal.run_id, digest, journal.path)
    frames = (
        Frames(state.record, started=journal.header.event, result=None, missing=missing)
        if result is None
        else result.frames
    )
    return Figures(journal, state, frames)


def result_of(source: Source, *, data: Any = None) -> OrchestratorResult:
    """
    Rebuild the result of a recorded run from its journal and the bars beside it, or those given as `data`.

    Raises JournalError when the journal cannot be believed, the run has not ended, or its bars are not at hand.
    """
    figures = figures_of(source, data=data)
    if figures.frames.result is None:
        raise JournalError(f"{figures.journal.label} gives no result: {figures.frames.missing}")
    return figures.frames.result


def _place(path: Path | None) -> str:
    return "JOURNAL" if path is None else str(path.parent)
