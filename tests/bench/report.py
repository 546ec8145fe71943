"""
How long a report takes and how large it is; prints the table of docs/benchmarks.md.

`python tests/bench/report.py` after `make setup`. Times are at the reference pace, see `turns`, and as they were here:
processor time that `ropewalk report` takes, and with Chromium, what the page takes until its first chart is drawn, and
by the clock until its first paint, where figures and tables are there, and until that chart. `--million` adds the run
of a million bars, which takes a while to walk.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.turns import pace
from bench.workload import Crossover
from ropewalk import BuyAndHold, MeanReversion, Momentum, MomentumSignals, StrategyOrchestrator, synthetic_feed
from ropewalk.cli.report import write_report

OPENINGS = 7


def ten_years() -> tuple[dict[str, Any], Any]:
    """Five strategies, ten symbols, ten years of daily bars."""
    seats = {
        "trend": (Momentum(20, 50), "0.2"),
        "fast": (Momentum(5, 20), "0.2"),
        "revert": (MeanReversion(window=7), "0.2"),
        "signals": (MomentumSignals(10, 30), "0.2"),
        "hold": (BuyAndHold(), "0.1"),
    }
    return seats, synthetic_feed(10, bars=2_520, seed=3)


def million() -> tuple[dict[str, Any], Any]:
    """A million bars of one symbol: as many instants."""
    seats = {f"s{short}": (Crossover(short, 10 * short), "0.3") for short in (20, 100, 500)}
    return seats, synthetic_feed(1, bars=1_000_000, seed=3, interval="1m")


# When the first chart was drawn, by the page's own clock.
DRAWN = """new MutationObserver((_, watch) => {
  if (!document.querySelector("[data-chart=equity][data-drawn]")) return;
  watch.disconnect();
  globalThis.drawnAt = performance.now();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-drawn"] });"""


def opened(path: Path) -> tuple[float, ...]:
    """
    Open a page in Chromium several times: medians, in seconds, of what it takes until something can be seen.

    Processor time of the main thread until the first chart is drawn; by the clock, its first paint and the chart.
    """
    if shutil.which("chromium") is None:
        return ()
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(OPENINGS):
            page = browser.new_page()
            page.add_init_script(DRAWN)
            measures = page.context.new_cdp_session(page)
            measures.send("Performance.enable", {"timeDomain": "threadTicks"})
            page.goto(path.as_uri())
            page.wait_for_function("globalThis.drawnAt")
            told = {one["name"]: one["value"] for one in measures.send("Performance.getMetrics")["metrics"]}
            painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            found.append((told["TaskDuration"], painted / 1_000, page.evaluate("drawnAt") / 1_000))
            page.close()
        browser.close()
    return tuple(map(median, zip(*found, strict=True)))


def main() -> None:
    """Measure and print."""
    print("| run | bars | fills | report, s (here) | MB | first chart, processor s | first paint, s | first chart, s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    cases = {"five strategies, ten symbols, ten years": ten_years}
    if "--million" in sys.argv:
        cases["three strategies, a million bars"] = million
    for name, make in cases.items():
        seats, feed = make()
        with tempfile.TemporaryDirectory() as folder:
            result = StrategyOrchestrator(seats, 1_000_000).run(feed, journal=folder)
            before = pace()
            began = process_time()
            path = write_report(result.journal.path.parent, data=feed).path
            took = process_time() - began
            slower = (before + pace()) / 2
            size = path.stat().st_size / 1e6
            seen = [f"{one / slower:.2f} ({one:.2f})" for one in opened(path)]
            figures = [f"{took / slower:.1f} ({took:.1f})", f"{size:.1f}", *seen]
            print(f"| {name} | {feed.rows:,} | {len(result.fills):,} | {' | '.join(figures)} |", flush=True)


if __name__ == "__main__":
    main()
