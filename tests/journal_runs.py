"""
Journals of real runs: what an orchestrator's bus numbered, handed to a writer afterwards.

A run's record has the same entries that a writer in the bus's seat would have heard.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

from bench.workload import Crossover, walk
from ropewalk import (
    BasisPointSlippage,
    BuyAndHold,
    MeanReversion,
    Momentum,
    OrchestratorConfig,
    PerShareCommission,
    Strategy,
    StrategyOrchestrator,
    buy,
    close,
    feed_of,
    sample_feed,
)
from ropewalk.journal import DataSet, Inputs, JournalWriter, Plugin, canonical_times

if TYPE_CHECKING:
    from pathlib import Path

    from ropewalk.bus import Entry


class Flip(Strategy):
    """In at one bar, out at the next."""

    def __init__(self) -> None:
        self.is_in = False

    def on_bar(self, bar: Any, view: Any) -> Any:
        self.is_in = not self.is_in
        return buy(bar.symbol, fraction=1) if self.is_in else close(bar.symbol)


class Recorded:
    """A run's entries, its inputs and its data's times."""

    def __init__(self, entries: list[Entry], inputs: Inputs, times: Any) -> None:
        self.entries = entries
        self.inputs = inputs
        self.times = times

    def content(self, **changes: Any) -> bytes:
        """The whole journal, in memory."""
        writer = JournalWriter(None, inputs=self.inputs, times=self.times, mode="memory", **changes)
        for entry in self.entries:
            writer.record([entry])
        writer.close()
        return writer.content

    def write(self, folder: Path, **changes: Any) -> Path:
        """The whole journal, in a run's folder."""
        with JournalWriter(folder, inputs=self.inputs, times=self.times, **changes) as writer:
            for entry in self.entries:
                writer.record([entry])
        return writer.path


def inputs_of(result: Any, feed: Any, *, seats: dict[str, str], **configuration: Any) -> Inputs:
    """Say what a run was made from."""
    data = DataSet(digest=feed.digest, rows=feed.rows, symbols=feed.symbols, first=feed.first_us, last=feed.last_us)
    plugins = tuple(
        Plugin(seat=seat, role="strategy", id=name, use=use, parameters={"window": 5 + seat})
        for seat, (name, use) in enumerate(seats.items())
    )
    return Inputs(
        configuration={"fill_at": "next_open", **configuration},
        capital_micros=result.started.capital_micros,
        data=(data,),
        plugins=plugins,
    )


@cache
def story() -> Recorded:
    """Three strategies, two symbols, five months, with costs: about 140 records."""
    seats = {"trend": (Momentum(5, 20), "0.4"), "revert": (MeanReversion(window=5), "0.3")}
    settings = OrchestratorConfig(
        commission=PerShareCommission(5_000, 1_000_000), slippage=BasisPointSlippage(1_000_000)
    )
    feed = sample_feed(["AAPL", "IBM"], start="2008-08-01", end="2008-12-31")
    result = StrategyOrchestrator({**seats, "hold": (BuyAndHold(), "0.2", ["IBM"])}, 10_000, settings).run(feed)
    named = {"trend": "momentum", "revert": "mean_reversion", "hold": "buy_and_hold"}
    return Recorded(result.record.entries, inputs_of(result, feed, seats=named), canonical_times(feed.series))


@cache
def flips(bars: int, strategies: int = 1) -> Recorded:
    """Strategies that trade at every bar: intents, decisions, fills and steps in equal numbers."""
    feed = feed_of(walk(bars))
    result = StrategyOrchestrator([(Flip(), "0.2") for _ in range(strategies)]).run(feed)
    named = {f"strategy_{seat}": "flip" for seat in range(strategies)}
    return Recorded(result.record.entries, inputs_of(result, feed, seats=named), canonical_times(feed.series))


@cache
def crossings(bars: int) -> Recorded:
    """Five crossovers on one symbol."""
    feed = feed_of(walk(bars))
    team = [Crossover(*windows) for windows in ((5, 20), (10, 30), (10, 50), (20, 50), (20, 100))]
    result = StrategyOrchestrator([(one, "0.2") for one in team]).run(feed)
    named = {f"strategy_{seat}": "crossover" for seat in range(5)}
    return Recorded(result.record.entries, inputs_of(result, feed, seats=named), canonical_times(feed.series))


def resummed(lines: list[bytes], start: int, end: int) -> list[bytes]:
    """Give lines the checksums that a careful forger would give them."""
    lines = list(lines)
    before = int(lines[start - 1][-10:-2], 16) if start else 0
    for place in range(start, end):
        body = lines[place][:-16]
        before = crc32(body, before)
        lines[place] = b'%b,"x":"%08x"}' % (body, before)
    return lines
