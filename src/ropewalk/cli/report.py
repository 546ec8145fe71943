"""`ropewalk report`: one page about a recorded run, in one file."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ropewalk.cli.places import JournalPlace, journal_at
from ropewalk.cli.replay import RunFile, remaking_of
from ropewalk.cli.screen import say
from ropewalk.errors import ConfigError, JournalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.journal.reader import Source
    from ropewalk.journal.timeline import Timeline
    from ropewalk.reports.page.subject import Chains, Subject

REPORT = "report.html"

Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Where to write it.  [report.html in the run's folder]"),
]


def report(folder: JournalPlace, output: Output = None, run_file: RunFile = None) -> None:
    """
    Write a report of a recorded run: one HTML file that opens without network.

    Equity and drawdown, capital, conflicts, every decision and what led to it, limits, the run's inputs, and what
    limits its results. Data of which no copy was kept come with --run.
    """
    source = journal_at(folder)
    data = remaking_of(run_file).get("data")
    say(f"report {write_report(source, output, data=data)}")


def write_report(source: Source, output: Path | None = None, *, data: Any = None) -> Path:
    """
    Write the report of a journal; without an output beside it.

    Raises JournalError for a journal of which nothing can be read, ConfigError where it cannot be written.
    """
    from ropewalk.journal.timeline import Timeline
    from ropewalk.reports.page.page import page

    timeline = Timeline(source)
    path = timeline.journal.path
    if output is None:
        if path is None:
            raise ConfigError("a journal in memory has no folder for its report; say where to write it")
        output = path.parent / REPORT
    text = page(_subject(timeline, source, data))
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"the report cannot be written: {output}: {error.strerror}") from error
    return output


def _subject(timeline: Timeline, source: Source, data: Any) -> Subject:
    import msgspec

    from ropewalk.collectors.recorder import Recorder
    from ropewalk.journal.retelling import ends_of
    from ropewalk.recording.kinds import KIND_OF
    from ropewalk.reports.page.subject import Subject

    journal = timeline.journal
    entries = [
        (number, record.cause or 0, record.event)
        for number, record in timeline.records.items()
        if record.event.__class__ in KIND_OF
    ]
    result, missing = _result(timeline, source, data)
    ended = entries[-1][2]
    content = source if isinstance(source, bytes) else journal.path.read_bytes()  # type: ignore[union-attr]
    return Subject(
        run=journal.run_id,
        digest=sha256(content).hexdigest(),
        status=getattr(ended, "status", "incomplete"),
        record=Recorder(entries) if result is None else result.record,
        configuration=journal.inputs.configuration,
        plugins=msgspec.to_builtins(journal.inputs.plugins),
        data=msgspec.to_builtins(journal.inputs.data),
        environment=journal.environment,
        explain=lambda numbers: _chains(timeline, numbers),
        ends=ends_of(timeline),
        result=result,
        missing=missing,
        damage=timeline.damage,
        is_sample=result is not None and _is_sample(result),
    )


def _result(timeline: Timeline, source: Source, data: Any) -> tuple[Any, str]:
    from ropewalk.journal.state import state_of

    if timeline.damage:
        return None, "the journal is damaged"
    state = state_of(timeline.journal, data=data)
    if state.wrong:
        raise JournalError(f"{timeline.journal.label}: {state.wrong}; `ropewalk verify` says what is wrong with it")
    return state.result, state.missing


def _chains(timeline: Timeline, numbers: Sequence[int]) -> Chains:
    from ropewalk.journal.retelling import retold
    from ropewalk.reports.page.subject import Chains

    told = retold(timeline, numbers)
    return Chains([(one.kind, one.number, one.at_us, one.sentences) for one in told.passages], told.chains, told.ends)


def _is_sample(result: Any) -> bool:
    """Say whether the bars are the packaged ones, whose limitations a reader has to know."""
    import numpy as np

    from ropewalk.feeds.sample import DIGESTS, sample_feed

    symbols = [one.symbol for one in result.series]
    if any(symbol not in DIGESTS for symbol in symbols):
        return False
    for is_adjusted in (True, False):
        packaged = {one.symbol: one.close for one in sample_feed(symbols, adjusted=is_adjusted).series}
        if all(bool(np.isin(one.close, packaged[one.symbol]).all()) for one in result.series):
            return True
    return False
