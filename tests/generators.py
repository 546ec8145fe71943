"""
Hypothesis strategies for whole runs, as plain data: bars, what strategies do, and the settings.

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
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

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


# ── the hypothesis strategies ─────────────────────────────────────────────────────────────────────────────────────────

INDICES = tuple(st.integers(0, last) for last in range(80))
"""Made once: to make a strategy, and to ask it whether it is empty and valid, takes longer than to draw from it."""


def pick(draw: st.DrawFn, options: Sequence[Any]) -> Any:
    """Draw one of some options, as `st.sampled_from` does, which would have to be made for each draw."""
    return options[draw(INDICES[len(options) - 1])]


HAS_BAR = (1, 1, 1, 1, 0)
GAPS = (0, 0, 0, 1, -1, 3, -3, 10, -10, 60, -35)
MOVES = (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6)
REACHES = (0, 1, 2, 3)
STEPS = tuple(product(HAS_BAR, GAPS, MOVES, REACHES))
"""Whether an instant has a bar, its gap at the open in percent, its move, and how far high and low go beyond."""


@cache
def steps(instants: int) -> st.SearchStrategy[list[int]]:
    """Draw a step of a walk for each instant, as an index."""
    return st.lists(st.integers(0, len(STEPS) - 1), min_size=instants, max_size=instants)


@st.composite
def walks(draw: st.DrawFn, *, instants: int, unit: int, start: int) -> tuple[Row, ...]:
    """
    Draw a random walk on a grid of 1/`unit`: some gaps at the open, some instants without a bar, at least one bar.
    """
    rows = []
    ticks = start
    for instant, step in enumerate(draw(steps(instants))):
        has_bar, gap, move, reach = STEPS[step]
        if not has_bar and (rows or instant < instants - 1):
            continue
        opened = max(ticks + ticks * gap // 100, 1)
        close = max(opened + opened * move // 100 + move, 1)
        high, low = max(opened, close) + reach, max(min(opened, close) - reach, 1)
        rows.append((START_US + instant * 60 * SECOND, *(price / unit for price in (opened, high, low, close))))
        ticks = close
    return tuple(rows)


NUMBERS: dict[str, st.SearchStrategy[Any]] = {
    "quantity": st.one_of(
        st.integers(1, 12),
        st.sampled_from((0, -3, 1.5, 0.1, 20.0, 200, 10**7, Decimal("2.3"), math.nan, math.inf, "3", True)),
    ),
    "notional": st.one_of(
        st.integers(1, 1500), st.sampled_from((0, -10, 99.99, Decimal("100.0000009"), 10**6, 10**12, math.nan))
    ),
    "fraction": st.sampled_from((1, 0.5, 0.25, 1.0, Decimal("0.3"), 0.0000004, 1e-6, 2, 10, 0, -0.5, math.nan, 1e30)),
}
SIGNED: dict[str, st.SearchStrategy[Any]] = {
    "quantity": st.one_of(st.integers(-10, 10), st.sampled_from((0.5, 100, -100, math.inf))),
    "notional": st.one_of(st.integers(-1200, 1200), st.sampled_from((33.333333, -(10**9)))),
    "fraction": st.sampled_from((0, 0.0, 1, -1, 0.5, -0.5, 0.33, 0.1, -0.05, 1.5, -2, math.nan)),
}


@st.composite
def wanteds(draw: st.DrawFn, symbols: Sequence[str]) -> Wanted:
    """Draw one want, now and then an impossible one."""
    symbol = pick(draw, (*symbols, *symbols, *symbols, *symbols, "ZZZ"))
    action = pick(draw, ("buy", "buy", "sell", "close", "target"))
    units = ("quantity", "fraction") if action == "close" else ("quantity", "notional", "fraction")
    unit = pick(draw, units)
    return symbol, action, unit, draw((SIGNED if action == "target" else NUMBERS)[unit])


@cache
def scripts(symbols: tuple[str, ...], instants: int) -> st.SearchStrategy[list[tuple[Wanted, ...]]]:
    """Draw what is wanted on each of some instants, most often nothing."""
    turn = st.one_of(st.just(()), st.just(()), st.lists(wanteds(symbols), max_size=3).map(tuple))
    return st.lists(turn, max_size=instants)


@st.composite
def players(draw: st.DrawFn, symbols: tuple[str, ...], *, instants: int, kinds: Sequence[str]) -> Player:
    """Draw one strategy."""
    kind = pick(draw, kinds)
    weight = pick(draw, ("0.1", "0.25", "0.3", "0.333333", "0.0001"))
    shown = pick(draw, (None, None, None, tuple(symbols[:1]), tuple(reversed(symbols))))
    if kind == "script":
        return Player(kind, weight, shown, wants=tuple(draw(scripts(symbols, instants))))
    if kind == "signals":
        return Player(kind, weight, shown, targets=pick(draw, tuple(TARGETS)))
    return Player(
        kind,
        weight,
        shown,
        enter=pick(draw, tuple(ENTER)),
        leave=pick(draw, tuple(LEAVE)),
        size=pick(draw, ("", "", *SIZE)),
    )


RATIOS = ((2, 1), (3, 2), (1, 10), (1, 10), (3, 1), (2, 3), (7, 5))


@st.composite
def acts(draw: st.DrawFn, bars: dict[str, tuple[Row, ...]], *, most: int, least: int = 0) -> tuple[Act, ...]:
    """
    Draw splits and dividends: at bars of their symbol, at bars of others, and between all bars.
    """
    drawn: dict[Any, Act] = {}
    for _ in range(draw(st.integers(least, most))):
        symbol = pick(draw, sorted(bars))
        times = [row[0] for row in bars[symbol]]
        at_us = pick(draw, times) - pick(draw, (0, 0, 0, 60, 30)) * SECOND
        if not times[0] <= at_us <= times[-1]:
            continue
        if draw(st.booleans()):
            drawn["split", at_us, symbol] = ("split", at_us, symbol, *pick(draw, RATIOS))
        else:
            micros = pick(draw, (1, 10_000, 500_000, 1_234_567, 33_000_005))
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


@st.composite
def cases(
    draw: st.DrawFn,
    *,
    instants_min: int = 1,
    instants_max: int = 10,
    players_max: int = 3,
    kinds: Sequence[str] = ("script", "script", "asking", "signals"),
    actions_max: int = 3,
) -> Case:
    """Draw a whole run."""
    instants = draw(st.integers(instants_min, instants_max))
    symbols = SYMBOLS[: draw(st.integers(1, 3))]
    unit = pick(draw, (100, 128))
    starts = draw(st.lists(st.integers(50, 40_000), min_size=len(symbols), max_size=len(symbols)))
    bars = {
        symbol: draw(walks(instants=instants, unit=unit, start=start))
        for symbol, start in zip(symbols, starts, strict=True)
    }
    some = draw(st.lists(players(symbols, instants=instants, kinds=kinds), min_size=1, max_size=players_max))
    lots = pick(draw, ({}, {}, {}, {symbols[0]: "0.1"}, {symbols[-1]: "10"}))
    return Case(
        bars=bars,
        players={f"s{seat}": player for seat, player in enumerate(some)},
        capital=pick(draw, ("1000", "100000", "12345.678901", "50")),
        commission=pick(draw, (("none",), *COMMISSIONS)),
        slippage=pick(draw, (("none",), *SLIPPAGES)),
        fill_at=pick(draw, ("next_open", "next_open", "close")),
        capital_base=pick(draw, ("compounding", "fixed")),
        close_at_end=draw(st.booleans()),
        headroom_bps=pick(draw, (0, 500, 500, 10_000, 33)),
        lots=lots,
        actions=draw(acts(bars, most=actions_max)),
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


@st.composite
def held_cases(draw: st.DrawFn, **named: Any) -> Case:
    """
    Draw a run in which corporate actions meet positions, long and short, and orders that rest.

    In `cases` most of them meet nothing: the wants there are as often impossible as not.
    """
    case = draw(cases(**{"kinds": ("script",), "instants_max": 9, "actions_max": 0, **named}))
    symbols = sorted(case.bars)
    some = {}
    for name, player in case.players.items():
        openings = [(symbol, *pick(draw, OPENINGS)) for symbol in symbols]
        first = player.wants[0] if player.wants else ()
        later = [pick(draw, ((), (), *(((one, *rest),) for one in symbols for rest in OPENINGS))) for _ in "ab"]
        some[name] = replace(player, weight="0.3", symbols=None, wants=((*openings, *first), *later, *player.wants[1:]))
    actions = draw(acts(case.bars, least=3, most=8))
    return case.but(
        capital="100000",
        players=some,
        actions=actions,
        lots=pick(draw, (case.lots, {symbols[0]: "0.1"})),
        commission=pick(draw, (("none",), ("per_share", "0.005", "1"), ("basis_points", "7.5"))),
        slippage=pick(draw, (("none",), ("basis_points", "5"))),
    )


SHARES = ("0", "0.05", "0.1", "0.333333", "0.5", "0.75", "1")
COUNTS = (0, 1, 1, 2, 3)


def some(**limits: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw some of the limits, or none."""
    return st.fixed_dictionaries({}, optional=limits)


@st.composite
def limits_for(draw: st.DrawFn, case: Case) -> dict[str, Any]:
    """Draw limits for a run, as a person would give them."""
    return draw(limits_of(tuple(sorted(case.bars)), tuple(sorted(case.players))))


@cache
def limits_of(bars: tuple[str, ...], players: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw limits for these symbols and strategies."""
    share, count, symbols = st.sampled_from(SHARES), st.sampled_from(COUNTS), st.sampled_from(bars)
    drawdown = st.sampled_from(("0.000001", "0.01", "0.05", "0.2", "1"))
    one = some(symbol_share=share, positions=count, drawdown=drawdown)
    group = st.fixed_dictionaries({"symbols": st.lists(symbols, min_size=1, max_size=3), "exposure": share})
    return some(
        gross_exposure=share,
        net_exposure=share,
        symbol_exposure=share,
        symbols=st.dictionaries(symbols, share, max_size=2),
        groups=st.dictionaries(st.sampled_from(("metals", "tech", "all")), group, max_size=2),
        leverage=share,
        positions=count,
        cash_reserve=share,
        strategies=st.dictionaries(st.sampled_from(players), one, max_size=3),
        own=st.dictionaries(
            st.sampled_from(("zeta", "alpha")),
            st.tuples(st.sampled_from(("strategy", "account")), share),
            min_size=1,
            max_size=2,
        ),
    )


@st.composite
def limited_cases(draw: st.DrawFn, **named: Any) -> Case:
    """Draw a run with limits in which strategies want something: many positions, long and short, over several turns."""
    case = draw(cases(**{"kinds": ("script", "script", "asking", "signals"), "actions_max": 1, **named}))
    openings = [(symbol, *rest) for symbol in sorted(case.bars) for rest in OPENINGS]
    turn = st.lists(st.sampled_from((*openings, *((one, "close", "fraction", 1) for one in case.bars))), max_size=3)
    players = {}
    for name, player in case.players.items():
        busy = tuple(tuple(one) for one in draw(st.lists(turn, max_size=5))) if player.kind == "script" else ()
        players[name] = replace(player, weight=pick(draw, ("0.3", "0.333333", "0.1")), wants=busy + player.wants)
    case = case.but(players=players, capital=pick(draw, ("1000", "100000", "12345.678901")))
    return case.but(limits=draw(limits_for(case)))


POLICIES: tuple[Any, ...] = (
    *("independent", "net", "priority", "first_wins", "cancel_both", "weighted_average", "largest_conviction"),
    {"kind": "veto", "strategy": "s1"},
    {"kind": "pro_rata", "share": "0.2"},
)
"""Every policy that ships, as a person would write it."""

CONVICTIONS = (0, 0, 0.8, 0.3, 0.8, 1, Decimal("0.3000001"), 1.5, -0.1, True, "sure")


@st.composite
def disputed_cases(draw: st.DrawFn, **named: Any) -> Case:
    """Draw a run in which strategies get in each other's way all the time: few symbols, many entries and exits."""
    case = draw(cases(**{"players_max": 1, "instants_max": 7, "actions_max": 1, **named}))
    symbols = tuple(case.bars)[: draw(st.integers(1, 2))]
    sizes = (
        ("quantity", 7),
        ("quantity", 2),
        ("notional", 333),
        ("notional", 50.5),
        ("fraction", 0.5),
        ("fraction", 1),
    )

    def said() -> Wanted:
        action = pick(draw, ("buy", "sell", "buy", "sell", "close", "target"))
        symbol = pick(draw, symbols)
        if action == "close":
            return symbol, action, "fraction", pick(draw, (1, 0.5))
        unit, number = pick(draw, sizes)
        sign = pick(draw, (1, -1)) if action == "target" else 1
        return symbol, action, unit, sign * number, pick(draw, CONVICTIONS)

    some = {}
    for seat in range(draw(st.integers(2, 4))):
        turns = tuple(tuple(said() for _ in range(pick(draw, (0, 1, 1, 2)))) for _ in range(7))
        some[f"s{seat}"] = Player("script", pick(draw, ("0.25", "0.1", "0.2")), wants=turns)
    return case.but(capital=pick(draw, ("1000", "100000")), players=some)


@st.composite
def ruled_cases(draw: st.DrawFn, **named: Any) -> Case:
    """Draw a run in which strategies dispute under some policy, or one a symbol, and under limits at once."""
    case = draw(disputed_cases(**named))
    policy, *others = draw(st.lists(st.sampled_from(POLICIES), min_size=1, max_size=3))
    policies = dict(zip(case.bars, others, strict=False))
    return case.but(policy=policy, policies=policies, limits=draw(limits_for(case)))


@st.composite
def partial_cases(draw: st.DrawFn, **named: Any) -> Case:
    """Draw a run whose bars fill parts of orders: under `net` and without, with splits, limits, costs and closes."""
    case = draw(st.one_of(disputed_cases(**named), held_cases(**named), limited_cases(**named)))
    share = pick(draw, ("1", "0.5", "0.25", "0.333333"))
    rest = pick(draw, ("stays", "stays", "lapses"))
    volume = st.sampled_from((0.0, 1.0, 3.0, 7.5, 12.0, 20.0, 80.0, 1e6))
    volumes = {}
    for symbol, rows in case.bars.items():
        drawn = draw(st.lists(volume, min_size=len(rows), max_size=len(rows)))
        # A symbol without any volume is refused.
        volumes[symbol] = (max(drawn[0], 1.0), *drawn[1:])
    return case.but(
        fill_model={"kind": "volume_share", "share": share, "rest": rest},
        volumes=volumes,
        policy=pick(draw, ("independent", "net", "net", "priority")),
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


@st.composite
def shared_cases(draw: st.DrawFn, **named: Any) -> Case:
    """Draw a run in which capital moves between strategies, and some of them are on paper for a while."""
    case = draw(cases(**{"kinds": ("script",), "instants_min": 5, "instants_max": 12, **named}))
    players = {}
    for name in ("s0", "s1", "s2")[: draw(st.integers(2, 3))]:
        wants: list[Any] = [pick(draw, STAKES) for _ in range(3)]
        first = tuple((symbol, *want) for symbol, want in zip(sorted(case.bars), wants, strict=False))
        given = case.players.get(name, Player("signals", targets="both ways"))
        players[name] = replace(given, weight=pick(draw, ("0.3", "0.2", "0.05")), symbols=None)
        if given.kind == "script":
            players[name] = replace(players[name], wants=(first, *given.wants))
    case = case.but(players=players, capital=pick(draw, ("10000", "100000", "12345.678901")))
    case = case.stretched(pick(draw, DAY_FACTORS))
    if pick(draw, (False, False, False, True)):
        case = case.but(limits=draw(limits_for(case)))
    times = sorted({row[0] for rows in case.bars.values() for row in rows})
    suspends: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(0, 2))):
        strategy = pick(draw, sorted(case.players))
        if draw(st.booleans()):
            drawdown = pick(draw, ("0.000001", "0.01", "0.05"))
            days = pick(draw, ({}, {"days": 1}, {"days": 9}))
            suspends.append({"strategy": strategy, "drawdown": drawdown, **days})
        else:
            first, last = sorted(draw(st.lists(st.sampled_from(times), min_size=2, max_size=2)))
            bounds = {"start": moment_of(first), "end": moment_of(last)}
            left_out = pick(draw, (None, "start", "end"))
            suspends.append({"strategy": strategy, **{key: at for key, at in bounds.items() if key != left_out}})
    return case.but(
        policy=pick(draw, ("independent", "net", "cancel_both")),
        rebalance=pick(draw, (None, *REBALANCES)),
        suspends=tuple(suspends),
    )


def moment_of(at_us: int) -> datetime:
    """A time of the core as a person gives it."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
