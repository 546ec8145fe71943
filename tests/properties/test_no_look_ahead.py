"""A decision at instant t sees bars up to and including t, and nothing that comes after can change it."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from certain import SHARED, always
from examples import examples
from generators import START_US, Case, Player, cases, held_cases, shared_cases
from ropewalk import BuyAndHold, MeanReversion, Momentum, StrategyOrchestrator, buy, close

WORDS = (
    "actions",
    "adjustments",
    "payments",
    "intents",
    "conflicts",
    "decisions",
    "fills",
    "lapses",
    "transfers",
    "rebalances",
    "reallocations",
    "suspensions",
    "faults",
)


def told_upto(result: Any, at_us: int) -> list[bytes]:
    """Every entry at or before an instant, as bytes, numbers and causes included."""
    entries = [entry for word in WORDS for entry in getattr(result.record, word) if entry.event.at_us <= at_us]
    return [msgspec.json.encode(entry) for entry in sorted(entries, key=lambda entry: entry.number)]


def scrambled(case: Case, after_us: int, factors: list[int]) -> Case:
    """The case with every bar after an instant moved to other prices."""
    bars = {}
    for symbol, rows in case.bars.items():
        changed = []
        for seat, row in enumerate(rows):
            factor = factors[seat % len(factors)]
            is_past = row[0] <= after_us
            changed.append(row if is_past else (row[0], *(round(price * factor) / 100 + 0.25 for price in row[1:])))
        bars[symbol] = tuple(changed)
    return case.but(bars=bars)


def without_some(case: Case, after_us: int, keep: int) -> Case:
    """The case with some of the bars after an instant missing, though never a symbol's first or last."""
    return case.but(
        bars={
            symbol: tuple(
                row
                for seat, row in enumerate(rows)
                if row[0] <= after_us or seat in (0, len(rows) - 1) or (seat + keep) % 2
            )
            for symbol, rows in case.bars.items()
        }
    )


def cut_of(case: Case, seat: int) -> int:
    """An instant that has at least one other after it."""
    times = sorted({row[0] for rows in case.bars.values() for row in rows})
    assume(len(times) > 1)
    return times[seat % (len(times) - 1)]


@given(cases(), st.integers(0, 100), st.lists(st.integers(20, 400), min_size=1, max_size=4))
def test_scrambling_what_follows_changes_nothing_before(case: Case, seat: int, factors: list[int]) -> None:
    """Other prices after t leave all that was recorded up to t byte-identical, for strategies of all three kinds."""
    at_us = cut_of(case, seat)
    assert told_upto(scrambled(case, at_us, factors).run(), at_us) == told_upto(case.run(), at_us)


@settings(max_examples=examples(25))
@always(SHARED, seat=3, keep=1, factors=[120, 85, 97])
@given(shared_cases(), st.integers(0, 100), st.integers(0, 1), st.lists(st.integers(60, 150), min_size=1, max_size=4))
def test_no_rebalance_and_no_suspension_knows_what_follows(
    case: Case, seat: int, keep: int, factors: list[int]
) -> None:
    """Not even that a month is over before a bar of the next one is there."""
    at_us = cut_of(case, seat)
    other = scrambled(without_some(case, at_us, keep), at_us, factors)
    assert told_upto(other.run(), at_us) == told_upto(case.run(), at_us)


@given(cases(kinds=("script", "asking")), st.integers(0, 100), st.integers(0, 1))
def test_missing_bars_later_change_nothing_before(case: Case, seat: int, keep: int) -> None:
    """Bars that will be missing are as unknown as their prices."""
    at_us = cut_of(case, seat)
    assert told_upto(without_some(case, at_us, keep).run(), at_us) == told_upto(case.run(), at_us)


@given(st.one_of(cases(), held_cases(kinds=("script", "signals"))), held_cases(), st.integers(0, 100))
def test_actions_to_come_change_nothing_before(case: Case, other: Case, seat: int) -> None:
    """Splits and dividends after t are as unknown as bars after t, for strategies of all three kinds."""
    at_us = cut_of(case, seat)
    past = tuple(action for action in case.actions if action[1] <= at_us)
    ends = {symbol: rows[-1][0] for symbol, rows in case.bars.items()}
    ahead = (action for action in other.actions if at_us < action[1] <= ends.get(action[2], 0))
    changed = case.but(actions=(*past, *(action for action in ahead if action[1] >= case.bars[action[2]][0][0])))
    assert told_upto(changed.run(), at_us) == told_upto(case.run(), at_us)


@pytest.mark.parametrize("strategy", [BuyAndHold, lambda: Momentum(2, 4), lambda: MeanReversion(3, 45, 55)])
def test_shipped_strategies_do_not_look_ahead(strategy: Any) -> None:
    """What ships as an example keeps the rule, at every cut."""
    prices = np.round(100 + np.cumsum(np.random.default_rng(5).normal(0, 2, 40)), 2).tolist()
    rows = tuple((START_US + step, price, price, price, price) for step, price in enumerate(prices))
    case = Case(bars={"AAA": rows}, players={})
    whole = StrategyOrchestrator({"s": (strategy(), 1)}).run(case.data())
    assert len(whole.intents) > 0
    for cut in range(39):
        other = scrambled(case, START_US + cut, [120, 85, 97])
        again = StrategyOrchestrator({"s": (strategy(), 1)}).run(other.data())
        assert told_upto(again, START_US + cut) == told_upto(whole, START_US + cut)


class Peeking:
    """Looks for the future wherever a list or an array could hide it."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, int]] = []
        self.lengths: list[tuple[int, int]] = []

    def on_bar(self, bar: Any, view: Any) -> Any:
        history = view.history(bar.symbol)
        column = history.close
        base = column
        while base is not None:
            self.seen.append((float(np.max(base)), len(history)))
            base = getattr(base, "base", None)
        self.lengths.append((len(history), len(column)))
        with pytest.raises(IndexError):
            history[len(history)]
        return None


def test_no_array_leads_to_the_future() -> None:
    """`history.close.base` is what has been, never a window on the whole sample."""
    rows = tuple((START_US + step, *[float(step + 1)] * 4) for step in range(600))
    peeking = Peeking()
    StrategyOrchestrator([(peeking, 1)]).run(Case(bars={"AAA": rows}, players={}).data())
    assert peeking.lengths == [(step, step) for step in range(1, 601)]
    assert all(high <= step for high, step in peeking.seen)


class Vandal:
    """Tries to change what everyone sees, in every way a list knows."""

    def __init__(self) -> None:
        self.refused = 0

    def on_bar(self, bar: Any, view: Any) -> Any:
        bars = view.history(bar.symbol)
        for attempt in (
            lambda: bars.append(bar),
            lambda: bars.extend([bar]),
            lambda: bars.insert(0, bar),
            lambda: bars.pop(),
            lambda: bars.remove(bar),
            lambda: bars.clear(),
            lambda: bars.sort(key=id),
            lambda: bars.reverse(),
            lambda: bars.__setitem__(0, bar),
            lambda: bars.__delitem__(0),
            lambda: bars.__iadd__([bar]),
            lambda: bars.__imul__(2),
        ):
            with pytest.raises(TypeError, match=r"take bars\.copy\(\)"):
                attempt()
            self.refused += 1
        with pytest.raises(ValueError, match="read-only"):
            bars.close[0] = 1.0
        with pytest.raises(AttributeError):
            bar.close = 1.0
        bars.copy().clear()
        bars[:].reverse()
        return None


class Counting:
    """Buys on odd lengths and closes on even ones."""

    def on_bar(self, bar: Any, view: Any) -> Any:
        bars = view.history(bar.symbol)
        return buy(bar.symbol, fraction=0.5) if len(bars) % 2 else close(bar.symbol)


@given(cases(players_max=1, kinds=("asking",)))
def test_a_vandal_changes_nothing(case: Case) -> None:
    """Bars cannot be changed: a strategy that tries hears TypeError, and the others never know."""
    vandal = Vandal()
    alone = StrategyOrchestrator({"counting": (Counting(), "0.5")}, "5000").run(case.data())
    shared = StrategyOrchestrator({"vandal": (vandal, "0.5"), "counting": (Counting(), "0.5")}, "5000").run(case.data())
    assert vandal.refused > 0
    assert [fill for fill in shared.fills if fill.strategy == "counting"] == list(alone.fills)


def test_a_player_that_peeks_would_be_caught() -> None:
    """A check that cannot fail is a defect: signals that look one row ahead differ once that row changes."""

    class Peeker:
        def signals(self, history: Any) -> Any:
            return (np.diff(history.close, append=history.close[-1]) > 0).astype(float)

    rows = tuple((START_US + step, *[100.0 + step] * 4) for step in range(6))
    case = Case(bars={"AAA": rows}, players={"s": Player("script")})
    at_us = START_US + 2
    before = StrategyOrchestrator([(Peeker(), 1)]).run(case.data())
    after = StrategyOrchestrator([(Peeker(), 1)]).run(scrambled(case, at_us, [1]).data())
    assert told_upto(before, START_US) == told_upto(after, START_US)
    assert told_upto(before, at_us) != told_upto(after, at_us)
