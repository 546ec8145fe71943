"""
Every line of speed that ropewalk is held to, measured in one process; prints a table, and JSON on request.

    python tests/bench/targets.py                    the table, beside what was recorded last
    python tests/bench/targets.py delivery memory    only the lines whose name has one of these words
    python tests/bench/targets.py --json FILE        writes the figures, too
    python tests/bench/targets.py --record           keeps them, to be held against from now on

What is kept is a ratio of runs that take turns, or processor time at the reference pace (see `turns`), never a time on
the wall. It ends with 1 when a figure is more than 15 % worse than the one recorded, and stays so when it is measured
twice more.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tracemalloc
from itertools import chain
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.steps import Flip
from bench.turns import Pair, paced, paired, seconds
from bench.turns import told as told_of
from bench.workload import WINDOWS, bare_accounts, bare_delivery, crossovers, walk
from bench.workloads import (
    Contrarian,
    Retarget,
    bare_many,
    bare_many_accounts,
    instants_of,
    many,
    many_crossovers,
)
from ropewalk import Momentum, MomentumSignals, OrchestratorConfig, StrategyOrchestrator, feed_of, synthetic_feed
from ropewalk.journal import Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Part = Callable[[], Iterator["Line"]]

RECORDED = Path(__file__).with_name("recorded.json")
LOSS_MAX = 1.15
AGAIN = 2
BARS = 100_000


class Line(NamedTuple):
    """One line: what was measured, in which unit, what it may be at most, and what it is made of."""

    name: str
    figure: float
    unit: str
    at_most: float
    note: str = ""


def run(feed: Any, strategies: list[Any], *, curves: bool = True, journal: Any = None, **settings: Any) -> Any:
    """Run strategies with equal shares, up to the equity curves of all of them."""
    weight = f"{1 / len(strategies):.4f}"[:6]
    seats = {f"s{seat}": (one, weight) for seat, one in enumerate(strategies)}
    config = OrchestratorConfig(validate_weights=False, **settings)
    result = StrategyOrchestrator(seats, 1_000_000, config).run(feed, journal=journal)
    if curves:
        assert len(result.equity_curve)
    return result


def each(pair: Pair, count: int, *, of: str = "bar") -> str:
    """Say what both took for each of so many."""
    return f"{pair.ours / count * 1e6:.2f} against {pair.bare / count * 1e6:.2f} µs a {of}"


def one_symbol() -> Iterator[Line]:
    """Five crossovers on one symbol (W1), event strategies."""
    bars = walk(BARS)
    feed = feed_of(bars)
    pair = paired(
        lambda: run(feed, crossovers(trades=False), curves=False), lambda: bare_delivery(bars, crossovers(trades=False))
    )
    yield Line("delivery, one symbol", pair.ratio, "×", 1.15, each(pair, BARS))
    pair = paired(lambda: run(feed, crossovers()), lambda: bare_accounts(bars, crossovers()))
    intents = len(run(feed, crossovers()).intents)
    yield Line("whole run, one symbol", pair.ratio, "×", 1.3, f"{each(pair, BARS)}, {intents:,} intents")
    with TemporaryDirectory() as root:
        kept = Recording(Path(root), again=True)
        records = run(feed, crossovers(), journal=Recording(mode="memory")).journal.content.count(b"\n")
        more = paced(
            lambda: seconds(lambda: run(feed, crossovers(), journal=kept)) - seconds(lambda: run(feed, crossovers()))
        )
    yield Line("journal, one symbol", more.reference / records * 1e6, "µs a record", 2.5, told_of(more, records))
    pair = paired(lambda: run(feed, crossovers()), lambda: [run(feed, [one]) for one in crossovers()], rounds=3)
    yield Line("five together, five alone", pair.ratio, "×", 1.0)
    large, little = feed_of(walk(1_000_000)), feed_of(bars)
    pair = paired(lambda: run(large, crossovers()), lambda: run(little, crossovers()), rounds=1)
    yield Line("a bar of a million, of 100,000", pair.ratio / 10, "×", 1.1)


def asked() -> Iterator[Line]:
    """The five crossovers as `IStrategy` over the shared history (W1b)."""
    bars = walk(20_000)
    feed = feed_of(bars)

    def team() -> list[Any]:
        return [Momentum(short, long) for short, long in WINDOWS]

    def bare() -> None:
        seen: list[Any] = []
        team_ = team()
        is_in = [False] * len(team_)
        for bar in bars:
            seen.append(bar)
            for seat, one in enumerate(team_):
                is_in[seat] = not one.should_exit(None, seen) if is_in[seat] else one.should_enter(seen)

    pair = paired(lambda: run(feed, team()), bare, rounds=3)
    yield Line("IStrategy, one symbol", pair.ratio, "×", 1.3, each(pair, len(bars)))


def many_symbols() -> Iterator[Line]:
    """The five crossovers on a hundred symbols (W3)."""
    feed = many()
    instants = instants_of(feed)
    pair = paired(
        lambda: run(feed, many_crossovers(trades=False), curves=False),
        lambda: bare_many(instants, many_crossovers(trades=False)),
        rounds=3,
    )
    yield Line("delivery, a hundred symbols", pair.ratio, "×", 1.15, each(pair, feed.rows))
    pair = paired(
        lambda: run(feed, many_crossovers()), lambda: bare_many_accounts(instants, many_crossovers()), rounds=3
    )
    intents = len(run(feed, many_crossovers()).intents)
    yield Line("whole run, a hundred symbols", pair.ratio, "×", 1.3, f"{each(pair, feed.rows)}, {intents:,} intents")
    yield signals("signals, a hundred symbols", feed)


def signals(name: str, feed: Any) -> Line:
    """Hold the signal lane against its own numpy and four microseconds an intent (W1c, W3c)."""

    def team() -> list[Any]:
        return [MomentumSignals(short, long) for short, long in WINDOWS]

    def alone() -> None:
        for one in team():
            for series in feed.series:
                one.signals(series)

    intents = len(run(feed, team()).intents)
    ours, bare = paced(lambda: seconds(lambda: run(feed, team()))), paced(lambda: seconds(alone))
    note = f"{ours.reference:.2f} s against {bare.reference:.3f} s and 4 µs for each of {intents:,} intents"
    return Line(name, ours.reference / (bare.reference + intents * 4e-6), "×", 1.2, note)


def one_signal() -> Iterator[Line]:
    """The signal lane on one symbol (W1c)."""
    yield signals("signals, one symbol", feed_of(walk(BARS)))


def intent() -> Iterator[Line]:
    """One intent, decided, filled and posted, over a run that does not trade."""
    bars = walk(20_000)
    feed = feed_of(bars)

    def idle() -> Any:
        return run(feed, crossovers(trades=False)[:1])

    intents = len(run(feed, [Flip()]).intents)
    more = paced(lambda: seconds(lambda: run(feed, [Flip()])) - seconds(idle))
    yield Line("an intent", more.reference / intents * 1e6, "µs", 4.0, told_of(more, intents))
    with TemporaryDirectory() as root:
        kept = Recording(Path(root), again=True)
        more = paced(lambda: seconds(lambda: run(feed, [Flip()], journal=kept)) - seconds(idle))
    yield Line("an intent, recorded", more.reference / intents * 1e6, "µs", 8.0, told_of(more, intents))


def cross_section() -> Iterator[Line]:
    """Three strategies that give each of 500 symbols another target every day (W4), for a quarter of a year."""
    feed = many(500, 63)
    run_it = lambda: run(feed, [Retarget(3), Retarget(5), Retarget(8)])  # noqa: E731
    decisions = len(run_it().decisions)
    took = paced(lambda: seconds(run_it), rounds=3)
    note = f"{decisions:,} decisions, 500 symbols, 63 days; {told_of(took, decisions)}"
    yield Line("a decision of a cross-section", took.reference / decisions * 1e6, "µs", 1.0, note)


def in_conflict() -> Iterator[Line]:
    """Twenty strategies on ten symbols, a conflict in each at every instant, settled by `net` (W5)."""
    feed = many(10, 250)
    run_it = lambda: run(feed, [Contrarian(seat, feed.symbols) for seat in range(20)], conflict_policy="net")  # noqa: E731
    result = run_it()
    intents, conflicts = len(result.intents), len(result.conflicts)
    assert conflicts >= 10 * 249
    took = paced(lambda: seconds(run_it), rounds=3)
    note = f"{intents:,} intents, {conflicts:,} conflicts; {told_of(took, intents)}"
    yield Line("an intent in conflict", took.reference / intents * 1e6, "µs", 10.0, note)


def memory() -> Iterator[Line]:
    """What a run of five that trade holds at its peak for each bar, over the data's own columns."""
    peaks = []
    for count in (100_000, 1_000_000):
        feed = synthetic_feed(1, bars=count, interval="1m")
        assert feed.digest
        gc.collect()
        tracemalloc.start()
        run(feed, crossovers())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    yield Line("memory of a bar", (peaks[1] - peaks[0]) / 900_000, "bytes", 300, "five that trade, at a million bars")


def start() -> Iterator[Line]:
    """What importing and asking for help take, over an empty interpreter."""

    def once(*arguments: str) -> float:
        before = getrusage(RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = getrusage(RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    imported = paced(lambda: once("-c", "import ropewalk") - once("-c", "pass"), rounds=9)
    yield Line("import ropewalk", imported.reference, "s", 0.15, f"{imported.here:.3f} here")
    helped = paced(lambda: once("-m", "ropewalk", "--help"), rounds=9)
    yield Line("ropewalk --help", helped.reference, "s", 0.3, f"{helped.here:.3f} here")


PARTS: tuple[Part, ...] = (
    one_symbol,
    asked,
    one_signal,
    many_symbols,
    intent,
    cross_section,
    in_conflict,
    memory,
    start,
)


def parts(words: list[str]) -> list[Part]:
    """Choose the parts that have a line with one of these words; all of them without any."""
    return [one for one in PARTS if not words or any(word in f"{one.__name__} {one.__doc__}" for word in words)]


def is_lost(line: Line, recorded: dict[str, float]) -> bool:
    """Whether a line is more than 15 % worse than recorded."""
    return line.name in recorded and line.figure > recorded[line.name] * LOSS_MAX


def held(part: Part, recorded: dict[str, float]) -> list[Line]:
    """
    Measure a part. If a line of it seems lost it is measured again, up to twice, and the least of each line counts.

    Others on a machine make it slower, never faster.
    """
    found = list(part())
    for _ in range(AGAIN):
        if not any(is_lost(line, recorded) for line in found):
            break
        found = [min(both, key=lambda line: line.figure) for both in zip(found, part(), strict=True)]
    return found


def main() -> None:
    """Print the table and hold it against what was recorded."""
    parser = argparse.ArgumentParser(description="Measure what ropewalk is held to.")
    parser.add_argument("words", nargs="*", help="only the parts with one of these words")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    parser.add_argument("--record", action="store_true", help="hold later runs against these figures")
    asked_for = parser.parse_args()
    kept = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {}
    recorded = {} if asked_for.record else kept
    found, lost = {}, []
    print("| what | measured | at most | recorded | |\n| --- | --- | --- | --- | --- |")
    for line in chain.from_iterable(held(part, recorded) for part in parts(asked_for.words)):
        found[line.name] = round(line.figure, 4)
        if is_lost(line, recorded):
            lost.append(f"{line.name}: {line.figure:.2f} {line.unit}, recorded {recorded[line.name]:.2f}")
        told = f"{recorded[line.name]:.2f}" if line.name in recorded else ""
        note = line.note if line.figure <= line.at_most else f"**missed** {line.note}"
        print(f"| {line.name} | {line.figure:.2f} {line.unit} | {line.at_most:g} | {told} | {note} |", flush=True)
    if asked_for.json is not None:
        asked_for.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if asked_for.record:
        RECORDED.write_text(json.dumps({**kept, **found}, indent=2) + "\n", encoding="utf-8")
    elif lost:
        sys.exit("more than 15 % lost:\n" + "\n".join(lost))


if __name__ == "__main__":
    main()
