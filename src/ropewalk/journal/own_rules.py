"""Rules of one's own, for a run that is asked about: given with its configuration, or made again from their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    The policies and cost models of a run that are objects of one's own.

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

    def take(self, place: str, symbol: str | None) -> tuple[Any, dict[str, Origin]]:
        """Give one, and how it was made where that was by name. Raises MissingInputError where it is not at hand."""
        name = rule_of(RULES.get(place, "policy"), symbol or "")
        if self._config is None:
            rule, origin = rule_again(self._journal, place, symbol, self._catalog)
            return rule, {name: origin}
        given = getattr(self._config, place)
        rule = given if symbol is None else given[symbol]
        return rule, {name: self._origins[name]} if name in self._origins else {}
