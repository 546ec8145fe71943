"""Where it is known beforehand who speaks when, instants are passed over, and nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ropewalk import (
    Bar,
    MomentumSignals,
    OrchestratorConfig,
    PluginError,
    SignalStrategy,
    StrategyOrchestrator,
    Turn,
    observer,
    sample_feed,
)
from ropewalk.journal import Recording
from ropewalk.market import columns
from ropewalk.orchestrator import walk as walks
from ropewalk.orchestrator.visits import Visits

MEMORY = Recording(mode="memory")
FEED = sample_feed(adjusted=False)
"""With splits and dividends, and symbols that begin later than others."""


@observer(Turn)
def every_turn(event: Any, number: int, cause: int) -> None:
    """Wants to hear every turn, so that every instant is visited."""


class Seldom(SignalStrategy):
    """In at one bar, out at another, and on both sides of each other's weekend."""

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last

    def signals(self, history: Any) -> Any:
        targets = np.zeros(len(history.close))
        targets[self.first : self.last] = 1.0
        return targets


def team() -> list[Any]:
    return [(MomentumSignals(20, 50), "0.4"), (Seldom(700, 1_100), "0.3"), (Seldom(1_100, 1_101), "0.3")]


def journal(**given: Any) -> bytes:
    config = OrchestratorConfig(**given.pop("settings", {}))
    found: bytes = StrategyOrchestrator(team(), 100_000, config).run(FEED, journal=MEMORY, **given).journal.content
    return found


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many instants each walk visited."""
    counts: list[int] = []

    class Counted(Visits):
        def _places(self) -> Iterator[int]:
            for place in super()._places():
                counts[-1] += 1
                yield place

        def run(self, **given: Any) -> bool:
            counts.append(0)
            return super().run(**given)

    monkeypatch.setattr(walks, "Visits", Counted)
    return counts


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"fill_at": "close", "close_at_end": True},
        {"conflict_policy": "net", "commission": {"kind": "per_share", "amount": "0.01"}},
        {"limits": {"strategies": {"strategy_0": {"drawdown": "0.05"}}}},
    ],
    ids=["plain", "at the close", "netted", "with a stop that looks at every close"],
)
@pytest.mark.interpreted("what is compiled cannot be inherited from")
def test_nobody_can_tell(settings: dict[str, Any], visited: list[int]) -> None:
    few = journal(settings=settings)
    assert few == journal(settings=settings, observers=[every_turn])
    assert visited[0] == visited[1] if "limits" in settings else visited[0] < visited[1] // 2


@pytest.mark.parametrize("instants", [0, 1, 640, 1_050])
def test_a_stop_is_between_instants_that_nobody_visits_too(instants: int) -> None:
    """It is asked once an instant, and what has been walked by then is told."""
    contents = []
    for observers in ([], [every_turn]):
        asked = count()
        contents.append(journal(should_stop=lambda asked=asked: next(asked) == instants, observers=observers))
        assert next(asked) == instants + 1
    assert contents[0] == contents[1]
    assert b'"status":"stopped"' in contents[0]
    assert b'"instants":%d,' % instants in contents[0]


def test_a_policy_that_raises_ends_the_run_where_it_would_have(tmp_path: Path) -> None:
    def broken(wishes: Any) -> Any:
        raise ValueError("no")

    contents = []
    config = OrchestratorConfig(conflict_policy=broken)
    for name, observers in (("few", []), ("all", [every_turn])):
        with pytest.raises(PluginError, match="no"):
            StrategyOrchestrator(team(), 100_000, config).run(
                FEED, journal=Recording(tmp_path / name), observers=observers
            )
        (written,) = (tmp_path / name).glob("*/journal.jsonl")
        contents.append(written.read_bytes())
    assert contents[0] == contents[1]
    assert b'"status":"failed"' in contents[0]


@pytest.mark.parametrize("asked_max", [0, 1, 640, 1_050])
def test_a_stop_that_raises_ends_the_run_where_it_would_have(asked_max: int, tmp_path: Path) -> None:
    """What is asked between two visits stands where a walk over all instants would stand, for whoever looks then."""
    contents = []
    for name, observers in (("few", []), ("all", [every_turn])):
        asked = count()

        def raises(asked: Any = asked) -> bool:
            if next(asked) == asked_max:
                raise OSError("no such file")
            return False

        with pytest.raises(OSError, match="no such file"):
            StrategyOrchestrator(team()).run(
                FEED, journal=Recording(tmp_path / name), observers=observers, should_stop=raises
            )
        (written,) = (tmp_path / name).glob("*/journal.jsonl")
        contents.append(written.read_bytes())
    assert contents[0] == contents[1]
    assert b'"instants":%d,' % asked_max in contents[0]


def test_symbols_that_share_no_instant_are_looked_up_without_a_table_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table would have a row of every symbol at every instant of any; the results are the same."""
    bars = {
        symbol: [Bar(symbol, 1_000_000 * row + shift, *[100.0 + row % 7] * 4) for row in range(60)]
        for shift, symbol in enumerate("ABCDEFGH")
    }

    def content() -> Any:
        return StrategyOrchestrator([(Seldom(10, 40), "0.5")]).run(bars, journal=MEMORY).journal.content

    found = content()
    monkeypatch.setattr(columns, "DENSE", 8)
    assert content() == found
