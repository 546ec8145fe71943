"""Rebalancers: pure functions from the members to exact shares, and what is believed of an answer."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from ropewalk import Member, PluginError, exact_shares
from ropewalk.arbiter.rebalance import Calendar as Periods
from ropewalk.arbiter.rebalancers import (
    Calendar,
    DrawdownScaled,
    EqualRiskContribution,
    InverseVolatility,
    Threshold,
    asked,
)
from ropewalk.arbiter.risk import covariance, equal_risk

CALM, WILD = (10, -10, 10, -10), (30, -30, 30, -30)


def member(strategy: str, weight: str, share: str = "", *, returns: Any = (), drawdown: str = "0") -> Member:
    return Member(
        strategy, Fraction(weight), Fraction(share or weight), 1_000, Fraction(drawdown), tuple(returns), False
    )


def told(answer: Any) -> Any:
    return None if answer is None else {name: str(share) for name, share in answer.items()}


@pytest.mark.parametrize(
    ("rebalancer", "members", "shares"),
    [
        (Calendar(), [member("a", "0.5", "0.7"), member("b", "0.4", "0.2")], {"a": "1/2", "b": "2/5"}),
        (Threshold(), [member("a", "0.5", "0.599"), member("b", "0.4", "0.301")], None),
        (Threshold(), [member("a", "0.5", "0.6"), member("b", "0.4", "0.3")], {"a": "1/2", "b": "2/5"}),
        (Threshold(None, Fraction(1, 4)), [member("a", "0.5", "0.41"), member("b", "0.4", "0.49")], None),
        (
            Threshold(None, Fraction(1, 4)),
            [member("a", "0.5", "0.4"), member("b", "0.4", "0.5")],
            {"a": "1/2", "b": "2/5"},
        ),
        (
            InverseVolatility(lookback=4),
            [member("a", "0.5", returns=CALM), member("b", "0.3", returns=WILD), member("c", "0.1", returns=(0,) * 4)],
            {"a": "3/5", "b": "1/5", "c": "1/10"},
        ),
        (InverseVolatility(lookback=5), [member("a", "0.5", returns=CALM), member("b", "0.3", returns=WILD)], None),
        (InverseVolatility(lookback=2), [member("a", "0.5", returns=(7, 7)), member("b", "0.3", returns=(0, 0))], None),
        (
            EqualRiskContribution(lookback=4),
            [member("a", "0.5", returns=CALM), member("b", "0.3", returns=WILD)],
            {"a": "3/5", "b": "1/5"},
        ),
        (
            DrawdownScaled(),
            [member("a", "0.4"), member("b", "0.4", drawdown="0.1"), member("c", "0.2", drawdown="1.5")],
            {"a": "2/5", "b": "1/4", "c": "1/20"},
        ),
    ],
)
def test_what_a_rebalancer_wants(rebalancer: Any, members: list[Member], shares: Any) -> None:
    """One line a rule: to the weights; only from a distance on; by volatility; by drawdown. None is: leave it."""
    assert told(rebalancer.targets(members)) == shares
    if shares is not None:
        assert asked(rebalancer, members) == [Fraction(one) for one in shares.values()]


class Says:
    name = "says"
    every = "month"

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def targets(self, members: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ({"a": 0.5, "b": 0}, r"gave a 0.5, a float; shares are exact: Fraction, Decimal or int; exact_shares"),
        ({"a": True, "b": 0}, "gave a True, a bool"),
        ({"a": Decimal("NaN"), "b": 0}, "gave a NaN; shares are finite"),
        ({"a": Fraction(-1, 3), "b": 0}, "gave a about -0.333333; shares are 0 or more"),
        ({"a": Decimal("0.5"), "b": Decimal("0.400001")}, "sum to 0.900001; the weights sum to 0.9"),
        ({"a": 0}, "return a dict with one share for each of a, b, or None"),
        ({"a": 0, "b": 0, "c": 0}, "one share for each of a, b"),
        ([0, 0], "one share for each of a, b"),
        (ValueError("no idea"), "targets raised ValueError: no idea"),
    ],
)
def test_nothing_else_is_believed(answer: Any, wrong: str) -> None:
    """The error names the rebalancer, what it said, and what it may say."""
    members = [member("a", "0.5"), member("b", "0.4")]
    with pytest.raises(PluginError, match=f"^rebalancer says.*{wrong}"):
        asked(Says(answer), members)


def test_shares_may_be_exact_in_any_way() -> None:
    members = [member("a", "0.5"), member("b", "0.4")]
    assert asked(Says({"b": Decimal("0.4"), "a": Fraction(1, 3)}), members) == [Fraction(1, 3), Fraction(2, 5)]
    assert asked(Says({"a": 0, "b": 0}), members) == [0, 0]
    assert asked(Says(None), members) is None


COLUMNS = st.lists(st.lists(st.integers(-(10**7), 10**7), min_size=12, max_size=12), min_size=2, max_size=5)


@settings(max_examples=examples(40))
@given(COLUMNS)
def test_equal_risk_is_equal(columns: list[list[int]]) -> None:
    """Each share times its covariance with the whole is the same, and the shares are the whole."""
    returns = {f"s{seat}": one for seat, one in enumerate(columns) if len(set(one)) > 1}
    if len(returns) < 2:
        return
    shares = equal_risk(returns, Fraction(1))
    assert sum(shares.values()) == 1
    assert min(shares.values()) >= 0
    whole = [sum(shares[name] * one[row] for name, one in returns.items()) for row in range(12)]
    parts = [float(shares[name] * covariance(one, whole)) for name, one in returns.items()]  # type: ignore[arg-type]
    # Shares come in millionths, so a contribution is known to as much of the largest.
    tolerance = max(abs(part) for part in parts) * 0.02 + 1e-6
    assert all(abs(one - other) <= tolerance for one, other in pairwise(parts))


def test_equal_risk_of_three() -> None:
    """
    Two that move together share what one alone has.

    Volatilities 1, 1, 2 and correlations 0 but for the first two, which are equal: loads are 1/√2 each of what the
    third has, in proportion to 1/volatility.
    """
    one, other = [1, -1, 1, -1], [2, 2, -2, -2]
    shares = equal_risk({"a": one, "b": one, "c": other}, Fraction(1))
    assert shares["a"] == shares["b"]
    assert float(shares["c"] / shares["a"]) == pytest.approx(2**0.5 / 2, abs=1e-5)


@pytest.mark.parametrize(
    ("every", "days", "due"),
    [
        ("week", ["2024-01-05", "2024-01-08", "2024-01-12", "2024-01-22"], [False, True, False, True]),
        ("month", ["2024-01-30", "2024-01-31", "2024-02-02", "2024-04-01"], [False, False, True, True]),
        ("quarter", ["2023-11-01", "2023-12-31", "2024-01-02", "2024-03-29"], [False, False, True, False]),
        ("instant", ["2024-01-05", "2024-01-05"], [True, True]),
        ("month", ["1969-12-31", "1970-01-01"], [False, True]),
        ("week", ["1969-12-28", "1969-12-29", "1970-01-04", "1970-01-05"], [False, True, False, True]),
        ("quarter", ["2024-12-31", "2025-01-01", "2025-03-31", "2025-04-01"], [False, True, False, True]),
    ],
)
def test_a_period_has_ended_once_the_next_one_is_seen(every: Any, days: list[str], due: list[bool]) -> None:
    """At the first instant of the new period, never at the first of a run, and only once a period."""
    periods = Periods(every)
    times = [int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1_000_000) for day in days]
    assert [periods.is_due(at) for at in times] == due


def test_exact_shares_sum_to_the_whole() -> None:
    """Floats that differ in their last digit give the same shares; what is no proportion is refused."""
    shares = exact_shares({"a": 0.1 + 0.2, "b": 0.3, "c": 0.3}, Fraction(9, 10))
    assert shares == exact_shares({"a": 0.3, "b": 0.3, "c": 0.3}, Fraction(9, 10))
    assert sum(shares.values()) == Fraction(9, 10)
    for wrong, message in (({"a": -1.0}, "is -1.0"), ({"a": float("nan")}, "is nan"), ({"a": 0.0}, "all proportions")):
        with pytest.raises(ValueError, match=message):
            exact_shares(wrong)
