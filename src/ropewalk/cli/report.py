"""`ropewalk report`: one page about a recorded run, in one file."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ropewalk.cli.places import AsJson, JournalPlace, PluginFolders, journal_at
from ropewalk.cli.replay import RunFile
from ropewalk.cli.screen import answer
from ropewalk.cli.soundness import damage_told, verified
from ropewalk.errors import ConfigError, DamagedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.feeds.feed import Feed
    from ropewalk.journal import Verification
    from ropewalk.journal.reader import Source
    from ropewalk.journal.timeline import Timeline
    from ropewalk.reports.page.sections import OwnSection
    from ropewalk.reports.page.subject import Chains, Subject

REPORT = "report.html"
STATUSES_WITH_CURVES = ("complete", "stopped")

Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Where to write it.  [report.html in the run's folder]"),
]


Sections = Annotated[
    list[str] | None,
    typer.Option(
        "--section",
        metavar="NAME,KEY=VALUE,…",
        help="Add a section of one's own: a plugin.",
        show_default=False,
    ),
]


def report(
    folder: JournalPlace,
    output: Output = None,
    run_file: RunFile = None,
    section: Sections = None,
    plugins: PluginFolders = None,
    as_json: AsJson = False,
) -> None:
    """
    Write a report of a recorded run: one HTML file that opens without network.

    Equity and drawdown, capital, conflicts, every decision and what led to it, limits, the run's inputs, and what
    limits its results. Data of which no copy was kept come with --run, and so do the sections that the file names.
    The journal is verified: the command ends with 1 when it is damaged, with 3 when its tail is torn or the run has not
    ended, and the report says so.
    """
    from ropewalk.run_file.watching import sections_asked

    source = journal_at(folder)
    sections, data = sections_asked(section or (), plugins=plugins or ()), None
    if run_file is not None:
        from ropewalk.run_file import load_run

        planned = load_run(run_file, plugins=plugins or ())
        sections, data = {**planned.watching.sections, **sections}, planned.feed()
    with damage_told(source, as_json=as_json):
        found = verified(source)
        told = write_report(source, output, data=data, sections=sections, found=found)
    if told.missing:
        has_way = run_file is None and found.is_believable and told.status in STATUSES_WITH_CURVES
        way = "; --run RUN.toml gives the data" if has_way else ""
        typer.echo(f"ropewalk: the report has no curves and no metrics: {told.missing}{way}", err=True)
    said = {"path": str(told.path), "status": told.status, "missing": told.missing, "exit_code": found.exit_code}
    answer(f"report {told.path}", said, as_json=as_json, exit_code=found.exit_code)


def check_output(output: Path | None) -> None:
    """Raise, before a long run, for a report that could not be written after it."""
    from ropewalk.reports.page.page import check_installed

    if output is None:
        return
    check_installed()
    if output.is_dir() or not output.parent.is_dir():
        what = "is a folder" if output.is_dir() else f"is in no folder: there is no {output.parent}"
        raise ConfigError(f"the report cannot be written: {output} {what}; name a file in a folder that exists")


def report_of(
    result: OrchestratorResult,
    feed: Feed,
    output: Path | None = None,
    *,
    sections: Mapping[str, OwnSection] | None = None,
) -> Path:
    """Write the report of a run that has just been recorded; without an output into its folder."""
    journal = result.journal
    if journal is None:
        raise ConfigError("a report is made from a journal, and none was recorded")
    return write_report(journal.path or journal.content, output, data=feed, sections=sections).path


class Written(NamedTuple):
    """A report that was written: where, the status of its run, and why it has no curves, if so."""

    path: Path
    status: str
    missing: str


def write_report(
    source: Source,
    output: Path | None = None,
    *,
    data: Any = None,
    sections: Mapping[str, OwnSection] | None = None,
    found: Verification | None = None,
) -> Written:
    """
    Write the report of a journal, with `sections` of one's own; without an output beside it.

    What was `found` when it was verified is told; a journal that was just written need not be. Raises JournalError for
    a journal of which nothing can be read, ConfigError where it cannot be written.
    """
    from ropewalk.journal.timeline import Timeline
    from ropewalk.reports.page.page import page

    timeline = Timeline(source)
    path = timeline.journal.path
    if output is None:
        if path is None:
            raise ConfigError("a journal in memory has no folder for its report; say where to write it")
        output = path.parent / REPORT
    subject = _subject(timeline, source, data, "" if found is None else _damage(found))
    text = page(subject, sections=sections)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"the report cannot be written: {output}: {error.strerror}") from error
    return Written(output, subject.status, subject.missing)


def _damage(found: Verification) -> str:
    """Say what is wrong with a journal that cannot be believed as a whole: its verdict, and what was found first."""
    if found.is_believable:
        return ""
    return "; ".join([found.verdict.meaning, *map(str, found.findings[:1])])


def _subject(timeline: Timeline, source: Source, data: Any, damage: str) -> Subject:
    import msgspec

    from ropewalk.collectors.recorder import Recorder
    from ropewalk.feeds.sample import is_packaged
    from ropewalk.journal.retelling import ends_of
    from ropewalk.recording.kinds import KIND_OF
    from ropewalk.reports.page.subject import Subject

    journal = timeline.journal
    entries = [
        (number, record.cause or 0, record.event)
        for number, record in timeline.records.items()
        if record.event.__class__ in KIND_OF
    ]
    damage = damage or timeline.damage
    result, missing = (None, "the journal cannot be believed as a whole") if damage else _result(timeline, data)
    ended = entries[-1][2]
    content = source if isinstance(source, bytes) else Path(str(journal.path)).read_bytes()
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
        damage=damage,
        is_sample=result is not None and is_packaged(result.series),
    )


def _result(timeline: Timeline, data: Any) -> tuple[Any, str]:
    from ropewalk.journal.state import state_of

    state = state_of(timeline.journal, data=data)
    if state.wrong:
        raise DamagedError(f"{timeline.journal.label}: {state.wrong}; `ropewalk verify` says what is wrong with it")
    return state.result, _placeless(timeline, state.missing)


def _placeless(timeline: Timeline, text: str) -> str:
    """Say the same wherever the journal lies: a page is the same bytes in every folder."""
    journal = timeline.journal
    if journal.path is None:
        return text
    return text.replace(str(journal.path), "the journal").replace(f"{journal.path.parent}/", "")


def _chains(timeline: Timeline, numbers: Sequence[int]) -> Chains:
    from ropewalk.journal.retelling import retold
    from ropewalk.reports.page.subject import Chains

    told = retold(timeline, numbers)
    return Chains(told.passages, told.chains)
