"""The subject of a page: everything about one run that a report is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ropewalk.collectors.recorder import Recorder
    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.events import RunStarted


class Chains(msgspec.Struct, frozen=True):
    """Explanations: passages of kind, number, time and sentences, and the places of those that explain a record."""

    passages: Sequence[tuple[str, int, int | None, tuple[str, ...]]]
    chains: Mapping[int, tuple[int, ...]]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """
    One run, as its journal tells of it.

    `result` is None where there are no curves, and `missing` says why. `damage` says what is wrong with the journal
    behind the records that could be read, and in which line. `status` is `incomplete` for a run that has not ended.
    `explain` makes the chains of the records that it is given; `ends` names for each decision the record whose chain
    explains it: its fill or lapse, or itself. `is_sample` says that the bars are the packaged ones.
    """

    run: str
    digest: str
    status: str
    record: Recorder
    configuration: dict[str, Any]
    plugins: Sequence[dict[str, Any]]
    data: Sequence[dict[str, Any]]
    environment: dict[str, Any]
    explain: Callable[[Sequence[int]], Chains]
    ends: Mapping[int, int]
    result: OrchestratorResult | None = None
    missing: str = ""
    damage: str = ""
    is_sample: bool = False

    @property
    def started(self) -> RunStarted:
        """How the run began."""
        first: RunStarted = self.record.entries[0].event
        return first

    @property
    def settings(self) -> dict[str, Any]:
        """The run's settings; empty where the journal says nothing of them."""
        said = self.configuration.get("settings")
        return said if isinstance(said, dict) else {}
