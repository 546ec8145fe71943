"""
Where the work of an intent goes: bytecodes executed per function, from wanting to being posted.

    python tests/bench/steps.py                  an intent alone, in a cross-section, and in a conflict
    python tests/bench/steps.py conflict         one of the three

A count, not a time, so it is the same on a noisy machine. Alone: one strategy flips between in and out at every bar, so
a bar stands for one intent, one decision and one fill. The other two are the workloads of `targets`, on fewer days.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.workload import walk
from bench.workloads import Contrarian, Retarget, many
from ropewalk import Bar, OrchestratorConfig, Strategy, StrategyOrchestrator, buy, close, feed_of

if TYPE_CHECKING:
    from types import FrameType

BARS = 2_000


class Flip(Strategy):
    """In at one bar, out at the next."""

    def __init__(self) -> None:
        self.is_in = False

    def on_bar(self, bar: Bar, view: Any) -> Any:
        """Want the opposite."""
        self.is_in = not self.is_in
        return buy(bar.symbol, fraction=1) if self.is_in else close(bar.symbol)


def alone() -> tuple[StrategyOrchestrator, Any]:
    """One strategy that trades at every bar of one symbol."""
    return StrategyOrchestrator([(Flip(), "0.2")]), feed_of(walk(BARS))


def cross_section() -> tuple[StrategyOrchestrator, Any]:
    """Three strategies that give each of a hundred symbols another target every day (W4)."""
    return StrategyOrchestrator([(Retarget(every), "0.3333") for every in (3, 5, 8)], 1_000_000), many(100, 40)


def conflict() -> tuple[StrategyOrchestrator, Any]:
    """Twenty strategies on ten symbols, a conflict in each at every instant, settled by `net` (W5)."""
    feed = many(10, 20)
    config = OrchestratorConfig(conflict_policy="net")
    return StrategyOrchestrator(
        [(Contrarian(seat, feed.symbols), "0.05") for seat in range(20)], 1_000_000, config
    ), feed


WORKLOADS = {"alone": alone, "cross-section": cross_section, "conflict": conflict}


def counted(orchestrator: StrategyOrchestrator, feed: Any) -> tuple[Counter[str], int]:
    """Count the bytecodes of one run by the function that executed them, and its intents."""
    steps: Counter[str] = Counter()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        where = f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}"

        def step(frame: FrameType, event: str, _: Any) -> Any:
            if event == "opcode":
                steps[where] += 1
            return step

        return step

    sys.settrace(trace)
    result = orchestrator.run(feed)
    sys.settrace(None)
    return steps, len(result.intents)


def main() -> None:
    """Print the functions that take at least ten bytecodes an intent."""
    for name in sys.argv[1:] or WORKLOADS:
        steps, intents = counted(*WORKLOADS[name]())
        print(f"{name}\n\n| function | bytecodes an intent |\n| --- | ---: |")
        for where, count in steps.most_common():
            if count >= 10 * intents:
                print(f"| `{where}` | {count / intents:.0f} |")
        print(f"| all | {sum(steps.values()) / intents:.0f} |\n")


if __name__ == "__main__":
    main()
