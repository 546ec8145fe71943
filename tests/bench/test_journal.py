"""
The journal, measured: microseconds and bytes a record, beside the bare loop that only keeps the entries.

Intents, decisions, fills and steps in equal numbers. In an ordinary test run each is done once; `make bench` times
them. The bounds are of bytes, which are the same on every machine; times are printed.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from journal_runs import Recorded, flips
from ropewalk.journal import JournalWriter, read, verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def bars(scaled: Callable[[int], int]) -> int:
    return scaled(10_000)


@pytest.fixture(scope="module")
def run(bars: int) -> Recorded:
    return flips(bars)


@pytest.fixture(scope="module")
def content(run: Recorded) -> bytes:
    return run.content()


def kept(run: Recorded) -> int:
    """The bare loop: what the recorder does with the same entries."""
    entries: list[Any] = []
    keep = entries.append
    for entry in run.entries:
        keep(entry)
    return len(entries)


def recorded(run: Recorded, folder: Path | None, mode: Any) -> JournalWriter:
    with JournalWriter(folder, inputs=run.inputs, times=run.times, mode=mode, again=True) as writer:
        for entry in run.entries:
            writer.record([entry])
    return writer


def test_bare_recording(benchmark: Any, run: Recorded, bars: int) -> None:
    """A list takes every event."""
    assert benchmark(lambda: kept(run)) > 3 * bars - 10


def test_recording_in_memory(benchmark: Any, run: Recorded, bars: int) -> None:
    """At most 180 bytes a record."""
    writer = benchmark(lambda: recorded(run, None, "memory"))
    records = writer.content.count(b"\n")
    assert records > 4 * bars - 10
    assert len(writer.content) / records <= 180


def test_recording_to_a_file(benchmark: Any, run: Recorded, content: bytes, tmp_path: Path) -> None:
    """The file has the bytes that memory has."""
    assert benchmark(lambda: recorded(run, tmp_path, "process")).path.read_bytes() == content


def test_reading(benchmark: Any, content: bytes) -> None:
    """Every line, decoded and held against the one before."""
    assert benchmark(lambda: sum(1 for _ in read(content))) == content.count(b"\n")


def test_verifying(benchmark: Any, content: bytes) -> None:
    """Every rule."""
    assert benchmark(lambda: verify(content)).is_clean


def test_the_figures(run: Recorded, content: bytes) -> None:
    """Shown with `pytest -s`: the best of three of each."""
    records = content.count(b"\n")

    def micros(work: Any) -> float:
        times = []
        for _ in range(3):
            start = perf_counter()
            work()
            times.append(perf_counter() - start)
        return min(times) / records * 1e6

    figures = {
        "keep": micros(lambda: kept(run)),
        "record": micros(lambda: recorded(run, None, "memory")),
        "read": micros(lambda: sum(1 for _ in read(content))),
        "verify": micros(lambda: verify(content)),
    }
    shown = ", ".join(f"{name} {figure:.2f} µs" for name, figure in figures.items())
    print(f"{shown} a record; {len(content) / records:.0f} bytes a record")
    assert all(figures.values())
