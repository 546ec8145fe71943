"""Frames hold everything of a run, exactly, and are the same from the run and from its journal."""

from __future__ import annotations

import math
import sys
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from generators import START_US
from recorded_runs import TALES, every_tale, flat, told
from ropewalk import BuyAndHold, StrategyOrchestrator, feed_of
from ropewalk.collectors.frames import in_currency
from ropewalk.collectors.rows import FIELDS, RECORDED
from ropewalk.collectors.schema import TABLES
from ropewalk.collectors.trades import OpenRoundTrip, RoundTrip
from ropewalk.errors import ConfigError
from ropewalk.events import Transfer
from ropewalk.journal import result_of

TYPES = {"integer": pl.Int64(), "text": pl.String(), "time": pl.Datetime("us", "UTC"), "number": pl.Float64()}


@pytest.fixture(scope="module")
def everything() -> Any:
    return told("everything")


@every_tale
def test_a_journal_gives_the_frames_of_its_run(name: str) -> None:
    """Each table, row by row and column by column: live or rebuilt from the recorded events."""
    live = told(name)
    rebuilt = result_of(live.journal.content, data=TALES[name].data())
    for table in TABLES:
        assert_frame_equal(live.frames[table], rebuilt.frames[table], check_exact=True)
    assert rebuilt.to_dict() == live.to_dict()


@every_tale
def test_frames_add_up(name: str) -> None:
    """At every instant the owners sum to the account; at the end each book is worth what its curve says."""
    result = told(name)
    frames = result.frames
    money = [column for column in frames.account.columns if column.endswith("_micros")]
    summed = frames.equity.group_by("timestamp", maintain_order=True).agg(pl.col(*money).sum())
    assert_frame_equal(summed, frames.account.select("timestamp", *money), check_exact=True)
    for owner, book in result.books.items():
        assert book.equity_micros == int(result.equity_curves[owner].equity_micros[-1])
    assert frames.positions["value_micros"].sum() == frames.account["net_exposure_micros"][-1]
    paid = frames.fills["commission_micros"].sum() + frames.fills["slippage_micros"].sum()
    assert frames.costs["cost_micros"].sum() == paid


@pytest.mark.parametrize("table", TABLES)
def test_a_frame_has_the_documented_columns(table: str, everything: Any) -> None:
    """Names, order and types are those of the schema, with rows and without."""
    types = {column.name: TYPES[column.type] for column in TABLES[table].columns}
    assert everything.frames[table].schema == types
    assert everything.frames.empty(table).schema == types
    assert everything.frames.empty(table).is_empty()
    there = told("shared") if table in ("rebalances", "reallocations", "suspensions") else everything
    assert len(there.frames[table])
    for name, kind in types.items():
        if kind == pl.Float64():
            assert not there.frames[table][name].is_nan().any()


def test_every_field_of_an_event_has_a_column() -> None:
    """A field that is added to an event is not forgotten: it has to be described in the schema."""
    of = {**RECORDED, "transfers": Transfer, "round_trips": RoundTrip, "open_round_trips": OpenRoundTrip}
    for name, kind in of.items():
        told = [FIELDS.get(column, column) for column in TABLES[name].names]
        lacking = [field for field in kind.__struct_fields__ if field not in told]
        assert lacking == [], f"{name} lacks {lacking}: add them to collectors/schema.py"


def test_rows_are_the_events(everything: Any) -> None:
    """Number, cause and fields stand as they were recorded."""
    for row, entry in zip(everything.frames.fills.to_dicts(), everything.record.fills, strict=True):
        assert (row.pop("number"), row.pop("cause")) == (entry.number, entry.cause)
        assert row.pop("timestamp") == entry.event.timestamp
        fields = msgspec.structs.asdict(entry.event)
        fields.pop("at_us")
        assert row == fields
    sides = everything.frames.conflict_sides
    assert len(sides) == sum(len(one.intents) for one in everything.conflicts)
    assert everything.frames.conflicts["asked_micros"].to_list() == [
        sum(one.asked_micros) for one in everything.conflicts
    ]


def test_decimals_are_exact_and_floats_nearest(everything: Any) -> None:
    """`_micros` goes from the name with the unit; other columns stay as they are."""
    micros = everything.frames.fills
    exact = everything.frames.get("fills", money="decimal")
    near = everything.frames.get("fills", money="float")
    assert exact.columns == [name.removesuffix("_micros") for name in micros.columns] == near.columns
    assert exact["price"].to_list() == [Decimal(one) / 1_000_000 for one in micros["price_micros"]]
    assert near["price"].to_list() == [one / 1e6 for one in micros["price_micros"]]
    assert exact["quantity"].to_list() == micros["quantity"].to_list()
    large = pl.DataFrame({"a_micros": [2**63 - 1, -(2**63), None]})
    assert in_currency(large, is_exact=True)["a"].to_list() == [
        Decimal("9223372036854.775807"),
        Decimal("-9223372036854.775808"),
        None,
    ]


def test_what_there_is_not_is_refused(everything: Any) -> None:
    """A misspelled table or unit is told, with the one that was meant."""
    with pytest.raises(ConfigError, match="there is no table 'fils'; did you mean 'fills'"):
        everything.frames.get("fils")
    with pytest.raises(ConfigError, match="there is no table 'fils'"):
        everything.frames["fils"]
    with pytest.raises(AttributeError, match="did you mean 'fills'"):
        _ = everything.frames.fils
    with pytest.raises(ConfigError, match="money is 'decimals'; did you mean 'decimal'"):
        everything.frames.get("fills", money="decimals")
    assert {"fills", "get"} <= {*dir(everything.frames)}
    assert repr(everything.frames).startswith("<Frames equity, account, bars")


def test_pandas_and_arrow_are_handed_on(everything: Any) -> None:
    """Integers stay integers, times keep their zone."""
    fills = everything.frames.to_pandas("fills")
    assert fills["price_micros"].tolist() == everything.frames.fills["price_micros"].to_list()
    assert str(fills["timestamp"].dtype) == "datetime64[us, UTC]"
    assert everything.frames.to_arrow("fills").num_rows == len(everything.fills)


@pytest.mark.parametrize("package", ["pandas", "pyarrow"])
def test_without_the_extra_it_is_said_what_to_install(
    package: str, everything: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError, match=rf"{package} is not installed; `pip install 'ropewalk\[frames\]'`"):
        everything.frames.to_pandas("fills")


@pytest.mark.parametrize("days", [1, 2])
def test_a_run_in_which_nothing_happened_has_all_frames(days: int) -> None:
    """One bar, and no fills: tables without rows, and no number that is none."""

    class Silent:
        def on_turn(self, view: Any) -> None:
            return None

    feed = feed_of({"GLD": flat("GLD", *[100.0] * days)})
    result = StrategyOrchestrator({"silent": (Silent(), "0.5")}, 1_000).run(feed)
    for table in TABLES:
        for value in [value for column in result.frames[table].iter_columns() for value in column]:
            assert not (isinstance(value, float) and math.isnan(value))
    assert result.frames.fills.is_empty()
    assert len(result.frames.equity) == 2 * days
    assert result.frames.bars["timestamp"][0].timestamp() * 1e6 == START_US


def test_drawdowns_do_not_take_capital_that_leaves_for_a_loss() -> None:
    """Wealth, not equity: the funding at the start is no gain, and after a loss the highest stays the highest."""
    feed = feed_of({"GLD": flat("GLD", 100.0, 100.0, 110.0, 55.0, 66.0)})
    curve = StrategyOrchestrator({"hold": (BuyAndHold(), 1)}, 1_000).run(feed).equity_curve
    highest = 0
    for equity, drawdown in zip(curve.equity_micros.tolist(), curve.drawdowns.tolist(), strict=True):
        highest = max(highest, equity)
        assert drawdown == pytest.approx(equity / highest - 1, abs=1e-12)
    assert min(curve.drawdowns) == pytest.approx(-0.5)
