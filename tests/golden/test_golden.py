"""
Golden runs: everything that was numbered in a small run, as text that a person can read.

`make golden` rewrites them, in a commit that says why the numbers moved.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ropewalk import (
    BasisPointSlippage,
    BuyAndHold,
    MeanReversion,
    Momentum,
    OrchestratorConfig,
    PerShareCommission,
    StrategyOrchestrator,
    sample_feed,
)
from ropewalk.notation import timestamp

HERE = Path(__file__).parent

RUNS: dict[str, dict[str, Any]] = {
    "next_open": {"commission": PerShareCommission(5_000, 1_000_000), "slippage": BasisPointSlippage(1_000_000)},
    "net": {
        "commission": PerShareCommission(5_000, 1_000_000),
        "slippage": BasisPointSlippage(1_000_000),
        "conflict_policy": "net",
    },
    "close_at_end": {"fill_at": "close", "close_at_end": True, "capital_base": "fixed"},
}


def story(**settings: Any) -> str:
    """Run three strategies over five months of two symbols and write down what happened."""
    orchestrator = StrategyOrchestrator(
        {
            "trend": (Momentum(5, 20), "0.4"),
            "revert": (MeanReversion(window=5), "0.3"),
            "hold": (BuyAndHold(), "0.2", ["IBM"]),
        },
        initial_capital=10_000,
        config=OrchestratorConfig(**settings),
    )
    result = orchestrator.run(sample_feed(["AAPL", "IBM"], start="2008-08-01", end="2008-12-31"))
    # A golden that covers nothing guards nothing.
    assert len(result.intents) > 20
    assert len(result.fills) > 20
    assert result.conflicts
    lines = [line(entry) for entry in result.record.entries]
    return "\n".join([*lines, result.reconciliation, f"digest {result.record.digest()}", ""])


def line(entry: Any) -> str:
    """Write an event in one line: number, cause, date, kind and the fields that are not empty."""
    fields = msgspec.structs.asdict(entry.event)
    at = timestamp(fields.pop("at_us")).date()
    said = " ".join(f"{name}={value}" for name, value in fields.items() if value not in ("", 0, (), None))
    return f"{entry.number:4} ← {entry.cause:4} {at} {type(entry.event).__name__:10} {said}"


@pytest.mark.parametrize("name", RUNS)
def test_nothing_moved(name: str, rewrites_golden: bool) -> None:
    """The same inputs give the same events, numbers and causes as when the golden was written."""
    path = HERE / f"{name}.txt"
    told = story(**RUNS[name])
    if rewrites_golden:
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")
