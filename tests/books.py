"""What a run's record says of its books, added up anew: to hold limits, exits and the order of speech against it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

if TYPE_CHECKING:
    from generators import Case


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
                order = self.orders.pop(entry.cause)
                if event.remaining_quantity:
                    # What has crossed is held now; the rest of the order is still paid from its reserve.
                    spent = abs(event.quantity - event.closed_quantity) * event.price_micros
                    self.orders[entry.cause] = msgspec.structs.replace(
                        order, reserved_micros=max(order.reserved_micros - spent, 0)
                    )
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


def assert_limits_hold(case: Case, price: int) -> Any:
    """Run at prices that do not move, without costs: no event takes a book over a limit. Returns the result."""
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
    return result


def exits(result: Any) -> list[tuple[Any, ...]]:
    actions = {entry.number: entry.event.action for entry in result.record.intents}
    return [
        (entry.event.verdict, entry.event.reason)
        for entry in result.record.decisions
        if actions[entry.cause] == "close" and entry.event.close_quantity
    ]


def shuffled_run(case: Case, chance: Any) -> Any:
    """Run with strategies that subscribe, and so speak, in another order, and are seated in the same."""
    from ropewalk.strategies.chorus import Chorus

    given_init = Chorus.__init__

    def shuffled(self: Any, bus: Any, adapters: Any) -> None:
        adapters = list(adapters)
        chance.shuffle(adapters)
        given_init(self, bus, adapters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Chorus, "__init__", shuffled)
        return case.run()
