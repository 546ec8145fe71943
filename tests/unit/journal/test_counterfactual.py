"""Counterfactuals: what a recorded run would have come to under other settings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from generators import START_US
from recorded_runs import BUSY, DAY_US, TALES, Chatty, Lucky, Says, Tumbles, every_tale, few_bars, months, teams
from ropewalk import (
    Bar,
    Momentum,
    MomentumSignals,
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
from ropewalk.errors import ConfigError, JournalError, MissingInputError, StrategyError
from ropewalk.events import Intent
from ropewalk.journal import Journal, Recording, counterfactual, policy_cases, replay, verify, what_if
from ropewalk.journal.replay import replay as replayed

MEMORY = Recording(None, mode="memory")
FILLS = ("next_open", "close")


class Parrot:
    """Says what was said in another run, at the same times, and looks at nothing."""

    def __init__(self, intents: Any) -> None:
        self.said: dict[int, list[Any]] = {}
        for intent in intents:
            self.said.setdefault(intent.at_us, []).append(intent)

    def on_turn(self, view: Any) -> Any:
        return [_want(intent) for intent in self.said.get(view.at_us, ())]


def _want(intent: Intent) -> Any:
    amount: Any = intent.amount if intent.unit == "quantity" else Decimal(intent.amount) / 1_000_000
    make: Any = {"buy": buy, "sell": sell, "close": close, "target": target}[intent.action]
    return make(intent.symbol, **{intent.unit: amount})


def recorded(seats: Any, data: Any, **changes: Any) -> Any:
    return StrategyOrchestrator(seats, 10_000, OrchestratorConfig(**changes)).run(data, journal=MEMORY)


def crowd() -> dict[str, Any]:
    """Signal strategies: what they say depends on no fill."""
    return {
        "quick": (MomentumSignals(3, 9), "0.3"),
        "slow": (MomentumSignals(5, 15), "0.3"),
        "other": (MomentumSignals(2, 30), "0.4"),
    }


# ── an empty override changes nothing ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fill_at", FILLS)
@every_tale
def test_an_empty_override_gives_identical_records(name: str, fill_at: str) -> None:
    """Frozen, without asking a strategy: whatever can happen in a run happens again, event by event."""
    tale = TALES[name]
    result = StrategyOrchestrator(tale.seats(), tale.capital, tale.config(fill_at=fill_at)).run(
        tale.data(), journal=MEMORY
    )
    again = counterfactual(result.journal.content, data=tale.data(), config=tale.config(fill_at=fill_at))
    assert again.is_identical
    assert again.exit_code == 0
    assert again.result.record.digest() == result.record.digest()
    assert (again.moved, again.unsaid, again.sight.other, again.changed_fills) == (0, 0, 0, ())


@pytest.mark.parametrize("name", TALES)
def test_a_case_has_the_same_bytes_in_memory_and_in_a_folder(name: str, tmp_path: Path) -> None:
    """In memory everything is written at the end, in a folder as it comes."""
    tale = TALES[name]
    content = tale.run().journal.content
    kept, there = (
        counterfactual(content, {"capital": "77000"}, data=tale.data(), config=tale.config(), into=into).journal
        for into in (None, tmp_path)
    )
    assert there.path.read_bytes() == kept.content
    assert there.digest == kept.digest


@pytest.mark.parametrize("name", ["all four", "lucky", "close at end", "actions"])
def test_live_strategies_say_the_same_when_nothing_is_overridden(name: str) -> None:
    """Live without overrides is the run."""
    tale = TALES[name]
    content = tale.run().journal.content
    assert counterfactual(content, live=True, **tale.again()).is_identical


def test_a_run_that_was_stopped_is_asked_about_up_to_there() -> None:
    """Neither the end of the data nor what lies behind the stop has a part in it."""
    asked = iter(range(40))
    result = BUSY.run_unchecked(MEMORY, should_stop=lambda: next(asked, None) is None)
    given = BUSY.again()
    assert result.ended.status == "stopped"
    assert counterfactual(result.journal.content, data=given["data"], config=given["config"]).is_identical
    live = counterfactual(result.journal.content, live=True, **given)
    assert live.is_identical
    assert live.result.ended.instants == 40


def test_a_strategy_that_is_not_the_same_twice_ends_with_1() -> None:
    """Nothing was overridden, and yet something differs."""
    tale = TALES["momentum"]
    strategies = {name: Momentum(2, 5) for name in tale.strategies()}
    found = counterfactual(tale.run().journal.content, live=True, strategies=strategies, data=tale.data())
    assert not found.is_identical
    assert found.exit_code == 1


# ── frozen, live, and separate runs ───────────────────────────────────────────────────────────────────────────────────

OVERRIDES: list[dict[str, Any]] = [
    {"conflict_policy": "priority"},
    {"conflict_policy": "cancel_both", "conflict_policies.AAPL": "weighted_average"},
    {"conflict_policy": {"kind": "pro_rata", "share": "0.1"}},
    {"limits.gross_exposure": "0.4"},
    {"limits.strategies.quick.drawdown": "0.01"},
    {"limits": {"symbol_exposure": "0.2", "positions": 2}},
    {
        "commission": {"kind": "per_share", "amount": "0.01", "minimum": 1},
        "slippage": {"kind": "basis_points", "rate": 5},
    },
    {"conflict_policy": "net", "commission": {"kind": "fixed", "amount": 1}},
    {"conflict_policies.IBM": "net", "fill_at": "close", "slippage": {"kind": "basis_points", "rate": 5}},
    {"conflict_policy": "net", "crossing": False},
    {"quantity_headroom_bps": 0, "capital_base": "fixed"},
    {"fill_at": "close"},
    {"capital": 50_000, "strategies.quick.weight": "0.1"},
]


def as_config(overrides: dict[str, Any]) -> OrchestratorConfig:
    """Write the same settings as one would for a run of its own."""
    typed: dict[str, Any] = {}
    for key, value in overrides.items():
        if key.startswith(("capital", "strategies")) and key != "capital_base":
            continue
        *tables, name = key.split(".")
        inner = typed
        for table in tables:
            inner = inner.setdefault(table, {})
        inner[name] = value
    return OrchestratorConfig(**typed)


def separately(overrides: dict[str, Any]) -> Any:
    seats = crowd()
    if "strategies.quick.weight" in overrides:
        seats["quick"] = (seats["quick"][0], overrides["strategies.quick.weight"])
    capital = overrides.get("capital", 10_000)
    return StrategyOrchestrator(seats, capital, as_config(overrides)).run(months())


@pytest.mark.parametrize("overrides", OVERRIDES, ids=lambda one: ",".join(one))
@pytest.mark.parametrize("live", [False, True], ids=["frozen", "live"])
def test_where_intents_depend_on_no_fill_a_counterfactual_is_a_separate_run(
    overrides: dict[str, Any], live: bool
) -> None:
    """Frozen or live: each record is that of a run that was set so from the beginning."""
    content = recorded(crowd(), months()).journal.content
    strategies = {name: one for name, (one, _) in crowd().items()}
    found = counterfactual(content, overrides, live=live, data=months(), **({"strategies": strategies} if live else {}))
    assert found.result.record.digest() == separately(overrides).record.digest()
    assert found.result.ended == separately(overrides).ended


@settings(max_examples=examples(25))
@given(
    seed=st.integers(0, 50),
    policy=st.sampled_from(["net", "priority", "cancel_both", "weighted_average", "largest_conviction"]),
    exposure=st.sampled_from([None, "0.3", "1"]),
    drawdown=st.sampled_from([None, "0.02"]),
    fill_at=st.sampled_from(FILLS),
)
def test_frozen_is_a_separate_run_of_strategies_that_repeat_themselves(
    seed: int, policy: str, exposure: str | None, drawdown: str | None, fill_at: str
) -> None:
    """Whatever strategies looked at: had they said the same anyway, this is the run that would have been."""
    data = synthetic_feed(2, bars=60, seed=seed)
    seats = {"one": (Lucky(), "0.4"), "two": (Lucky(), "0.3"), "three": (Momentum(2, 5), "0.3")}
    result = recorded(seats, data, seed=seed)
    limits: dict[str, Any] = {} if exposure is None else {"gross_exposure": exposure}
    if drawdown is not None:
        limits["strategies"] = {"one": {"drawdown": drawdown}}
    costs = {"commission": {"kind": "per_share", "amount": "0.01"}, "slippage": {"kind": "basis_points", "rate": 5}}
    overrides = {"conflict_policy": policy, "fill_at": fill_at, "limits": limits, **costs}
    found = counterfactual(result.journal.content, overrides, data=data)
    parrots = {
        name: (Parrot([one for one in result.intents if one.strategy == name]), weight)
        for name, (_, weight) in seats.items()
    }
    again = StrategyOrchestrator(parrots, 10_000, OrchestratorConfig(seed=seed, **overrides)).run(data)
    assert found.result.record.digest() == again.record.digest()


def test_frozen_asks_no_strategy_and_needs_no_code() -> None:
    """Intents of strategies that came as objects are settled again without them; live they are needed."""
    content = recorded({"a": (Tumbles(10_000), "0.5"), "b": (Lucky(), "0.5")}, months()).journal.content
    assert counterfactual(content, {"conflict_policy": "priority"}, data=months()).result.intents
    with pytest.raises(JournalError, match="give strategies="):
        counterfactual(content, {"conflict_policy": "priority"}, data=months(), live=True)


@settings(max_examples=examples(40))
@given(asks=st.lists(st.integers(0, 1_500), min_size=1, max_size=30), more=st.integers(10_000, 60_000))
def test_more_capital_never_refuses_more_with_one_strategy(asks: list[int], more: int) -> None:
    """Neither more intents nor more capital, while prices stand still; 0 closes what is held."""
    bars = [Bar("GLD", START_US + day * DAY_US, *[10.0] * 4) for day in range(31)]
    wants = [[buy("GLD", quantity=ask) if ask else close("GLD")] for ask in asks]
    content = recorded({"one": (Says(wants), 1)}, bars).journal.content
    richer = counterfactual(content, {"capital": more}, data=bars)
    assert richer.figures.refused <= richer.parent.figures.refused
    assert richer.figures.refused_micros <= richer.parent.figures.refused_micros


# ── answers to events that do not come again ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fill_at", FILLS)
def test_an_answer_to_a_fill_that_does_not_come_is_given_at_the_next_turn(fill_at: str) -> None:
    """No intent on record is lost, each has one decision, and the report counts those that were moved."""
    result = recorded(teams(Chatty(), Chatty(), Tumbles(9_999)), months(), fill_at=fill_at)
    answered = [one for one in result.record.intents if one.cause in {each.number for each in result.record.fills}]
    found = counterfactual(result.journal.content, {"limits.gross_exposure": "0"}, data=months())
    assert answered
    assert found.moved + found.unsaid == len(answered)
    assert len(found.result.decisions) == len(found.result.intents) == len(result.intents) - found.unsaid
    assert not found.result.fills
    assert any("did not come again" in told for told in found.assumptions)
    assert verify(found.journal.content).is_clean
    assert replay(found.journal.content, level="decisions", data=months()).is_identical


def test_the_report_counts_intents_of_strategies_that_would_have_seen_other_positions() -> None:
    """Frozen is an assumption where strategies look at what they hold, and says how often."""
    bars = [Bar("GLD", START_US + day * DAY_US, *[10.0] * 4) for day in range(6)]
    wants = [[buy("GLD", quantity=10)], [], [buy("GLD", quantity=5)], [close("GLD")]]
    content = recorded({"one": (Says(wants), 1)}, bars).journal.content
    found = counterfactual(content, {"limits.positions": 0}, data=bars)
    # The first was said of nothing held; the other two were said of 10 and of 15.
    assert (found.sight.intents, found.sight.other, found.sight.by_strategy) == (3, 2, {"one": 2})
    assert any("2 of 3 intents" in told for told in found.assumptions)


def test_each_changed_fill_is_traced_to_a_changed_decision() -> None:
    """With its numbers in both journals; only where the decision is the same the price or the costs have changed."""
    content = recorded(teams(Lucky(), Lucky(), Momentum(2, 5)), months()).journal.content
    found = counterfactual(content, {"conflict_policy": "cancel_both", "limits.gross_exposure": "0.3"}, data=months())
    before = {one.number: one.event for one in found.parent.result.record.decisions}
    after = {one.number: one.event for one in found.result.record.decisions}
    assert found.changed_fills
    for one in found.changed_fills:
        was, has = (side[number] for side, number in zip((before, after), one.decision, strict=True))
        assert one.why == "decision"
        assert was != has
        assert (was.strategy, was.symbol, was.at_us) == (has.strategy, has.symbol, has.at_us)
    assert found.changed_fills[0].after_fill is None
    same = counterfactual(content, {"slippage": {"kind": "basis_points", "rate": 1}}, data=months())
    assert same.changed_fills[0].why == "price"


# ── its journal is one like any other ─────────────────────────────────────────────────────────────────────────────────


def test_a_kept_counterfactual_can_be_verified_replayed_and_asked_about(tmp_path: Any) -> None:
    """Its header names parent and overrides; its id is its own; its strategies are not asked, now or later."""
    result = StrategyOrchestrator(crowd(), 10_000).run(months(), journal=tmp_path / "runs")
    found = counterfactual(result.journal.path, {"conflict_policy": "priority"}, into=tmp_path / "what")
    path = found.journal.path
    inputs = Journal(path).inputs
    assert inputs.parent == result.journal.digest
    assert (inputs.overrides, inputs.counterfactual) == ({"conflict_policy": "priority"}, "frozen")
    assert path.parent.name == found.journal.run_id != result.journal.run_id
    assert [one.use for one in inputs.plugins if one.role == "strategy"] == [
        "ropewalk.strategies.examples:MomentumSignals"
    ] * 3
    assert verify(path).is_clean
    assert replayed(path, level="decisions").is_identical
    with pytest.raises(JournalError, match=r"frozen counterfactual.*replay its decisions"):
        replayed(path, level="full")
    with pytest.raises(JournalError, match="ask its parent live"):
        counterfactual(path, live=True)
    back = counterfactual(path, {"conflict_policy": "independent"})
    assert back.result.record.digest() == result.record.digest()


def test_a_live_counterfactual_is_replayed_in_full() -> None:
    """Its strategies said what is on record."""
    tale = TALES["all four"]
    found = counterfactual(tale.run().journal.content, {"conflict_policy": "priority"}, live=True, **tale.again())
    given = {**tale.again(), "config": tale.config(conflict_policy="priority")}
    assert Journal(found.journal.content).inputs.counterfactual == "live"
    assert replay(found.journal.content, level="full", **given).is_identical


def test_the_semantics_are_never_mixed_up() -> None:
    """The same overrides, frozen and live, are two runs with two ids."""
    content = recorded(crowd(), months()).journal.content
    strategies = {name: one for name, (one, _) in crowd().items()}
    frozen = counterfactual(content, data=months())
    live = counterfactual(content, data=months(), live=True, strategies=strategies)
    assert len({frozen.journal.run_id, live.journal.run_id, Journal(content).run_id}) == 3


def test_several_cases_are_asked_of_one_journal() -> None:
    """And each is what it is alone."""
    content = recorded(crowd(), months()).journal.content
    cases = policy_cases("all", ["quick", "slow", "other"])
    assert {"independent", "priority", "cancel_both", "weighted_average", "largest_conviction"} <= set(cases)
    assert {"pro_rata share=0.2", "veto strategy=quick"} <= set(cases)
    assert "first_wins" not in cases
    found = what_if(content, cases, data=months())
    for case in found.cases:
        alone = counterfactual(content, cases[case.name], data=months())
        assert case.journal.digest == alone.journal.digest
        assert case.figures == alone.figures
    assert found.to_dict()["cases"][0]["figures"]["equity"] == float(found.cases[0].result.final_equity)


# ── what cannot be asked ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"conflict_polcy": "priority"}, "did you mean 'conflict_policy'"),
        ({"conflict_policy": "priorty"}, "did you mean 'priority'"),
        ({"limits.gross_exposur": "1"}, "did you mean 'gross_exposure'"),
        ({"limits.strategies.quik.positions": 1}, "did you mean 'quick'"),
        ({"strategies.quik.weight": "0.1"}, "did you mean 'quick'"),
        ({"strategies.quick.symbols": ["AAPL"]}, "its weight can be changed"),
        ({"conflict_policies.APPL": "priority"}, "did you mean 'AAPL'"),
        ({"conflict_policy.share": "0.1"}, "has no keys"),
        ({"not a key": 1}, "is no key"),
        ({"capital": 0}, "must be above 0"),
        ({"strategies.quick.weight": "0.9"}, "may sum to at most 1"),
        ({"log_directory": "logs"}, "no part of a run"),
        ({"seed": 1}, "ask live"),
        ({"instruments.AAPL.lot": "0.1"}, "amounts of intents are in lots"),
        ({"limits.gross_exposure": 0.5}, "write a Decimal"),
    ],
)
def test_what_cannot_be_overridden_is_refused_with_what_can(overrides: dict[str, Any], told: str) -> None:
    """Before anything is run."""
    content = recorded(crowd(), months()).journal.content
    with pytest.raises(ConfigError, match=told):
        counterfactual(content, overrides, data=months())


def test_settings_that_strategies_depend_on_are_for_live() -> None:
    """A seed, the end, lots: strategies say something else then."""
    tale = TALES["lucky"]
    found = counterfactual(tale.run().journal.content, {"seed": 12, "close_at_end": True}, live=True, **tale.again())
    assert found.result.intents != found.parent.result.intents


def test_none_takes_a_limit_out_again() -> None:
    """So that its default holds."""
    result = recorded(crowd(), months(), limits={"gross_exposure": "0.1"})
    found = counterfactual(result.journal.content, {"limits.gross_exposure": None}, data=months())
    assert found.result.record.digest() == recorded(crowd(), months()).record.digest()


def test_rules_of_ones_own_are_asked_for_unless_they_are_overridden() -> None:
    """They are not in a journal."""
    tale = TALES["own rules"]
    content = tale.run().journal.content
    with pytest.raises(JournalError, match="commission came with the run; give config="):
        counterfactual(content, {"conflict_policy": "priority"}, data=tale.data())
    overrides = {"conflict_policy": "priority", "commission": {"kind": "none"}}
    assert counterfactual(content, overrides, data=tale.data()).result.fills
    own = counterfactual(content, {"conflict_policy": "priority"}, data=tale.data(), config=tale.config())
    assert own.figures.costs_micros


def test_a_journal_that_is_no_whole_run_is_refused(tmp_path: Any) -> None:
    """Incomplete, damaged, failed, or without its bars: each is said."""
    result = StrategyOrchestrator(crowd(), 10_000).run(months(), journal=tmp_path)
    content = result.journal.path.read_bytes()
    lines = content.splitlines(keepends=True)
    with pytest.raises(JournalError, match="has not ended"):
        counterfactual(b"".join(lines[:-1]), data=months())
    damaged = content.replace(b'"k":"fill"', b'"k":"fell"', 1)
    with pytest.raises(JournalError, match="line"):
        counterfactual(damaged, data=months())
    with pytest.raises(JournalError, match="give data="):
        counterfactual(content)
    with pytest.raises(JournalError, match="the run had"):
        counterfactual(content, data=few_bars())
    for copy in (result.journal.path.parent / "data").iterdir():
        copy.unlink()
    with pytest.raises(MissingInputError, match="has no bars beside it"):
        counterfactual(result.journal.path)


def test_a_run_that_failed_cannot_be_asked_about(tmp_path: Any) -> None:
    """What it would have come to cannot be said."""
    with pytest.raises(StrategyError):
        StrategyOrchestrator(teams(Tumbles(20)), 10_000).run(months(), journal=tmp_path)
    with pytest.raises(JournalError, match="the run failed"):
        counterfactual(next(tmp_path.iterdir()), data=months())


@pytest.mark.parametrize(("asked", "told"), [("priorty", "did you mean 'priority'"), ("", "there is no policy")])
def test_a_policy_that_there_is_not_is_refused(asked: str, told: str) -> None:
    """With the closest there is."""
    with pytest.raises(ConfigError, match=told):
        policy_cases(asked, ["a"])


# ── only what matters is visited ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.interpreted("replaces a method of the clock")
def test_bars_without_intents_are_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand instants a strategy spoke at two: those and the ones its orders rest for are visited, no others."""
    from ropewalk.orchestrator.visits import Visits

    bars = [Bar("GLD", START_US + day * DAY_US, *[10.0] * 4) for day in range(1_000)]
    wants: list[list[Any]] = [[] for _ in range(1_000)]
    wants[100], wants[700] = [buy("GLD", quantity=10)], [close("GLD")]
    content = recorded({"one": (Says(wants), 1)}, bars).journal.content
    visited: list[int] = []
    places = Visits._places

    def seen(clock: Visits) -> Iterator[int]:
        for place in places(clock):
            visited.append(clock._history.instants.item(place))
            yield place

    monkeypatch.setattr(Visits, "_places", seen)
    found = counterfactual(content, data=bars)
    assert [(at_us - START_US) // DAY_US for at_us in visited] == [100, 101, 700, 701]
    assert found.is_identical
    assert found.result.ended.instants == 1_000
    for fill_at, days in (("next_open", [100, 101, 700, 701]), ("close", [100, 700])):
        visited.clear()
        counterfactual(content, {"conflict_policy": "net", "fill_at": fill_at}, data=bars)
        assert [(at_us - START_US) // DAY_US for at_us in visited] == days
    visited.clear()
    counterfactual(content, {"limits.strategies.one.drawdown": "0.5"}, data=bars)
    assert len(visited) == 1_000, "a drawdown stop looks at every close"


def test_prices_are_looked_up_in_columns_across_splits_and_calendars() -> None:
    """Symbols with other calendars, a split and a dividend: decisions and fills of a walk over all bars."""
    feed = feed_of(
        {
            "GLD": [Bar("GLD", START_US + day * DAY_US, *[float(100 + day)] * 4) for day in range(0, 12, 2)],
            "OIL": [Bar("OIL", START_US + day * DAY_US, *[float(20 + day)] * 4) for day in range(1, 12, 3)],
        }
    )
    wants = [[buy("GLD", notional=500), buy("OIL", notional=300)]] * 11
    result = recorded({"a": (Says(wants), "0.5"), "b": (Parrot([]), "0.5")}, feed, limits={"gross_exposure": "0.9"})
    assert counterfactual(result.journal.content, data=feed).is_identical


@pytest.mark.parametrize("fill_at", FILLS)
def test_a_split_is_marked_at_the_last_close_in_the_new_shares(fill_at: str) -> None:
    """For cash in lieu, and for whoever asks before the symbol's next bar: there is none on the day of the split."""
    gold = [
        Bar("GLD", START_US + day * DAY_US, *[float(price)] * 4) for day, price in [(0, 90), (1, 93), (5, 61), (6, 64)]
    ]
    oil = [Bar("OIL", START_US + day * DAY_US, *[20.0 + day] * 4) for day in range(8)]
    feed = feed_of({"GLD": gold, "OIL": oil}).with_actions([Split(START_US + 3 * DAY_US, "GLD", 3, 2)])
    wants = [
        [buy("GLD", quantity=11)],
        [],
        [],
        [buy("GLD", notional=500)],
        [buy("OIL", fraction=0.3)],
        [sell("GLD", quantity=3)],
    ]
    seats = {"a": (Says(wants), "0.5"), "b": (Says(wants[::-1]), "0.5")}
    result = recorded(seats, feed, fill_at=fill_at, limits={"gross_exposure": "0.35"})
    assert result.adjustments[0].cash_micros
    again = counterfactual(result.journal.content, data=feed)
    assert again.is_identical
    assert again.result.record.digest() == result.record.digest()
