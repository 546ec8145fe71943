"""
The table language: a scenario reads as a story, and is played by the real parts.

    allocation  trend   1000.00                     capital for a strategy; seats in this order
    pool        500.00                              before the first bar: capital that nobody is given
    setting     fill_at close                       also: capital_base fixed · headroom_bps 0 · close_at_end yes
    setting     commission per_share 0.005 minimum 1
    setting     slippage basis_points 5             kinds: none, fixed, per_share, basis_points
    limit       gross_exposure 0.5                  also: net_exposure, symbol_exposure, leverage, cash_reserve,
                                                    positions; symbol GLD 0.2 · group metals 0.5 GLD SLV
    limit       of trend symbol_share 0.5           also: positions 2 · drawdown 0.2
    limit       own slice 0.5                       one of one's own: a share of the strategy's capital in one symbol
    setting     crossing no
    setting     fill_model volume_share 0.1 lapses  or stays, which may be left out
    setting     conflict_policy veto strategy risk  also: conflict_policies GLD priority, for one symbol
    setting     rebalance calendar every instant    also: threshold absolute 0.1 · drawdown_scaled floor 0.5 …
    setting     suspend trend instants 2 3          by schedule, from the second instant to the third
    setting     suspend trend drawdown 0.2 days 2   by rule
    setting     days 10                             between two instants; a minute without this
    bar         GLD 100.00                          or open high low close; several before a cutoff are one instant
    bar         GLD 100.00 volume 40
    split       GLD 2 1                             before the bars of an instant; also: dividend GLD 0.50, a share
    intent      trend GLD +12           also -4 · close · close 0.5 · fraction 0.5 · notional -300 · target 5
    intent      trend GLD +12 conviction 0.8
    cutoff
    conflict    GLD opposed trend revert
    conflict    GLD opposed trend revert by priority refused 400.00       for every policy but independent
    conflict    GLD against_position trend holders short revert           with those who hold the opposite
    conflict    GLD crowded trend revert over gross_exposure              together over a limit of the account
    decision    trend GLD trimmed asked 1200.00 granted 1000.00 allocation
    decision    trend GLD trimmed asked 1200.00 granted 500.00 gross_exposure used 0.00 limit 500.00
    decision    trend GLD refused asked 1200.00 granted 0.00 account_positions used 2 limit 2
    decision    trend GLD trimmed asked 1200.00 granted 500.00 own_limit slice used 0.00 limit 500.00
    fill        trend GLD +10 at 100.00 fee 0.00
    fill        trend GLD +4 at 100.00 fee 0.00 crossed left +6     with other books, and what of the order follows
    fill        trend GLD +6 at 100.10 fee 1.00 saved 0.40          what its order would have cost more alone
    fill        trend GLD +6 at 100.00 fee 0.00 left +4             where bars fill parts of orders
    lapse       trend GLD end_of_data
    adjustment  trend GLD +5 to +7 cash 50.00 realised 0.00
    payment     trend GLD +7 amount 3.50
    rebalance   trend 1200.00 to 1000.00 revert 800.00 to 1000.00     behind them, with a part, pool 0.00 to 100.00
    reallocation trend -150.00 revert +150.00       what of it is paid now; behind them pool +50.00
    sale        trend GLD 3                         lots that the rebalance makes it close: an intent, with a decision
    transfer    trend revert 150.00
    suspension  trend suspend schedule              also: resume · drawdown
    cash        trend 0.00                          also: equity trend 1000.00 · lots trend GLD 10 · pool 500.00
    end                                             the data are over

Bus, History, Standings, Arbiter and Ledger are ropewalk's; strategies are replaced by the `intent` lines, which are
published at the Turn. What was published since the last line that was no expectation must be expected, in its order,
and all of it.
`#` begins a comment. A mismatch names the file and the line, what was found and what was expected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ropewalk.arbiter.arbiter import Arbiter
from ropewalk.arbiter.own_limits import Ask, Room
from ropewalk.arbiter.rebalance import NOTE
from ropewalk.bus import Bus, Phase
from ropewalk.clock import Clock
from ropewalk.config import OrchestratorConfig
from ropewalk.events import (
    Adjustment,
    Conflict,
    DataEnded,
    Decision,
    Dividend,
    Fill,
    Intent,
    Lapse,
    Payment,
    Reallocation,
    Rebalance,
    RunEnded,
    RunStarted,
    Split,
    Suspension,
    Transfer,
    Turn,
)
from ropewalk.ledger.execution import Costs
from ropewalk.ledger.ledger import Ledger
from ropewalk.market.history import History
from ropewalk.market.series import Series
from ropewalk.market.standing import Standings
from ropewalk.money import currency, exact_micros, part_down
from ropewalk.notation import timestamp
from ropewalk.orchestrator.shared_capital import fences_of, seat_capital
from ropewalk.reasons import COUNTED, LIMITS

MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
CAPITAL = ("rebalance", "reallocation", "sale", "transfer", "suspension")
EXPECTATIONS = (
    *("conflict", "decision", "fill", "lapse", "adjustment", "payment"),
    *(*CAPITAL, "cash", "equity", "lots", "pool"),
)


AMOUNTS = ("asked", "granted", "at", "fee", "cash", "realised", "amount", "refused", "saved")


class ScenarioError(AssertionError):
    """A script that cannot be read, or a story that went otherwise."""


@dataclass
class Line:
    """One line of a script: where it stands and its words."""

    where: str
    words: list[str]

    def fail(self, message: str) -> ScenarioError:
        return ScenarioError(f"{self.where}: {message}\n    {' '.join(self.words)}")

    def need(self, *counts: int) -> list[str]:
        """The words after the first, whose number must be one of these."""
        if len(self.words) - 1 not in counts:
            allowed = " or ".join(map(str, counts))
            raise self.fail(f"{self.words[0]} takes {allowed} words, found {len(self.words) - 1}")
        return self.words[1:]

    def micros(self, word: str) -> int:
        try:
            return exact_micros(word.lstrip("+"))
        except ValueError as error:
            raise self.fail(str(error)) from None


@dataclass
class Instant:
    """The corporate actions and bars of one time, what is wanted then, and what is expected after bars and cutoff."""

    actions: list[Line] = field(default_factory=list)
    bars: list[tuple[Line, str, list[float]]] = field(default_factory=list)
    intents: list[Line] = field(default_factory=list)
    after_bars: list[Line] = field(default_factory=list)
    after_cutoff: list[Line] = field(default_factory=list)
    is_cut: bool = False


@dataclass
class Script:
    """A parsed scenario."""

    allocations: dict[str, int] = field(default_factory=dict)
    pool_micros: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    instants: list[Instant] = field(default_factory=list)
    step_us: int = MINUTE_US
    has_end: bool = False
    after_end: list[Line] = field(default_factory=list)


def parse(text: str, *, name: str) -> Script:
    """Read a script; raises ScenarioError that names the line for whatever cannot be meant."""
    script = Script()
    for number, row in enumerate(text.splitlines(), 1):
        words = row.partition("#")[0].split()
        if words:
            _read(script, Line(f"{name}:{number}", words))
    if not script.has_end:
        raise ScenarioError(f"{name}: the story has no end; finish it with a line that says end")
    return script


def _read(script: Script, line: Line) -> None:
    word, now = line.words[0], script.instants[-1] if script.instants else None
    if script.has_end and word not in EXPECTATIONS:
        raise line.fail(f"{word} after end; only expectations may follow")
    if word in ("allocation", "setting", "limit") or (word == "pool" and now is None):
        if now is not None:
            raise line.fail(f"{word} after the first bar; it belongs before")
        _read_set_up(script, line)
    elif word in ("bar", "split", "dividend"):
        if now is None or now.is_cut:
            now = Instant()
            script.instants.append(now)
        if now.intents or now.after_bars or (now.bars and word != "bar"):
            raise line.fail(f"{word} too late; first corporate actions, then bars, and a cutoff ends an instant")
        if word != "bar":
            now.actions.append(line)
            return
        symbol, *prices = line.need(2, 4, 5, 7)
        volume = prices.pop() if len(prices) > 1 and prices[-2] == "volume" else None
        prices = prices[:-1] if volume else prices
        row = [float(price) for price in (prices * 4 if len(prices) == 1 else prices)]
        now.bars.append((line, symbol, [*row, float(volume or 0)]))
    elif word == "end":
        script.has_end = True
    elif word in EXPECTATIONS:
        if script.has_end:
            script.after_end.append(line)
        elif now is None:
            raise line.fail("nothing can have happened before the first bar")
        elif now.intents and not now.is_cut:
            raise line.fail("nothing is settled before the cutoff")
        else:
            (now.after_cutoff if now.is_cut else now.after_bars).append(line)
    elif word in ("intent", "cutoff"):
        if now is None or now.is_cut:
            raise line.fail(f"{word} without a bar; an instant begins with its bars")
        if word == "cutoff":
            now.is_cut = True
        else:
            now.intents.append(line)
    else:
        known = "allocation, pool, setting, limit, split, dividend, bar, intent, cutoff, end, " + ", ".join(
            EXPECTATIONS
        )
        raise line.fail(f"there is no {word!r}; known: {known}")


def _read_set_up(script: Script, line: Line) -> None:
    if line.words[0] == "allocation":
        strategy, amount = line.need(2)
        script.allocations[strategy] = line.micros(amount)
    elif line.words[0] == "pool":
        script.pool_micros = line.micros(line.need(1)[0])
    elif line.words[0] == "limit":
        _read_limit(script.settings.setdefault("limits", {}), line)
    else:
        key, *values = line.need(2, 3, 4, 5, 6, 8)
        if key in ("rebalance", "suspend", "days"):
            _read_capital(script, line, key, values)
        elif key == "conflict_policy":
            kind, *rest = values
            script.settings[key] = {"kind": kind, rest[0]: rest[1]} if rest[1:] else kind
        elif key == "conflict_policies":
            script.settings.setdefault(key, {})[values[0]] = values[1]
        elif key in ("commission", "slippage"):
            kind, *rest = values
            first = {"basis_points": "rate"}.get(kind, "amount")
            settings = {
                "kind": kind,
                **({first: rest[0]} if rest else {}),
                **({"minimum": rest[2]} if rest[2:] else {}),
            }
            script.settings[key] = settings
        elif key == "headroom_bps":
            script.settings["quantity_headroom_bps"] = int(values[0])
        elif key == "fill_model":
            kind, share, *rest = values
            script.settings[key] = {"kind": kind, "share": share, **({"rest": rest[0]} if rest else {})}
        elif key in ("close_at_end", "crossing"):
            script.settings[key] = values[0] == "yes"
        elif key in ("fill_at", "capital_base"):
            script.settings[key] = values[0]
        else:
            raise line.fail(f"there is no setting {key!r}")


def _read_capital(script: Script, line: Line, key: str, values: list[str]) -> None:
    whole = {"lookback", "days"}
    told = dict(zip(values[1::2], values[2::2], strict=False))
    match key, values:
        case "days", [days]:
            script.step_us = int(days) * DAY_US
        case "rebalance", [kind, *_]:
            typed = {name: int(value) if name in whole else value for name, value in told.items()}
            script.settings[key] = {"kind": kind, **typed}
        case "suspend", [strategy, "instants", first, last]:
            # Given as instants; they become times once it is known how far apart those are.
            script.settings.setdefault(key, []).append({"strategy": strategy, "start": int(first), "end": int(last)})
        case "suspend", [strategy, "drawdown", *_]:
            typed = {name: int(value) if name in whole else value for name, value in told.items()}
            script.settings.setdefault(key, []).append({"strategy": strategy, **typed})
        case _:
            raise line.fail("a suspension is STRATEGY instants FIRST LAST, or STRATEGY drawdown PART [days N]")


def _settings(script: Script) -> dict[str, Any]:
    """The settings, with times in the place of instants."""
    suspend = [
        {
            key: timestamp(value * script.step_us) if isinstance(value, int) and key != "days" else value
            for key, value in one.items()
        }
        for one in script.settings.get("suspend", [])
    ]
    return {**script.settings, "suspend": suspend}


def _read_limit(limits: dict[str, Any], line: Line) -> None:
    match line.words[1:]:
        case ["of", strategy, name, value]:
            one = limits.setdefault("strategies", {}).setdefault(strategy, {})
            one[name] = int(value) if name == "positions" else value
        case ["symbol", symbol, value]:
            limits.setdefault("symbols", {})[symbol] = value
        case ["own", name, value]:
            limits.setdefault("own", {})[name] = Slice(value)
        case ["group", name, value, *symbols]:
            limits.setdefault("groups", {})[name] = {"symbols": symbols, "exposure": value}
        case [name, value]:
            limits[name] = int(value) if name == "positions" else value
        case _:
            raise line.fail("a limit is NAME VALUE, of STRATEGY NAME VALUE, symbol SYMBOL VALUE or group …")


class Slice:
    """A limit of one's own: a share of a strategy's capital in one symbol, or of the account's equity in all."""

    def __init__(self, share: str, *, of_account: bool = False) -> None:
        self.share = Fraction(share)
        self.of_account = of_account

    def room(self, ask: Ask) -> Room:
        capital, used = ask.strategy_use.capital_micros, ask.strategy_use.symbol_micros
        if self.of_account:
            capital, used = ask.account_use.equity_micros, ask.account_use.gross_micros
        return Room(part_down(max(capital, 0), self.share), used)


class Play:
    """One scenario on stage: the real parts, and everything they published that has not been expected yet."""

    def __init__(self, script: Script) -> None:
        self.script = script
        config = OrchestratorConfig(**_settings(script))
        self.closes_at_end = config.close_at_end
        self.bus = Bus()
        self.history = History(_series(script))
        self.history.seat(self.bus)
        strategies = tuple(script.allocations)
        self.standings = Standings(self.bus, strategies, capital_base=config.capital_base)
        costs = Costs(config.commission_model(), config.slippage_model())
        netted = config.netted_symbols(self.history.symbols)
        named = {"fill_at": config.fill_at, "netted": netted, "model": config.filling()}
        self.ledger = Ledger(self.bus, self.history, costs=costs, **named)
        total = sum(script.allocations.values()) + script.pool_micros
        weights = {name: Decimal(micros) / total for name, micros in script.allocations.items()}
        seat_capital(config, self.bus, self.history, self.standings, weights=weights)
        self.bus.subscribe(Turn, self.on_turn, phase=Phase.STRATEGIES)
        self.bus.subscribe(DataEnded, self.on_data_ended, phase=Phase.STRATEGIES)
        policy, policies = config.policies()
        Arbiter(
            self.bus,
            self.history,
            self.standings,
            strategies=dict.fromkeys(strategies, self.history.symbols),
            policy=policy,
            policies=policies,
            headroom_bps=config.quantity_headroom_bps,
            fences=fences_of(config, self.bus, self.history, self.standings, strategies=strategies),
        )
        self.published: list[Any] = []
        kinds = (Conflict, Decision, Fill, Lapse, Adjustment, Payment, Rebalance, Reallocation, Transfer, Suspension)
        for kind in kinds:
            self.bus.subscribe(kind, self.published.append, phase=Phase.COLLECTORS)
        self.bus.subscribe(Intent, self.on_intent, phase=Phase.COLLECTORS)
        self.bus.seal()
        self.turn = -1

    def run(self) -> None:
        """Play the script from its first line to its last."""
        given = self.script.allocations
        total = sum(given.values()) + self.script.pool_micros
        started = RunStarted(0, total, tuple(given), tuple(given.values()), self.history.symbols, "")
        self.bus.announce(started)
        # What each begins with has been said by the allocations.
        self.published.clear()
        Clock(self.bus, _series(self.script), _actions(self.script)).run(should_stop=self.settle_up)
        self.bus.announce(RunEnded(self.bus.instant_us, "complete", "", len(self.script.instants), *[0] * 5))
        self.check(self.script.after_end, "end")
        self.ledger.audit()

    def on_turn(self, turn: Turn) -> None:
        self.turn += 1
        instant = self.script.instants[self.turn]
        self.check(instant.after_bars, "the bars")
        for line in instant.intents:
            self.bus.publish(intent_of(line, turn.at_us))

    def on_intent(self, intent: Intent) -> None:
        if intent.note == NOTE:
            self.published.append(intent)

    def on_data_ended(self, ended: DataEnded) -> None:
        self.settle_up()
        if self.closes_at_end:
            for strategy in self.script.allocations:
                for symbol in self.standings[strategy].holdings:
                    self.bus.publish(Intent(ended.at_us, strategy, symbol, "close", "fraction", 1_000_000))

    def settle_up(self) -> bool:
        """Check the cutoff before: the clock asks whether to stop between two instants."""
        if self.turn >= 0 and self.script.instants[self.turn].is_cut:
            self.check(self.script.instants[self.turn].after_cutoff, "the cutoff")
            self.script.instants[self.turn].after_cutoff = []
        return False

    def check(self, lines: list[Line], moment: str) -> None:
        """Compare what was published with what was expected, one by one."""
        for line in lines:
            if line.words[0] in ("cash", "equity", "lots", "pool"):
                self.check_amount(line)
                continue
            if not self.published:
                raise line.fail(f"after {moment} nothing (more) was published, expected")
            event = self.published.pop(0)
            found = told(event).split()
            if found != normal(line):
                raise line.fail(f"found    {' '.join(found)}\n    expected {' '.join(normal(line))}; written as")
        if self.published:
            where = lines[-1].where if lines else f"after {moment}, in instant {self.turn + 1}"
            raise ScenarioError(f"{where}: nobody expected\n    {told(self.published[0])}")

    def check_amount(self, line: Line) -> None:
        word, *rest = line.words
        if word == "pool":
            found, expected = self.ledger.pool_micros, line.micros(line.need(1)[0])
        elif word == "lots":
            strategy, symbol, lots = line.need(3)
            found, expected = self.ledger.books[strategy].quantity(symbol), int(lots)
        else:
            strategy, amount = line.need(2)
            book, expected = self.ledger.books[strategy], line.micros(amount)
            found = book.cash_micros
            if word == "equity":
                found += sum(lots * self.history.mark_micros(symbol) for symbol, lots in book.quantities.items())
        if found != expected:
            shown = found if word == "lots" else currency(found)
            raise line.fail(f"found    {word} {' '.join(rest[:-1])} {shown}\n    expected as written")


def _series(script: Script) -> list[Series]:
    rows: dict[str, list[list[float]]] = {}
    for step, instant in enumerate(script.instants):
        for line, symbol, prices in instant.bars:
            times = rows.setdefault(symbol, [])
            if times and times[-1][0] == (step + 1) * script.step_us:
                raise line.fail(f"{symbol} has two bars in one instant; a cutoff ends the instant")
            times.append([(step + 1) * script.step_us, *prices])
    series = []
    for symbol in sorted(rows):
        columns = np.array(rows[symbol]).T
        names = ("open", "high", "low", "close", "volume")
        values = {name: columns[seat + 1].copy() for seat, name in enumerate(names)}
        series.append(Series(symbol, at_us=columns[0].astype(np.int64), **values))
    return series


def _actions(script: Script) -> list[Split | Dividend]:
    actions: list[Split | Dividend] = []
    for step, instant in enumerate(script.instants):
        at_us = (step + 1) * script.step_us
        for line in instant.actions:
            if line.words[0] == "split":
                symbol, up, down = line.need(3)
                actions.append(Split(at_us, symbol, int(up), int(down)))
            else:
                symbol, amount = line.need(2)
                actions.append(Dividend(at_us, symbol, line.micros(amount)))
    return actions


def intent_of(line: Line, at_us: int) -> Intent:
    """Read `trend GLD +12`, `… close 0.5`, `… fraction 0.5`, `… notional -300`, `… target fraction 0.5`."""
    strategy, symbol, *wanted = line.need(3, 4, 5, 6, 7)
    conviction = line.micros(wanted[-1]) if wanted[-2:-1] == ["conviction"] else 0
    wanted = wanted[:-2] if wanted[-2:-1] == ["conviction"] else wanted
    action = wanted.pop(0) if wanted[0] in ("close", "target") else ""
    unit = wanted.pop(0) if wanted and wanted[0] in ("fraction", "notional") else "quantity"
    if action == "close" and unit == "quantity":
        unit, wanted = "fraction", wanted or ["1"]
    if len(wanted) != 1:
        raise line.fail("an intent is +N, -N, close [part], fraction X, notional X or target [fraction|notional] X")
    try:
        number = Decimal(wanted[0])
    except ArithmeticError:
        return Intent(at_us, strategy, symbol, action or "buy", unit, 0, flaw=wanted[0])
    amount = int(number) if unit == "quantity" else int(number * 1_000_000)
    if not action:
        action, amount = ("buy" if amount > 0 else "sell"), abs(amount)
    return Intent(at_us, strategy, symbol, action, unit, amount, conviction=conviction)


def told(event: Any) -> str:
    """An event as a line of a script."""
    match event:
        case Conflict():
            names = [*dict.fromkeys(event.strategies), *(["holders", *event.holders] if event.holders else [])]
            if event.over_limit is not None:
                names += ["over", event.over_limit]
            if event.policy != "independent":
                names += ["by", event.policy, "refused", str(currency(event.refused_micros))]
            return f"conflict {event.symbol} {event.kind} {' '.join(names)}"
        case Decision():
            amounts = f"asked {currency(event.asked_micros)} granted {currency(event.granted_micros)}"
            closing = f" closing {event.close_quantity:+}" if event.close_quantity else ""
            return f"decision {event.strategy} {event.symbol} {event.verdict} {amounts}{closing} {_why(event)}"
        case Fill():
            fee, price = currency(event.commission_micros), currency(event.price_micros)
            left = f" left {event.remaining_quantity:+}" if event.remaining_quantity else ""
            micros = event.saved_commission_micros + event.saved_slippage_micros
            netted = f"{' crossed' if event.is_crossed else ''}{left}{f' saved {currency(micros)}' if micros else ''}"
            return f"fill {event.strategy} {event.symbol} {event.quantity:+} at {price} fee {fee}{netted}"
        case Adjustment():
            lots = f"{event.quantity_before:+} to {event.quantity_after:+}"
            money = f"cash {currency(event.cash_micros)} realised {currency(event.realised_micros)}"
            return f"adjustment {event.strategy} {event.symbol} {lots} {money}"
        case Payment():
            return f"payment {event.strategy} {event.symbol} {event.quantity:+} amount {currency(event.micros)}"
        case Lapse():
            return f"lapse {event.strategy} {event.symbol} {event.reason}"
        case _:
            return told_capital(event)


def told_capital(event: Any) -> str:
    """An event about capital as a line of a script."""
    match event:
        case Rebalance():
            owners = [*zip(event.strategies, event.equity_micros, event.target_micros, strict=True)]
            if event.pool_micros or event.pool_target_micros:
                owners.append(("pool", event.pool_micros, event.pool_target_micros))
            return "rebalance " + " ".join(f"{name} {currency(has)} to {currency(due)}" for name, has, due in owners)
        case Reallocation():
            moves = [*zip(event.strategies, event.moved_micros, strict=True)]
            moves += [("pool", event.pool_moved_micros)] if event.pool_moved_micros else []
            return "reallocation " + " ".join(f"{name} {currency(micros):+}" for name, micros in moves)
        case Transfer():
            return f"transfer {event.giver or 'pool'} {event.taker or 'pool'} {currency(event.micros)}"
        case Intent():
            return f"sale {event.strategy} {event.symbol} {event.amount}"
        case _:
            return f"suspension {event.strategy} {event.action} {event.by}"


def _why(decision: Decision) -> str:
    """The reason, and beside a limit other than the allocation what was used of it."""
    reason = decision.reason
    if reason in COUNTED:
        return f"{reason} used {decision.used_positions} limit {decision.limit_positions}"
    if reason not in LIMITS or reason == "allocation":
        return reason
    group = f" {decision.group}" if decision.group else ""
    return f"{reason}{group} used {currency(decision.used_micros)} limit {currency(decision.limit_micros)}"


def normal(line: Line) -> list[str]:
    """The words of an expectation with amounts in six decimals and signs on quantities, as `told` writes them."""
    words, kind = list(line.words), line.words[0]
    if kind in ("rebalance", "reallocation", "transfer"):
        sign = "+" if kind == "reallocation" else ""
        is_amount = [word[-1].isdigit() and "." in word for word in words]
        return [
            f"{currency(line.micros(word)):{sign}}" if is_one else word
            for word, is_one in zip(words, is_amount, strict=True)
        ]
    # The fourth word of a decision is its verdict, which may be the word `granted` too.
    for seat, word in enumerate(words[:-1], 1):
        is_count = any(reason in words for reason in COUNTED)
        if (seat > 4 and word in AMOUNTS) or (word in ("used", "limit") and not is_count):
            words[seat] = str(currency(line.micros(words[seat])))
        elif seat > 4 and word == "closing":
            words[seat] = f"{int(words[seat]):+}"
    if kind == "decision" and "asked" not in words:
        words[4:4] = ["asked", "0.000000", "granted", "0.000000"]
    if kind == "fill":
        if len(words) < 6:
            raise line.fail("a fill is: fill STRATEGY SYMBOL ±LOTS at PRICE fee AMOUNT")
        words[3] = f"{int(words[3]):+}"
        words += ["fee", "0.000000"] if "fee" not in words else []
    return words


def play(text: str, *, name: str = "scenario") -> None:
    """Parse a script and play it; raises ScenarioError where the story goes otherwise."""
    Play(parse(text, name=name)).run()


def play_file(path: Path) -> None:
    """Play a file."""
    play(path.read_text("utf-8"), name=path.name)
