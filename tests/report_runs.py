"""Runs to be reported: ordinary ones, and all that a report has to bear with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from recorded_runs import DAY_US, TALES, Says, Tale, flat
from ropewalk import (
    Bar,
    BasisPointSlippage,
    BuyAndHold,
    MeanReversion,
    Momentum,
    OrchestratorConfig,
    PerShareCommission,
    StrategyOrchestrator,
    buy,
    close,
    feed_of,
    sample_feed,
    sell,
)
from ropewalk.cli.report import write_report
from ropewalk.feeds.feed import Feed
from ropewalk.journal import Recording
from ropewalk.market.series import Series

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "</script>{{ 7 * 7 }}")
"""What no front door lets in as an id, but a journal that somebody made may hold."""
HOSTILE_SYMBOL = "<b onclick=alert(3)>&"


class Quiet:
    """Wants nothing."""

    def on_turn(self, view: Any) -> None: ...


class Noter:
    """Notes something hostile on everything that it wants, and raises something hostile in the end."""

    def __init__(self) -> None:
        self.turns = 0

    def on_turn(self, view: Any) -> Any:
        self.turns += 1
        if self.turns == 30:
            raise ValueError("<script>alert(9)</script>")
        wanted = buy(view.symbols[0], quantity=1, note="</script><script>alert(4)</script>")
        return wanted if self.turns % 2 else close(view.symbols[0])


@dataclass(frozen=True)
class Renamed:
    """A tale whose seats got their names behind the front door."""

    tale: Tale
    names: tuple[str, ...]

    def journal(self) -> bytes:
        orchestrator = self.tale.orchestrator()
        orchestrator.seats = dict(zip(self.names, orchestrator.seats.values(), strict=True))
        result = orchestrator.run(self.tale.data(), journal=Recording(mode="memory"))
        assert result.journal is not None
        return result.journal.content


def with_gaps() -> Feed:
    """Forty days, and more than a year of nothing in between."""
    bars = flat("GLD", *range(100, 140))
    return feed_of(
        [Bar("GLD", one.at_us + 400 * DAY_US * (row > 20), *[one.close] * 4, 1.0) for row, one in enumerate(bars)]
    )


def hostile_feed() -> Feed:
    prices = flat("GLD", *[100 + (day * 7) % 13 for day in range(60)])
    one = feed_of(prices).series[0]
    columns = {name: getattr(one, name) for name in ("at_us", "open", "high", "low", "close", "volume")}
    return Feed((Series(HOSTILE_SYMBOL, **columns),), label="hostile")


def _seats(*strategies: Any) -> Any:
    return lambda: {f"s{seat}": (one(), "0.3") for seat, one in enumerate(strategies)}


def limited() -> Tale:
    """Two that want more than they may, under every limit that there is."""
    limits = {
        "gross_exposure": "0.5",
        "net_exposure": "0.45",
        "symbol_exposure": "0.4",
        "symbols": {"IBM": "0.2"},
        "groups": {"tech": {"symbols": ["AAPL", "IBM"], "exposure": "0.48"}},
        "leverage": "0.9",
        "positions": 3,
        "cash_reserve": "0.1",
        "strategies": {"s0": {"symbol_share": "0.6", "positions": 1, "drawdown": "0.1"}},
    }
    return Tale(
        _seats(lambda: Momentum(5, 20), lambda: MeanReversion(5), BuyAndHold),
        TALES["all four"].data,
        lambda: {"limits": limits},
    )


ODD: dict[str, Tale] = {
    "no fills": Tale(_seats(Quiet, Quiet), lambda: feed_of(flat("GLD", 100, 101, 102))),
    "one bar": Tale(_seats(lambda: Says([[buy("GLD", quantity=1)]])), lambda: feed_of(flat("GLD", 100))),
    "constant": Tale(_seats(BuyAndHold, BuyAndHold), lambda: feed_of(flat("GLD", *[100] * 20))),
    "bust": Tale(
        _seats(lambda: Says([[sell("GLD", fraction=1)]]), BuyAndHold),
        lambda: feed_of(flat("GLD", 100, 100, 150, 250, 400, 300, 90, 50, 40)),
    ),
    "gaps": Tale(_seats(lambda: Momentum(3, 9), BuyAndHold), with_gaps),
    "lots": TALES["lots"],
    "actions": TALES["actions"],
    "suspended": TALES["suspended"],
    "close": TALES["close"],
    "lent": TALES["lent"],
    "limits": limited(),
}
"""Each gets a page on which nothing is NaN."""

HOSTILE_TALE = Renamed(
    Tale(
        _seats(BuyAndHold, lambda: Momentum(3, 9), Noter),
        hostile_feed,
        lambda: {"on_strategy_error": "flatten"},
    ),
    HOSTILE,
)


@cache
def portfolio_feed() -> Feed:
    return sample_feed(["AAPL", "IBM", "MSFT"], start="2004-01-01", end="2009-12-31")


def portfolio(folder: Path) -> Path:
    """Record three strategies over six years; returns the run's folder."""
    seats = {"trend": (Momentum(20, 50), "0.4"), "fast": (Momentum(5, 20), "0.3"), "revert": (MeanReversion(7), "0.2")}
    costs = {"commission": PerShareCommission(5_000, 1_000_000), "slippage": BasisPointSlippage(1_000_000)}
    orchestrator = StrategyOrchestrator(seats, 100_000, OrchestratorConfig(**costs))
    result = orchestrator.run(portfolio_feed(), journal=folder)
    assert result.journal is not None
    assert result.journal.path is not None
    return result.journal.path.parent


@cache
def journal_of(name: str) -> bytes:
    """Run an odd tale once, and keep its journal."""
    content: bytes = ODD[name].run().journal.content
    return content


def reported(name: str, folder: Path) -> Path:
    """Write the report of an odd tale."""
    return write_report(journal_of(name), folder / "report.html", data=ODD[name].data()).path


@cache
def page_of(name: str) -> str:
    """Make the report of an odd tale once, and keep its text."""
    with TemporaryDirectory() as folder:
        return reported(name, Path(folder)).read_text(encoding="utf-8")
