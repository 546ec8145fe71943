"""
What recording and replaying cost, as ratios of runs that take turns in one process; prints the table.

`python tests/bench/journal_ratios.py` after `make setup`. Microseconds are at the reference pace, see `turns`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.ratios import asking
from bench.turns import Paced, paced, paired, seconds, told
from bench.workload import WINDOWS, Pondering, crossovers, walk
from ropewalk import StrategyOrchestrator, feed_of
from ropewalk.journal import Recording, counterfactual, diff, replay, verify, what_if

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
            more = paced(lambda journal=journal: seconds(lambda: run(journal)) - seconds(run))
            each = f"{more.reference / records * 1e6:.2f} µs a record"
            rows.append((f"recording, into {name}", each, "2.5 µs", told(more, records)))
            ratio = paired(lambda journal=journal: run(journal), run, rounds=3).ratio
            rows.append(
                (f"a recorded run of five crossovers, into {name}", f"{ratio:.2f} ×", "1.10 ×", f"{records:,} records")
            )
            rows += [recorded_asking(name, journal), recorded_pondering(name, journal)]
    for name, work in (
        ("state replay", lambda: replay(content)),
        ("verify", lambda: verify(content)),
        ("diff of equal journals", lambda: diff(content, content)),
    ):
        took = paced(lambda work=work: seconds(work), rounds=3)
        target = "" if name.startswith("diff") else "4 µs"
        rows.append((name, f"{took.reference / records * 1e6:.2f} µs a record", target, told(took, records)))
    return [*rows, *asked_again(content, feed, intents)]


def asked_again(content: bytes, feed: Any, intents: int) -> list[tuple[str, str, str, str]]:
    """Measure what asking what if costs, for each intent and for bars without any."""
    took = paced(lambda: seconds(lambda: counterfactual(content, data=feed)), rounds=3)
    more = paced(lambda: _another(content, feed), rounds=3)
    still = StrategyOrchestrator([(one, "0.2") for one in crossovers(trades=False)]).run(feed, journal=MEMORY)
    idle = paced(lambda: seconds(lambda: counterfactual(still.journal.content, data=feed)), rounds=3)
    return [
        ("a frozen counterfactual, its parent read", _each(took, intents), "12 µs", told(took, intents)),
        ("one more of the same parent", _each(more, intents), "12 µs", told(more, intents)),
        ("a frozen counterfactual of a run without intents", f"{idle.reference / BARS * 1e9:.0f} ns a bar", "", ""),
    ]


def _another(content: bytes, feed: Any) -> float:
    """Seconds that a further case of one parent takes, its journal included."""
    one, two = {"none": {}}, {"none": {}, "again": {}}
    return seconds(lambda: what_if(content, two, data=feed)) - seconds(lambda: what_if(content, one, data=feed))


def _each(one: Paced, intents: int) -> str:
    return f"{one.reference / intents * 1e6:.1f} µs an intent"


def main() -> None:
    """Print the table."""
    print("| what | measured | at most | |\n| --- | --- | --- | --- |")
    for row in table():
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
