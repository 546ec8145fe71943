"""
Counterfactuals: what a recorded run would have come to under other settings.

*Frozen*: the intents on record are settled and filled again, and no strategy is asked. *Live*: the strategies run over
the same bars and react. A counterfactual is one or the other and says so in its header, beside its parent's digest and
the overrides; its journal is one like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.errors import ConfigError, JournalError, clipped
from ropewalk.journal.diff import Difference, diff
from ropewalk.journal.fates import ChangedFill, changed_fills
from ropewalk.journal.figures import Figures, figures_of
from ropewalk.journal.overrides import checked, recorded_overrides, setup_of
from ropewalk.journal.reader import Journal, opened
from ropewalk.journal.remaking import check_semantics, feed_beside, strategies_of
from ropewalk.journal.sight import Sight, sight_of
from ropewalk.journal.state import state_of
from ropewalk.journal.verdict import CLEAN, DAMAGED
from ropewalk.orchestrator import StrategyOrchestrator
from ropewalk.orchestrator.frozen import FrozenWalk
from ropewalk.orchestrator.inputs import rules_of
from ropewalk.orchestrator.orchestrator import journal_writer
from ropewalk.orchestrator.walk import Walk
from ropewalk.recording.recording import Origin, Recording
from ropewalk.strategies.pristine import Pristine
from ropewalk.strategies.recital import Play

if TYPE_CHECKING:
    from ropewalk.collectors.result import OrchestratorResult, RunJournal
    from ropewalk.config import OrchestratorConfig
    from ropewalk.journal.reader import Source
    from ropewalk.recording.inputs import Inputs


class Parent:
    """The run that is asked about: its journal, the digest of that, and its result."""

    def __init__(self, journal: Journal, result: OrchestratorResult) -> None:
        self.source = journal.source
        self.label = journal.label
        self.run_id = journal.run_id
        self.result = result
        with opened(journal.source) as stream:
            self.digest = sha256(stream.read()).hexdigest()

    @cached_property
    def figures(self) -> Figures:
        """What it came to."""
        return figures_of(self.result)


class Counterfactual:
    """
    One case: what was overridden, and what the run came to then.

    `result` is the whole result, `journal` where it is recorded. `moved` counts intents that answered an event which
    did not come, and were said at the turn instead, `unsaid` those for which no turn was left; both are 0 when live.
    """

    def __init__(
        self,
        name: str,
        overrides: dict[str, Any],
        *,
        is_live: bool,
        parent: Parent,
        result: OrchestratorResult,
        play: Play | None,
        moved: int = 0,
        unsaid: int = 0,
    ) -> None:
        self.name = name
        self.overrides = overrides
        self.is_live = is_live
        self.parent = parent
        self.result = result
        self.moved = moved
        self.unsaid = unsaid
        self._play = play

    @property
    def journal(self) -> RunJournal:
        """Where its journal is."""
        journal = self.result.journal
        assert journal is not None  # every case is recorded, in memory at least
        return journal

    @cached_property
    def figures(self) -> Figures:
        """What it came to."""
        return figures_of(self.result)

    @cached_property
    def difference(self) -> Difference | None:
        """The first record that differs from the parent's; None where the same happened."""
        found = diff(self.parent.source, self.journal.path or self.journal.content)
        return None if found is None or found.kind_of_difference == "inputs" else found

    @property
    def is_identical(self) -> bool:
        """Every record is the parent's."""
        return self.difference is None

    @cached_property
    def changed_fills(self) -> tuple[ChangedFill, ...]:
        """Each fill that is not as it was, in its order, with the decision that changed it."""
        return changed_fills(self.parent.result.record, self.result.record)

    @cached_property
    def sight(self) -> Sight:
        """How many intents were said by strategies that would have seen other positions than on record."""
        return sight_of(self.parent.result.record, self.result.record)

    @cached_property
    def assumptions(self) -> tuple[str, ...]:
        """What its figures take for granted."""
        if self._play is None:
            return ("live: the strategies ran again over the same bars, and reacted",)
        told = ["frozen: the intents on record were settled and filled again; no strategy was asked"]
        if self.sight.other:
            whose = ", ".join(f"{name} {count:,}" for name, count in self.sight.by_strategy.items() if count)
            told.append(
                f"{self.sight.other:,} of {self.sight.intents:,} intents were said where the strategy would now hold "
                f"other positions than it saw ({whose}); one that looks at its positions might have said something else"
            )
        if self._play.answered:
            told.append(
                f"{self._play.answered:,} intents answered a fill or another event; {self.moved:,} of those events did "
                "not come again, and the answer was given at the next turn"
            )
        if self.unsaid:
            told.append(f"{self.unsaid:,} answers to what came behind the last cutoff were not given")
        if self._play.dropped:
            told.append(f"{self._play.dropped:,} faults of observers are left out: nobody observes")
        return tuple(told)

    @property
    def exit_code(self) -> int:
        """0; 1 where nothing was overridden and yet something differs."""
        return CLEAN if self.overrides or self.is_identical else DAMAGED

    def to_dict(self) -> dict[str, Any]:
        """Everything but the result, ready for JSON."""
        return {
            "name": self.name,
            "overrides": self.overrides,
            "intents": "live" if self.is_live else "frozen",
            "run": self.journal.run_id,
            "digest": self.journal.digest,
            "path": None if self.journal.path is None else str(self.journal.path),
            "figures": self.figures.to_dict(),
            "is_identical": self.is_identical,
            "difference": None if self.difference is None else self.difference.to_dict(),
            "changed_fills": [msgspec.to_builtins(one) for one in self.changed_fills],
            "assumptions": list(self.assumptions),
        }


class WhatIf:
    """Several cases of one journal, to be laid side by side."""

    def __init__(self, parent: Parent, cases: tuple[Counterfactual, ...], *, is_live: bool) -> None:
        self.parent = parent
        self.cases = cases
        self.is_live = is_live

    @property
    def exit_code(self) -> int:
        """The worst of the cases'."""
        return max(one.exit_code for one in self.cases)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the results, ready for JSON."""
        return {
            "journal": self.parent.label,
            "run": self.parent.run_id,
            "digest": self.parent.digest,
            "intents": "live" if self.is_live else "frozen",
            "figures": self.parent.figures.to_dict(),
            "cases": [one.to_dict() for one in self.cases],
            "exit_code": self.exit_code,
        }


def counterfactual(
    source: Source,
    overrides: Mapping[str, Any] | None = None,
    *,
    live: bool = False,
    into: Path | str | None = None,
    **given: Any,
) -> Counterfactual:
    """
    Ask what a recorded run would have come to under other settings.

    `overrides` map keys to values, such as `{"conflict_policy": "priority", "limits.gross_exposure": "0.8"}`; without
    any the same happens again. Recorded intents are settled again, or with `live` the strategies asked again. The
    new journal is kept in a folder of its own under `into`, else in memory. What else may be `given` says `what_if`.
    """
    told = {} if overrides is None else checked(overrides)
    return what_if(source, {_named(told): told}, live=live, into=into, **given).cases[0]


def what_if(
    source: Source,
    cases: Mapping[str, Mapping[str, Any]],
    *,
    live: bool = False,
    into: Path | str | None = None,
    strategies: Mapping[str, Any] | None = None,
    origins: Mapping[str, Origin] | None = None,
    data: Any = None,
    config: OrchestratorConfig | None = None,
    folder: Path | str = "",
) -> WhatIf:
    """
    Ask several questions about one recorded run; `cases` map names to overrides.

    `strategies` are needed for `live` where they were not made by name, `config` where a rule of the run is one's own,
    `data` where no copy of the bars lies beside the journal. Files of strategies are looked for in `folder`.

    Raises JournalError for a journal that cannot be read, has not ended or failed, ConfigError for overrides that
    cannot be, FeedError where the bars are missing.
    """
    asked = _cases(cases)
    asking = _Asking(Journal(source), data, config=config, is_live=live)
    if live:
        asking.engage(strategies, origins, Path(folder))
    recording = Recording(None, mode="memory") if into is None else Recording(Path(into), again=True)
    found = [asking.case(name, overrides, recording) for name, overrides in asked.items()]
    return WhatIf(asking.parent, tuple(found), is_live=live)


class _Asking:
    """One journal, read once for all that is asked about it."""

    def __init__(self, journal: Journal, data: Any, *, config: OrchestratorConfig | None, is_live: bool) -> None:
        check_semantics(journal)
        self._inputs = journal.inputs
        self._journal = journal
        self._config = config
        self._is_live = is_live
        self._feed = feed_beside(journal, data)
        state = state_of(journal, data=self._feed)
        if state.wrong:
            raise JournalError(f"{journal.label}: {state.wrong}; verify it")
        if state.result is None:
            raise JournalError(f"{journal.label}: {state.missing}; what it would have come to cannot be said")
        self.parent = Parent(journal, state.result)
        self._play = Play(state.result.record.entries)
        self._pristine: Pristine | None = None
        self._origins: Mapping[str, Origin] = {}

    def engage(self, strategies: Mapping[str, Any] | None, origins: Mapping[str, Origin] | None, folder: Path) -> None:
        """Make the strategies that are to be asked."""
        if self._inputs.counterfactual == "frozen":
            raise JournalError(
                f"{self._journal.label} is a frozen counterfactual, whose strategies were not asked; "
                "ask its parent live"
            )
        if strategies is None:
            origins = {
                one.id: Origin(one.use, one.parameters)
                for one in self._inputs.plugins
                if one.role == "strategy" and one.by_name
            }
        self._origins = origins or {}
        self._pristine = Pristine(strategies_of(self._journal, strategies, self._origins, folder))

    def case(self, name: str, overrides: dict[str, Any], recording: Recording) -> Counterfactual:
        """Run one case."""
        setup = setup_of(self._inputs, overrides, is_live=self._is_live, given=self._config)
        strategies = None if self._pristine is None else self._pristine.fresh()
        seats = {
            one["id"]: (None if strategies is None else strategies[one["id"]], setup.weights[one["id"]], one["symbols"])
            for one in self._inputs.configuration["strategies"]
        }
        orchestrator = StrategyOrchestrator(seats, setup.capital, setup.config)
        orchestrator.check(self._feed)
        told = recorded_overrides(overrides)
        inputs = self._inputs_of(orchestrator, strategies, told)
        ended = self.parent.result.ended
        stops_after = ended.instants if ended.status == "stopped" else None
        with journal_writer(recording, self._feed, inputs) as writer:
            if strategies is not None:
                walk = Walk(orchestrator, self._feed, strategies, (), writer=writer)
                result = walk.walk(_stopping(stops_after))
                return Counterfactual(name, told, is_live=True, parent=self.parent, result=result, play=None)
            frozen = FrozenWalk(
                orchestrator,
                self._feed,
                self._play,
                fills_at_close=self._inputs.configuration["settings"].get("fill_at") == "close",
                writer=writer,
                instants_max=stops_after,
            )
            result = frozen.walk(None)
        recital = frozen.recital
        return Counterfactual(
            name,
            told,
            is_live=False,
            parent=self.parent,
            result=result,
            play=self._play,
            moved=recital.moved,
            unsaid=recital.unsaid,
        )

    def _inputs_of(
        self, orchestrator: StrategyOrchestrator, strategies: Mapping[str, Any] | None, overrides: dict[str, Any]
    ) -> Inputs:
        made = orchestrator.inputs(self._feed, strategies, origins=self._origins)
        plugins = made.plugins
        if strategies is None:
            # Whoever is not asked is on record as in the parent.
            recorded = tuple(one for one in self._inputs.plugins if one.role == "strategy")
            plugins = (*recorded, *rules_of(orchestrator.config))
        return msgspec.structs.replace(
            made,
            plugins=plugins,
            counterfactual="live" if self._is_live else "frozen",
            parent=self.parent.digest,
            overrides=overrides,
        )


def _cases(given: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(given, Mapping) or not given:
        raise ConfigError(f"cases is {clipped(given)}; give a mapping from names to overrides")
    return {str(name): checked(overrides) for name, overrides in given.items()}


def _stopping(instants: int | None) -> Any:
    if instants is None:
        return None
    asked = iter(range(instants))
    return lambda: next(asked, None) is None


def _named(overrides: Mapping[str, Any]) -> str:
    """Name a case by what it overrides."""
    return ", ".join(f"{key}={_shown(value)}" for key, value in recorded_overrides(overrides).items()) or "as it was"


def _shown(value: Any) -> str:
    return "none" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()
