"""Rules of one's own, for a run that is asked about: given with its configuration, or made again from their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.config.orchestrator import OWN_LIMITS
from ropewalk.errors import MissingInputError
from ropewalk.journal.remaking import rule_again
from ropewalk.recording.recording import rule_of
from ropewalk.run_file.plugging import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ropewalk.config import OrchestratorConfig
    from ropewalk.journal.reader import Journal
    from ropewalk.plugins import Catalog
    from ropewalk.recording.recording import Origin


class OwnRules:
    """
    The policies, cost models and limits of a run that are objects of one's own.

    Without a `config` they are found in the catalog; one that nobody takes need not be there. `origins` say how those
    of the configuration were made.
    """

    def __init__(
        self,
        journal: Journal,
        config: OrchestratorConfig | None,
        *,
        catalog: Catalog,
        origins: Mapping[str, Origin] | None = None,
    ) -> None:
        self._journal = journal
        self._config = config
        self._catalog = catalog
        self._origins = origins or {}

    def take(self, place: str, name: str | None) -> tuple[Any, dict[str, Origin]]:
        """Give one, and how it was made where that was by name. Raises MissingInputError where it is not at hand."""
        kind = "limit" if place == OWN_LIMITS else RULES.get(place, "policy")
        known_as = rule_of(kind, name or "")
        if self._config is None:
            rule, origin = rule_again(self._journal, place, name, self._catalog)
            return rule, {known_as: origin}
        given = self._config.limits.own if place == OWN_LIMITS else getattr(self._config, place)
        if name is not None and name not in given:
            raise MissingInputError(f"{name} came with the run", "give config= with the same")
        rule = given if name is None else given[name]
        return rule, {known_as: self._origins[known_as]} if known_as in self._origins else {}
