"""Figures explain themselves, and rows of them are frames."""

from __future__ import annotations

import importlib.util
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import pytest

from ropewalk.collectors.figures import Figures, Is, Rows, described
from ropewalk.collectors.metrics import METRICS, Metrics

ROOT = Path(__file__).resolve().parents[3]


class Told(Figures, frozen=True, kw_only=True):
    """A row with every kind of field."""

    strategy: str
    verdict: Literal["good", "bad"]
    at_us: Annotated[int, Is("microseconds", "given", "when")]
    ended_at_us: Annotated[int | None, Is("microseconds", "given", "until when", "not ended")]
    ratio: Annotated[float | None, Is("1", "a/b", "a per b", "b is 0", source="a book")]
    is_good: bool


ONE = Told(strategy="trend", verdict="good", at_us=0, ended_at_us=None, ratio=None, is_good=True)
TWO = Told(strategy="revert", verdict="bad", at_us=1, ended_at_us=2_000_000, ratio=0.5, is_good=False)


def test_a_field_is_explained_where_it_stands() -> None:
    """Name, unit, formula, meaning, reason and source; a label says nothing."""
    assert [one.name for one in described(Told)] == ["at_us", "ended_at_us", "ratio"]
    one = described(Told)[2]
    assert (one.unit, one.formula, one.meaning, one.missing, one.source) == ("1", "a/b", "a per b", "b is 0", "a book")
    assert described(Metrics) == METRICS


def test_what_is_missing_has_its_reason() -> None:
    """Of the fields that are None and of no others."""
    assert ONE.missing == {"ended_at_us": "not ended", "ratio": "b is 0"}
    assert TWO.missing == {}


def test_a_figure_is_found_by_name_and_a_misspelling_is_answered() -> None:
    """With the nearest there is."""
    assert TWO["ratio"] == 0.5
    with pytest.raises(KeyError, match="there is no metric 'ration'; did you mean 'ratio'"):
        TWO["ration"]


def test_rows_are_a_sequence() -> None:
    """Length, places, slices, iteration, equality, and a reason only where there are none."""
    rows = Rows(Told, [ONE, TWO], missing="never shown")
    assert (len(rows), rows[0], rows[-1], rows[:1], list(rows)) == (2, ONE, TWO, (ONE,), [ONE, TWO])
    assert rows == Rows(Told, [ONE, TWO])
    assert rows != Rows(Told, [TWO, ONE])
    assert rows.missing == ""
    assert repr(rows) == "<2 Told>"
    none = Rows(Told, [], missing="nothing happened")
    assert (none.missing, repr(none)) == ("nothing happened", "<0 Told: nothing happened>")


def test_rows_are_a_frame_with_times_and_nulls() -> None:
    """Also when there are none: the columns and their types stay."""
    frame = Rows(Told, [ONE, TWO]).to_frame()
    assert frame.schema == {
        "strategy": pl.String(),
        "verdict": pl.String(),
        "timestamp": pl.Datetime("us", "UTC"),
        "ended_at": pl.Datetime("us", "UTC"),
        "ratio": pl.Float64(),
        "is_good": pl.Boolean(),
    }
    assert frame.row(1)[2:5] == (
        datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC),
        0.5,
    )
    assert frame.row(0)[3:5] == (None, None)
    assert Rows(Told, []).to_frame().schema == frame.schema
    assert "trend" in Rows(Told, [ONE])._repr_html_()


def test_rows_are_ready_for_json() -> None:
    """No value is null."""
    assert json.loads(json.dumps(Rows(Told, [ONE]).to_dicts(), allow_nan=False))[0]["ratio"] is None


def every_kind() -> dict[str, type[Figures]]:
    """All kinds that the reference shows."""
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "tools" / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {kind.__name__: kind for kind in (Metrics, *module.FIGURES.values())}


def offspring(kind: type) -> list[type]:
    return [one for child in kind.__subclasses__() for one in (child, *offspring(child))]


@pytest.mark.parametrize("kind", every_kind().values(), ids=lambda kind: kind.__name__)
def test_every_figure_is_explained(kind: type[Figures]) -> None:
    """Numbers say what they are; what may be None says when, what may not says nothing."""
    explained = {one.name: one for one in described(kind)}
    for name, hint in kind.__annotations__.items():
        if name in explained:
            one = explained[name]
            assert one.unit
            assert one.formula
            assert one.meaning
            assert one.source
            assert ("None" in str(hint).partition("Is(")[0]) is bool(one.missing), (kind.__name__, name)
        else:
            assert str(hint) in ("str", "PairOutcome", "Kinship") or "Literal" in str(hint), (kind.__name__, name)


def test_every_kind_of_figures_is_in_the_reference() -> None:
    """None can be asked for that the page does not have."""
    ours = [one.__name__ for one in offspring(Figures) if one.__module__.startswith("ropewalk.")]
    assert sorted(ours) == sorted(every_kind())
