"""What crossed and what it saved is in results, tables, JSON and on the screen, to the micro."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from generators import START_US, Case, Player
from ropewalk import OrchestratorConfig
from ropewalk.reports.terminal import show

ROWS = tuple((START_US + day * 86_400_000_000, *[10.0] * 4) for day in range(3))


def result_of(**fields: Any) -> Any:
    players = {
        name: Player("script", weight="0.3", wants=((("GLD", side, "quantity", lots),),))
        for name, side, lots in (("trend", "buy", 10), ("revert", "sell", 4), ("late", "buy", 5))
    }
    costs = {"commission": ("per_share", "0.01", "1"), "slippage": ("basis_points", "10")}
    return Case(
        **{"bars": {"GLD": ROWS}, "players": players, "capital": "3000", "policy": "net", **costs, **fields}
    ).run()


def shown(result: Any) -> str:
    file = io.StringIO()
    show(result, Console(file=file, width=140), label="bars", bars=3)
    return file.getvalue()


def test_strategies_and_the_account_say_what_crossed_and_was_saved() -> None:
    """A strategy's own side; the account has each cross once, and saves what they save together."""
    result = result_of()
    own = {name: one.crossing for name, one in result.strategy_results.items()}
    assert own["trend"] == (30_000_000, 363_636, 30_000)
    assert own["revert"] == (40_000_000, 1_000_000, 40_000)
    assert own["late"] == (10_000_000, 636_364, 10_000)
    total = result.crossing
    assert total == (40_000_000, 2_000_000, 80_000)
    assert (total.crossed, total.saved_commission, total.saved_slippage) == (40, 2, Decimal("0.08"))
    assert total.saved == Decimal("2.08")
    alone = result_of(crossing=False)
    assert result.final_equity - alone.final_equity == total.saved
    told = result.to_dict()
    assert told["crossing"] == {"crossed": 40.0, "saved_commission": 2.0, "saved_slippage": 0.08}
    assert told["strategies"]["late"]["crossing"]["saved_commission"] == 0.636364


def test_crosses_count_as_turnover_of_strategies_only() -> None:
    """The account bought 11 lots; its strategies traded 19."""
    free = {"commission": ("none",), "slippage": ("none",)}
    net, alone = result_of(**free), result_of(**free, crossing=False)
    assert net.aggregate_metrics.turnover == pytest.approx(11 / 19 * alone.aggregate_metrics.turnover)
    for name, one in net.strategy_results.items():
        assert one.metrics.turnover == pytest.approx(alone.get_strategy_result(name).metrics.turnover)


def test_the_screen_and_the_table_tell_of_it_where_there_was_any() -> None:
    """Runs that net nothing look as they did."""
    said = shown(result_of())
    assert "40.00 crossed inside the account, which saved 2.00 of commission and 0.08 of slippage" in said
    assert "late: 10.00 of its orders crossed; saved 0.64 of commission and 0.01 of slippage" in said
    frame = result_of().comparison_table
    assert frame["crossed"].to_list() == [30.0, 40.0, 10.0, 40.0]
    assert frame["saved"].to_list() == [0.393636, 1.04, 0.646364, 2.08]
    without = result_of(crossing=False)
    assert "crossed" not in shown(without)
    assert "crossed" not in without.comparison_table.columns


def test_crossing_is_on_record_where_it_is_off() -> None:
    """A run that may cross has the run id that it had."""
    assert "crossing" not in OrchestratorConfig().recorded()
    told = OrchestratorConfig(crossing=False).recorded()
    assert told["crossing"] is False
    assert OrchestratorConfig.model_validate(told).crossing is False
