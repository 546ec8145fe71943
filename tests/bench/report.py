"""
How long a report takes and how large it is; prints the table of docs/benchmarks.md.

`python tests/bench/report.py` after `make setup`. Times include everything that `ropewalk report` does after Python has
started; `--million` adds the run of a million bars, which takes a while to walk. With Chromium, also how long it
takes until a page is there and until its charts are.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.workload import Crossover
from ropewalk import BuyAndHold, MeanReversion, Momentum, MomentumSignals, StrategyOrchestrator, synthetic_feed
from ropewalk.cli.report import write_report

READY = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return [paint.startTime / 1000, performance.now() / 1000];
}"""


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


def opened(path: Path) -> str:
    """Open a page in Chromium: seconds until something is there, and until it is ready."""
    if shutil.which("chromium") is None:
        return "–, –"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("[data-chart=equity][data-drawn]")
        painted, ready = page.evaluate(READY)
        browser.close()
    return f"{painted:.2f}, {ready:.2f}"


def main() -> None:
    """Measure and print."""
    print("| run | bars | fills | report, s | MB | painted, charts drawn, s |")
    print("| --- | --- | --- | --- | --- | --- |")
    cases = {"five strategies, ten symbols, ten years": ten_years}
    if "--million" in sys.argv:
        cases["three strategies, a million bars"] = million
    for name, make in cases.items():
        seats, feed = make()
        with tempfile.TemporaryDirectory() as folder:
            result = StrategyOrchestrator(seats, 1_000_000).run(feed, journal=folder)
            began = perf_counter()
            path = write_report(result.journal.path.parent, data=feed).path
            took = perf_counter() - began
            size = path.stat().st_size / 1e6
            print(f"| {name} | {feed.rows:,} | {len(result.fills):,} | {took:.1f} | {size:.1f} | {opened(path)} |")


if __name__ == "__main__":
    main()
