"""How close limits came: at every close, what a ledger kept by hand says of each, and when it was closest."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from recorded_runs import Says, Tale, flat
from report_runs import limited
from ropewalk import buy, feed_of, sell
from ropewalk.collectors.limit_use import parts
from ropewalk.money import MICROS_MAX, part_down

Uses = dict[tuple[str, str, str], list[tuple[int, int]]]


def by_hand(result: Any) -> Uses:
    """What was used and allowed of each limit of `limited()`, close by close, from fills and closes alone."""
    share, capital = Fraction, result.started.capital_micros
    cash = dict(zip(result.started.strategies, result.started.allocated_micros, strict=True))
    pool, peak = capital - sum(cash.values()), dict.fromkeys(cash, 0)
    lots: defaultdict[tuple[str, str], int] = defaultdict(int)
    marks: dict[str, int] = {}
    uses: defaultdict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
    bars = {(one.symbol, at): close for one in result.series for at, close in zip(one.at_us, one.close, strict=True)}
    for at_us in sorted({at for _, at in bars}):
        for fill in result.fills:
            if fill.at_us == at_us:
                cash[fill.strategy] -= fill.quantity * fill.price_micros + fill.commission_micros
                lots[fill.strategy, fill.symbol] += fill.quantity
        marks |= {symbol: round(close * 1e6) for (symbol, at), close in bars.items() if at == at_us}
        worth = {(owner, symbol): held * marks[symbol] for (owner, symbol), held in lots.items() if held}
        own = {name: sum(value for (owner, _), value in worth.items() if owner == name) for name in cash}
        gross = sum(map(abs, worth.values()))
        equity = pool + sum(cash.values()) + sum(own.values())
        for name, money in cash.items():
            held = sum(abs(value) for (owner, _), value in worth.items() if owner == name)
            uses[name, "allocation", ""].append((held, money + own[name]))
        first = cash["s0"] + own["s0"]
        peak["s0"] = max(peak["s0"], first)
        uses["s0", "drawdown", ""].append((peak["s0"] - first, part_down(peak["s0"], share("0.1"))))
        uses["s0", "strategy_positions", ""].append((sum(owner == "s0" for owner, _ in worth), 1))
        uses["s0", "symbol_share", "AAPL"].append((abs(worth.get(("s0", "AAPL"), 0)), part_down(first, share("0.6"))))
        uses["aggregate", "gross_exposure", ""].append((gross, part_down(equity, share("0.5"))))
        uses["aggregate", "net_exposure", ""].append((abs(sum(worth.values())), part_down(equity, share("0.45"))))
        uses["aggregate", "leverage", ""].append((gross, part_down(equity, share("0.9"))))
        uses["aggregate", "account_positions", ""].append((len(worth), 3))
        longs = sum(max(value, 0) for value in worth.values())
        uses["aggregate", "cash_reserve", ""].append((longs, equity + part_down(-equity, share("0.1"))))
        of = {name: sum(abs(value) for (_, symbol), value in worth.items() if symbol == name) for name in marks}
        uses["aggregate", "symbol_exposure", "AAPL"].append((of["AAPL"], part_down(equity, share("0.4"))))
        uses["aggregate", "symbol_exposure", "IBM"].append((of["IBM"], part_down(equity, share("0.2"))))
        uses["aggregate", "group_exposure", "tech"].append((of["AAPL"] + of["IBM"], part_down(equity, share("0.48"))))
    return uses


def test_every_limit_is_measured_as_by_hand() -> None:
    """The largest part in use, the first close at which it was, both amounts, and how often more was in use."""
    result = limited().run()
    expected = by_hand(result)
    found = result.limit_use()
    assert {(one.owner, one.limit, one.scope) for one in found} == {*expected}
    for one in found:
        closes = expected[one.owner, one.limit, one.scope]
        shares = [used / allowed for used, allowed in closes]
        row = shares.index(max(shares))
        assert (one.utilisation, one.used, one.allowed) == (shares[row], *closes[row]), one
        assert one.at_us == result.equity_curve.at_us[row]
        if one.scope != "AAPL":
            assert one.closes_over == sum(used > allowed for used, allowed in closes)


def test_what_a_limit_cut_down_is_counted_once() -> None:
    """By the limits of all strategies and of each, together as often as decisions name a limit."""
    result = limited().run()
    limits = {one.limit for one in result.limit_use()}
    assert sum(one.bound for one in result.limit_use()) == sum(one.reason in limits for one in result.decisions) > 0


@pytest.mark.parametrize("base", ["compounding", "fixed"])
def test_gains_are_capital_or_not_as_the_run_was_set(base: str) -> None:
    """With a fixed base a gain is in use, and nothing that may be."""
    tale = Tale(
        lambda: {"a": (Says([[buy("GLD", fraction=1)]]), "1")},
        feed_of_three,
        lambda: {"capital_base": base},
    )
    (one,) = tale.run().limit_use()
    assert one.utilisation == (1.0 if base == "compounding" else 1.5)


def feed_of_three() -> Any:
    return feed_of(flat("GLD", 100, 100, 150))


def test_where_nothing_was_left_there_is_no_share_of_it() -> None:
    """A book that lost everything may use nothing: no value, and every such close is over the limit."""
    tale = Tale(lambda: {"a": (Says([[sell("GLD", fraction=1)]]), "1")}, lambda: feed_of(flat("GLD", 100, 100, 300)))
    (one,) = tale.run().limit_use()
    assert one.utilisation == 1.0
    assert one.closes_over == 1
    limits = {"limits": {"gross_exposure": "0"}}
    none = Tale(lambda: {"a": (Says([]), "1")}, feed_of_three, lambda: limits).run().limit_use()[1]
    assert none.utilisation is none.at_us is none.used is None
    assert none.missing["utilisation"] == "the limit left nothing at any close"


def test_shares_are_taken_exactly_whatever_their_size() -> None:
    """Rounded down as limits do, also where the product does not fit."""
    amounts = np.array([7, 10**18, -5, 2**61 - 1])
    for share in (Fraction(1, 3), Fraction(10**12 + 1, 10**12), Fraction(5)):
        expected = [min(part_down(max(one, 0), share), MICROS_MAX) for one in amounts.tolist()]
        assert parts(amounts, share).tolist() == expected


@pytest.mark.parametrize(("base", "last", "name"), [("compounding", 120, "drawdown"), ("fixed", 210, "allocation")])
def test_capital_that_moves_takes_limits_along(base: str, last: int, name: str) -> None:
    """Peaks in proportion, a fixed base dealt out anew: in use is what a decision at that close was held against."""
    limits = {"strategies": {"a": {"drawdown": "0.2"}}}
    rebalance = {"kind": "threshold", "absolute": "0.05"}
    wants = [[buy("GLD", fraction=0.9)], *[[]] * 4, [buy("GLD", quantity=1)]]
    result = Tale(
        lambda: {"a": (Says(wants), "0.5"), "b": (Says([]), "0.5")},
        lambda: feed_of(flat("GLD", 100, 100, 200, 200, 200, last)),
        lambda: {"rebalance": rebalance, "limits": limits, "capital_base": base},
    ).run()
    assert result.reallocations
    (use,) = (one for one in result.limit_use() if (one.owner, one.limit) == ("a", name))
    held = result.decisions[-1]
    assert (held.verdict, held.reason) == ("refused", name)
    assert (use.used, use.allowed, use.at_us) == (held.used_micros, held.limit_micros, held.at_us)
