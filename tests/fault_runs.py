"""Runs in which one strategy, or somebody else, does what should not be done, beside one that does nothing wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from typer.testing import CliRunner

from ropewalk import Bar, Fault, OrchestratorConfig, Strategy, StrategyOrchestrator, buy, close
from ropewalk.cli.main import app

START_US = 1_577_836_800_000_000
DAY_US = 86_400_000_000
BAD_BAR = 3
"""The bar at which it is done."""


def bars(symbol: str = "AAA", count: int = 8) -> list[Bar]:
    prices = [10.0 + row % 3 for row in range(count)]
    return [Bar(symbol, START_US + row * DAY_US, price, price, price, price, 1.0) for row, price in enumerate(prices)]


class Does(Strategy):
    """Does something at the third bar, and says what came of it."""

    def __init__(self, what: Callable[[Any, Any], Any]) -> None:
        self.what = what

    def on_bar(self, bar: Bar, view: Any) -> Any:
        return self.what(bar, view) if len(view.history(bar.symbol)) == BAD_BAR else None


class InAndOut(Strategy):
    """Buys at one bar and sells at the next."""

    def on_bar(self, bar: Bar, view: Any) -> Any:
        return close("AAA") if view.quantity("AAA") else buy("AAA", fraction=0.5)


def seats(bad: Any, *others: Any) -> dict[str, Any]:
    """The bad one in the first seat, so that whatever it does comes before the others."""
    strategy = Does(bad) if callable(bad) and not hasattr(bad, "signals") else bad
    return {"bad": (strategy, "0.4"), "good": (InAndOut(), "0.4"), **dict(zip(("third",), others, strict=False))}


def run(bad: Any, data: Any = None, *, observers: Any = (), journal: Any = None, **settings: Any) -> Any:
    config = OrchestratorConfig(**{"on_strategy_error": "suspend", **settings})
    return StrategyOrchestrator(seats(bad), 10_000, config).run(data or bars(), observers=observers, journal=journal)


def fault(bad: Any, **settings: Any) -> Fault:
    """Run it, and give the one fault there was; the good strategy went on to the end, as if it had been alone."""
    result = run(bad, **settings)
    (found,) = result.faults
    assert result.ended.status == "complete"
    assert fills_of(result, "good") == alone()
    assert found.source == "bad"
    return found


def fills_of(result: Any, strategy: str) -> bytes:
    return msgspec.json.encode([one for one in result.fills if one.strategy == strategy])


def alone() -> bytes:
    """What the good strategy trades without the bad one, whose share stays in the pool."""
    return fills_of(StrategyOrchestrator({"good": (InAndOut(), "0.4")}, 10_000).run(bars()), "good")


ROOT = Path(__file__).resolve().parents[1]
RUN = """\
[data]
source = "synthetic"
bars = 12
[settings]
on_strategy_error = "suspend"
[strategies.bad]
use = "bad.py:Bad"
weight = 0.4
[strategies.good]
use = "momentum"
weight = 0.4
settings = { short_window = 1, long_window = 2 }
"""
BAD = """\
import collections, itertools, os, random
from ropewalk import Strategy, buy

class Bad(Strategy):
    def on_bar(self, bar, view):
        if len(view.history(bar.symbol)) == 9:
            LINE
        return buy(bar.symbol, quantity=1)
"""


def plan(folder: Path, line: str) -> None:
    (folder / "bad.py").write_text(BAD.replace("LINE", line), encoding="utf-8")


def command(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["run", "run.toml", *arguments])


def in_a_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, "-m", "ropewalk", "run", "run.toml", *arguments]
    around = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(script, env=around, capture_output=True, timeout=120, check=False, text=True)
