"""
The runs and wishes of `generators.py` from a plain seeded generator, for those who need tens of thousands.

What is drawn here has the same parts, in runs that are longer and in which more of what is said is possible; a seed
stays what it is, since the counts in docs/reliability.md follow from it.
"""

from __future__ import annotations

from random import Random
from typing import Any

from generators import COMMISSIONS, CONVICTIONS, RATIOS, SECOND, SLIPPAGES, START_US, SYMBOLS, Act, Case, Player, Row
from ropewalk.arbiter.wishes import Holder, Wish

SHARES = ("0.02", "0.05", "0.1", "0.333333", "0.5", "0.75", "1")
SIZES: tuple[tuple[str, Any], ...] = (
    *(("quantity", 7), ("quantity", 2), ("quantity", 1.5), ("quantity", 10**7)),
    *(("notional", 333), ("notional", 50.5), ("notional", 1), ("fraction", 0.5), ("fraction", 1), ("fraction", 0.1)),
)


def wishes_of(chance: Random) -> list[Wish]:
    """Draw the wishes of one conflict, in seat order; each asks for something."""

    def amount() -> int:
        return chance.randint(0, chance.choice((9, 2**53)))

    capital, at_work = amount(), chance.choice((0, amount()))
    held = {seat: chance.choice((0, 0, 3, -3)) for seat in range(5)}
    weights = {seat: amount() for seat in range(5)}
    wishes = []
    for number, seat in enumerate(sorted(chance.choices(range(5), k=chance.randint(1, 7)))):
        side, asked = chance.choice((1, -1)), chance.choice((0, amount()))
        holders = [(one, lots) for one, lots in held.items() if asked and one != seat and lots * side < 0]
        wishes.append(
            Wish(
                *(number, seat, f"s{seat}", "GLD", side, chance.randint(0, 5) if asked else 2, 0, asked, 1),
                conviction=chance.choice((0, 0, 1, 800_000, 1_000_000)),
                weight_micros=weights[seat],
                capital_micros=capital,
                symbol_micros=at_work,
                against=tuple(Holder(one, f"s{one}", lots) for one, lots in holders),
            )
        )
    return wishes


def case_of(chance: Random, policy: Any) -> Case:
    """Draw a run of 1 to 30 instants in which two to five strategies dispute, under limits and costs."""
    instants = chance.randint(1, 30)
    symbols = SYMBOLS[: chance.randint(1, 3)]
    bars = {symbol: _walk(chance, instants) for symbol in symbols}
    some = {
        f"s{seat}": Player(
            "script",
            chance.choice(("0.2", "0.1", "0.0001", "0.15")),
            wants=tuple(_turn(chance, symbols[:2]) for _ in range(instants)),
        )
        for seat in range(chance.randint(2, 5))
    }
    case = Case(
        bars=bars,
        players=some,
        capital=chance.choice(("1000", "100000", "12345.678901")),
        commission=chance.choice((("none",), *COMMISSIONS)),
        slippage=chance.choice((("none",), *SLIPPAGES)),
        fill_at=chance.choice(("next_open", "next_open", "close")),
        capital_base=chance.choice(("compounding", "fixed")),
        close_at_end=chance.choice((True, False)),
        headroom_bps=chance.choice((0, 500, 500, 10_000, 33)),
        lots=chance.choice(({}, {}, {symbols[0]: "0.1"}, {symbols[-1]: "10"})),
        actions=tuple(_acts(chance, bars)),
        policy=policy,
        crossing=chance.choice((True, True, False)),
    )
    return case.but(limits=_limits(chance, case))


def _walk(chance: Random, instants: int) -> tuple[Row, ...]:
    unit, ticks = chance.choice((100, 128)), chance.randint(50, chance.choice((2_000, 2_000, 40_000)))
    rows: list[Row] = []
    for instant in range(instants):
        if chance.random() < 0.1 and (rows or instant < instants - 1):
            continue
        opened = max(ticks + ticks * chance.choice((0, 0, 0, 0, 0, 1, -1, 3, -3, 10, -10, 60, -35)) // 100, 1)
        move, reach = chance.randint(-6, 6), chance.randint(0, 3)
        ticks = max(opened + opened * move // 100 + move, 1)
        prices = opened, max(opened, ticks) + reach, max(min(opened, ticks) - reach, 1), ticks
        rows.append((START_US + instant * 60 * SECOND, *(price / unit for price in prices)))
    return tuple(rows)


def _turn(chance: Random, symbols: tuple[str, ...]) -> tuple[Any, ...]:
    wants: list[Any] = []
    while chance.random() < 0.4:
        symbol, action = chance.choice(symbols), chance.choice(("buy", "sell", "buy", "sell", "close", "target"))
        if action == "close":
            wants.append((symbol, action, "fraction", chance.choice((1, 0.5))))
            continue
        unit, number = chance.choice(SIZES)
        sign = chance.choice((1, -1)) if action == "target" else 1
        # Of the convictions that strategies of tests have, a third are nonsense, and refused.
        sure = chance.choice(CONVICTIONS) if chance.random() < 0.3 else chance.choice(CONVICTIONS[:6])
        wants.append((symbol, action, unit, sign * number, sure))
    return tuple(wants)


def _acts(chance: Random, bars: dict[str, tuple[Row, ...]]) -> list[Act]:
    drawn: dict[Any, Act] = {}
    for _ in range(chance.choice((0, 0, 1, 2))):
        symbol = chance.choice(sorted(bars))
        at_us, kind = chance.choice(bars[symbol])[0], chance.choice(("split", "dividend"))
        said = chance.choice(RATIOS) if kind == "split" else (chance.choice((1, 10_000, 500_000, 1_234_567)),)
        drawn[kind, at_us, symbol] = (kind, at_us, symbol, *said)
    return list(drawn.values())


def _limits(chance: Random, case: Case) -> dict[str, Any]:
    """Draw some of the limits, half of the time none."""

    def share() -> str:
        return chance.choice(SHARES)

    def one_of(limits: dict[str, Any]) -> dict[str, Any]:
        return {name: limit for name, limit in limits.items() if chance.random() < 0.2}

    if chance.random() < 0.4:
        return {}
    symbols = sorted(case.bars)
    own = {"symbol_share": share(), "positions": chance.randint(0, 3), "drawdown": chance.choice(("0.01", "0.2"))}
    return one_of(
        {
            "gross_exposure": share(),
            "net_exposure": share(),
            "symbol_exposure": share(),
            "symbols": {chance.choice(symbols): share()},
            "groups": {"metals": {"symbols": chance.sample(symbols, k=1), "exposure": share()}},
            "leverage": share(),
            "positions": chance.choice((0, 1, 2, 3, 5)),
            "cash_reserve": share(),
            "strategies": {name: one_of(own) for name in case.players},
            "own": {"zeta": (chance.choice(("strategy", "account")), share())},
        }
    )
