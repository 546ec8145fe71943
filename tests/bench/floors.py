"""
Floors: what the parts of a run cannot cost less than, whoever writes them in Python objects; prints a table.

    python tests/bench/floors.py

Each is a loop that does the least that a line of `targets` asks for and nothing else: no stages, no checks, no limits,
no policies. Times are at the reference pace, see `turns`.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.turns import REFERENCE_US, Paced, paced, seconds
from bench.workload import crossovers, walk
from ropewalk import StrategyOrchestrator, feed_of
from ropewalk.events import Decision, Fill, Intent
from ropewalk.journal import Recording
from ropewalk.market.bars import Bars

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 50_000
SCALE = 1_000_000
RECEIVERS = 11
"""Calls that an intent, its decision and its fill lead to in a run without observers."""

Row = tuple[str, str, str]


def events() -> list[Any]:
    """Make an intent, its decision and its fill, each behind its number and its cause, and keep them."""
    kept: list[Any] = []
    keep = kept.append
    for at in range(COUNT):
        number = 3 * at
        keep((number, at, Intent(at, "one", "WALK", "buy", "fraction", SCALE, "", "", 0)))
        keep((number + 1, number, Decision(at, "one", "WALK", "granted", "in_full", 1, at, at, at, 0, 0, at, 0)))
        keep((number + 2, number + 1, Fill(at, "one", "WALK", at, SCALE, 0, 0, 0, 0, at)))
    return kept


def heard() -> None:
    """Make the same, and call as many receivers as a run does, which do nothing."""
    kept: list[Any] = []
    keep = kept.append

    def receive(event: Any) -> None:
        pass

    four, three = (receive,) * 4, (receive,) * 3
    routes: dict[type, tuple[Callable[[Any], None], ...]] = {Intent: three, Decision: four, Fill: four}
    assert sum(map(len, routes.values())) == RECEIVERS
    for entry in events():
        for call in routes[entry[2].__class__]:
            call(entry[2])
        keep(entry)


def fused(bars: list[Any]) -> int:
    """In and out at every bar, with the same events and the same exact money, in one function."""
    cash, lots, number = 100_000 * SCALE, 0, 0
    kept: list[Any] = []
    keep = kept.append
    for bar, following in pairwise(bars):
        at_us, mark = bar.at_us, round(bar.close * SCALE)
        if lots:
            keep((number, number, Intent(at_us, "one", "WALK", "close", "fraction", SCALE, "", "", 0)))
            granted, opening, closing, side = 0, 0, lots, -1
        else:
            keep((number, number, Intent(at_us, "one", "WALK", "buy", "fraction", SCALE, "", "", 0)))
            granted, closing, side = cash, 0, 1
            opening = granted // mark
        decision = Decision(
            *(at_us, "one", "WALK", "granted", "in_full", side, granted, granted, granted),
            *(side * closing, 0, cash, 0),
        )
        keep((number + 1, number, decision))
        price = round(following.open * SCALE)
        quantity = -closing if closing else min(opening, granted // price)
        cash -= quantity * price
        lots += quantity
        keep((number + 2, number + 1, Fill(following.at_us, "one", "WALK", quantity, price, 0, 0, 0, 0, granted)))
        number += 4
    return len(kept)


def libraries(events_: list[Any]) -> None:
    """Encode events, chain their checksums and digest them twice, in blocks: what recording asks of its libraries."""
    encode, whole, content, last = msgspec.json.Encoder(order="deterministic").encode_lines, sha256(), sha256(), 0
    for start in range(0, len(events_), 512):
        block = encode(events_[start : start + 512])
        for line in block.splitlines():
            last = crc32(line, last)
        whole.update(block)
        content.update(block)


def decoding(lines: list[tuple[type, bytes]]) -> None:
    """Decode lines into events of known classes, many at once, and chain their checksums: the least of reading."""
    last = 0
    by_kind: dict[type, list[bytes]] = {}
    for kind, line in lines:
        last = crc32(line, last)
        by_kind.setdefault(kind, []).append(line)
    for kind, some in by_kind.items():
        msgspec.json.Decoder(list[kind]).decode(b"[%b]" % b",".join(some))  # type: ignore[valid-type]


def asking(bars: list[Any]) -> None:
    """Show a growing list to a method that says no, five times a bar."""
    seen = Bars()

    class No:
        def should_enter(self, bars: Any) -> bool:
            return False

    team = [No() for _ in range(5)]
    for bar in bars:
        list.append(seen, bar)
        for one in team:
            if one.should_enter(seen):
                raise AssertionError


def row(what: str, took: Paced, count: int, unit: str) -> Row:
    """Put a figure into words."""
    return what, f"{took.reference / count * 1e6:.2f} µs {unit}", f"{took.here / count * 1e6:.2f} here"


def rows() -> list[Row]:
    """Measure all floors."""
    bars = walk(COUNT + 1)
    result = StrategyOrchestrator([(one, "0.2") for one in crossovers()]).run(
        feed_of(walk(100_000)), journal=Recording(mode="memory")
    )
    recorded = [entry.event for entry in result.record.entries]
    lines = [(type(event), msgspec.json.encode(event)) for event in recorded]
    return [
        row("three events and their entries", paced(lambda: seconds(events)), COUNT, "an intent"),
        row(
            f"the same, heard by {RECEIVERS} receivers that do nothing",
            paced(lambda: seconds(heard)),
            COUNT,
            "an intent",
        ),
        row(
            "sized, filled and posted in one function", paced(lambda: seconds(lambda: fused(bars))), COUNT, "an intent"
        ),
        row(
            "encoding, checksums and digests",
            paced(lambda: seconds(lambda: libraries(recorded))),
            len(recorded),
            "a record",
        ),
        row("decoding and checksums", paced(lambda: seconds(lambda: decoding(lines))), len(lines), "a record"),
        row(
            "asking an `IStrategy` that says no",
            paced(lambda: seconds(lambda: asking(bars))),
            5 * COUNT,
            "a strategy-bar",
        ),
    ]


def main() -> None:
    """Print the table."""
    print(f"At {REFERENCE_US} µs a bar of the bare loop.\n\n| floor | at the reference pace | |\n| --- | --- | --- |")
    for one in rows():
        print("| " + " | ".join(one) + " |", flush=True)


if __name__ == "__main__":
    main()
