"""Observers hear a run and leave no trace in it."""

from __future__ import annotations

import io
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from rich.console import Console

from examples import examples
from generators import Case, cases
from ropewalk import EVENTS, Fill, observer
from ropewalk.journal import Recording
from ropewalk.observers.tap import Tap
from ropewalk.observers.ticker import Ticker


@observer(*EVENTS)
def nothing(event: Any, number: int, cause: int) -> None:
    """Hears all and does nothing."""


@observer(*EVENTS)
class Meddler:
    """Tries to change whatever it is handed."""

    def __init__(self) -> None:
        self.wanted = self.refused = 0

    def __call__(self, event: Any, number: int, cause: int) -> None:
        self.wanted += len(event.__struct_fields__)
        for name in event.__struct_fields__:
            try:
                setattr(event, name, None)
            except AttributeError:
                self.refused += 1


@observer(Fill)
def slow_reader(event: Any, number: int, cause: int) -> str:
    """What an observer returns means nothing."""
    return f"{number} {event}"


@settings(max_examples=examples(60))
@given(cases())
def test_five_observers_leave_the_journal_as_it_is(case: Case) -> None:
    """Byte for byte, whatever they hear, say, show or try to change."""
    orchestrator, data, recording = case.orchestrator(), case.data(), Recording(mode="memory")
    without = orchestrator.run(data, journal=recording).journal
    screen = io.StringIO()
    meddler = Meddler()
    with TemporaryDirectory() as folder:
        heard_by = [
            nothing,
            meddler,
            slow_reader,
            Tap(folder),
            Ticker(console=Console(file=screen, force_terminal=True)),
        ]
        journal = orchestrator.run(data, journal=recording, observers=heard_by).journal
    assert journal.content == without.content
    assert "aggregate" in screen.getvalue()
    assert meddler.refused == meddler.wanted > 0
