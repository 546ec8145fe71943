"""The table of docs/guide/what-if.md: each of its numbers is reproduced by a separate run of the policy."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from ropewalk import OrchestratorConfig, StrategyOrchestrator, buy, close, sample_feed, sell, target
from ropewalk.arbiter.policies import KINDS
from ropewalk.cli.demo import SEATS, SETTINGS
from ropewalk.plugins import Catalog

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "what-if.md"
NUMBERS = 10
"""Figures of a line; the run itself has no place where it differs from itself."""


class Parrot:
    """Says at their times the intents of another run, and looks at nothing."""

    def __init__(self, intents: Any) -> None:
        self.said: dict[int, list[Any]] = {}
        for one in intents:
            amount = one.amount if one.unit == "quantity" else Decimal(one.amount) / 1_000_000
            make: Any = {"buy": buy, "sell": sell, "close": close, "target": target}[one.action]
            self.said.setdefault(one.at_us, []).append(make(one.symbol, **{one.unit: amount}))

    def on_turn(self, view: Any) -> Any:
        return self.said.get(view.at_us)


def strategies() -> dict[str, Any]:
    catalog = Catalog()
    return {
        name: (catalog.find("strategy", use).load()(**settings), weight)
        for name, (use, settings, weight) in SEATS.items()
    }


@cache
def data() -> Any:
    return sample_feed()


def run(seats: dict[str, Any], policy: Any = "independent") -> Any:
    config = OrchestratorConfig.model_validate({**SETTINGS, "conflict_policy": policy})
    return StrategyOrchestrator(seats, 100_000, config).run(data())


def policies() -> dict[str, Any]:
    given: dict[str, Any] = {"pro_rata": {"share": "0.2"}, "veto": {"strategy": "trend"}}
    named: dict[str, Any] = {}
    for name in KINDS:
        parameters = given.get(name, {})
        title = " ".join([name, *(f"{key}={value}" for key, value in parameters.items())])
        named[title] = {"kind": name, **parameters} if parameters else name
    return named


def figures(result: Any, recorded: Any) -> list[str]:
    """The cells of a line, from a result alone."""
    metrics = result.aggregate_metrics
    costs = sum(one.commission_micros + one.slippage_micros for one in result.fills)
    verdicts = [one.verdict for one in result.decisions if one.reason != "held_already"]
    pairs = zip_longest(recorded.record.entries, result.record.entries)
    first = next((a or b for a, b in pairs if a != b), None)
    return [
        f"{result.final_equity:,.2f}",
        f"{metrics.total_return:+.2%}",
        f"{metrics.sharpe:.3f}",
        f"{metrics.max_drawdown:.2%}",
        f"{costs / 1e6:,.2f}",
        f"{len(result.conflicts):,}",
        f"{verdicts.count('trimmed'):,}",
        f"{verdicts.count('refused'):,}",
        f"{len(result.fills):,}",
        "never" if first is None else f"{first.number:,}",
    ]


def equities(result: Any) -> list[str]:
    pool = result.equity_curves[""].equity_micros[-1] / 1e6
    return [*(f"{one.final_equity:,.2f}" for one in result.strategy_results.values()), f"{pool:,.2f}"]


def written(kind: str) -> tuple[list[str], list[str]]:
    """The lines of both tables below their rules."""
    text = PAGE.read_text(encoding="utf-8").split(f"```text {kind}\n")[1].split("```\n")[0]
    first, second = (table.splitlines() for table in text.split("\n\n"))
    return (
        first[next(row for row, line in enumerate(first) if line.startswith("─")) + 1 :],
        second[next(row for row, line in enumerate(second) if line.startswith("─")) + 1 :],
    )


@cache
def the_run() -> Any:
    """The one that both tables are about."""
    return run(strategies())


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["live", "frozen"])
def test_every_number_of_the_table_is_that_of_a_separate_run(kind: str) -> None:
    """Live: the demo's strategies, run under each policy from the beginning. Frozen: strategies that say the same."""
    recorded = the_run()
    said = {name: [one for one in recorded.intents if one.strategy == name] for name in SEATS}
    expected = {"the run": figures(recorded, recorded)[: NUMBERS - 1]}
    owned = {"the run": equities(recorded)}
    for title, policy in policies().items():
        parrots = {name: (Parrot(said[name]), weight) for name, (_, _, weight) in SEATS.items()}
        result = run(strategies() if kind == "live" else parrots, policy)
        expected[title], owned[title] = figures(result, recorded), equities(result)
    lines, strategy_lines = written(kind)
    out_of_date = "the table is out of date: python tools/make_what_if.py"
    assert [line.split() for line in lines] == [[*name.split(), *cells] for name, cells in expected.items()], (
        out_of_date
    )
    assert [line.split() for line in strategy_lines] == [[*name.split(), *cells] for name, cells in owned.items()]
