"""
The walk, measured: `make bench` times these and prints the ratios of `ratios.py`.

In an ordinary test run each is walked once, and what it must agree on is asserted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bench.workload import Crossover, bare_accounts, bare_delivery, crossovers, walk
from ropewalk import StrategyOrchestrator, feed_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk import Feed
    from ropewalk.collectors.result import OrchestratorResult


@pytest.fixture(scope="module")
def bars(scaled: Callable[[int], int]) -> list[Any]:
    return walk(scaled(20_000))


@pytest.fixture(scope="module")
def feed(bars: list[Any]) -> Feed:
    return feed_of(bars)


def together(feed: Feed, strategies: list[Crossover]) -> OrchestratorResult:
    orchestrator = StrategyOrchestrator({f"s{seat}": (one, "0.2") for seat, one in enumerate(strategies)})
    result = orchestrator.run(feed)
    assert len(result.equity_curve) == feed.rows
    return result


def test_bare_delivery(benchmark: Any, bars: list[Any]) -> None:
    """The bare loop hears every want that the strategies have."""
    assert benchmark(lambda: bare_delivery(bars, crossovers())) > len(bars) // 20


def test_delivery(benchmark: Any, feed: Feed) -> None:
    """Strategies that never trade leave nothing on record but their funding."""
    result = benchmark(lambda: together(feed, crossovers(trades=False)))
    assert not result.intents
    assert len(result.transfers) == 5


def test_bare_accounts(benchmark: Any, bars: list[Any]) -> None:
    """The plain accounts keep an equity for every bar."""
    accounts = benchmark(lambda: bare_accounts(bars, crossovers()))
    assert [len(account.equity) for account in accounts] == [len(bars)] * 5


def test_whole_run(benchmark: Any, bars: list[Any], feed: Feed) -> None:
    """The exact ledger and the plain float accounts come to the same equity, strategy by strategy and bar by bar."""
    result = benchmark(lambda: together(feed, crossovers()))
    for one, account in zip(result.strategy_results.values(), bare_accounts(bars, crossovers()), strict=True):
        assert (one.equity_curve.equity_micros / 1e6).tolist() == pytest.approx(account.equity, rel=1e-9)


def test_five_runs_of_one(benchmark: Any, feed: Feed) -> None:
    """Each strategy alone, with the same capital, does what it does in company."""

    def apart() -> list[OrchestratorResult]:
        return [StrategyOrchestrator([(one, "0.2")]).run(feed) for one in crossovers()]

    alone = benchmark(apart)
    company = together(feed, crossovers())
    for result, one in zip(alone, company.strategy_results.values(), strict=True):
        assert result.final_equity - 80_000 == one.final_equity
