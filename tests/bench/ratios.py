"""
The ratios of docs/benchmarks.md, measured in one process; prints the table.

Machines are noisy and differ: what is kept is the median ratio of runs that take turns, ours and the bare
loop, in processor time. `python tests/bench/ratios.py` after `make setup`.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.turns import paired
from bench.workload import SLOWER, SLOWEST, WINDOWS, Crossover, bare_accounts, bare_delivery, crossovers, walk
from ropewalk import MeanReversion, Momentum, StrategyOrchestrator, feed_of, synthetic_feed

if TYPE_CHECKING:
    from bench.workload import Windows

BARS = 100_000
DENSITIES = {
    "averages of 50 to 400 bars": SLOWEST,
    "averages of 20 to 200 bars": SLOWER,
    "averages of 5 to 100 bars": WINDOWS,
}
ROUNDS = 7


def run(feed: Any, strategies: list[Any], *, curves: bool = True) -> Any:
    """Run strategies with equal shares, up to the equity curves of all of them."""
    result = StrategyOrchestrator([(one, "0.2") for one in strategies]).run(feed)
    if curves:
        assert len(result.equity_curve)
    return result


def asking() -> list[Any]:
    """Make five strategies of the kind that looks at a list of bars."""
    return [Momentum(5, 20), Momentum(10, 30), Momentum(20, 50), Momentum(20, 100), MeanReversion()]


def bare_asking(bars: list[Any], strategies: list[Any]) -> None:
    """Ask the strategies at every bar, with the list of bars so far, and keep who is in."""
    seen: list[Any] = []
    is_in = [False] * len(strategies)
    for bar in bars:
        seen.append(bar)
        for seat, strategy in enumerate(strategies):
            if is_in[seat]:
                is_in[seat] = not strategy.should_exit(None, seen)
            else:
                is_in[seat] = strategy.should_enter(seen)


def memory(count: int, strategies: int) -> int:
    """Bytes that a run of so many bars and silent strategies holds at most, over the columns it was given."""
    feed = synthetic_feed(1, bars=count, interval="1m")
    assert feed.digest
    team = [(Crossover(5, 20, trades=False), "0.01") for _ in range(strategies)]
    gc.collect()
    tracemalloc.start()
    result = StrategyOrchestrator(team).run(feed)
    assert not result.intents
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def startup(statement: str) -> float:
    """Median processor seconds that a fresh interpreter takes for a statement, over an empty one."""

    def once(code: str) -> float:
        before = getrusage(RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = getrusage(RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return median(once(statement) - once("pass") for _ in range(7))


def whole_run(name: str, windows: Windows, bars: list[Any]) -> tuple[str, str, str, str]:
    """Hold a whole run, to the equity curves, against the loop with plain accounts."""
    feed = feed_of(bars)
    ours, bare, ratio = paired(
        lambda: run(feed, crossovers(windows=windows)), lambda: bare_accounts(bars, crossovers(windows=windows))
    )
    intents = len(run(feed, crossovers(windows=windows)).intents)
    note = f"{ours / BARS * 1e6:.2f} against {bare / BARS * 1e6:.2f} µs a bar, {intents:,} intents"
    return f"whole run, {name}", f"{ratio:.2f} ×", "1.5 ×", note


def collected(name: str, windows: Windows, feed: Any) -> tuple[str, str, str, str]:
    """Hold a run with the curves of all owners against the same run without."""
    pairs = []
    for _ in range(ROUNDS):
        gc.collect()
        start = process_time()
        result = run(feed, crossovers(windows=windows), curves=False)
        walked = process_time()
        assert len(result.equity_curve)
        pairs.append((walked - start, process_time() - walked))
    ratio = median((walked + curves) / walked for walked, curves in pairs)
    note = f"{median(curves for _, curves in pairs) / BARS * 1e6:.2f} µs a bar"
    return f"curves of all owners, {name}", f"{ratio:.3f} ×", "1.05 ×", note


def table() -> list[tuple[str, str, str, str]]:
    """Measure everything: what, figure, target, note."""
    bars = walk(BARS)
    feed = feed_of(bars)
    rows = []
    ours, bare, ratio = paired(
        lambda: run(feed, crossovers(trades=False), curves=False), lambda: bare_delivery(bars, crossovers(trades=False))
    )
    note = f"{ours / BARS * 1e6:.2f} against {bare / BARS * 1e6:.2f} µs a bar"
    rows.append(("delivery alone, five crossovers that never trade", f"{ratio:.2f} ×", "1.5 ×", note))
    rows += [whole_run(name, windows, bars) for name, windows in DENSITIES.items()]
    rows += [collected(name, windows, feed) for name, windows in DENSITIES.items()]
    few = bars[:20_000]
    small = feed_of(few)
    ours, bare, ratio = paired(lambda: run(small, asking()), lambda: bare_asking(few, asking()), rounds=3)
    note = f"{ours / len(few) * 1e6:.1f} against {bare / len(few) * 1e6:.1f} µs a bar"
    rows.append(("whole run of five `IStrategy`, against asking them in a loop", f"{ratio:.2f} ×", "2 ×", note))
    ours, bare, ratio = paired(
        lambda: run(feed, crossovers()),
        lambda: [run(feed, [one]) for one in crossovers()],
    )
    rows.append(("one run of five, against five runs of one", f"{ratio:.2f} ×", "1.0 ×", ""))
    many = walk(8 * 25_000)
    large, little = feed_of(many), feed_of(many[:25_000])
    _, _, ratio = paired(lambda: run(large, crossovers()), lambda: run(little, crossovers()), rounds=5)
    rows.append(
        ("cost of a bar, 200,000 bars against 25,000", f"{ratio / 8:.2f} ×", "flat", "with all their round trips")
    )
    one, two = memory(50_000, 1), memory(100_000, 1)
    rows.append(
        ("memory a bar", f"{(two - one) / 50_000:.0f} bytes", "400 bytes", "at the peak, over the data's own columns")
    )
    rows.append(
        (
            "memory a strategy",
            f"{(memory(50_000, 11) - one) / 10 / 1e6:.2f} MB",
            "1 MB",
            "over 50,000 bars; its curve takes 40 bytes a bar",
        )
    )
    rows.append(("`import ropewalk`", f"{startup('import ropewalk'):.3f} s", "0.3 s", "over an empty interpreter"))
    return rows


def main() -> None:
    """Print the table."""
    print("| what | measured | at most | |\n| --- | --- | --- | --- |")
    for row in table():
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
