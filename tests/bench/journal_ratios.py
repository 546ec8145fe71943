"""
What recording and replaying cost, as ratios of runs that take turns in one process; prints the table.

`python tests/bench/journal_ratios.py` after `make setup`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.ratios import asking, paired
from bench.workload import WINDOWS, Pondering, crossovers, walk
from ropewalk import StrategyOrchestrator, feed_of
from ropewalk.journal import Recording, counterfactual, diff, replay, verify

BARS = 100_000
MEMORY = Recording(mode="memory")


def recorded_asking(name: str, journal: Recording) -> tuple[str, str, str, str]:
    """Record strategies as people write them, which look at the list of bars each time they are asked."""
    feed = feed_of(walk(BARS // 5))

    return recorded(f"five `IStrategy`, into {name}", asking, feed, journal)


def recorded_pondering(name: str, journal: Recording) -> tuple[str, str, str, str]:
    """Record strategies of twenty microseconds a bar, which want as often as the crossovers do."""
    feed = feed_of(walk(BARS // 10))
    return recorded(
        f"five that think for 20 µs, into {name}", lambda: [Pondering(*one) for one in WINDOWS], feed, journal
    )


def recorded(what: str, team: Any, feed: Any, journal: Recording) -> tuple[str, str, str, str]:
    """Hold a recorded run against one that is not."""

    def run(journal: Any = None) -> Any:
        return StrategyOrchestrator([(one, "0.2") for one in team()]).run(feed, journal=journal)

    _, without, ratio = paired(lambda: run(journal), run, rounds=5)
    every = 5 * feed.rows / len(run().intents)
    note = f"{without / feed.rows / 5 * 1e6:.1f} µs a strategy-bar, an intent every {every:.0f} of them"
    return f"a recorded run of {what}", f"{ratio:.2f} ×", "1.10 ×", note


def table() -> list[tuple[str, str, str, str]]:
    """Measure everything: what, figure, target, note."""
    feed = feed_of(walk(BARS))

    def run(journal: Any = None) -> Any:
        return StrategyOrchestrator([(one, "0.2") for one in crossovers()]).run(feed, journal=journal)

    recorded = run(MEMORY)
    content = recorded.journal.content
    intents = len(recorded.intents)
    records = content.count(b"\n")
    rows = []
    with TemporaryDirectory() as root:
        kept = Recording(Path(root), again=True)
        for name, journal in (("memory", MEMORY), ("a file", kept)):
            with_it, without, ratio = paired(lambda journal=journal: run(journal), run, rounds=3)
            note = f"{(with_it - without) / records * 1e6:.2f} µs for each of {records:,} records"
            rows.append((f"a recorded run of five crossovers, into {name}", f"{ratio:.2f} ×", "1.10 ×", note))
            rows += [recorded_asking(name, journal), recorded_pondering(name, journal)]
    for name, work in (
        ("state replay", lambda: replay(content)),
        ("verify", lambda: verify(content)),
        ("diff of equal journals", lambda: diff(content, content)),
    ):
        took, whole, ratio = paired(work, run, rounds=3)
        target = "" if name.startswith("diff") else "4 µs"
        rows.append((name, f"{took / records * 1e6:.2f} µs a record", target, f"{ratio:.2f} × the run, {whole:.2f} s"))
    return [*rows, *asked_again(content, feed, intents, run)]


def asked_again(content: bytes, feed: Any, intents: int, run: Any) -> list[tuple[str, str, str, str]]:
    """Measure what asking what if costs, for each intent and for bars without any."""
    took, whole, ratio = paired(lambda: counterfactual(content, data=feed), run, rounds=3)
    per_intent, note = f"{took / intents * 1e6:.1f} µs an intent", f"{ratio:.2f} × the run, {whole:.2f} s"
    still = StrategyOrchestrator([(one, "0.2") for one in crossovers(trades=False)]).run(feed, journal=MEMORY)
    idle, _, _ = paired(lambda: counterfactual(still.journal.content, data=feed), run, rounds=3)
    return [
        ("a frozen counterfactual, its parent read and its journal made", per_intent, "12 µs", note),
        ("the same of a run without intents", f"{idle / BARS * 1e9:.0f} ns a bar", "", ""),
    ]


def main() -> None:
    """Print the table."""
    print("| what | measured | at most | |\n| --- | --- | --- | --- |")
    for row in table():
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
