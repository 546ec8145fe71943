"""What a benchmark says is lost is lost: it was measured three times."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.targets import Line, held, is_lost


@pytest.mark.parametrize(
    ("figures", "measured", "counts"),
    [
        ((1.1,), 1, 1.1),
        ((1.3, 1.1), 2, 1.1),
        ((1.3, 1.25, 1.12), 3, 1.12),
        ((1.3, 1.2, 1.4), 3, 1.2),
    ],
    ids=["not lost", "noise once", "noise twice", "lost"],
)
def test_who_seems_lost_is_measured_again(figures: tuple[float, ...], measured: int, counts: float) -> None:
    """At most twice, and the least counts."""
    given = iter(figures)

    def part() -> Iterator[Line]:
        yield Line("the walk", next(given), "×", 1.5)

    recorded = {"the walk": 1.0}
    (line,) = held(part, recorded)
    assert line.figure == counts
    assert len(list(given)) == len(figures) - measured
    assert is_lost(line, recorded) is (counts > 1.15)
