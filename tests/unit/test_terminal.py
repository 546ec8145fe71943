"""The terminal report is right to the digit, fits, and is understood by a stranger."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from recorded_runs import flat
from report_runs import ODD
from ropewalk import (
    BuyAndHold,
    MeanReversion,
    Momentum,
    OrchestratorConfig,
    OrchestratorResult,
    Outcome,
    StrategyOrchestrator,
    buy,
    close,
    feed_of,
    sample_feed,
    sell,
    synthetic_feed,
)
from ropewalk.reasons import LapseReason, Reason
from ropewalk.reports.comparison import COLUMNS, comparison
from ropewalk.reports.sketches import EIGHTHS, bar, sparkline
from ropewalk.reports.terminal import REASONS, show

SYMBOL = "SYN001"


class Script:
    def __init__(self, *wants: Any) -> None:
        self.wants = list(wants)

    def on_turn(self, view: Any) -> Any:
        want = self.wants.pop(0) if self.wants else None
        if isinstance(want, Exception):
            raise want
        return want


class Nothing:
    name = "nothing"

    def settle(self, wishes: Any) -> Any:
        return [Outcome(0, 0) for _ in wishes]


def shown(result: OrchestratorResult, *, width: int = 140, encoding: str = "utf-8", **named: Any) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    show(result, Console(file=file, width=width, **named), label="bars", bars=12)
    file.seek(0)
    return file.read()


@pytest.fixture(scope="module")
def portfolio() -> OrchestratorResult:
    strategies = {
        "trend": (Momentum(), "0.35"),
        "fast": (Momentum(5, 20), "0.20"),
        "revert": (MeanReversion(7), "0.15"),
        "hold": (BuyAndHold(), "0.20"),
    }
    config = OrchestratorConfig.model_validate({"slippage": {"kind": "basis_points", "rate": 1}})
    return StrategyOrchestrator(strategies, config=config).run(sample_feed(end="2005-12-31"))


@pytest.mark.parametrize("width", [60, 80, 100, 120, 140])
def test_the_report_fits(width: int, portfolio: OrchestratorResult) -> None:
    """No line is wider than the terminal but the one that must stay whole, and the table is not folded."""
    for line in shown(portfolio, width=width).splitlines():
        assert len(line.rstrip()) <= width or line.startswith("strategies ")
    rows = [line for line in shown(portfolio, width=width).splitlines() if line.startswith(("trend ", "aggregate "))]
    assert len(rows) == 2
    assert "…" not in "".join(rows)


def test_a_wide_terminal_shows_every_column(portfolio: OrchestratorResult) -> None:
    """At 120 columns nothing is left out; the numbers are the result's."""
    text = shown(portfolio, width=120)
    assert "not shown at this width" not in text
    one = portfolio.get_strategy_result("revert")
    (row,) = [line.split() for line in text.splitlines() if line.startswith("revert ")]
    costs = sum(fill.commission_micros + fill.slippage_micros for fill in one.fills) / 1e6
    metrics = one.metrics
    assert row == [
        "revert",
        "15%",
        "15,000",
        f"{one.final_equity:,.0f}",
        f"{metrics.total_return:+.1%}",
        f"{metrics.annual_return:.1%}",
        f"{metrics.annual_volatility:.1%}",
        f"{metrics.sharpe:.2f}",
        f"{metrics.max_drawdown:.1%}",
        f"{metrics.round_trips}",
        f"{metrics.win_rate:.0%}",
        f"{len(one.fills)}",
        "0",
        f"{len(one.conflicts)}",
        f"{costs:,.0f}",
    ]
    (account,) = [line.split() for line in text.splitlines() if line.startswith("aggregate ")]
    assert account[1:4] == ["90%", "100,000", f"{portfolio.final_equity:,.0f}"]


def test_a_narrow_terminal_names_what_it_leaves_out(portfolio: OrchestratorResult) -> None:
    """The most important columns are the last to go."""
    text = shown(portfolio, width=80)
    head = text[: text.index("Intents")]
    assert "not shown at this width: weight, start capital, volatility" in head
    assert all(title in head for title in ("equity", "return", "Sharpe", "drawdown", "flicts"))


def test_no_terminal_is_too_narrow(portfolio: OrchestratorResult) -> None:
    """Where not even the least fits, that is what is shown."""
    table = comparison(portfolio, Console(file=io.StringIO(), width=10))
    assert len(table.columns) == sum(column.rank == 0 for column in COLUMNS)


def test_no_value_is_a_dash(portfolio: OrchestratorResult) -> None:
    """A strategy without a round trip has no win rate, rather than one of zero."""
    (row,) = [line.split() for line in shown(portfolio).splitlines() if line.startswith("hold ")]
    assert row[9:11] == ["0", "—"]


def test_the_counts_add_up(portfolio: OrchestratorResult) -> None:
    """Every intent is accounted for, and so is every micro, in one line."""
    text = shown(portfolio)
    intents, fills = len(portfolio.intents), len(portfolio.fills)
    assert f"{intents:,} intents = {intents:,} decisions: " in text
    assert f" → {fills:,} fills, " in text
    assert f"{portfolio.reconciliation}, exactly\n" in shown(portfolio, width=60)
    assert "packaged" not in text
    assert text.startswith("bars · AAPL, GOOG, IBM, MSFT · 2000-03-01 to 2005-12-30 · ")
    assert "Notes      five winners, ending in 2013; adjusted prices" in text


def test_conflicts_are_explained(portfolio: OrchestratorResult) -> None:
    """What a conflict is, who met whom how often, and what settled it."""
    text = shown(portfolio)
    conflicts = portfolio.conflicts
    assert f"{len(conflicts)} times two or more strategies wanted the same symbol at the same instant" in text
    opposed = sum(one.kind == "entry_against_exit" for one in conflicts)
    assert f"{opposed} entry_against_exit: one wants to open what another wants to close" in text
    assert "settled by policy independent: record the conflict and let each book act for itself" in text
    met = sum({"fast", "revert"} <= set(one.strategies) for one in conflicts)
    (row,) = [line.split() for line in text.splitlines() if "fast and revert" in line]
    assert row[:3] + row[3:4] == ["fast", "and", "revert", str(met)]


def test_a_book_that_lost_everything_is_named() -> None:
    """Else a return of -100 % stands beside an equity far below zero, and nobody is told why."""
    text = shown(ODD["bust"].run())
    assert "Notes      s0 lost everything: its equity fell to " in text
    assert "s1 lost everything" not in text


def test_colors_say_gain_and_loss(portfolio: OrchestratorResult) -> None:
    """Gains are green and losses red, on a terminal only."""
    assert "\x1b[" not in shown(portfolio)
    colored = shown(portfolio, force_terminal=True, color_system="standard")
    assert "\x1b[32m+" in colored or "\x1b[1;32m+" in colored


def run(strategies: dict[str, Any], **settings: Any) -> OrchestratorResult:
    feed = synthetic_feed(1, 5, seed=2)
    config = OrchestratorConfig(**settings)
    return StrategyOrchestrator({name: (one, "0.1") for name, one in strategies.items()}, 10_000, config).run(feed)


def test_a_run_without_conflicts_says_so() -> None:
    """Nothing to tell is told in one line."""
    text = shown(run({"one": Script()}))
    assert "none: no two strategies wanted the same symbol at the same instant" in text
    assert "0 intents = 0 decisions" in text


def test_reasons_are_words() -> None:
    """Why something was trimmed, refused or lapsed is said, not coded."""
    wants = [
        buy("NOPE", quantity=1),
        buy(SYMBOL, quantity=-1),
        buy(SYMBOL, notional=5_000),
        None,
        close(SYMBOL),
    ]
    text = shown(run({"one": Script(*wants)}))
    assert "trimmed: 1 × not enough capital left" in text
    assert "refused: " in text
    assert "1 × symbol not in the data" in text
    assert "1 × no usable amount" in text
    assert "lapsed: 1 × the data ended" in text


def test_every_reason_has_its_words() -> None:
    """A decision or a lapse may come with any of them; what is granted in full needs none."""
    assert {*REASONS} == {*get_args(Reason), *get_args(LapseReason)} - {"in_full"}


def test_faults_and_long_lists_are_shown() -> None:
    """A strategy that raised is named with what it said, marked-up text is not mistaken for markup."""
    text = shown(run({"one": Script(ValueError("[bold]odd"))}, on_strategy_error="suspend"))
    assert "fault in one: on_turn at 2020-01-01 00:00: ValueError: [bold]odd (suspend)" in text


def test_many_pairs_are_cut_short_and_a_policy_of_ones_own_is_named() -> None:
    """The five pairs that met most often are enough; what a policy took away is shown."""
    strategies = {f"s{seat}": Script(buy(SYMBOL, notional=100)) for seat in range(4)}
    text = shown(run(strategies, conflict_policy=Nothing()))
    assert "once two or more strategies" in text
    assert "1 crowded: all want the same side" in text
    assert "settled by policy nothing: a policy of your own" in text
    assert "capital asked for in conflicts: 400.00, allowed: 0.00" in text
    assert "… and 1 other pair" in text
    assert "by the conflict policy" in text


def test_crowds_over_a_limit_and_limits_that_bound_are_named() -> None:
    """Beside the kinds stands how often all together were over a limit, beside the decisions which one bound."""
    strategies = {name: Script(buy(SYMBOL, notional=800)) for name in ("one", "two")}
    text = shown(run(strategies, limits={"gross_exposure": "0.1"}))
    assert "1 crowded together over gross_exposure" in text
    assert "trimmed: 1 × gross exposure" in text
    assert "crowded together" not in shown(run(strategies))


def test_an_example_names_what_was_held_and_asked() -> None:
    """Turning a position around closes what is held and asks for the rest."""
    one = Script(buy(SYMBOL, quantity=2), None, sell(SYMBOL, quantity=3))
    text = shown(run({"one": one, "two": Script(None, None, buy(SYMBOL, notional=50))}))
    assert "one wanted to sell 2 held and for " in text
    assert "two wanted to buy for 50.00" in text


def test_a_stopped_run_says_so(portfolio: OrchestratorResult) -> None:
    """A part of the data is not shown as the whole."""
    feed = synthetic_feed(8, 5)
    result = StrategyOrchestrator([(BuyAndHold(), 1)]).run(feed, should_stop=lambda: True)
    text = shown(result)
    assert "8 symbols" in text
    assert "stopped before the end of the data" in text


def test_splits_and_dividends_are_told_where_there_are_any(portfolio: OrchestratorResult) -> None:
    """How many took effect, what was received and what shorts paid; nothing of runs without them."""
    feed = sample_feed("IBM", adjusted=False, actions=True, end="2000-12-31")
    strategies = {"hold": (BuyAndHold(), "0.5"), "short": (Script(sell("IBM", quantity=10)), "0.5")}
    result = StrategyOrchestrator(strategies).run(feed)
    assert "Actions" not in shown(portfolio)
    (line,) = [line for line in shown(result).splitlines() if line.startswith("Actions")]
    received = result.get_strategy_result("hold").dividends
    assert received > 100
    assert line.split(None, 1)[1].strip() == f"0 splits, 3 dividends: {received:,.2f} received, 3.90 paid on shorts"


def test_the_largest_conflicts_are_told(portfolio: OrchestratorResult) -> None:
    """Those in which most capital was asked for, the largest first, in words."""
    lines = shown(portfolio, width=200).splitlines()
    place = next(seat for seat, line in enumerate(lines) if line.strip() == "the largest")
    largest = sorted(portfolio.conflicts, key=lambda one: -sum(one.asked_micros))[:3]
    for line, one in zip(lines[place + 1 :], largest, strict=False):
        assert f"{one.timestamp:%Y-%m-%d} {one.symbol}" in line
        assert all(strategy in line for strategy in one.strategies)


def test_equity_is_a_line_from_its_lowest_to_its_highest(portfolio: OrchestratorResult) -> None:
    """One line an owner, as wide as there is room for, and the capital at both ends."""
    for width in (80, 120):
        text = shown(portfolio, width=width)
        section = text[text.index("Equity ") : text.index("Drawdown ")].splitlines()
        lines = {line.removeprefix("Equity").split()[0]: line for line in section if line.strip()}
        assert list(lines) == ["trend", "fast", "revert", "hold", "aggregate"]
        drawn = {name: line.removeprefix("Equity").split()[1] for name, line in lines.items()}
        assert all({"▁", "█"} <= {*line} for line in drawn.values())
        assert len({len(line) for line in drawn.values()}) == 1
        assert 25 <= len(drawn["trend"]) <= 60
        assert f"100,000 → {portfolio.final_equity:,.0f}" in lines["aggregate"]


def test_the_deepest_falls_are_bars_on_one_scale(portfolio: OrchestratorResult) -> None:
    """The depth is the metric's; who fell deepest has the longest bar; when it was over is told where there is room."""
    text = shown(portfolio, width=120)
    section = text[text.index("Drawdown  ") : text.index("Intents")].splitlines()
    rows = [line.removeprefix("Drawdown").split() for line in section if line.strip()]
    depths = {row[0]: row[2] for row in rows}
    assert depths["hold"] == f"{portfolio.get_strategy_result('hold').metrics.max_drawdown:.1%}"
    assert depths["aggregate"] == f"{portfolio.aggregate_metrics.max_drawdown:.1%}"
    deepest = min(rows, key=lambda row: float(row[2].rstrip("%")))
    assert len(deepest[1]) == max(len(row[1]) for row in rows) == 24
    assert any("over 20" in " ".join(row) for row in rows)
    narrow = shown(portfolio, width=80)
    assert f"{depths['hold']}  " in narrow
    assert "over 20" not in narrow


def test_the_dates_of_a_fall_are_those_of_the_curve() -> None:
    """It begins at the last highest session, is deepest at the lowest, and is over where the highest is reached."""
    feed = feed_of({"GLD": flat("GLD", 100.0, 100.0, 120.0, 90.0, 60.0, 90.0, 130.0, 120.0)})
    text = shown(StrategyOrchestrator({"hold": (BuyAndHold(), 1)}, 1_000).run(feed))
    assert "-50.0%  2020-01-03 to 2020-01-05, over 2020-01-07" in text
    unfinished = feed_of({"GLD": flat("GLD", 100.0, 100.0, 120.0, 90.0)})
    for width in (80, 120):
        text = shown(StrategyOrchestrator({"hold": (BuyAndHold(), 1)}, 10**8).run(unfinished), width=width)
        assert "-25.0%  2020-01-03 to 2020-01-04, not over" in text
        assert "100,000,000 → 90,000,000" in text


def test_one_bar_and_a_flat_line_have_no_fall() -> None:
    """What cannot be drawn is said."""
    text = shown(StrategyOrchestrator({"one": (Script(), "0.5")}, 1_000).run(feed_of({"GLD": flat("GLD", 100.0)})))
    assert "one        ▁  500 → 500" in text
    assert "no value: there was no session to compare with" in text
    text = shown(StrategyOrchestrator({"one": (Script(), "0.5")}, 1_000).run(feed_of({"GLD": flat("GLD", 9.0, 9.0)})))
    assert "never fell" in text
    assert "nan" not in text.lower()


@pytest.mark.parametrize("width", [20, 60, 80])
def test_a_long_name_leaves_room_for_the_rest(width: int) -> None:
    """Names are cut to eighteen characters, and no line is wider than the terminal."""
    name = "a-name-of-sixty-four-characters-" * 2
    result = StrategyOrchestrator({name: (BuyAndHold(), 1)}, 1_000).run(synthetic_feed(1, 30))
    text = shown(result, width=width)
    section = text[text.index("Equity ") : text.index("Intents")]
    assert all(len(line.rstrip()) <= width for line in section.splitlines())


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50), st.integers(1, 60))
def test_a_sparkline_shows_where_it_rises(values: list[float], width: int) -> None:
    """As many characters as values, at most as wide; of two that are shown the greater is never lower."""
    line = sparkline(values, width=width)
    assert len(line) == min(len(values), width)
    if len(values) <= width:
        for one, other in pairwise(range(len(values))):
            if values[one] <= values[other]:
                assert line[one] <= line[other]


@given(st.floats(0, 1), st.integers(1, 60))
def test_a_bar_is_as_long_as_its_share(share: float, width: int) -> None:
    """To an eighth; nothing is nothing, and all is the whole width."""
    drawn = bar(share, width=width)
    eighths = 8 * drawn.count("█") + sum(EIGHTHS.index(one) for one in drawn if one != "█")
    assert abs(eighths - share * width * 8) <= 1
    assert (drawn == "") == (share == 0)
