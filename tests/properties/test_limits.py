"""Limits hold in every run: after every event as far as prices allow, for all who ask, in whatever order they speak."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators import SHARES, START_US, Case, Player, limited_cases
from ropewalk.config import OrchestratorConfig
from ropewalk.orchestrator import StrategyOrchestrator
from ropewalk.reasons import COUNTED, LIMITS

EXAMPLES = max(settings.default.max_examples, 100)


class Books:
    """What a run's record says is held and rests, added up anew: positions and reserves, nothing of the arbiter's."""

    def __init__(self, result: Any, case: Case) -> None:
        self.case = case
        self.lots: dict[tuple[str, str], int] = {}
        self.orders: dict[int, Any] = {}
        self.marks: dict[str, int] = {}
        self.pool = result.started.capital_micros - sum(result.started.allocated_micros)
        self.cash = dict(zip(result.started.strategies, result.started.allocated_micros, strict=True))

    def take(self, entry: Any) -> None:
        event = entry.event
        match type(event).__name__:
            case "Decision" if event.verdict != "refused":
                self.orders[entry.number] = event
            case "Fill":
                del self.orders[entry.cause]
                place = event.strategy, event.symbol
                self.lots[place] = self.lots.get(place, 0) + event.quantity
                self.cash[event.strategy] -= event.quantity * event.price_micros + event.commission_micros
            case "Lapse":
                del self.orders[entry.cause]

    def equity(self) -> int:
        return self.pool + sum(self.cash.values()) + sum(lots * self.marks[one] for (_, one), lots in self.lots.items())

    def exposure(self, *, who: str | None = None, symbols: Any = None, longs_only: bool = False) -> int:
        def is_asked(strategy: str, symbol: str) -> bool:
            return who in (None, strategy) and (symbols is None or symbol in symbols)

        held = sum(
            abs(lots) * self.marks[symbol]
            for (strategy, symbol), lots in self.lots.items()
            if is_asked(strategy, symbol) and (lots > 0 or not longs_only)
        )
        return held + sum(one.reserved_micros for one in self.orders.values() if is_asked(one.strategy, one.symbol))

    def positions(self, who: str | None = None) -> int:
        places = {place for place, lots in self.lots.items() if lots}
        places |= {(one.strategy, one.symbol) for one in self.orders.values() if one.granted_micros}
        return len([place for place in places if who in (None, place[0])])


def entries_of(result: Any) -> list[Any]:
    record = result.record
    words = (record.decisions, record.fills, record.lapses)
    return sorted((entry for word in words for entry in word), key=lambda entry: entry.number)


def broken(books: Books) -> list[str]:
    """Which limits the books are over."""
    limits, equity, found = books.case.limits, books.equity(), []

    def hold(name: str, used: int, share: str | None) -> None:
        if share is not None and used > Fraction(share) * equity:
            found.append(f"{name}: {used} of {Fraction(share) * equity}")

    hold("gross", books.exposure(), limits.get("gross_exposure"))
    hold("leverage", books.exposure(), limits.get("leverage"))
    for symbol in books.marks:
        share = limits.get("symbols", {}).get(symbol, limits.get("symbol_exposure"))
        hold(f"symbol {symbol}", books.exposure(symbols=[symbol]), share)
    for name, group in limits.get("groups", {}).items():
        hold(f"group {name}", books.exposure(symbols=group["symbols"]), group["exposure"])
    if "cash_reserve" in limits:
        hold("cash", books.exposure(longs_only=True), str(1 - Fraction(limits["cash_reserve"])))
    if books.positions() > limits.get("positions", 10**9):
        found.append(f"{books.positions()} positions")
    for name, one in limits.get("strategies", {}).items():
        own = books.cash[name] + sum(lots * books.marks[s] for (who, s), lots in books.lots.items() if who == name)
        for symbol in books.marks:
            share = one.get("symbol_share")
            if share is not None and books.exposure(who=name, symbols=[symbol]) > Fraction(share) * own:
                found.append(f"share of {name} in {symbol}")
        if books.positions(name) > one.get("positions", 10**9):
            found.append(f"{books.positions(name)} positions of {name}")
    return found


@settings(max_examples=2 * EXAMPLES)
@given(limited_cases(actions_max=0), st.integers(1, 50))
def test_limits_hold_after_every_event_while_prices_stand(case: Case, price: int) -> None:
    """At prices that do not move, without costs, no event takes a book over a limit; exits may lean the books."""
    still = {symbol: tuple((row[0], *[float(price)] * 4) for row in rows) for symbol, rows in case.bars.items()}
    case = case.but(bars=still, commission=("none",), slippage=("none",), capital_base="compounding")
    result = case.run()
    books = Books(result, case)
    scale = {symbol: Fraction(case.lots.get(symbol, "1")) for symbol in case.bars}
    books.marks = {symbol: int(price * 1_000_000 * scale[symbol]) for symbol in case.bars}
    entries = entries_of(result)
    for place, entry in enumerate(entries):
        books.take(entry)
        # With fill_at="close" the fills of a batch may stand between its decisions: both are of one instant.
        assert not broken(books), (entry, entries[:place])


@settings(max_examples=2 * EXAMPLES)
@given(limited_cases())
def test_a_decision_says_which_limit_bound(case: Case) -> None:
    """Granted ≤ asked; what is reserved fits the limit that is shown; counts are shown for counts only; exits pass."""
    result = case.run()
    for one in result.decisions:
        assert one.granted_micros <= one.asked_micros
        if one.reason in COUNTED:
            assert one.used_positions >= one.limit_positions
            assert (one.granted_micros, one.limit_micros, one.used_micros) == (0, 0, 0)
        else:
            assert (one.limit_positions, one.used_positions) == (0, 0)
            assert one.reserved_micros <= max(one.limit_micros - one.used_micros, 0)
        if one.reason in LIMITS and one.reason != "allocation" and one.granted_micros:
            assert one.granted_micros == one.reserved_micros == one.limit_micros - one.used_micros
        assert bool(one.group) == (one.reason == "group_exposure")
        if not one.asked_micros and one.side:
            assert one.reason in ("in_full", "allocation"), one


def exits(result: Any) -> list[tuple[Any, ...]]:
    actions = {entry.number: entry.event.action for entry in result.record.intents}
    return [
        (entry.event.verdict, entry.event.reason)
        for entry in result.record.decisions
        if actions[entry.cause] == "close" and entry.event.close_quantity
    ]


@given(limited_cases())
def test_exits_always_pass(case: Case) -> None:
    """Whoever holds something may close it, whatever the limits: here nothing else is allowed at all."""
    assert set(exits(case.run())) <= {("granted", "in_full")}


@given(limited_cases(kinds=("script",), players_max=3), st.randoms(use_true_random=False))
def test_who_speaks_first_changes_nothing(case: Case, chance: Any) -> None:
    """Strategies are called in another order, and seated in the same: every one gets what it got."""
    from ropewalk.strategies.chorus import Chorus

    given_init = Chorus.__init__
    result = case.run()

    def shuffled(self: Any, bus: Any, adapters: Any) -> None:
        adapters = list(adapters)
        chance.shuffle(adapters)
        given_init(self, bus, adapters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Chorus, "__init__", shuffled)
        other = case.run()
    for name in case.players:
        one, same = other.get_strategy_result(name), result.get_strategy_result(name)
        assert (one.decisions, one.fills, one.lapses) == (same.decisions, same.fills, same.lapses)


ROWS = tuple((START_US + step, *[10.0] * 4) for step in range(3))


@given(
    st.sampled_from(("gross_exposure", "net_exposure", "symbol_exposure", "leverage", "cash_reserve", "symbol_share")),
    st.sampled_from(SHARES),
    st.integers(20, 5_000),
    st.integers(0, 5_000),
    st.integers(1, 9_000),
    st.sampled_from(("buy", "sell")),
)
def test_more_capital_never_refuses_more(
    limit: str, share: str, capital: int, more: int, amount: int, action: str
) -> None:
    """One strategy, one ask: with more capital, at least as much is granted."""
    own = {"strategies": {"one": {limit: share}}} if limit == "symbol_share" else {limit: share}
    player = Player("script", weight="1", wants=(((("AAA", action, "notional", amount)),),))
    case = Case(bars={"AAA": ROWS}, players={"one": player}, capital=str(capital), limits=own)
    ((less,), (rich,)) = case.run().decisions, case.but(capital=str(capital + more)).run().decisions
    assert less.granted_micros <= rich.granted_micros
    assert less.asked_micros == rich.asked_micros


@given(limited_cases())
def test_limits_that_bind_nobody_change_nothing(case: Case) -> None:
    """Limits wide enough never show: the record is that of a run without any."""
    wide = {
        **{name: "1000" for name in ("gross_exposure", "net_exposure", "symbol_exposure", "leverage")},
        "positions": 99,
        "groups": {"all": {"symbols": list(case.bars), "exposure": "1000"}},
        "strategies": {name: {"symbol_share": "1000", "positions": 99} for name in case.players},
    }
    assert case.but(limits=wide).run().record.digest() == case.but(limits={}).run().record.digest()


def test_a_run_without_limits_is_the_run_it_was() -> None:
    """Nothing of limits is on record where none is set, and empty ones are none."""
    config = OrchestratorConfig()
    assert "limits" not in config.recorded()
    assert OrchestratorConfig(limits={}).recorded() == config.recorded()
    assert StrategyOrchestrator([(object(), 1)]).config.limits == config.limits
