"""
Counterfactuals: what a recorded run would have come to under other settings.

*Frozen*: the intents on record are settled and filled again, and no strategy is asked. *Live*: the strategies run over
the same bars and react. A counterfactual is one or the other and says so in its header, beside its parent's digest and
the overrides; its journal is one like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.errors import ConfigError, DamagedError, JournalError, clipped
from ropewalk.journal.cases import Counterfactual, Parent, WhatIf
from ropewalk.journal.overrides import checked, recorded_overrides, setup_of
from ropewalk.journal.own_rules import OwnRules
from ropewalk.journal.reader import Journal
from ropewalk.journal.remaking import check_semantics, feed_beside, strategies_of
from ropewalk.journal.state import state_of
from ropewalk.orchestrator import StrategyOrchestrator
from ropewalk.orchestrator.frozen import FrozenWalk
from ropewalk.orchestrator.inputs import rules_of
from ropewalk.orchestrator.orchestrator import journal_writer
from ropewalk.orchestrator.walk import Walk
from ropewalk.plugins import Catalog
from ropewalk.recording.recording import Recording
from ropewalk.strategies.pristine import Cast, Pristine
from ropewalk.strategies.recital import Play

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.config import OrchestratorConfig
    from ropewalk.journal.reader import Source
    from ropewalk.orchestrator.watchdog import Watchdog
    from ropewalk.recording.inputs import Inputs
    from ropewalk.recording.recording import Origin


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
    plugins: Sequence[Path | str] = (),
    watchdog: Watchdog | None = None,
) -> WhatIf:
    """
    Ask several questions about one recorded run; `cases` map names to overrides.

    `strategies` are needed for `live` where they were not made by name, with their `origins` where these were; `config`
    where a rule of the run came as an object; `data` where no copy of the bars lies beside the journal. Files of
    strategies are looked for in `folder`, plugins also in the folders `plugins`. A `watchdog` ends a case in which
    something does not return.

    Raises JournalError for a journal that cannot be read, has not ended or failed, ConfigError for overrides that
    cannot be, MissingInputError where something that is needed is not there, and what the run of a case raises.
    """
    asked = _cases(cases)
    catalog = Catalog(plugins, base=folder)
    journal = Journal(source)
    rules = OwnRules(journal, config, catalog=catalog, origins=origins)
    asking = _Asking(journal, data, rules=rules, is_live=live)
    if live:
        asking.engage(strategies, origins or {}, catalog)
    recording = Recording(None, mode="memory") if into is None else Recording(Path(into), again=True)
    found = [asking.case(name, overrides, recording, watchdog) for name, overrides in asked.items()]
    return WhatIf(asking.parent, tuple(found), is_live=live)


class _Asking:
    """One journal, read once for all that is asked about it."""

    def __init__(self, journal: Journal, data: Any, *, rules: OwnRules, is_live: bool) -> None:
        check_semantics(journal)
        self._inputs = journal.inputs
        self._journal = journal
        self._rules = rules
        self._is_live = is_live
        self._feed = feed_beside(journal, data)
        state = state_of(journal, data=self._feed)
        if state.wrong:
            raise DamagedError(f"{journal.label}: {state.wrong}; verify it")
        if state.result is None:
            raise JournalError(f"{journal.label}: {state.missing}; what it would have come to cannot be said")
        self.parent = Parent(journal, state.result)
        self._play = Play(state.result.record)
        self._pristine: Pristine | None = None
        self._origins: dict[str, Origin] = {}

    def engage(self, strategies: Mapping[str, Any] | None, origins: Mapping[str, Origin], catalog: Catalog) -> None:
        """Make the strategies that are to be asked."""
        if self._inputs.counterfactual == "frozen":
            raise JournalError(
                f"{self._journal.label} is a frozen counterfactual, whose strategies were not asked; "
                "ask its parent live"
            )
        self._origins = dict(origins)
        made = strategies_of(self._journal, strategies, self._origins, catalog)
        self._pristine = Pristine(Cast(made, {}))

    def case(
        self, name: str, overrides: dict[str, Any], recording: Recording, watchdog: Watchdog | None
    ) -> Counterfactual:
        """Run one case."""
        setup = setup_of(self._inputs, overrides, is_live=self._is_live, rules=self._rules)
        strategies = None if self._pristine is None else self._pristine.fresh().strategies
        seats = {
            one["id"]: (None if strategies is None else strategies[one["id"]], setup.weights[one["id"]], one["symbols"])
            for one in self._inputs.configuration["strategies"]
        }
        orchestrator = StrategyOrchestrator(seats, setup.capital, setup.config)
        orchestrator.check(self._feed)
        # Rules of one's own may keep state, and are the same objects in every case.
        rules = Pristine(Cast({}, setup.config.own_rules())).fresh().rules
        told = recorded_overrides(overrides)
        inputs = self._inputs_of(orchestrator, strategies, setup.origins, told)
        ended = self.parent.result.ended
        stops_after = ended.instants if ended.status == "stopped" else None
        with journal_writer(recording, self._feed, inputs) as writer:
            beside: dict[str, Any] = {"rules": rules, "writer": writer, "watchdog": watchdog, "tell": writer.fault}
            if strategies is not None:
                walk = Walk(orchestrator, self._feed, strategies, (), **beside)
                result = walk.walk(_stopping(stops_after))
                return Counterfactual(name, told, is_live=True, parent=self.parent, result=result, play=None)
            frozen = FrozenWalk(
                orchestrator,
                self._feed,
                self._play,
                fills_at_close=self._inputs.configuration["settings"].get("fill_at") == "close",
                # What is kept in memory survives nothing, so that it need not be written as it comes.
                writes_last=recording.mode == "memory",
                **beside,
            )
            result = frozen.walk(_stopping(stops_after))
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
        self,
        orchestrator: StrategyOrchestrator,
        strategies: Mapping[str, Any] | None,
        kept: dict[str, Origin],
        overrides: dict[str, Any],
    ) -> Inputs:
        cast = None if strategies is None else Cast(strategies, orchestrator.config.own_rules())
        # A rule that was overridden is no longer made as it was.
        by_name = {name: origin for name, origin in self._origins.items() if name in orchestrator.seats}
        made = orchestrator.inputs(self._feed, cast, origins={**by_name, **kept})
        plugins = made.plugins
        if strategies is None:
            # Whoever is not asked is on record as in the parent.
            recorded = tuple(one for one in self._inputs.plugins if one.role == "strategy")
            plugins = (*recorded, *rules_of(orchestrator.config, kept))
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
