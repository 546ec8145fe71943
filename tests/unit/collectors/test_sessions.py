"""Sessions: the last instant of each date in UTC, and how many of them make a year."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.collectors.equity import EquityCurve
from ropewalk.collectors.sessions import DAY_US, at_session_ends, periods_per_year, session_days, session_returns

HOUR_US = DAY_US // 24
EPOCH = date(1970, 1, 1)


def column(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def curve(at_us: list[int], equity: list[int], flow: list[int]) -> EquityCurve:
    zeros = np.zeros(len(at_us), np.int64)
    return EquityCurve("trend", column(*at_us), column(*equity), column(*equity), zeros, zeros, column(*flow))


def test_a_session_is_a_date_in_utc() -> None:
    """Its last instant stands for it; midnight begins the next one, also before 1970."""
    at_us = column(-DAY_US, -1, 0, DAY_US - 1, DAY_US, 5 * DAY_US)
    assert at_session_ends(at_us, column(1, 2, 3, 4, 5, 6)).tolist() == [2, 4, 5, 6]
    assert session_days(at_us).tolist() == [-1, 0, 1, 5]
    assert session_days(column()).tolist() == []


def test_at_session_ends_keeps_the_kind_of_a_column() -> None:
    """Floats stay floats, micros stay integers."""
    assert at_session_ends(column(1, 2), np.array([0.5, 1.5])).tolist() == [1.5]


def test_daily_returns_are_the_curve_s_own() -> None:
    """One instant a session: nothing to sample."""
    daily = curve([0, DAY_US, 2 * DAY_US], [100, 110, 99], [100, 0, 0])
    assert session_returns(daily).tolist() == daily.returns.tolist() == [110 / 100 - 1.0, 99 / 110 - 1.0]


def test_a_first_session_of_several_instants_has_a_return() -> None:
    """From the first funding to its end."""
    hours = curve([0, HOUR_US, 2 * HOUR_US, DAY_US], [90, 100, 120, 132], [100, 0, 0, 0])
    assert session_returns(hours).tolist() == [120 / 100 - 1.0, 132 / 120 - 1.0]


def test_a_flow_inside_a_session_does_not_disturb_its_return() -> None:
    """10 % in the morning, half of it taken out at noon, 10 % in the afternoon: 21 %."""
    at_us = [0, DAY_US, DAY_US + HOUR_US, DAY_US + 2 * HOUR_US, 2 * DAY_US]
    hours = curve(at_us, [1000, 1100, 550, 605, 605], [1000, 0, -550, 0, 0])
    assert session_returns(hours).round(12).tolist() == [0.21, 0.0]


def test_no_instants_no_returns() -> None:
    """Nor does the one instant of a base give any."""
    assert session_returns(curve([], [], [])).tolist() == []
    assert session_returns(curve([5], [100], [100])).tolist() == []


@given(st.data())
def test_session_returns_compound_to_the_curve_s_own(data: st.DataObject) -> None:
    """Sampling moves no growth: the products agree, whatever the flows."""
    at_us = sorted(data.draw(st.sets(st.integers(0, 5 * 24), min_size=2, max_size=30)))
    equity, flow = [10**9], [10**9]
    for _ in at_us[1:]:
        flow.append(data.draw(st.sampled_from([0, 0, 0, 10**8])))
        equity.append((equity[-1] + flow[-1]) * data.draw(st.integers(90, 110)) // 100)
    sampled = curve([at * HOUR_US for at in at_us], equity, flow)
    growth = np.prod(1.0 + sampled.returns)
    assert np.prod(1.0 + session_returns(sampled)) == pytest.approx(growth, rel=1e-12)
    days = len({at // 24 for at in at_us})
    first_is_alone = len(at_us) == 1 or at_us[0] // 24 != at_us[1] // 24
    assert len(session_returns(sampled)) == days - first_is_alone


def days_between(first: date, last: date, *, weekdays: str) -> np.ndarray:
    every = [first + timedelta(days=day) for day in range((last - first).days)]
    return column(*((day - EPOCH).days for day in every if day.strftime("%a") in weekdays))


def months(step: int, count: int) -> np.ndarray:
    first = [date(2000 + month // 12, month % 12 + 1, 1) for month in range(0, step * count, step)]
    return column(*((day - EPOCH).days for day in first))


START, END = date(2020, 1, 1), date(2021, 1, 1)


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [
        ("Mon Tue Wed Thu Fri", 252),
        ("Mon Tue Wed Thu Fri Sat Sun", 365),
        ("Sun Mon Tue Wed Thu", 252),
        ("Sun Mon Tue Wed Thu Fri", 252),
        ("Tue Wed Thu Fri Sat", 252),
        ("Mon Wed Fri", 252),
        ("Fri", 52),
        ("Sat", 52),
    ],
)
def test_the_days_of_the_week_say_what_a_year_is(weekdays: str, expected: int) -> None:
    """Only a market that is open on Saturdays and Sundays has 365 sessions."""
    assert periods_per_year(days_between(START, END, weekdays=weekdays)) == expected


def test_an_odd_weekend_session_makes_no_seven_day_market() -> None:
    """One test session on a weekend in a year of weekdays."""
    days = days_between(START, END, weekdays="Mon Tue Wed Thu Fri")
    weekend = days_between(START, date(2020, 1, 7), weekdays="Sat Sun")
    assert periods_per_year(np.sort(np.append(days, weekend))) == 252


def test_holes_in_a_seven_day_market_leave_it_one() -> None:
    """Outages on some weekends."""
    days = days_between(START, END, weekdays="Mon Tue Wed Thu Fri Sat Sun")
    assert periods_per_year(np.delete(days, slice(3, 40, 7))) == 365


@pytest.mark.parametrize(("step", "expected"), [(1, 12), (3, 4), (12, 1)])
def test_months_quarters_and_years(step: int, expected: int) -> None:
    """By the median gap, whatever the lengths of the months."""
    days = months(step, 8)
    assert len({later - earlier for earlier, later in pairwise(days.tolist())}) > 1
    assert periods_per_year(days) == expected


@pytest.mark.parametrize("days", [[], [5]])
def test_fewer_than_two_sessions_say_nothing(days: list[int]) -> None:
    """Weekdays are assumed, and no annual metric has a value then."""
    assert periods_per_year(column(*days)) == 252
