"""
What observers cost, as differences of runs that take turns in one process; prints the table.

`python tests/bench/observer_ratios.py` after `make setup`. It is processor time, the least of some rounds; a bare call
beside it says how fast the machine was then.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time
from timeit import repeat
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.workload import crossovers, walk
from ropewalk import EVENTS, Dividend, StrategyOrchestrator, feed_of, observer

BARS = 100_000
ROUNDS = 7


@observer(*EVENTS)
def silent(event: Any, number: int, cause: int) -> None:
    """Hears everything and does nothing."""


@observer(Dividend)
def idle(event: Any, number: int, cause: int) -> None:
    """Would hear what never happens."""


def spent(run: Any, observers: list[Any]) -> float:
    """Seconds of the processor for one run."""
    began = process_time()
    run(observers)
    return process_time() - began


def table() -> list[tuple[str, str, str, str]]:
    """Measure everything: what, figure, target, note."""
    feed = feed_of(walk(BARS))
    heard = 0

    @observer(*EVENTS)
    def count(event: Any, number: int, cause: int) -> None:
        nonlocal heard
        heard += 1

    def run(observers: list[Any]) -> Any:
        return StrategyOrchestrator([(one, "0.2") for one in crossovers()]).run(feed, observers=observers)

    run([count])
    rounds = [(spent(run, []), spent(run, [silent]), spent(run, [idle])) for _ in range(ROUNDS)]
    without, loud, quiet = (min(column) for column in zip(*rounds, strict=True))
    each, call = (loud - without) / heard, min(repeat(bare, number=heard, repeat=ROUNDS, timer=process_time)) / heard
    return [
        (
            "a silent observer of all events",
            f"{each * 1e6:.2f} µs an event",
            "0.3 µs",
            f"{each / call:.1f} × a bare call of {call * 1e6:.2f} µs; {heard / BARS:.1f} events a bar; the run is "
            f"{loud / without:.2f} × of {without * 1e6 / BARS:.2f} µs a bar",
        ),
        ("an observer of what never happens", f"{quiet / without:.2f} ×", "1.00 ×", ""),
    ]


def bare() -> None:
    """Call the silent observer by hand."""
    silent(None, 0, 0)


def main() -> None:
    """Print the table as Markdown."""
    print("| what | measured | at most | |\n| --- | --- | --- | --- |")
    for row in table():
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
