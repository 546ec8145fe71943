"""The shadow book: what refused capital would have earned."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from generators import START_US
from recorded_runs import DAY_US, TALES, Lucky, Says, teams
from ropewalk import (
    Bar,
    Dividend,
    OrchestratorConfig,
    Split,
    StrategyOrchestrator,
    buy,
    close,
    feed_of,
    sell,
    synthetic_feed,
    target,
)
from ropewalk.errors import JournalError
from ropewalk.journal import Recording, regret
from ropewalk.money import currency

MEMORY = Recording(None, mode="memory")
PRICES = (10.0, 11.0, 12.0, 15.0, 14.0, 13.0)
COSTS: dict[str, Any] = {
    "commission": {"kind": "per_share", "amount": "0.01", "minimum": 1},
    "slippage": {"kind": "basis_points", "rate": 10},
}


def days(*opens: float) -> list[Bar]:
    """Each day closes half a unit above its open."""
    return [Bar("GLD", START_US + day * DAY_US, o, o + 0.5, o, o + 0.5) for day, o in enumerate(opens)]


def recorded(wants: list[list[Any]], data: Any, **changes: Any) -> Any:
    seats = {"one": (Says(wants), "0.5")}
    return StrategyOrchestrator(seats, 10_000, OrchestratorConfig(**changes)).run(data, journal=MEMORY)


def profit(result: Any) -> int:
    return int((result.final_equity - result.initial_capital) * 1_000_000)


@settings(max_examples=examples(40))
@given(
    seed=st.integers(0, 500),
    costs=st.sampled_from([{}, COSTS]),
    fill_at=st.sampled_from(["next_open", "close"]),
    at=st.integers(0, 17),
    out=st.integers(0, 25),
    side=st.sampled_from([buy, sell]),
)
def test_what_is_refused_altogether_earns_what_it_would_have_earned(
    seed: int, costs: Any, fill_at: str, at: int, out: int, side: Any
) -> None:
    """To the micro: the profit of a run without the limit that refused it, in and out or marked at the end."""
    data = synthetic_feed(1, bars=20, seed=seed)
    (symbol,) = data.symbols
    wants: list[list[Any]] = [[] for _ in range(40)]
    wants[at] = [side(symbol, notional=3_000)]
    wants[at + 1 + out % 20] = [close(symbol)]
    limited = recorded(wants, data, fill_at=fill_at, limits={"positions": 0}, **costs)
    free = recorded(wants, data, fill_at=fill_at, **costs)
    found = regret(limited.journal.content, data=data)
    (rule,) = found.rules
    assert (rule.rule, rule.decisions, rule.shadows + rule.unfilled) == ("account_positions", 1, 1)
    assert rule.refused_micros == 3_000_000_000
    assert rule.profit_micros == profit(free)
    assert rule.strategies in ({}, {"one": rule.profit_micros})


def test_a_trimmed_part_is_an_order_of_its_own() -> None:
    """What the limit left is in the run, what it took in the shadow book; both end with the strategy's own exit."""
    wants = [[buy("GLD", notional=4_000)], [], [close("GLD")]]
    result = recorded(wants, days(*PRICES), limits={"gross_exposure": "0.3"})
    (rule,) = regret(result.journal.content, data=days(*PRICES)).rules
    assert (rule.rule, rule.decisions, rule.refused_micros) == ("gross_exposure", 1, 1_000_000_000)
    # 1,000 buy 90 lots at 11, which are sold at 15.
    assert (rule.invested_micros, rule.profit_micros, rule.open) == (990_000_000, 360_000_000, 0)


def test_what_is_asked_again_while_it_is_held_is_not_bought_twice() -> None:
    """It is counted; and once it is out, a new refusal is a new shadow."""
    wants = [
        [buy("GLD", notional=1_000)],
        [buy("GLD", notional=1_000)],
        [close("GLD")],
        [buy("GLD", notional=1_000)],
    ]
    result = recorded(wants, days(*PRICES), limits={"positions": 0})
    found = regret(result.journal.content, data=days(*PRICES))
    (rule,) = found.rules
    assert (rule.decisions, rule.repeats, rule.shadows, rule.open) == (3, 1, 2, 1)
    assert rule.refused_micros == 3_000_000_000
    # 90 at 11, out at 15; then 71 at 14, marked at 13.50.
    assert [one.profit_micros for one in found.shadows] == [360_000_000, -35_500_000]
    assert [one.ended for one in found.shadows] == ["exit", "open"]


def test_a_strategy_that_gets_in_after_all_ends_its_shadow() -> None:
    """What being late cost is the move until then, not what the real position earns from there."""
    seats = {
        "early": (Says([[buy("GLD", quantity=10)], [], [close("GLD")]]), "0.5"),
        "late": (Says([[], [buy("GLD", notional=1_000)], [], [], [buy("GLD", notional=1_000)]]), "0.5"),
    }
    config = OrchestratorConfig(limits={"positions": 1})
    result = StrategyOrchestrator(seats, 10_000, config).run(days(*PRICES), journal=MEMORY)
    (shadow,) = regret(result.journal.content, data=days(*PRICES)).shadows
    assert result.fills[-1].strategy == "late"
    # 83 at the open of 12, until the fill at the open of 13.
    assert (shadow.strategy, shadow.ended, shadow.lots, shadow.profit_micros) == ("late", "entered", 83, 83_000_000)


@pytest.mark.parametrize(
    ("out", "is_out"),
    [
        (close("GLD"), True),
        (sell("GLD", quantity=1), True),
        (target("GLD", quantity=0), True),
        (target("GLD", quantity=-5), True),
        (target("GLD", quantity=5), False),
        (buy("GLD", quantity=1), False),
        (sell("GLD", quantity=-1), False),
        (close("OIL"), False),
    ],
)
def test_wanting_out_ends_a_shadow_whatever_becomes_of_it(out: Any, is_out: bool) -> None:
    """A strategy that holds nothing is refused its exit, and its shadow hears it all the same."""
    result = recorded([[buy("GLD", notional=1_000)], [], [out]], days(*PRICES), limits={"positions": 0})
    first = regret(result.journal.content, data=days(*PRICES)).shadows[0]
    assert first.ended == ("exit" if is_out else "open")


def test_policies_and_limits_are_told_apart() -> None:
    """What the policy did not allow is the policy's, with its name and parameters; the rest the limit's."""
    seats = {
        "one": (Says([[buy("GLD", notional=2_000)]]), "0.5"),
        "two": (Says([[buy("GLD", notional=2_000)]]), "0.5"),
    }
    config = OrchestratorConfig(conflict_policy={"kind": "pro_rata", "share": "0.3"}, limits={"gross_exposure": "0.2"})
    result = StrategyOrchestrator(seats, 10_000, config).run(days(*PRICES), journal=MEMORY)
    found = regret(result.journal.content, data=days(*PRICES))
    taken = {one.rule: one.refused_micros for one in found.rules}
    assert taken == {"policy pro_rata (share=0.3)": 1_000_000_000, "gross_exposure": 1_000_000_000}


def test_splits_and_dividends_reach_a_shadow() -> None:
    """As they do a position."""
    data = feed_of(days(10, 10, 5, 5, 6)).with_actions(
        [Split(START_US + 2 * DAY_US, "GLD", 2, 1), Dividend(START_US + 3 * DAY_US, "GLD", 100_000)]
    )
    wants = [[buy("GLD", quantity=100)]]
    limited = recorded(wants, data, limits={"positions": 0}, **COSTS)
    (rule,) = regret(limited.journal.content, data=data).rules
    assert rule.profit_micros == profit(recorded(wants, data, quantity_headroom_bps=10_000, **COSTS))


@settings(max_examples=examples(20))
@given(seed=st.integers(0, 100), fill_at=st.sampled_from(["next_open", "close"]))
def test_the_capital_refused_is_the_sum_over_the_decisions(seed: int, fill_at: str) -> None:
    """Of whatever run: no refusal is lost, none is counted twice, and the profits of the rules are those of shadows."""
    data = synthetic_feed(2, bars=60, seed=seed)
    config = OrchestratorConfig(
        seed=seed, fill_at=fill_at, conflict_policy="cancel_both", limits={"gross_exposure": "0.4"}, **COSTS
    )
    result = StrategyOrchestrator(teams(Lucky(), Lucky(), Lucky()), 10_000, config).run(data, journal=MEMORY)
    found = regret(result.journal.content, data=data)
    assert sum(one.refused_micros for one in found.rules) == sum(
        one.asked_micros - one.granted_micros for one in result.decisions
    )
    assert found.profit_micros == sum(one.profit_micros for one in found.shadows)
    for rule in found.rules:
        own = [one for one in found.shadows if one.rule == rule.rule]
        assert rule.decisions == len(own) + rule.repeats + rule.unfilled
        assert sum(rule.strategies.values()) == sum(one.profit_micros for one in own) == rule.profit_micros
    assert found.to_dict()["profit"] == float(currency(found.profit_micros))


def test_nothing_refused_is_nothing_to_regret() -> None:
    """An empty table, no error."""
    result = recorded([[buy("GLD", notional=100)]], days(*PRICES))
    assert regret(result.journal.content, data=days(*PRICES)).rules == ()


def test_what_lies_behind_a_stop_is_not_looked_at() -> None:
    """A shadow of a run that was stopped is marked at the last close before that."""
    asked = iter(range(3))
    config = OrchestratorConfig(limits={"positions": 0})
    result = StrategyOrchestrator({"one": (Says([[buy("GLD", notional=1_000)]]), "0.5")}, 10_000, config).run(
        days(*PRICES), journal=MEMORY, should_stop=lambda: next(asked, None) is None
    )
    (shadow,) = regret(result.journal.content, data=days(*PRICES)).shadows
    assert shadow.profit_micros == 90 * 1_500_000


def test_a_journal_that_is_no_whole_run_is_refused() -> None:
    """And one whose cost model is one's own needs it."""
    tale = TALES["own rules"]
    content = tale.run().journal.content
    with pytest.raises(JournalError, match="commission came with the run; give config="):
        regret(content, data=tale.data())
    assert regret(content, data=tale.data(), config=tale.config()).rules
    cut = b"".join(content.splitlines(keepends=True)[:-1])
    with pytest.raises(JournalError, match="has not ended"):
        regret(cut, data=tale.data())
    with pytest.raises(JournalError, match="give data="):
        regret(content)
