"""Round trips: flat to flat, and not a micro of the fills is lost between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.collectors.trades import OpenRoundTrip, RoundTrip, open_round_trips, round_trips
from ropewalk.errors import LedgerError
from ropewalk.events import Adjustment, Fill


class AverageCost:
    """The smallest ledger that realises at average cost: it makes honest fills for the tests."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], tuple[int, int]] = {}

    def fill(
        self,
        at_us: int,
        quantity: int,
        price: int,
        *,
        strategy: str = "trend",
        symbol: str = "GLD",
        commission: int = 0,
        slippage: int = 0,
    ) -> Fill:
        lots, cost = self.held.get((strategy, symbol), (0, 0))
        closed = realised = 0
        if lots * quantity < 0:
            closed = quantity if abs(quantity) < abs(lots) else -lots
            ended = cost * abs(closed) // abs(lots)
            realised = -closed * price - ended
            cost -= ended
        self.held[strategy, symbol] = (lots + quantity, cost + (quantity - closed) * price)
        return Fill(at_us, strategy, symbol, quantity, price, commission, slippage, closed, realised, 0)


@pytest.fixture
def ledger() -> AverageCost:
    return AverageCost()


def test_entry_to_flat_is_one_round_trip(ledger: AverageCost) -> None:
    """What it earned is what the ledger realised, fees taken off once."""
    fills = [ledger.fill(10, 5, 100, commission=3, slippage=2), ledger.fill(30, -5, 120, commission=4, slippage=1)]
    (trip,) = round_trips(fills)
    assert trip == RoundTrip("trend", "GLD", 1, 5, 10, 30, 100, 120, 100, 7, 3)
    assert (trip.net_micros, trip.holding_us, trip.is_win) == (93, 20, True)
    assert open_round_trips(fills) == ()


def test_a_short_round_trip_wins_when_the_price_falls(ledger: AverageCost) -> None:
    """Sold first, bought back later; direction is −1."""
    (trip,) = round_trips([ledger.fill(10, -5, 100), ledger.fill(20, 5, 90)])
    assert (trip.direction, trip.gross_micros, trip.quantity_max) == (-1, 50, 5)


def test_adds_and_partial_closes_belong_to_the_round_trip(ledger: AverageCost) -> None:
    """Entry and exit prices are averages over what was opened and what was closed, half to even."""
    steps = [(10, 2, 100), (20, -1, 130), (30, 4, 111), (40, -5, 121)]
    (trip,) = round_trips([ledger.fill(*step, commission=1) for step in steps])
    assert trip.entry_price_micros == 107  # (2·100 + 4·111) / 6 = 107.33
    assert trip.exit_price_micros == 122  # (130 + 5·121) / 6 = 122.5, to even
    assert (trip.quantity_max, trip.commission_micros) == (5, 4)
    assert trip.gross_micros == 130 + 5 * 121 - 2 * 100 - 4 * 111


def test_quantity_max_is_the_largest_ever_held(ledger: AverageCost) -> None:
    """Not what was held last: 5, then 1, then 2."""
    fills = [ledger.fill(10, -5, 100), ledger.fill(20, 4, 100), ledger.fill(30, -1, 100), ledger.fill(40, 2, 100)]
    assert [trip.quantity_max for trip in round_trips(fills)] == [5]
    assert [trip.quantity_max for trip in open_round_trips(fills[:3])] == [5]


def test_a_flip_closes_one_and_opens_the_next_at_one_price(ledger: AverageCost) -> None:
    """Costs are shared by quantity with nothing lost: 10 over 2 closed and 1 opened is 7 and 3."""
    fills = [ledger.fill(10, 2, 100), ledger.fill(20, -3, 110, commission=10, slippage=5)]
    (trip,) = round_trips(fills)
    assert (trip.exit_price_micros, trip.gross_micros, trip.commission_micros, trip.slippage_micros) == (110, 20, 7, 3)
    (rest,) = open_round_trips(fills)
    assert rest == OpenRoundTrip("trend", "GLD", -1, -1, 1, 20, 110, 0, 3, 2)
    assert rest.net_micros == -3


def test_a_round_trip_that_comes_out_even_is_no_win(ledger: AverageCost) -> None:
    """Nor is one that fees ate."""
    even = round_trips([ledger.fill(1, 1, 100), ledger.fill(2, -1, 100)])
    eaten = round_trips([ledger.fill(3, 1, 100), ledger.fill(4, -1, 101, commission=1)])
    assert [trip.is_win for trip in even + eaten] == [False, False]


def test_strategies_and_symbols_do_not_share_round_trips(ledger: AverageCost) -> None:
    """Another book's sale closes nothing here; closed trips stand in the order of closing, open ones of opening."""
    fills = [
        ledger.fill(1, 1, 100, strategy="a"),
        ledger.fill(2, 1, 100, strategy="b"),
        ledger.fill(3, 1, 100, strategy="a", symbol="SLV"),
        ledger.fill(4, -1, 100, strategy="c"),
        ledger.fill(5, 1, 100, strategy="c", symbol="SLV"),
        ledger.fill(6, -1, 100, strategy="b"),
        ledger.fill(6, -1, 100, strategy="a"),
        ledger.fill(7, 1, 100, strategy="a", symbol="SLV"),
    ]
    assert [(trip.strategy, trip.symbol) for trip in round_trips(fills)] == [("b", "GLD"), ("a", "GLD")]
    opened = [(trip.strategy, trip.symbol, trip.quantity) for trip in open_round_trips(iter(fills))]
    assert opened == [("a", "SLV", 2), ("c", "GLD", -1), ("c", "SLV", 1)]


@pytest.mark.parametrize(
    ("fills", "finding"),
    [
        ([Fill(5, "trend", "GLD", 1, 1, 0, 0, 0, 0, 0), Fill(4, "trend", "GLD", 1, 1, 0, 0, 0, 0, 0)], "earlier"),
        ([Fill(5, "trend", "GLD", 0, 1, 0, 0, 0, 0, 0)], "its quantity is 0"),
        ([Fill(5, "trend", "GLD", -1, 1, 0, 0, -1, 0, 0)], "it closes -1 lots by its own word and 0 of the 0"),
        ([Fill(5, "trend", "GLD", 1, 1, 0, 0, 0, 9, 0)], "closes nothing but realised 9"),
    ],
)
def test_fills_that_cannot_follow_one_another_are_refused(fills: list[Fill], finding: str) -> None:
    """A list with a hole in it would make round trips up."""
    with pytest.raises(LedgerError, match=finding):
        round_trips(fills)


@st.composite
def fill_lists(draw: st.DrawFn) -> list[Fill]:
    """Honest fills of two strategies in two symbols, flips and ties in time included."""
    ledger = AverageCost()
    fills = []
    for at_us in sorted(draw(st.lists(st.integers(0, 50), max_size=40))):
        quantity = draw(st.integers(-6, 6).filter(bool))
        fills.append(
            ledger.fill(
                at_us,
                quantity,
                draw(st.integers(1, 10**9)),
                strategy=draw(st.sampled_from(("trend", "revert"))),
                symbol=draw(st.sampled_from(("GLD", "SLV"))),
                commission=draw(st.integers(0, 1000)),
                slippage=draw(st.integers(0, 1000)),
            )
        )
    return fills


@given(fill_lists())
def test_round_trips_sum_to_their_fills(fills: list[Fill]) -> None:
    """Realised, commission, slippage: closed and open together, to the last micro."""
    closed, still_open = round_trips(fills), open_round_trips(fills)
    trips = (*closed, *still_open)
    realised, fees = sum(f.realised_micros for f in fills), sum(f.commission_micros for f in fills)
    assert sum(trip.gross_micros for trip in trips) == realised
    assert sum(trip.commission_micros for trip in trips) == fees
    assert sum(trip.slippage_micros for trip in trips) == sum(fill.slippage_micros for fill in fills)
    assert sum(trip.net_micros for trip in trips) == realised - fees
    assert [trip.closed_at_us for trip in closed] == sorted(trip.closed_at_us for trip in closed)
    assert [trip.opened_at_us for trip in still_open] == sorted(trip.opened_at_us for trip in still_open)


@given(fill_lists())
def test_each_time_a_position_becomes_flat_or_flips_a_round_trip_ends(fills: list[Fill]) -> None:
    """As many closed round trips as journeys to zero; what stays open is what is held."""
    held: dict[tuple[str, str], int] = {}
    ended = []
    for fill in fills:
        key = (fill.strategy, fill.symbol)
        before = held.get(key, 0)
        held[key] = before + fill.quantity
        if before and before * held[key] <= 0:
            ended.append((*key, 1 if before > 0 else -1, fill.at_us))
    assert [(t.strategy, t.symbol, t.direction, t.closed_at_us) for t in round_trips(fills)] == ended
    still_open = open_round_trips(fills)
    assert {(t.strategy, t.symbol): t.quantity for t in still_open} == {key: lots for key, lots in held.items() if lots}
    assert all(trip.quantity * trip.direction > 0 for trip in still_open)


@given(fill_lists())
def test_profit_of_a_closed_round_trip_is_what_came_in_less_what_went_out(fills: list[Fill]) -> None:
    """Average cost telescopes: whatever the ledger's rounding inside, flat to flat it is the cash that moved."""
    cash: dict[tuple[str, str], int] = {}
    position: dict[tuple[str, str], int] = {}
    expected = []
    for fill in fills:
        key = (fill.strategy, fill.symbol)
        closing = fill.closed_quantity
        cash[key] = cash.get(key, 0) - closing * fill.price_micros
        if position.get(key, 0) and position[key] + closing == 0:
            expected.append(cash.pop(key))
        position[key] = position.get(key, 0) + fill.quantity
        cash[key] = cash.get(key, 0) - (fill.quantity - closing) * fill.price_micros
    assert [trip.gross_micros for trip in round_trips(fills)] == expected


def test_a_split_scales_a_round_trip(ledger: AverageCost) -> None:
    """Quantities and prices are in the shares of its end, and the fraction that was cashed counts as closed."""
    bought = ledger.fill(10, 7, 90, commission=2)
    # 10.5 lots at 64; half a lot cost 30 and was cashed for 32.
    split = Adjustment(20, "trend", "GLD", 3, 2, 7, 10, 32, 2)
    sold = Fill(30, "trend", "GLD", -10, 70, 3, 0, -10, 100, 0)
    (trip,) = round_trips([bought, split, sold])
    assert (trip.entry_price_micros, trip.exit_price_micros) == (60, 70)  # 630/10.5, (32 + 700)/10.5 = 69.7
    assert (trip.quantity_max, trip.gross_micros, trip.commission_micros) == (10, 102, 5)
    (still,) = open_round_trips([bought, split])
    assert (still.quantity, still.quantity_max, still.entry_price_micros, still.gross_micros) == (10, 10, 60, 2)


def test_a_split_to_nothing_ends_a_round_trip(ledger: AverageCost) -> None:
    """Less than a lot is cashed whole: the position is flat."""
    sold = ledger.fill(10, -7, 90)
    (trip,) = round_trips([sold, Adjustment(20, "trend", "GLD", 1, 10, -7, 0, -560, 70)])
    assert (trip.direction, trip.closed_at_us, trip.gross_micros, trip.exit_price_micros) == (-1, 20, 70, 800)
    assert open_round_trips([sold, Adjustment(20, "trend", "GLD", 1, 10, -7, 0, -560, 70)]) == ()


@pytest.mark.parametrize(("held", "finding"), [(0, "nothing is held"), (3, "of 7 lots, and 3 are held")])
def test_a_split_of_what_is_not_held_is_an_error(ledger: AverageCost, held: int, finding: str) -> None:
    fills = [ledger.fill(10, held, 90)] if held else []
    with pytest.raises(LedgerError, match=f"adjustment of 'trend' in GLD .*{finding}"):
        round_trips([*fills, Adjustment(20, "trend", "GLD", 2, 1, 7, 14, 0, 0)])
