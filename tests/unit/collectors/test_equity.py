"""Equity curves: exact, vectorised, and equal to a ledger kept by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.collectors.changes import BOUND
from ropewalk.collectors.equity import (
    Closes,
    EquityCurve,
    close_micros,
    closes_of,
    equity_curves,
    flow_neutral_returns,
    instants_of,
    summed,
)
from ropewalk.collectors.postings import POOL, Postings, post_fills
from ropewalk.errors import LedgerError
from ropewalk.events import Fill, Split, Transfer
from ropewalk.money import price_micros_half_even

UNIT = 1_000_000


def column(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def fill(at_us: int, quantity: int, price: int, *, symbol: str = "GLD", commission: int = 0) -> Fill:
    return Fill(at_us, "trend", symbol, quantity, price, commission, 0, 0, 0, 0)


def curve_of(postings: Postings, instants: np.ndarray, closes: dict[str, Closes]) -> EquityCurve:
    return equity_curves([postings], instants=instants, closes=closes)[0]


@pytest.fixture
def trend() -> Postings:
    """Funded with 1000 at instant 10; buys 5 at 100 at instant 20 for a commission of 1."""
    postings = Postings("trend")
    postings.on_transfer(Transfer(10, POOL, "trend", 1000 * UNIT))
    postings.on_fill(fill(20, 5, 100 * UNIT, commission=UNIT))
    return postings


INSTANTS = column(10, 20, 30, 40)
GLD = Closes(column(10, 20, 40), column(90, 110, 120) * UNIT)


def test_a_fill_counts_in_the_equity_of_its_own_instant(trend: Postings) -> None:
    """Filled at the open, valued at the close of the same instant."""
    curve = curve_of(trend, INSTANTS, {"GLD": GLD})
    assert (curve.cash_micros // UNIT).tolist() == [1000, 499, 499, 499]
    assert curve.equity_micros.tolist() == [1000 * UNIT, 1049 * UNIT, 1049 * UNIT, 1099 * UNIT]


def test_a_symbol_without_a_bar_is_marked_at_its_last_close(trend: Postings) -> None:
    """GLD has no bar at 30: the exposure of 20 stands."""
    curve = curve_of(trend, INSTANTS, {"GLD": GLD})
    assert (curve.net_exposure_micros // UNIT).tolist() == [0, 550, 550, 600]


def test_gross_exposure_adds_longs_and_shorts_and_net_subtracts(trend: Postings) -> None:
    """Gross is Σ|q·mark|, net Σq·mark, over symbols."""
    trend.on_fill(fill(40, -2, 50 * UNIT, symbol="SLV"))
    curve = curve_of(trend, INSTANTS, {"GLD": GLD, "SLV": Closes(column(40), column(50 * UNIT))})
    assert curve.gross_exposure_micros[-1] == 700 * UNIT
    assert curve.net_exposure_micros[-1] == 500 * UNIT
    assert curve.equity_micros[-1] == 1099 * UNIT


def test_capital_moves_at_the_closes() -> None:
    """An instant earns on what was there before it: 10 % on 100, of which 50 are then taken out, and 10 % on 60."""
    assert flow_neutral_returns(column(100, 60, 66), column(100, -50, 0)).round(12).tolist() == [0.1, 0.1]


def test_transfers_are_flows_and_no_returns(trend: Postings) -> None:
    """Taking 500 out leaves the returns as they would have been."""
    before = curve_of(trend, INSTANTS, {"GLD": GLD}).returns
    trend.on_transfer(Transfer(30, "trend", "revert", 200 * UNIT))
    curve = curve_of(trend, INSTANTS, {"GLD": GLD})
    assert curve.flow_micros.tolist() == [1000 * UNIT, 0, -200 * UNIT, 0]
    assert before.tolist() == [1049 / 1000 - 1.0, 0.0, 1099 / 1049 - 1.0]
    assert curve.returns.tolist() == [1049 / 1000 - 1.0, 0.0, 899 / 849 - 1.0]


def test_transfers_between_others_are_not_posted() -> None:
    """A book hears every transfer and posts its own."""
    postings = Postings("trend")
    postings.on_transfer(Transfer(10, "revert", "carry", 5))
    assert list(postings.cash) == []


def test_the_first_funding_is_the_base_so_no_cost_escapes() -> None:
    """A commission at the very first instant is in the first return."""
    postings = Postings("trend")
    postings.fund(10, 1000 * UNIT)
    postings.on_fill(fill(10, 10, 90 * UNIT, commission=10 * UNIT))
    curve = curve_of(postings, column(10, 20), {"GLD": GLD})
    assert curve.returns.tolist() == [1190 / 1000 - 1.0]


def test_returns_are_zero_while_there_is_nothing_to_earn_with() -> None:
    """Not yet funded, or wiped out: no NaN, no infinity, and a loss of more than all is shown as such."""
    equity, flow = column(0, 0, 100, -50, -20, 80), column(0, 0, 100, 0, 0, 100)
    assert flow_neutral_returns(equity, flow).tolist() == [0.0, 0.0, -1.5, 0.0, 0.0]


@pytest.mark.parametrize("length", [0, 1])
def test_no_second_instant_no_return(length: int) -> None:
    """The first instant is the base."""
    assert flow_neutral_returns(column(*[7] * length), column(*[7] * length)).tolist() == []


def test_a_silent_strategy_has_a_flat_curve() -> None:
    """Capital without positions is worth itself."""
    postings = Postings("idle")
    postings.fund(5, 1000)
    curve = curve_of(postings, INSTANTS, {})
    assert curve.equity_micros.tolist() == [1000] * 4
    assert len(curve) == 4


def test_no_instants_no_curve() -> None:
    """An empty run has empty curves."""
    assert len(curve_of(Postings("idle"), column(), {})) == 0


def test_columns_cannot_be_written(trend: Postings) -> None:
    """A curve is a value; the caller's own instants stay the caller's."""
    instants = INSTANTS.copy()
    curve = curve_of(trend, instants, {"GLD": GLD})
    for name in ("at_us", "equity_micros", "cash_micros", "flow_micros", "gross_exposure_micros"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(curve, name)[0] = 1
    instants[0] = 10
    with pytest.raises(AttributeError):
        curve.owner = "other"  # type: ignore[misc]


def test_a_frame_shows_times_in_utc_and_exact_micros(trend: Postings) -> None:
    """One row an instant, integers, no floats."""
    frame = curve_of(trend, INSTANTS, {"GLD": GLD}).to_frame()
    assert frame.columns[0] == "timestamp"
    assert frame["timestamp"][0] == datetime(1970, 1, 1, 0, 0, 0, 10, tzinfo=UTC)
    assert set(frame.dtypes[1:]) == {pl.Int64}
    assert frame["equity_micros"].to_list() == [1000 * UNIT, 1049 * UNIT, 1049 * UNIT, 1099 * UNIT]


# ── what cannot be ──


def test_a_posting_after_the_last_instant_is_refused(trend: Postings) -> None:
    """It would be missing from every curve."""
    trend.pay(41, 1)
    with pytest.raises(LedgerError, match="after the last instant"):
        curve_of(trend, INSTANTS, {"GLD": GLD})


def test_a_posting_without_instants_is_refused() -> None:
    """Nothing happens in a run without bars."""
    postings = Postings("trend")
    postings.fund(1, 1)
    with pytest.raises(LedgerError, match="after the last instant"):
        curve_of(postings, column(), {})


def test_a_position_before_the_first_bar_is_refused(trend: Postings) -> None:
    """There is no price to mark it at."""
    with pytest.raises(LedgerError, match=r"GLD at 1970-01-01 .*before its first bar"):
        curve_of(trend, INSTANTS, {"GLD": Closes(column(30, 40), column(1, 1))})


@pytest.mark.parametrize("closes", [{}, {"GLD": Closes(column(), column())}])
def test_a_position_in_a_symbol_without_bars_is_refused(trend: Postings, closes: dict[str, Closes]) -> None:
    """Nor can it be marked at all."""
    with pytest.raises(LedgerError, match="GLD was filled but has no bars"):
        curve_of(trend, INSTANTS, closes)


def test_values_beyond_int64_are_refused_and_never_wrap() -> None:
    """Positions, their sum over symbols, cash, and sums over strategies."""
    closes = {symbol: Closes(column(10), column(2**30)) for symbol in ("A", "B")}
    held = Postings("trend")
    held.move(10, "A", 2**31)
    with pytest.raises(LedgerError, match="could hold"):
        curve_of(held, column(10), closes)
    both = Postings("trend")
    both.move(10, "A", 2**30)
    assert curve_of(both, column(10), closes).equity_micros.tolist() == [2**60]
    both.move(10, "B", -(2**30))
    with pytest.raises(LedgerError, match="could hold"):
        curve_of(both, column(10), closes)
    rich = Postings("trend")
    rich.pay(10, BOUND - 1)
    assert curve_of(rich, column(10), closes).cash_micros.tolist() == [BOUND - 1]
    curve = curve_of(rich, column(10), closes)
    with pytest.raises(LedgerError, match="the sum of cash_micros"):
        summed([curve, curve, curve])
    rich.pay(10, 1)
    with pytest.raises(LedgerError, match="allowed is less"):
        curve_of(rich, column(10), closes)


def test_fills_beyond_int64_are_refused_and_never_wrap() -> None:
    """The product of two numbers that fit may not, and neither may a number."""
    for quantity, price in ((2**40, 2**40), (2**70, 1)):
        books = {"trend": Postings("trend")}
        post_fills(books, [fill(20, 1, 1), fill(20, quantity, price)])
        with pytest.raises(LedgerError, match=r"allowed is less|could hold"):
            curve_of(books["trend"], INSTANTS, {"GLD": GLD})


def test_a_large_turnover_is_no_large_balance() -> None:
    """Only what is held at once is bounded, not what passed through."""
    postings = Postings("trend")
    for at_us in (10, 20, 30):
        postings.pay(at_us, BOUND // 2)
        postings.pay(at_us, -(BOUND // 2))
    assert curve_of(postings, INSTANTS, {}).cash_micros.tolist() == [0] * 4


def test_curves_over_different_instants_do_not_sum(trend: Postings) -> None:
    """Their rows are not the same moments; and no curve at all has no sum."""
    one, other = curve_of(trend, INSTANTS, {"GLD": GLD}), curve_of(Postings("idle"), column(1), {})
    with pytest.raises(LedgerError, match="different instants"):
        summed([one, other])
    with pytest.raises(LedgerError, match="no curve"):
        summed([])


# ── the same as by hand ──


def test_instants_are_merged_rising_and_distinct() -> None:
    """Every time of every symbol, once."""
    assert instants_of([column(10, 30), column(20, 30)]).tolist() == [10, 20, 30]
    assert instants_of([]).tolist() == []


@given(
    st.lists(st.floats(min_value=1e-7, max_value=1e9), min_size=1),
    st.sampled_from([1e6, 1e3, 1.0, 1e7, 1e9]),
)
def test_a_column_of_closes_rounds_as_the_ledger_does(prices: list[float], scale: float) -> None:
    """numpy.rint(price · scale) and money.price_micros_half_even give the same integers."""
    assert close_micros(np.array(prices), scale=scale).tolist() == [price_micros_half_even(p, scale) for p in prices]


def test_closes_halfway_go_to_the_even_micro() -> None:
    """The tie is where two rules could differ."""
    assert close_micros(np.array([0.5, 1.5, 2.5]), scale=1.0).tolist() == [0, 2, 2]


@pytest.mark.parametrize("close", [float("nan"), float("inf"), 1e13])
def test_closes_that_are_no_money_are_refused(close: float) -> None:
    """They would become arbitrary integers."""
    with pytest.raises(LedgerError, match="must be finite and below"):
        close_micros(np.array([1.0, close]))


STRATEGIES = ("trend", "revert", "carry")


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[int], dict[str, dict[int, int]], list[Fill | Transfer]]:
    """Instants, closes by symbol and time with gaps, and events in order of time."""
    instants = sorted(draw(st.sets(st.integers(1, 40), min_size=1, max_size=15)))
    closes = {}
    for symbol in draw(st.sets(st.sampled_from(["GLD", "SLV", "TLT"]), min_size=1)):
        times = draw(st.sets(st.sampled_from(instants), min_size=1))
        closes[symbol] = {at: draw(st.integers(1, 10**9)) for at in sorted(times)}
    events: list[Fill | Transfer] = []
    for _ in range(draw(st.integers(0, 20))):
        owner = draw(st.sampled_from(STRATEGIES))
        if draw(st.booleans()):
            taker = draw(st.sampled_from((POOL, *STRATEGIES)))
            events.append(Transfer(draw(st.integers(0, instants[-1])), owner, taker, draw(st.integers(0, 10**12))))
            continue
        symbol = draw(st.sampled_from(sorted(closes)))
        at_us = draw(st.sampled_from(sorted(closes[symbol])))
        quantity, price = draw(st.integers(-(10**6), 10**6)), draw(st.integers(1, 10**9))
        events.append(Fill(at_us, owner, symbol, quantity, price, draw(st.integers(0, 10**6)), 0, 0, 0, 0))
    return instants, closes, sorted(events, key=lambda event: event.at_us)


def by_hand(owner: str, instant: int, closes: dict[str, dict[int, int]], events: list[Fill | Transfer]) -> list[int]:
    """Equity, cash, gross and net exposure of one owner after one instant, one event at a time."""
    cash = 0
    positions = dict.fromkeys(closes, 0)
    for event in events:
        if event.at_us > instant:
            continue
        if isinstance(event, Transfer):
            cash += event.micros * ((event.taker == owner) - (event.giver == owner))
        elif event.strategy == owner:
            cash -= event.quantity * event.price_micros + event.commission_micros
            positions[event.symbol] += event.quantity
    values = []
    for symbol, lots in positions.items():
        marks = [micros for at, micros in closes[symbol].items() if at <= instant]
        values.append(lots * marks[-1] if lots else 0)
    return [cash + sum(values), cash, sum(map(abs, values)), sum(values)]


@given(runs())
def test_curves_equal_a_ledger_kept_by_hand(
    run: tuple[list[int], dict[str, dict[int, int]], list[Fill | Transfer]],
) -> None:
    """Every owner, every instant, to the last micro; and the aggregate is the sum of its parts."""
    instants, closes, events = run
    books = {owner: Postings(owner) for owner in (*STRATEGIES, POOL)}
    for event in events:
        if isinstance(event, Transfer):
            for book in books.values():
                book.on_transfer(event)
    post_fills(books, [event for event in events if isinstance(event, Fill)])
    columns = {symbol: Closes(column(*bars), column(*bars.values())) for symbol, bars in closes.items()}
    curves = equity_curves(list(books.values()), instants=column(*instants), closes=columns)
    for curve in curves:
        rows = [curve.equity_micros, curve.cash_micros, curve.gross_exposure_micros, curve.net_exposure_micros]
        expected = [by_hand(curve.owner, instant, closes, events) for instant in instants]
        assert np.stack(rows, axis=1).tolist() == expected
        assert np.isfinite(curve.returns).all()
    account = summed(curves)
    rows = zip(*(curve.equity_micros.tolist() for curve in curves), strict=True)
    assert account.equity_micros.tolist() == [sum(row) for row in rows]
    # Transfers are between owners, so the account has none.
    assert not account.flow_micros.any()


def test_a_split_between_bars_has_a_mark_of_its_own() -> None:
    """At an instant without a bar of its symbol: the last close in the new shares, until the next bar."""
    times, closes = np.array([1, 5]), np.array([90.0, 32.0])
    splits = [Split(2, "GLD", 3, 1), Split(3, "GLD", 1, 2), Split(5, "GLD", 2, 1)]
    marks = closes_of(times, closes, splits=splits)
    assert marks.at_us.tolist() == [1, 2, 3, 5]
    assert marks.micros.tolist() == [90_000_000, 30_000_000, 60_000_000, 32_000_000]
