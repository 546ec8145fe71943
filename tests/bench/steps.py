"""
Where the work of an intent goes: bytecodes executed per function, from wanting to being posted.

A count, not a time, so it is the same on a noisy machine. One strategy flips between in and out at every bar,
so a bar stands for one intent, one decision and one fill. `python tests/bench/steps.py`.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.workload import walk
from ropewalk import Bar, Strategy, StrategyOrchestrator, buy, close, feed_of

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


def counted() -> Counter[str]:
    """Count the bytecodes of one run by the function that executed them."""
    feed = feed_of(walk(BARS))
    orchestrator = StrategyOrchestrator([(Flip(), "0.2")])
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
    orchestrator.run(feed)
    sys.settrace(None)
    return steps


def main() -> None:
    """Print the functions that take at least ten bytecodes an intent."""
    steps = counted()
    print("| function | bytecodes an intent |\n| --- | ---: |")
    for where, count in steps.most_common():
        if count >= 10 * BARS:
            print(f"| `{where}` | {count / BARS:.0f} |")
    print(f"| all | {sum(steps.values()) / BARS:.0f} |")


if __name__ == "__main__":
    main()
