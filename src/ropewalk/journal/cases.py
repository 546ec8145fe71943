"""Cases: what a counterfactual came to, beside the run that is its parent, and several of them side by side."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.journal.case_figures import CaseFigures, figures_of
from ropewalk.journal.diff import Difference, diff
from ropewalk.journal.fates import ChangedFill, changed_fills
from ropewalk.journal.reader import opened
from ropewalk.journal.sight import Sight, sight_of
from ropewalk.journal.verdict import CLEAN, DAMAGED

if TYPE_CHECKING:
    from ropewalk.collectors.result import OrchestratorResult, RunJournal
    from ropewalk.journal.reader import Journal
    from ropewalk.strategies.recital import Play


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
    def figures(self) -> CaseFigures:
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
        journal: RunJournal = self.result.journal  # type: ignore[assignment]  # every case is recorded, in memory at least
        return journal

    @cached_property
    def figures(self) -> CaseFigures:
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
