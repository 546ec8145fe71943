"""
Replay: a journal, run again, as far as is wanted.

`state` rebuilds the books from the recorded events alone. `decisions` gives the recorded intents to the arbiter
and the ledger. `full` asks the strategies themselves over the recorded bars. The last two compare every record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ropewalk.errors import ConfigError, JournalError, RopewalkError, clipped
from ropewalk.events import Fault, Intent
from ropewalk.journal.audience import Audience
from ropewalk.journal.comparison import Comparison
from ropewalk.journal.diff import Difference, diff
from ropewalk.journal.reader import Journal
from ropewalk.journal.remaking import changes, remade
from ropewalk.journal.state import State, state_of
from ropewalk.journal.verdict import CLEAN, DAMAGED, UNFINISHED
from ropewalk.orchestrator.walk import Walk
from ropewalk.recording.steps import canonical_times
from ropewalk.strategies.prompter import is_of_observer, script_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.config import OrchestratorConfig
    from ropewalk.journal.reader import Source
    from ropewalk.orchestrator.watchdog import Watchdog
    from ropewalk.recording.inputs import Inputs
    from ropewalk.recording.recording import Origin

Level = Literal["state", "decisions", "full"]
LEVELS: dict[str, str] = {
    "state": "books and figures from the recorded events, without strategies",
    "decisions": "the recorded intents, settled and filled again",
    "full": "the strategies themselves, over the recorded bars",
}


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a replay came to.

    `records` is how many were gone through. Where something differs, `difference` is the first, as `diff` tells it, or
    `wrong` says what is wrong with the state. `state` are the books of a state replay; `result` is that of the
    run, where the bars are at hand.
    """

    label: str
    run: str
    level: Level
    records: int
    status: str
    notes: tuple[str, ...] = ()
    difference: Difference | None = None
    wrong: str = ""
    state: State | None = None
    result: Any = None

    @property
    def is_identical(self) -> bool:
        """Everything came out as it was recorded."""
        return self.difference is None and not self.wrong

    @property
    def exit_code(self) -> int:
        """0 identical, 1 diverged, 3 identical as far as it goes: the journal has no footer."""
        if not self.is_identical:
            return DAMAGED
        return UNFINISHED if self.status == "incomplete" else CLEAN

    def to_dict(self) -> dict[str, Any]:
        """Everything but the result, ready for JSON."""
        return {
            "journal": self.label,
            "run": self.run,
            "level": self.level,
            "is_identical": self.is_identical,
            "records": self.records,
            "status": self.status,
            "notes": list(self.notes),
            "wrong": self.wrong,
            "difference": None if self.difference is None else self.difference.to_dict(),
            "state": None if self.state is None else self.state.to_dict(),
            "exit_code": self.exit_code,
        }

    def __str__(self) -> str:
        told = "identical" if self.is_identical else "diverged"
        lines = [f"{self.label}: {told}; {self.level} replay of {self.records} records, run {self.status}"]
        lines += [f"  {note}" for note in self.notes]
        if self.wrong:
            lines.append(f"  {self.wrong}")
        if self.difference is not None:
            lines.append(str(self.difference))
        if self.state is not None:
            lines.append(str(self.state))
        return "\n".join(lines)


def replay(
    source: Source,
    *,
    level: Level = "state",
    observers: Sequence[Any] = (),
    strategies: Mapping[str, Any] | None = None,
    origins: Mapping[str, Origin] | None = None,
    data: Any = None,
    config: OrchestratorConfig | None = None,
    folder: Path | str = "",
    plugins: Sequence[Path | str] = (),
    watchdog: Watchdog | None = None,
) -> Replay:
    """
    Run a journal again.

    `observers` are attached as to a run and hear the same events with the same numbers; a state replay has no beats,
    since bars are not in a journal. What `strategies`, `origins`, `data`, `config`, `folder` and `plugins` are for
    says `remaking.remade`. A `watchdog` ends a replay in which a strategy does not return.

    Raises JournalError for a journal that cannot be read or made again, ConfigError for a level that there is not and
    for an observer that a level cannot serve, PluginError when an observer stops it.
    """
    if level not in LEVELS:
        raise ConfigError(f"level {clipped(level)}; levels are {', '.join(LEVELS)}")
    journal = Journal(source)
    if level == "state":
        state = state_of(journal, observers=observers, data=data)
        return Replay(
            label=journal.label,
            run=journal.run_id,
            level=level,
            records=state.records,
            status=state.status,
            wrong=state.wrong,
            state=state,
            result=state.result,
        )
    given = {"strategies": strategies, "origins": origins, "data": data, "config": config}
    given |= {"folder": folder, "plugins": plugins}
    return _Again(journal, level, **given).run(observers, watchdog)


class _Again:
    """A replay that runs the stages, or all of them, and compares."""

    def __init__(self, journal: Journal, level: Level, **given: Any) -> None:
        self._journal = journal
        self._level = level
        self._made = remade(journal, with_strategies=level == "full", **given)
        self._said: list[tuple[int, int, Any]] = []
        self._steps: dict[int, None] = {}
        rebalances: dict[int, None] = {}
        self._records = self._instants = self._asked = self._last = 0
        self._status = "incomplete"
        self._size = 0
        for record in journal.records():
            self._records += 1
            self._last = record.number
            # A step that nothing follows any more is one that nobody can be asked about.
            self._size = record.offset if record.kind == "step" else -1
            if record.kind == "footer":
                self._status, self._instants = record.event.status, record.event.instants
                # How a run failed may lie outside of it: a full disk, a signal.
                self._size = record.offset if self._status == "failed" else -1
            elif record.kind == "step":
                self._steps[record.number] = None
            elif record.kind == "rebalance":
                rebalances[record.number] = None
            elif isinstance(record.event, (Intent, Fault)) and record.cause not in rebalances:
                # What sells down to rebalance is no strategy's word: it comes again by itself.
                self._said.append((record.number, record.cause or 0, record.event))

    def run(self, observers: Sequence[Any], watchdog: Watchdog | None) -> Replay:
        journal, (orchestrator, feed, _) = self._journal, self._made
        if not self._last:
            return self._nothing()
        strategies = {name: seat.strategy for name, seat in orchestrator.seats.items()}
        is_full = self._level == "full"
        size = self._size if self._size > 0 else _size_of(journal)
        comparison = Comparison(journal, canonical_times(feed.series), size=size, last=self._last)
        has_ended = self._status in ("complete", "stopped")
        audience = Audience(observers, last=self._last)
        said = [entry for entry in self._said if not is_full or is_of_observer(entry[2])]
        # Before anybody has changed while it runs.
        notes = self._changes(is_full=is_full)

        def should_stop() -> bool:
            self._asked += 1
            is_at_its_end = self._status == "stopped" and self._asked > self._instants
            return comparison.is_over or is_at_its_end

        walk = Walk(
            orchestrator,
            feed,
            strategies if is_full else None,
            audience.seats,
            writer=comparison,
            script=script_of(said, steps=self._steps),
            watchdog=watchdog,
        )
        result: OrchestratorResult | None = None
        difference: Difference | None = None
        with comparison:
            try:
                result = walk.walk(should_stop)
            except RopewalkError:
                comparison.close()
                # An observer that ends a replay says nothing about the run.
                if audience.has_stopped or (self._status != "failed" and not comparison.has_diverged):
                    raise
            if comparison.has_diverged:
                difference = self._difference(comparison.made)
        return Replay(
            label=journal.label,
            run=journal.run_id,
            level=self._level,
            records=self._records,
            status=self._status,
            notes=(
                *notes,
                *(f"an observer of this replay was detached: {fault}" for fault in audience.faults),
            ),
            difference=difference,
            # A run that has not ended has come to nothing yet.
            result=result if has_ended else None,
        )

    def _difference(self, made: bytes) -> Difference:
        found = diff(self._journal.source, made)
        if found is None:
            raise JournalError(f"{self._journal.label}: the run said less than was recorded, and nothing else")
        return msgspec.structs.replace(found, label_b=f"this {self._level} replay of it")

    def _nothing(self) -> Replay:
        # Whether the lines of the inputs are all there, nobody can say; nothing happened that could be repeated.
        return Replay(
            label=self._journal.label,
            run=self._journal.run_id,
            level=self._level,
            records=self._records,
            status=self._status,
            notes=("it ends before anything happened",),
        )

    def _changes(self, *, is_full: bool) -> list[str]:
        orchestrator, feed, origins = self._made
        recorded = self._journal.inputs
        now = orchestrator.inputs(feed, origins=origins)
        if not is_full:
            now = _with_strategies_of(recorded, now)
        return changes(recorded, now)


def _with_strategies_of(recorded: Inputs, now: Inputs) -> Inputs:
    """Say what a replay of decisions follows from: its strategies are those on record, whoever sits there."""
    rules = [one for one in now.plugins if one.role != "strategy"]
    said = [one for one in recorded.plugins if one.role == "strategy"]
    return msgspec.structs.replace(recorded, plugins=(*said, *rules))


def _size_of(journal: Journal) -> int:
    return len(journal.source) if isinstance(journal.source, bytes) else journal.path.stat().st_size  # type: ignore[union-attr]
