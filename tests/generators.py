"""
Whole runs drawn by chance, as plain data: bars, what strategies do, and the settings.

A `Case` knows nothing of ropewalk until `orchestrator()` or `data()` is called, so that the oracle can be handed the
same case. Prices stand on a grid of cents or of 1/128: the latter are exact floats, many of them halfway between two
micros.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, Generic, TypeVar

import numpy as np
from hypothesis import strategies as st

from examples import IS_DEEP

T = TypeVar("T")

SECOND = 1_000_000
START_US = 1_577_836_800 * SECOND
SYMBOLS = ("AAA", "BBB", "CCC")

Row = tuple[int, float, float, float, float]
"""Time in microseconds, open, high, low, close."""
Act = tuple[Any, ...]
"""`("split", time, symbol, numerator, denominator)` or `("dividend", time, symbol, micros a share)`."""
Wanted = tuple[Any, ...]
"""Symbol, action, unit, number, and perhaps a conviction."""


@dataclass(frozen=True)
class Player:
    """
    One strategy as data. `kind` says which of the other fields it uses.

    `script`: `wants[i]` is what it says on the i-th instant. `asking`: `enter`, `leave` and `size` name rules below.
    `signals`: `targets` names a rule below.
    """

    kind: str
    weight: str = "0.25"
    symbols: tuple[str, ...] | None = None
    wants: tuple[tuple[Wanted, ...], ...] = ()
    enter: str = ""
    leave: str = ""
    size: str = ""
    targets: str = ""


@dataclass(frozen=True)
class Case:
    """One run as data."""

    bars: dict[str, tuple[Row, ...]]
    players: dict[str, Player]
    capital: str = "1000"
    commission: tuple[str, ...] = ("none",)
    slippage: tuple[str, ...] = ("none",)
    fill_at: str = "next_open"
    capital_base: str = "compounding"
    close_at_end: bool = False
    headroom_bps: int = 500
    lots: dict[str, str] = field(default_factory=dict)
    actions: tuple[Act, ...] = ()
    limits: dict[str, Any] = field(default_factory=dict)
    policy: Any = "independent"
    policies: dict[str, Any] = field(default_factory=dict)
    crossing: bool = True
    fill_model: dict[str, str] | None = None
    volumes: dict[str, tuple[float, ...]] = field(default_factory=dict)
    rebalance: dict[str, Any] | None = None
    suspends: tuple[dict[str, Any], ...] = ()

    def data(self) -> Any:
        """The bars as ropewalk's own, as a feed where there are corporate actions."""
        from ropewalk import Bar, Dividend, Split, feed_of

        bars = {
            symbol: [
                Bar(symbol, *row, volume)
                for row, volume in zip(rows, self.volumes.get(symbol, (1.0,) * len(rows)), strict=True)
            ]
            for symbol, rows in self.bars.items()
        }
        if not self.actions:
            return bars
        kinds = {"split": Split, "dividend": Dividend}
        return feed_of(bars).with_actions(kinds[kind](*rest) for kind, *rest in self.actions)

    def config(self, **changes: Any) -> Any:
        """The settings as a person would give them."""
        from ropewalk import OrchestratorConfig

        settings: dict[str, Any] = {
            "commission": costs_settings(self.commission),
            "slippage": costs_settings(self.slippage),
            "fill_at": self.fill_at,
            "capital_base": self.capital_base,
            "close_at_end": self.close_at_end,
            "quantity_headroom_bps": self.headroom_bps,
            "instruments": {symbol: {"lot": lot} for symbol, lot in self.lots.items()},
            "limits": {**self.limits, **own_limits(self.limits)},
            "conflict_policy": self.policy,
            "conflict_policies": self.policies,
            "crossing": self.crossing,
            **({} if self.fill_model is None else {"fill_model": self.fill_model}),
            "rebalance": self.rebalance or "fixed",
            "suspend": list(self.suspends),
        }
        return OrchestratorConfig(**{**settings, **changes})

    def orchestrator(self, **changes: Any) -> Any:
        """A fresh orchestrator with fresh strategies."""
        from ropewalk import StrategyOrchestrator

        seats = {
            name: (strategy_of(player), player.weight, *(() if player.symbols is None else (player.symbols,)))
            for name, player in self.players.items()
        }
        return StrategyOrchestrator(seats, self.capital, self.config(**changes))

    def run(self, **changes: Any) -> Any:
        """Run it through the front door."""
        return self.orchestrator(**changes).run(self.data())

    def suspends_in_us(self) -> tuple[dict[str, Any], ...]:
        """The suspensions with their times as numbers."""
        return tuple(
            {**one, **{f"{key}_us": us_of(one[key]) for key in ("start", "end") if key in one}} for one in self.suspends
        )

    def stretched(self, factor: int) -> Case:
        """The same case in slow motion: so many times as long between any two instants."""

        def later(at_us: int) -> int:
            return START_US + (at_us - START_US) * factor

        bars = {symbol: tuple((later(at), *rest) for at, *rest in rows) for symbol, rows in self.bars.items()}
        return self.but(bars=bars, actions=tuple((kind, later(at), *rest) for kind, at, *rest in self.actions))

    def but(self, **changes: Any) -> Case:
        """The same case with other fields."""
        return replace(self, **changes)


def own_limits(limits: dict[str, Any]) -> dict[str, Any]:
    """Limits of one's own as objects: each of the strategy's capital in a symbol, or of the account's equity in all."""
    from scenario import Slice

    made = {
        name: Slice(one[1], of_account=one[0] == "account") if isinstance(one, tuple) else one
        for name, one in limits.get("own", {}).items()
    }
    return {"own": made}


def us_of(moment: datetime) -> int:
    """A time as the core counts it."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def costs_settings(costs: tuple[str, ...]) -> dict[str, str]:
    """A cost model as a person would write it in a run file."""
    kind, *numbers = costs
    names = {"none": (), "fixed": ("amount",), "per_share": ("amount", "minimum"), "basis_points": ("rate", "minimum")}[
        kind
    ]
    return {"kind": kind, **dict(zip(names, numbers, strict=False))}


# ── rules that strategies follow: pure functions of what has happened ─────────────────────────────────────────────────


def _rises(closes: Sequence[float]) -> bool:
    return len(closes) > 1 and closes[-1] > closes[-2]


ENTER: dict[str, Callable[[Sequence[float]], bool]] = {
    "always": lambda closes: True,
    "rising": _rises,
    "falling": lambda closes: len(closes) > 1 and closes[-1] < closes[-2],
    "every third": lambda closes: len(closes) % 3 == 0,
}
LEAVE: dict[str, Callable[[Sequence[float], float, float], bool]] = {
    "never": lambda closes, shares, entry: False,
    "rising": lambda closes, shares, entry: _rises(closes),
    "profit": lambda closes, shares, entry: closes[-1] > 1.015 * entry,
    "every second": lambda closes, shares, entry: len(closes) % 2 == 0,
    "many": lambda closes, shares, entry: shares >= 4,
}
SIZE: dict[str, Callable[[float, float], Any]] = {
    "half": lambda capital, price: int(capital / price / 2),
    "all": lambda capital, price: math.floor(capital / price),
    "three": lambda capital, price: 3,
    "a bit": lambda capital, price: 2.5,
    "none": lambda capital, price: 0,
    "less": lambda capital, price: -4,
    "nonsense": lambda capital, price: math.nan,
    "text": lambda capital, price: "3",
    "too many": lambda capital, price: 10**9,
}
TARGETS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    # Each entry looks at rows up to its own only, as the protocol asks.
    "rising": lambda close: (np.diff(close, prepend=close[0]) > 0).astype(float),
    "both ways": lambda close: np.sign(np.diff(close, prepend=close[0])),
    "parts": lambda close: (np.floor(close * 4) % 5) / 4 - 0.5,
    "gaps": lambda close: np.where(np.floor(close * 4) % 3 == 0, np.nan, np.floor(close * 4) % 2),
    "flat": lambda close: np.zeros(len(close)),
    "greedy": lambda close: np.where(np.arange(len(close)) % 4 < 2, 1.75, 0.1),
}


class Scripted:
    """Says on the i-th turn what its script has there."""

    def __init__(self, wants: Sequence[Sequence[Wanted]]) -> None:
        self.wants = wants
        self.turn = -1

    def on_turn(self, view: Any) -> Any:
        self.turn += 1
        return [want_of(one) for one in self.wants[self.turn]] if self.turn < len(self.wants) else None


class Asked:
    """An `IStrategy` that follows two rules."""

    def __init__(self, enter: str, leave: str) -> None:
        self.enter = enter
        self.leave = leave

    def should_enter(self, bars: Any) -> bool:
        return ENTER[self.enter]([bar.close for bar in bars])

    def should_exit(self, position: Any, bars: Any) -> bool:
        return LEAVE[self.leave]([bar.close for bar in bars], position.shares, position.entry_price)


class Sized(Asked):
    """An `IStrategy` that says how much, too."""

    def __init__(self, enter: str, leave: str, size: str) -> None:
        super().__init__(enter, leave)
        self.size = size

    def position_size(self, capital: Any, price: Any) -> Any:
        return SIZE[self.size](capital, price)


class Signalling:
    """A `SignalStrategy` that follows a rule."""

    def __init__(self, rule: str) -> None:
        self.rule = rule

    def signals(self, history: Any) -> Any:
        return TARGETS[self.rule](history.close)


def want_of(wanted: Wanted) -> Any:
    """A want as a strategy would make it."""
    import ropewalk

    symbol, action, unit, number, *conviction = wanted
    said = {"conviction": conviction[0]} if conviction else {}
    return getattr(ropewalk, action)(symbol, **{unit: number}, **said)


def strategy_of(player: Player) -> Any:
    """A fresh strategy object."""
    if player.kind == "script":
        return Scripted(player.wants)
    if player.kind == "signals":
        return Signalling(player.targets)
    return Sized(player.enter, player.leave, player.size) if player.size else Asked(player.enter, player.leave)


# ── runs drawn by chance ──────────────────────────────────────────────────────────────────────────────────────────────


@cache
def chances() -> st.SearchStrategy[Random]:
    """
    Draw a generator of chance, of which everything below is made.

    In CI a seeded one: a run is one draw, since hypothesis takes longer to draw its parts than ropewalk to run it. With
    the profile `deep` each choice is a draw of hypothesis's, so that what fails is made small.
    """
    return st.randoms(use_true_random=False) if IS_DEEP else st.integers(0, 2**64 - 1).map(Random)


class Drawn(Generic[T]):
    """What a function makes of a generator of chance: called, a hypothesis strategy; `of` a generator, one of them."""

    def __init__(self, of: Callable[..., T]) -> None:
        self.of = of

    def __call__(self, *given: Any, **named: Any) -> st.SearchStrategy[T]:
        return chances().map(lambda chance: self.of(chance, *given, **named))


GAPS = (0, 0, 0, 1, -1, 3, -3, 10, -10, 60, -35)


def _walk(chance: Random, *, instants: int, unit: int, start: int) -> tuple[Row, ...]:
    """Draw a random walk on a grid of 1/`unit`: gaps at the open, instants without a bar, at least one bar."""
    rows: list[Row] = []
    ticks = start
    for instant in range(instants):
        if chance.randrange(5) == 0 and (rows or instant < instants - 1):
            continue
        move, reach = chance.randint(-6, 6), chance.randint(0, 3)
        opened = max(ticks + ticks * chance.choice(GAPS) // 100, 1)
        close = max(opened + opened * move // 100 + move, 1)
        high, low = max(opened, close) + reach, max(min(opened, close) - reach, 1)
        rows.append((START_US + instant * 60 * SECOND, *(price / unit for price in (opened, high, low, close))))
        ticks = close
    return tuple(rows)


Numbers = tuple[tuple[int, int] | None, tuple[Any, ...]]
"""Whole numbers from one to another, half of the time, and what is said besides."""

NUMBERS: dict[str, Numbers] = {
    "quantity": ((1, 12), (0, -3, 1.5, 0.1, 20.0, 200, 10**7, Decimal("2.3"), math.nan, math.inf, "3", True)),
    "notional": ((1, 1500), (0, -10, 99.99, Decimal("100.0000009"), 10**6, 10**12, math.nan)),
    "fraction": (None, (1, 0.5, 0.25, 1.0, Decimal("0.3"), 0.0000004, 1e-6, 2, 10, 0, -0.5, math.nan, 1e30)),
}
SIGNED: dict[str, Numbers] = {
    "quantity": ((-10, 10), (0.5, 100, -100, math.inf)),
    "notional": ((-1200, 1200), (33.333333, -(10**9))),
    "fraction": (None, (0, 0.0, 1, -1, 0.5, -0.5, 0.33, 0.1, -0.05, 1.5, -2, math.nan)),
}


def _wanted(chance: Random, symbols: Sequence[str]) -> Wanted:
    """Draw one want, now and then an impossible one."""
    symbol = "ZZZ" if chance.randrange(4 * len(symbols) + 1) == 0 else chance.choice(symbols)
    action = chance.choice(("buy", "buy", "sell", "close", "target"))
    unit = chance.choice(("quantity", "fraction") if action == "close" else ("quantity", "notional", "fraction"))
    whole, others = (SIGNED if action == "target" else NUMBERS)[unit]
    number = chance.randint(*whole) if whole is not None and chance.randrange(2) else chance.choice(others)
    return symbol, action, unit, number


def _script(chance: Random, symbols: Sequence[str], instants: int) -> tuple[tuple[Wanted, ...], ...]:
    """Draw what is wanted on each of some instants, most often nothing."""
    turns = (chance.choice((0, 0, chance.randint(0, 3))) for _ in range(chance.randint(0, instants)))
    return tuple(tuple(_wanted(chance, symbols) for _ in range(wants)) for wants in turns)


def _player(chance: Random, symbols: tuple[str, ...], *, instants: int, kinds: Sequence[str]) -> Player:
    """Draw one strategy."""
    kind = chance.choice(kinds)
    weight = chance.choice(("0.1", "0.25", "0.3", "0.333333", "0.0001"))
    shown = chance.choice((None, None, None, tuple(symbols[:1]), tuple(reversed(symbols))))
    if kind == "script":
        return Player(kind, weight, shown, wants=_script(chance, symbols, instants))
    if kind == "signals":
        return Player(kind, weight, shown, targets=chance.choice(tuple(TARGETS)))
    return Player(
        kind,
        weight,
        shown,
        enter=chance.choice(tuple(ENTER)),
        leave=chance.choice(tuple(LEAVE)),
        size=chance.choice(("", "", *SIZE)),
    )


RATIOS = ((2, 1), (3, 2), (1, 10), (1, 10), (3, 1), (2, 3), (7, 5))


def _acts(chance: Random, bars: dict[str, tuple[Row, ...]], *, most: int, least: int = 0) -> tuple[Act, ...]:
    """
    Draw splits and dividends: at bars of their symbol, at bars of others, and between all bars.
    """
    drawn: dict[Any, Act] = {}
    for _ in range(chance.randint(least, most)):
        symbol = chance.choice(sorted(bars))
        times = [row[0] for row in bars[symbol]]
        at_us = chance.choice(times) - chance.choice((0, 0, 0, 60, 30)) * SECOND
        if not times[0] <= at_us <= times[-1]:
            continue
        if chance.randrange(2):
            drawn["split", at_us, symbol] = ("split", at_us, symbol, *chance.choice(RATIOS))
        else:
            micros = chance.choice((1, 10_000, 500_000, 1_234_567, 33_000_005))
            drawn["dividend", at_us, symbol] = ("dividend", at_us, symbol, micros)
    return tuple(drawn.values())


COMMISSIONS = (
    ("none",),
    ("fixed", "1.234567"),
    ("fixed", "0.01"),
    ("fixed", "250"),
    ("per_share", "0.005", "1"),
    ("per_share", "0.333333"),
    ("per_share", "7.5"),
    ("basis_points", "7.5"),
    ("basis_points", "3.333333", "0.5"),
)
SLIPPAGES = (
    ("none",),
    ("fixed", "1"),
    ("fixed", "100"),
    ("per_share", "0.015"),
    ("per_share", "3"),
    ("basis_points", "5"),
    ("basis_points", "123.456789"),
)


@Drawn
def cases(
    chance: Random,
    *,
    instants_min: int = 1,
    instants_max: int = 10,
    players_max: int = 3,
    kinds: Sequence[str] = ("script", "script", "asking", "signals"),
    actions_max: int = 3,
) -> Case:
    """Draw a whole run."""
    instants = chance.randint(instants_min, instants_max)
    symbols = SYMBOLS[: chance.randint(1, 3)]
    unit = chance.choice((100, 128))
    starts = [chance.randint(50, chance.choice((2_000, 40_000))) for _ in symbols]
    bars = {
        symbol: _walk(chance, instants=instants, unit=unit, start=start)
        for symbol, start in zip(symbols, starts, strict=True)
    }
    seats = range(chance.randint(1, players_max))
    return Case(
        bars=bars,
        players={f"s{seat}": _player(chance, symbols, instants=instants, kinds=kinds) for seat in seats},
        lots=chance.choice(({}, {}, {}, {symbols[0]: "0.1"}, {symbols[-1]: "10"})),
        capital=chance.choice(("1000", "100000", "12345.678901", "50")),
        commission=chance.choice((("none",), *COMMISSIONS)),
        slippage=chance.choice((("none",), *SLIPPAGES)),
        fill_at=chance.choice(("next_open", "next_open", "close")),
        capital_base=chance.choice(("compounding", "fixed")),
        close_at_end=chance.choice((False, True)),
        headroom_bps=chance.choice((0, 500, 500, 10_000, 33)),
        actions=_acts(chance, bars, most=actions_max),
    )


OPENINGS: tuple[tuple[str, str, Any], ...] = (
    ("buy", "quantity", 7),
    ("buy", "quantity", 3),
    ("buy", "quantity", 40),
    ("sell", "quantity", 5),
    ("sell", "quantity", 33),
    ("buy", "notional", 900),
    ("sell", "fraction", 0.2),
    ("target", "quantity", -9),
)


@Drawn
def held_cases(chance: Random, **named: Any) -> Case:
    """
    Draw a run in which corporate actions meet positions, long and short, and orders that rest.

    In `cases` most of them meet nothing: the wants there are as often impossible as not.
    """
    case = cases.of(chance, **{"kinds": ("script",), "instants_max": 9, "actions_max": 0, **named})
    symbols = sorted(case.bars)
    some = {}
    for name, player in case.players.items():
        openings = [(symbol, *chance.choice(OPENINGS)) for symbol in symbols]
        first = player.wants[0] if player.wants else ()
        later = [chance.choice(((), (), *(((one, *rest),) for one in symbols for rest in OPENINGS))) for _ in "ab"]
        some[name] = replace(player, weight="0.3", symbols=None, wants=((*openings, *first), *later, *player.wants[1:]))
    return case.but(
        capital="100000",
        players=some,
        actions=_acts(chance, case.bars, least=3, most=8),
        lots=chance.choice((case.lots, {symbols[0]: "0.1"})),
        commission=chance.choice((("none",), ("per_share", "0.005", "1"), ("basis_points", "7.5"))),
        slippage=chance.choice((("none",), ("basis_points", "5"))),
    )


SHARES = ("0", "0.05", "0.1", "0.333333", "0.5", "0.75", "1")
COUNTS = (0, 1, 1, 2, 3)


def _some(chance: Random, limits: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Draw some of the limits, few or many, or none."""
    often = chance.choice((0, 1, 2, 2, 3))
    return {name: limit() for name, limit in limits.items() if chance.randrange(4) < often}


def _limits(chance: Random, case: Case) -> dict[str, Any]:
    """Draw limits for a run, as a person would give them."""
    symbols, players = sorted(case.bars), sorted(case.players)

    def share() -> str:
        return chance.choice(SHARES)

    def of(names: Sequence[str], most: int, limit: Callable[[], Any], least: int = 0) -> dict[str, Any]:
        number = chance.randint(least, min(most, len(names)))
        return {name: limit() for name in chance.sample(sorted(names), number)}

    own = {
        "symbol_share": share,
        "positions": lambda: chance.choice(COUNTS),
        "drawdown": lambda: chance.choice(("0.000001", "0.01", "0.05", "0.2", "1")),
    }
    return _some(
        chance,
        {
            "gross_exposure": share,
            "net_exposure": share,
            "symbol_exposure": share,
            "symbols": lambda: of(symbols, 2, share),
            "groups": lambda: of(
                ("metals", "tech", "all"),
                2,
                lambda: {
                    "symbols": [chance.choice(symbols) for _ in range(chance.randint(1, 3))],
                    "exposure": share(),
                },
            ),
            "leverage": share,
            "positions": lambda: chance.choice(COUNTS),
            "cash_reserve": share,
            "strategies": lambda: of(players, 3, lambda: _some(chance, own)),
            "own": lambda: of(("zeta", "alpha"), 2, lambda: (chance.choice(("strategy", "account")), share()), least=1),
        },
    )


@Drawn
def limited_cases(chance: Random, **named: Any) -> Case:
    """Draw a run with limits in which strategies want something: many positions, long and short, over several turns."""
    case = cases.of(chance, **{"kinds": ("script", "script", "asking", "signals"), "actions_max": 1, **named})
    openings: list[Wanted] = [(symbol, *rest) for symbol in sorted(case.bars) for rest in OPENINGS]
    openings += [(symbol, "close", "fraction", 1) for symbol in case.bars]
    players = {}
    for name, player in case.players.items():
        turns = range(chance.randint(0, 5) if player.kind == "script" else 0)
        busy = tuple(tuple(chance.choice(openings) for _ in range(chance.randint(0, 3))) for _ in turns)
        players[name] = replace(player, weight=chance.choice(("0.3", "0.333333", "0.1")), wants=busy + player.wants)
    case = case.but(players=players, capital=chance.choice(("1000", "100000", "12345.678901")))
    return case.but(limits=_limits(chance, case))


POLICIES: tuple[Any, ...] = (
    *("independent", "net", "priority", "first_wins", "cancel_both", "weighted_average", "largest_conviction"),
    {"kind": "veto", "strategy": "s1"},
    {"kind": "pro_rata", "share": "0.2"},
)
"""Every policy that ships, as a person would write it."""

CONVICTIONS = (0, 0, 0.8, 0.3, 0.8, 1, Decimal("0.3000001"), 1.5, -0.1, True, "sure")
DISPUTED = (
    ("quantity", 7),
    ("quantity", 2),
    ("notional", 333),
    ("notional", 50.5),
    ("fraction", 0.5),
    ("fraction", 1),
)


def _disputed(chance: Random, symbols: Sequence[str]) -> Wanted:
    """Draw one want that is likely to be in somebody's way."""
    action, symbol = chance.choice(("buy", "sell", "buy", "sell", "close", "target")), chance.choice(symbols)
    if action == "close":
        return symbol, action, "fraction", chance.choice((1, 0.5))
    unit, number = chance.choice(DISPUTED)
    sign = chance.choice((1, -1)) if action == "target" else 1
    return symbol, action, unit, sign * number, chance.choice(CONVICTIONS)


@Drawn
def disputed_cases(chance: Random, **named: Any) -> Case:
    """Draw a run in which strategies get in each other's way all the time: few symbols, many entries and exits."""
    case = cases.of(chance, **{"players_max": 1, "instants_max": 7, "actions_max": 1, **named})
    symbols = tuple(case.bars)[: chance.randint(1, 2)]
    some = {}
    for seat in range(chance.randint(2, 4)):
        turns = tuple(tuple(_disputed(chance, symbols) for _ in range(chance.choice((0, 1, 1, 2)))) for _ in range(7))
        some[f"s{seat}"] = Player("script", chance.choice(("0.25", "0.1", "0.2")), wants=turns)
    return case.but(capital=chance.choice(("1000", "100000")), players=some)


@Drawn
def ruled_cases(chance: Random, **named: Any) -> Case:
    """Draw a run in which strategies dispute under some policy, or one a symbol, and under limits at once."""
    case = disputed_cases.of(chance, **named)
    policy, *others = chance.choices(POLICIES, k=chance.randint(1, 3))
    policies = dict(zip(case.bars, others, strict=False))
    return case.but(policy=policy, policies=policies, limits=_limits(chance, case))


VOLUMES = (0.0, 1.0, 3.0, 7.5, 12.0, 20.0, 80.0, 1e6)


@Drawn
def partial_cases(chance: Random, **named: Any) -> Case:
    """Draw a run whose bars fill parts of orders: under `net` and without, with splits, limits, costs and closes."""
    case = chance.choice((disputed_cases, held_cases, limited_cases)).of(chance, **named)
    share = chance.choice(("1", "0.5", "0.25", "0.333333"))
    rest = chance.choice(("stays", "stays", "lapses"))
    volumes = {}
    for symbol, rows in case.bars.items():
        drawn = [chance.choice(VOLUMES) for _ in rows]
        # A symbol without any volume is refused.
        volumes[symbol] = (max(drawn[0], 1.0), *drawn[1:])
    return case.but(
        fill_model={"kind": "volume_share", "share": share, "rest": rest},
        volumes=volumes,
        policy=chance.choice(("independent", "net", "net", "priority")),
        policies={},
    )


REBALANCES: tuple[dict[str, Any], ...] = (
    {"kind": "calendar", "every": "instant"},
    {"kind": "calendar", "every": "week"},
    {"kind": "calendar", "every": "month"},
    {"kind": "calendar", "every": "quarter"},
    {"kind": "threshold", "absolute": "0.0001"},
    {"kind": "threshold", "absolute": "0.01"},
    {"kind": "threshold", "relative": "0.05"},
    {"kind": "threshold", "absolute": "0.1", "relative": "0.02", "every": "week"},
    {"kind": "inverse_volatility", "lookback": 2, "every": "instant"},
    {"kind": "inverse_volatility", "lookback": 3, "every": "month"},
    {"kind": "drawdown_scaled", "drawdown": "0.05", "floor": "0.25", "every": "instant"},
    {"kind": "drawdown_scaled", "drawdown": "0.02", "floor": "0", "every": "week"},
)
STAKES: tuple[tuple[str, str, Any], ...] = (
    ("buy", "fraction", 1),
    ("buy", "fraction", 0.5),
    ("buy", "fraction", 0.3),
    ("sell", "fraction", 0.5),
    ("buy", "quantity", 12),
)
DAY_FACTORS = (1440, 7 * 1440, 11 * 1440, 1440 // 2)
"""Days, weeks and more between instants, and half days."""


@Drawn
def shared_cases(chance: Random, **named: Any) -> Case:
    """Draw a run in which capital moves between strategies, and some of them are on paper for a while."""
    case = cases.of(chance, **{"kinds": ("script",), "instants_min": 5, "instants_max": 12, **named})
    players = {}
    for name in ("s0", "s1", "s2")[: chance.randint(2, 3)]:
        wants = [chance.choice(STAKES) for _ in range(3)]
        first = tuple((symbol, *want) for symbol, want in zip(sorted(case.bars), wants, strict=False))
        given = case.players.get(name, Player("signals", targets="both ways"))
        players[name] = replace(given, weight=chance.choice(("0.3", "0.2", "0.05")), symbols=None)
        if given.kind == "script":
            players[name] = replace(players[name], wants=(first, *given.wants))
    case = case.but(players=players, capital=chance.choice(("10000", "100000", "12345.678901")))
    case = case.stretched(chance.choice(DAY_FACTORS))
    if chance.randrange(4) == 0:
        case = case.but(limits=_limits(chance, case))
    return case.but(
        policy=chance.choice(("independent", "net", "cancel_both")),
        rebalance=chance.choice((None, *REBALANCES)),
        suspends=tuple(_suspension(chance, case) for _ in range(chance.randint(0, 2))),
    )


def _suspension(chance: Random, case: Case) -> dict[str, Any]:
    """Draw who is on paper for how long: for its losses, or from one instant to another."""
    strategy = chance.choice(sorted(case.players))
    if chance.randrange(2):
        drawdown = chance.choice(("0.000001", "0.01", "0.05"))
        return {"strategy": strategy, "drawdown": drawdown, **chance.choice(({}, {"days": 1}, {"days": 9}))}
    times = sorted({row[0] for rows in case.bars.values() for row in rows})
    first, last = sorted((chance.choice(times), chance.choice(times)))
    bounds = {"start": moment_of(first), "end": moment_of(last)}
    left_out = chance.choice((None, "start", "end"))
    return {"strategy": strategy, **{key: at for key, at in bounds.items() if key != left_out}}


def moment_of(at_us: int) -> datetime:
    """A time of the core as a person gives it."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
