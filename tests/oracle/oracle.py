"""
A second backtester, deliberately naive, that imports nothing of ropewalk.

Written from the design pages (ARCHITECTURE "The instant", "The words"; LEDGER "Books", "Execution on bars") and the
public docstrings: plain dicts, ints and Fractions, everything recomputed from scratch whenever it is needed. It says
what must have happened in a run; where the two disagree, one of them is wrong.

What it says are tuples, in their order: `("intent", …)`, `("conflict", …)`, `("decision", …)`, `("fill", …)` and
`("lapse", …)`, and with corporate actions `("split", …)`, `("dividend", …)`, `("adjustment", …)` and `("payment", …)`.
How capital moves between strategies and who is on paper is in `shares.py`, which says `("rebalance", …)`,
`("reallocation", …)`, `("transfer", …)` and `("suspension", …)`.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

MILLION = 1_000_000
LARGEST = 2**53


def exactly(number: Any) -> Fraction | None:
    """The number a strategy meant; a float means the shortest decimal that prints like it."""
    if isinstance(number, (bool, str)):
        return None
    if isinstance(number, Integral):
        return Fraction(int(number))
    if isinstance(number, (Decimal, Fraction)):
        return Fraction(number) if math.isfinite(number) else None
    if isinstance(number, Real):
        return Fraction(repr(float(number))) if math.isfinite(number) else None
    return None


def towards_zero(number: Fraction) -> int:
    whole = abs(number.numerator) // number.denominator
    return whole if number >= 0 else -whole


def half_even(number: Fraction) -> int:
    below = math.floor(number)
    rest = number - below
    if rest == Fraction(1, 2):
        return below if below % 2 == 0 else below + 1
    return below if rest < Fraction(1, 2) else below + 1


class Oracle:
    """
    Replays one run in its head.

    `players` are the strategies as data, with rules as callables; `bars` are rows of (time, open, high, low, close).
    """

    def __init__(
        self,
        *,
        bars: dict[str, Any],
        players: dict[str, Any],
        rules: dict[str, Any],
        capital: str,
        commission: tuple[str, ...],
        slippage: tuple[str, ...],
        fill_at: str,
        capital_base: str,
        close_at_end: bool,
        headroom_bps: int,
        lots: dict[str, str],
        actions: tuple[tuple[Any, ...], ...] = (),
        limits: dict[str, Any] | None = None,
        policy: Any = "independent",
        policies: dict[str, Any] | None = None,
        crossing: bool = True,
        fill_model: dict[str, str] | None = None,
        volumes: dict[str, Any] | None = None,
        shares: Any = None,
        rebalance: dict[str, Any] | None = None,
        suspends: tuple[dict[str, Any], ...] = (),
    ) -> None:
        self.bars = {symbol: bars[symbol] for symbol in sorted(bars)}
        self.players = players
        self.policy = policy
        self.policies = policies or {}
        self.crossing = crossing
        self.fill_model = fill_model
        self.volumes = volumes or {}
        self.taken: dict[tuple[int, str], int] = {}
        self.rules = rules
        self.commission_kind = commission
        self.slippage_kind = slippage
        self.at_close = fill_at == "close"
        self.fixed_base = capital_base == "fixed"
        self.close_at_end = close_at_end
        self.headroom_bps = headroom_bps
        self.limits = limits or {}
        self.actions = list(actions)
        self.every_action = sorted(actions, key=lambda one: one[1])
        self.dividends = dict.fromkeys(players, 0)
        self.lot = {symbol: Fraction(lots.get(symbol, "1")) for symbol in self.bars}
        self.capital = int(Fraction(capital) * MILLION)
        self.given = {name: math.floor(self.capital * Fraction(player.weight)) for name, player in players.items()}
        self.cash = dict(self.given)
        self.base = dict(self.given)
        self.forced: list[tuple[Any, ...]] = []
        self.held: dict[str, dict[str, int]] = {name: {} for name in players}
        self.cost: dict[str, dict[str, int]] = {name: {} for name in players}
        self.realised = dict.fromkeys(players, 0)
        self.fees = dict.fromkeys(players, 0)
        self.orders: list[dict[str, Any]] = []
        self.seen: dict[str, list[Any]] = {symbol: [] for symbol in self.bars}
        self.now = 0
        self.turn = -1
        self.is_over = False
        self.said: list[tuple[Any, ...]] = []
        self.shares = shares.Shares(self, rebalance, list(suspends))
        self.highest = self.shares.top["limits"]

    # ── prices and worth ──────────────────────────────────────────────────────────────────────────

    def micros(self, symbol: str, price: float) -> int:
        return half_even(Fraction(price) * MILLION * self.lot[symbol])

    def mark(self, symbol: str) -> int:
        return self.micros(symbol, self.seen[symbol][-1][4])

    def worth(self, name: str) -> int:
        return self.cash[name] + sum(lots * self.mark(symbol) for symbol, lots in self.held[name].items())

    def at_work(self, name: str) -> int:
        return sum(abs(lots) * self.mark(symbol) for symbol, lots in self.held[name].items())

    def limit(self, name: str) -> int:
        return min(self.base[name], self.worth(name)) if self.fixed_base else self.worth(name)

    def resting(self, name: str, symbol: str) -> list[dict[str, Any]]:
        return [order for order in self.orders if order["who"] == name and order["symbol"] == symbol]

    def reserved(self, name: str) -> int:
        return sum(order["reserve"] for order in self.orders if order["who"] == name)

    # ── costs ─────────────────────────────────────────────────────────────────────────────────────

    def commission(self, lots: int, price: int) -> int:
        kind, *numbers = self.commission_kind
        amounts = [Fraction(number) for number in numbers] + [Fraction(0), Fraction(0)]
        if kind == "none":
            return 0
        if kind == "fixed":
            return int(amounts[0] * MILLION)
        asked = lots * amounts[0] * (MILLION if kind == "per_share" else Fraction(price, 10_000))
        return max(math.ceil(asked), int(amounts[1] * MILLION))

    def slip(self, lots: int, reference: int) -> int:
        kind, *numbers = self.slippage_kind
        amount = Fraction(numbers[0]) if numbers else Fraction(0)
        if kind == "none":
            return 0
        if kind == "fixed":
            return math.ceil(amount * MILLION / lots)
        if kind == "per_share":
            return int(amount * MILLION)
        return math.ceil(reference * amount / 10_000)

    def priced(self, lots: int, side: int, reference: int) -> tuple[int, int, int]:
        """The price of each of so many lots, how much of it is slippage, and the commission for all of them."""
        slip = self.slip(lots, reference)
        # No seller pays to sell: the price stops at a micro.
        slip = min(slip, reference - 1) if side < 0 else slip
        price = reference + side * slip
        return price, slip, self.commission(lots, price)

    # ── the walk ──────────────────────────────────────────────────────────────────────────────────

    def run(self) -> list[tuple[Any, ...]]:
        times = sorted({row[0] for rows in self.bars.values() for row in rows})
        for self.now in times:
            self.turn += 1
            self.act()
            due = {symbol: row for symbol, rows in self.bars.items() for row in rows if row[0] == self.now}
            for symbol, row in due.items():
                waiting = [order for order in self.orders if order["symbol"] == symbol]
                self.seen[symbol].append(row)
                self.fill_all(waiting, row[4] if self.at_close else row[1])
            self.forced = []
            self.shares.look()
            spoken = [intent for name in self.players for intent in self.speak(name, due)]
            self.settle([*self.forced, *spoken])
        self.is_over = True
        for order in list(self.orders):
            self.lapse(order, "end_of_data")
        closing = []
        if self.close_at_end:
            closing = [
                (name, symbol, "close", "fraction", MILLION, True)
                for name in self.players
                for symbol in self.held[name]
            ]
        self.settle(closing)
        return self.said

    # ── corporate actions ─────────────────────────────────────────────────────────────────────────

    def act(self) -> None:
        """All that became due since the last instant: by symbol, then by day, a split before a dividend."""
        due = [action for action in self.actions if action[1] <= self.now]
        self.actions = [action for action in self.actions if action[1] > self.now]
        for kind, _, symbol, *numbers in sorted(due, key=lambda one: (one[2], one[1], one[0] == "dividend")):
            self.said.append((kind, self.now, symbol, *numbers))
            (self.split if kind == "split" else self.pay)(symbol, *numbers)

    def split(self, symbol: str, up: int, down: int) -> None:
        """Prices are divided, lots multiplied; no lot is held in part: what is less than one is cashed."""
        self.seen[symbol] = [(row[0], *(price * down / up for price in row[1:])) for row in self.seen[symbol]]
        for name in self.players:
            held = self.held[name].get(symbol, 0)
            if not held:
                continue
            exact = Fraction(held * up, down)
            after = towards_zero(exact)
            cash = half_even((exact - after) * self.mark(symbol))
            ended = half_even(self.cost[name][symbol] * (exact - after) / exact)
            self.cash[name] += cash
            self.realised[name] += cash - ended
            self.held[name][symbol] = after
            self.cost[name][symbol] -= ended
            if not after:
                del self.held[name][symbol], self.cost[name][symbol]
            self.said.append(("adjustment", self.now, name, symbol, up, down, held, after, cash, cash - ended))
        for order in [order for order in self.orders if order["symbol"] == symbol]:
            order["close"] = towards_zero(Fraction(order["close"] * up, down))
            if order["open"]:
                order["open"] = towards_zero(Fraction(order["open"] * up, down))
                # Nothing is left to open; without this it would look like an ask for capital.
                order["granted"] = order["granted"] if order["open"] else 0
            if not order["close"] and not order["granted"]:
                self.lapse(order, "too_small")

    def pay(self, symbol: str, micros: int) -> None:
        """So much a share: longs receive it, shorts owe it."""
        for name in self.players:
            held = self.held[name].get(symbol, 0)
            if held:
                paid = half_even(held * self.lot[symbol] * micros)
                self.cash[name] += paid
                self.dividends[name] += paid
                self.said.append(("payment", self.now, name, symbol, held, paid))

    # ── what strategies say ───────────────────────────────────────────────────────────────────────

    def symbols_of(self, name: str) -> tuple[str, ...]:
        shown = self.players[name].symbols
        return tuple(symbol for symbol in self.bars if shown is None or symbol in shown)

    def speak(self, name: str, due: dict[str, Any]) -> list[tuple[Any, ...]]:
        player = self.players[name]
        if player.kind == "script":
            wants = player.wants[self.turn] if self.turn < len(player.wants) else ()
            return [self.scripted(name, *want) for want in wants]
        if player.kind == "asking":
            return [intent for symbol in due for intent in self.ask(name, player, symbol)]
        return [
            intent for symbol in self.symbols_of(name) if symbol in due for intent in self.signal(name, player, symbol)
        ]

    def scripted(
        self, name: str, symbol: str, action: str, unit: str, number: Any, conviction: Any = 0
    ) -> tuple[Any, ...]:
        exact, sure = exactly(number), exactly(conviction)
        if exact is None or sure is None or not 0 <= sure <= 1:
            return name, symbol, action, unit, 0, False
        if unit == "quantity":
            exact = exact / self.lot.get(symbol, Fraction(1))
            amount = int(exact) if exact.denominator == 1 else None
        else:
            amount = towards_zero(exact * MILLION)
        is_good = amount is not None and abs(amount) <= LARGEST and (action == "target" or amount > 0)
        return name, symbol, action, unit, amount if is_good else 0, is_good, int(sure * MILLION) if is_good else 0

    def ask(self, name: str, player: Any, symbol: str) -> list[tuple[Any, ...]]:
        if symbol not in self.symbols_of(name) or self.resting(name, symbol):
            return []
        closes = [row[4] for row in self.seen[symbol]]
        lots = self.held[name].get(symbol, 0)
        if lots:
            lot = self.lot[symbol]
            shares = lots if lot == 1 else float(lots * lot)
            entry = self.cost[name][symbol] / (lots * float(lot * MILLION))
            wants_out = self.rules["leave"][player.leave](closes, shares, entry)
            return [(name, symbol, "close", "fraction", MILLION, True)] if wants_out else []
        if not self.rules["enter"][player.enter](closes):
            return []
        if not player.size:
            return [(name, symbol, "buy", "fraction", MILLION // len(self.symbols_of(name)), True)]
        free = max(self.limit(name) - self.at_work(name) - self.reserved(name), 0)
        shares = exactly(self.rules["size"][player.size](free / MILLION, closes[-1]))
        wanted = 0 if shares is None else max(math.floor(shares / self.lot[symbol]), 0)
        return [(name, symbol, "buy", "quantity", wanted, wanted > 0)]

    def signal(self, name: str, player: Any, symbol: str) -> list[tuple[Any, ...]]:
        share = MILLION // len(self.symbols_of(name))
        amounts, placed = [0], [0]
        closes = [row[4] for row in self.bars[symbol]]
        for kind, at, what, *numbers in self.every_action:
            if kind == "split" and what == symbol:
                # The whole sample in the shares of its first bar.
                up, down = numbers
                since = [row[0] >= at for row in self.bars[symbol]]
                closes = [close * up / down if later else close for close, later in zip(closes, since, strict=True)]
        targets = self.rules["targets"][player.targets](self.rules["column"](closes))
        for value in list(targets)[: len(self.seen[symbol])]:
            amounts.append(amounts[-1] if math.isnan(value) else half_even(Fraction(float(value) * share)))
            # Through flat it takes two bars: the other side needs the capital of this one.
            placed.append(0 if placed[-1] * amounts[-1] < 0 else amounts[-1])
        before, wanted = placed[-2:]
        if wanted == before:
            return []
        if wanted == 0:
            return [(name, symbol, "close", "fraction", MILLION, True)]
        if before == 0:
            return [(name, symbol, "buy" if wanted > 0 else "sell", "fraction", abs(wanted), True)]
        return [(name, symbol, "target", "fraction", wanted, True)]

    # ── the arbiter ───────────────────────────────────────────────────────────────────────────────

    def settle(self, intents: list[tuple[Any, ...]]) -> None:
        intents = [(*intent, 0)[:7] for intent in intents]
        self.said += [("intent", self.now, *intent[:5], intent[6]) for intent in intents]
        self.shares.move()
        wishes: list[dict[str, Any]] = []
        for intent in intents:
            # A strategy's own earlier intents of the instant count as done, so that none is done twice.
            wishes.append(self.wish(intent, [one for one in wishes if (one["who"], one["symbol"]) == intent[:2]]))
        self.batch = wishes
        for symbol in self.bars:
            self.conflict(symbol, [wish for wish in wishes if wish["symbol"] == symbol and not wish["flaw"]])
        # Sizing looks at the books as they were; only what is granted now adds up on top.
        extra = dict.fromkeys(self.players, 0)
        entries = [one for name in self.players for one in wishes if one["asked"] and one["who"] == name]
        for wish in [one for one in wishes if not one["asked"]] + entries:
            self.decide(wish, extra)
        for wish in wishes:
            self.said.append(wish["decision"])
        granted = [wish["order"] for wish in wishes if "order" in wish]
        self.orders += granted
        due = [
            order
            for order in granted
            if self.is_over or (self.at_close and self.seen[order["symbol"]][-1][0] == self.now)
        ]
        for order in due:
            if not self.is_netted(order["symbol"]) and not self.fill_model:
                self.fill(order, self.seen[order["symbol"]][-1][4])
        # What is netted waits for the whole batch; symbols come as they were first granted.
        for symbol in dict.fromkeys(order["symbol"] for order in due):
            if self.is_netted(symbol) or self.fill_model:
                self.fill_all([order for order in due if order["symbol"] == symbol], self.seen[symbol][-1][4])

    def wish(self, intent: tuple[Any, ...], earlier: list[dict[str, Any]]) -> dict[str, Any]:
        name, symbol, action, unit, amount, is_good, sure = intent
        wish = {"who": name, "symbol": symbol, "flaw": "", "side": 0, "close": 0, "open": 0, "asked": 0, "sure": sure}
        if not is_good:
            return {**wish, "flaw": "bad_amount"}
        if symbol not in self.bars:
            return {**wish, "flaw": "unknown_symbol"}
        if symbol not in self.symbols_of(name):
            return {**wish, "flaw": "not_its_symbol"}
        if not self.seen[symbol]:
            return {**wish, "flaw": "no_price"}
        mark = self.mark(symbol)
        resting = self.resting(name, symbol)
        # What is being closed already cannot be closed again.
        held = self.held[name].get(symbol, 0) + sum(order["close"] for order in resting)
        coming = sum(order["open"] or order["side"] * (order["granted"] // mark) for order in resting)
        held += sum(one["side"] * one["close"] for one in earlier)
        coming += sum(one["side"] * (one["open"] or one["asked"] // mark) for one in earlier)
        capital = max(self.limit(name), 0)
        if action == "close":
            lots = {"quantity": amount, "fraction": abs(held) * amount // MILLION}[unit]
            wish |= {"side": -1 if held > 0 else 1, "close": min(abs(held), lots)}
        elif action == "target":
            wish |= self.towards(unit, amount, held, coming, mark, capital)
        else:
            side = 1 if action == "buy" else -1
            against = abs(held) if held * side < 0 else 0
            if unit == "quantity":
                closing = min(against, amount)
                wish |= {"side": side, "close": closing, "open": amount - closing, "asked": (amount - closing) * mark}
            else:
                money = amount if unit == "notional" else capital * amount // MILLION
                closing = min(against, money // mark)
                rest = money - closing * mark if closing == against else 0
                wish |= {"side": side, "close": closing, "asked": rest}
        if wish["asked"] > 2**53:
            return {"who": name, "symbol": symbol, "side": 0, "close": 0, "open": 0, "asked": 0, "flaw": "bad_amount"}
        if not wish["close"] and not wish["asked"]:
            flaw = {"close": "no_position", "target": "held_already"}.get(action, "allocation")
            side = wish["side"] if flaw == "allocation" else 0
            return {"who": name, "symbol": symbol, "side": side, "close": 0, "open": 0, "asked": 0, "flaw": flaw}
        if wish["asked"] and name in self.shares.paper:
            # On paper: it closes, it opens nothing, and nobody else can feel that it wanted to.
            flaw = "" if wish["close"] else "suspended"
            wish |= {"paper": wish["asked"], "asked": 0, "open": 0, "flaw": flaw}
        return wish

    @staticmethod
    def towards(unit: str, amount: int, held: int, coming: int, mark: int, capital: int) -> dict[str, Any]:
        """The order of a target is the difference to what is held and resting."""
        sign = 1 if amount >= 0 else -1
        money = abs(amount) if unit == "notional" else capital * abs(amount) // MILLION
        wanted = amount if unit == "quantity" else sign * (money // mark)
        change = wanted - (held + coming)
        side = 1 if change > 0 else -1
        closing = min(abs(held) if held * side < 0 else 0, abs(change))
        lots = abs(change) - closing
        if unit == "quantity" or lots == 0 or side != sign:
            return {"side": side, "close": closing, "open": lots, "asked": lots * mark}
        # Capital is the target, not lots: it asks for all of the money that is not there yet.
        after = held + coming + side * closing
        return {"side": side, "close": closing, "open": 0, "asked": money - sign * after * mark}

    def conflict(self, symbol: str, wishes: list[dict[str, Any]]) -> None:
        seats = list(self.players)
        # Who holds the opposite of what somebody else would open.
        for wish in wishes:
            wish["facing"] = [
                name
                for name in seats
                if name != wish["who"] and wish["asked"] and self.held[name].get(symbol, 0) * wish["side"] < 0
            ]
        holders = [name for name in seats if any(name in wish["facing"] for wish in wishes)]
        speakers = {wish["who"] for wish in wishes}
        if len(speakers) < 2 and not holders:
            return
        wishes = sorted(wishes, key=lambda wish: seats.index(wish["who"]))
        sides = tuple(wish["side"] for wish in wishes)
        asked = tuple(wish["asked"] for wish in wishes)
        closing = tuple(wish["side"] * wish["close"] for wish in wishes)
        if len(speakers) < 2:
            kind = "against_position"
        elif len(set(sides)) == 1:
            kind = "crowded"
        else:
            kind = "entry_against_exit" if len({wish["side"] for wish in wishes if wish["asked"]}) == 1 else "opposed"
        policy = self.policies.get(symbol, self.policy)
        allowed = self.allow(policy if isinstance(policy, dict) else {"kind": policy}, symbol, wishes)
        for wish, most in zip(wishes, allowed, strict=True):
            wish["allowed"] = most
        self.said.append(
            (
                *("conflict", self.now, symbol, kind, tuple(wish["who"] for wish in wishes), sides, asked),
                *(tuple(allowed), closing, closing, tuple(holders)),
                tuple(self.held[name][symbol] for name in holders),
                self.over(wishes) if kind == "crowded" else None,
            )
        )

    def over(self, wishes: list[dict[str, Any]]) -> str | None:
        """Which of the account's limits leaves less than all together ask, before any is granted."""
        entering = [wish for wish in wishes if wish["asked"]]
        if not entering:
            return None
        money = ["gross_exposure", "net_exposure", "symbol_exposure", "group_exposure", "leverage", "cash_reserve"]
        lefts = [(left, name) for name, left, _ in self.fences(entering[0]) if name in money]
        least = min((left for left, _ in lefts), default=None)
        if least is not None and least < sum(wish["asked"] for wish in entering):
            return next(name for left, name in lefts if left == least)
        taken = self.taken_places()
        after = taken | {(wish["who"], wish["symbol"]) for wish in entering}
        return "account_positions" if taken < after and len(after) > self.limits.get("positions", 10**9) else None

    def allow(self, policy: dict[str, str], symbol: str, wishes: list[dict[str, Any]]) -> list[int]:
        """What each may open with; what closes is nobody's to forbid."""
        asked = [wish["asked"] for wish in wishes]
        seats = list(self.players)

        def against(one: dict[str, Any], other: dict[str, Any]) -> bool:
            return one["who"] != other["who"] and one["side"] != other["side"]

        def only(may: Any) -> list[int]:
            return [wish["asked"] if may(wish) else 0 for wish in wishes]

        def split(total: int, parts: list[int]) -> list[int]:
            """Whole parts first, then one more to the largest remainders, earlier ones first where equal."""
            exact = [Fraction(total * part, sum(parts)) for part in parts]
            shares = [math.floor(share) for share in exact]
            places = sorted(range(len(parts)), key=lambda place: shares[place] - exact[place])
            for place in places[: total - sum(shares)]:
                shares[place] += 1
            return shares

        match policy["kind"]:
            case "cancel_both":
                return only(lambda wish: not any(against(wish, other) for other in wishes))
            case "priority" | "first_wins":
                late = [any(seats.index(one) < seats.index(wish["who"]) for one in wish["facing"]) for wish in wishes]
                free = [wish for wish, is_late in zip(wishes, late, strict=True) if not is_late]
                return [
                    0 if is_late or against(wish, free[0]) else wish["asked"]
                    for wish, is_late in zip(wishes, late, strict=True)
                ]
            case "largest_conviction":
                surest = max(wish["sure"] for wish in wishes)
                leader = next(wish for wish in wishes if wish["sure"] == surest)
                return only(lambda wish: not against(wish, leader))
            case "veto":
                name = policy["strategy"]
                words = [wish for wish in wishes if wish["who"] == name]
                return only(
                    lambda wish: (
                        wish["who"] == name
                        or (name not in wish["facing"] and not any(against(wish, word) for word in words))
                    )
                )
            case "weighted_average":
                heavy = [max(self.limit(wish["who"]), 0) * wish["asked"] for wish in wishes]
                average = sum(weight * wish["side"] for weight, wish in zip(heavy, wishes, strict=True))
                whole = {
                    side: sum(weight for weight, wish in zip(heavy, wishes, strict=True) if wish["side"] == side)
                    for side in (1, -1)
                }
                if not whole[1] or not whole[-1]:
                    return only(lambda wish: whole[-wish["side"]] == 0)
                winners = [wish["asked"] if wish["side"] * average > 0 else 0 for wish in wishes]
                kept = Fraction(abs(average), max(whole.values()))
                return split(math.floor(sum(winners) * kept), winners) if average else [0] * len(wishes)
            case "pro_rata":
                capital = sum(self.limit(name) for name in self.players)
                taken = sum(
                    abs(self.held[name].get(symbol, 0)) * self.mark(symbol)
                    + sum(order["reserve"] for order in self.resting(name, symbol))
                    for name in self.players
                )
                left = max(math.floor(max(capital, 0) * Fraction(policy["share"])) - taken, 0)
                return asked if sum(asked) <= left else split(left, asked)
        return asked

    def decide(self, wish: dict[str, Any], extra: dict[str, int]) -> None:
        name, symbol, side = wish["who"], wish["symbol"], wish["side"]
        if wish["flaw"]:
            shown = [0] * 8
            if wish["flaw"] == "allocation":
                used = self.at_work(name) + self.reserved(name) + extra[name]
                shown = [side, 0, 0, 0, 0, 0, self.limit(name), used]
            if wish["flaw"] == "suspended":
                shown = [side, wish["paper"], 0, 0, 0, 0, 0, 0]
            wish["decision"] = ("decision", self.now, name, symbol, "refused", wish["flaw"], *shown, 0, 0, "")
            return
        asked = wish["asked"]
        granted = reserve = 0
        shown_of_it: tuple[Any, ...] = (0, 0, 0, 0, "")
        reason = "in_full"
        if asked:
            limit, used = self.limit(name), self.at_work(name) + self.reserved(name) + extra[name]
            free = max(limit - used, 0)
            named, tightest = "allocation", (limit, used, 0, 0, "")
            for name_of_it, left, shown in self.fences(wish):
                if left < free:
                    named, free, tightest = name_of_it, left, shown
            allowed = wish.get("allowed", asked)
            granted = reserve = min(allowed, free)
            if wish["open"] and granted == allowed:
                reserve = min(granted + allowed * self.headroom_bps // 10_000, free)
            reason = named if granted < allowed else "policy" if allowed < asked else "in_full"
            if granted < self.mark(symbol):
                # Less than one lot is no grant: it could only lapse.
                granted = reserve = 0
                reason = "too_small" if reason == "in_full" else reason
            extra[name] += reserve
            wish["reserve"] = reserve
            shown_of_it = tightest if reason == named else (limit, used, 0, 0, "")
        verdict = "granted" if granted == asked else "trimmed" if granted or wish["close"] else "refused"
        closing = side * wish["close"]
        opening = side * wish["open"] if granted else 0
        wish["decision"] = (
            *("decision", self.now, name, symbol, verdict, reason),
            *(side, asked, granted, reserve, closing, opening, *shown_of_it),
        )
        if wish.get("paper"):
            told = ("decision", self.now, name, symbol, "trimmed", "suspended", side, wish["paper"], 0, 0, closing)
            wish["decision"] = (*told, 0, 0, 0, 0, 0, "")
        if verdict != "refused":
            wish["order"] = {
                "who": name,
                "symbol": symbol,
                "side": side,
                "close": closing,
                "open": opening,
                "granted": granted,
                "reserve": reserve,
            }

    # ── limits ────────────────────────────────────────────────────────────────────────────────────

    def in_use(self, who: Any = None, symbols: Any = None, *, longs_only: bool = False) -> int:
        """Held at the last closes, and all that is set aside for what rests or was granted in this batch."""
        names = self.players if who is None else [who]
        symbols = self.bars if symbols is None else symbols
        total = 0
        for name in names:
            for symbol, lots in self.held[name].items():
                if symbol in symbols and (lots > 0 or not longs_only):
                    total += abs(lots) * self.mark(symbol)
        resting = [order for order in self.orders if order["granted"]]
        for one in [*resting, *self.batch]:
            if one["who"] in names and one["symbol"] in symbols:
                total += one.get("reserve", 0)
        return total

    def leaning(self, side: int) -> int:
        """How far all books lean to a side, once everything that trades to that side has filled, and nothing else."""
        total = sum(lots * self.mark(symbol) * side for held in self.held.values() for symbol, lots in held.items())
        for order in self.orders:
            if order["side"] == side:
                total += abs(order["close"]) * self.mark(order["symbol"]) + (
                    order["reserve"] if order["granted"] else 0
                )
        for wish in self.batch:
            if wish["side"] == side and not wish["flaw"]:
                total += wish["close"] * self.mark(wish["symbol"]) + wish.get("reserve", 0)
        return total

    def taken_places(self, who: Any = None) -> set[tuple[str, str]]:
        """Positions: held, or on the way."""
        names = self.players if who is None else [who]
        places = {(name, symbol) for name in names for symbol in self.held[name]}
        places |= {(one["who"], one["symbol"]) for one in self.orders if one["granted"]}
        places |= {(one["who"], one["symbol"]) for one in self.batch if one.get("reserve")}
        return {place for place in places if place[0] in names}

    def fences(self, wish: dict[str, Any]) -> list[tuple[str, int, tuple[Any, ...]]]:
        """Every limit but the allocation: its name, what it leaves, and what a decision shows of it."""
        who, symbol, found = wish["who"], wish["symbol"], []

        def money(name: str, limit: Fraction | int, used: int, group: str = "") -> None:
            whole = max(math.floor(limit), 0)
            found.append((name, max(whole - used, 0), (whole, used, 0, 0, group)))

        def places(name: str, most: int, taken: set[tuple[str, str]]) -> None:
            if (who, symbol) not in taken and len(taken) >= most:
                found.append((name, 0, (0, 0, most, len(taken), "")))

        own = self.limits.get("strategies", {}).get(who, {})
        if "symbol_share" in own:
            share = max(self.limit(who), 0) * Fraction(own["symbol_share"])
            money("symbol_share", share, self.in_use(who, [symbol]))
        if "positions" in own:
            places("strategy_positions", own["positions"], self.taken_places(who))
        if "drawdown" in own:
            highest = max(self.highest[who], self.worth(who))
            may, lost = math.floor(max(highest, 0) * Fraction(own["drawdown"])), highest - self.worth(who)
            if lost >= may:
                found.append(("drawdown", 0, (may, lost, 0, 0, "")))
        pool = self.capital - sum(self.given.values())
        equity = pool + sum(self.worth(name) for name in self.players)
        capital = max(min(self.capital, equity) if self.fixed_base else equity, 0)
        every = self.limits
        if "gross_exposure" in every:
            money("gross_exposure", capital * Fraction(every["gross_exposure"]), self.in_use())
        if "net_exposure" in every:
            money("net_exposure", capital * Fraction(every["net_exposure"]), self.leaning(wish["side"]))
        share = every.get("symbols", {}).get(symbol, every.get("symbol_exposure"))
        if share is not None:
            money("symbol_exposure", capital * Fraction(share), self.in_use(None, [symbol]))
        for name in sorted(every.get("groups", {})):
            group = every["groups"][name]
            if symbol in group["symbols"]:
                share = capital * Fraction(group["exposure"])
                money("group_exposure", share, self.in_use(None, group["symbols"]), name)
        if "leverage" in every:
            money("leverage", max(equity, 0) * Fraction(every["leverage"]), self.in_use())
        if "positions" in every:
            places("account_positions", every["positions"], self.taken_places())
        if "cash_reserve" in every:
            stays = math.ceil(capital * Fraction(every["cash_reserve"]))
            money("cash_reserve", equity - stays, self.in_use(longs_only=True))
        for name, (whose, share) in every.get("own", {}).items():
            if whose == "strategy":
                money("own_limit", max(self.limit(who), 0) * Fraction(share), self.in_use(who, [symbol]), name)
            else:
                money("own_limit", max(equity, 0) * Fraction(share), self.in_use(), name)
        return found

    # ── the ledger ────────────────────────────────────────────────────────────────────────────────

    def lapse(self, order: dict[str, Any], reason: str) -> None:
        self.orders = [one for one in self.orders if one is not order]
        self.said.append(("lapse", self.now, order["who"], order["symbol"], reason, order["reserve"]))

    def is_netted(self, symbol: str) -> bool:
        return self.crossing and self.policies.get(symbol, self.policy) == "net"

    def fill_all(self, orders: list[dict[str, Any]], quoted: float) -> None:
        """All orders for one symbol that fill at once."""
        if orders and self.fill_model:
            symbol = orders[0]["symbol"]
            for some in [orders] if self.is_netted(symbol) else [[order] for order in orders]:
                self.fill_parts(some, self.micros(symbol, quoted))
            return
        if orders and self.is_netted(orders[0]["symbol"]):
            self.net(orders, self.micros(orders[0]["symbol"], quoted))
            return
        for order in orders:
            self.fill(order, quoted)

    def fill(self, order: dict[str, Any], quoted: float) -> None:
        name, symbol = order["who"], order["symbol"]
        reference = self.micros(symbol, quoted)
        alone = self.alone(order, self.held[name].get(symbol, 0), reference)
        if alone is None:
            self.lapse(order, "too_small" if order["reserve"] else "no_position")
            return
        quantity, _, price, slip, commission = alone
        self.orders = [one for one in self.orders if one is not order]
        self.book(order, quantity, price, commission, slip * abs(quantity))

    def net(self, orders: list[dict[str, Any]], reference: int) -> None:
        """Opposite orders change hands at the reference price; one order is traded for the rest."""
        orders = sorted(orders, key=lambda order: list(self.players).index(order["who"]))
        held = {name: self.held[name].get(orders[0]["symbol"], 0) for name in self.players}
        trades: list[dict[str, Any]] = []
        for order in orders:
            alone = self.alone(order, held[order["who"]], reference)
            if alone is None:
                self.lapse(order, "too_small" if order["reserve"] else "no_position")
                continue
            held[order["who"]] += alone[0]
            trades.append({"order": order, "alone": alone})
        joining = self.joined(trades, reference)
        for trade in trades:
            quantity, _, price, slip, commission = trade["alone"]
            order = trade["order"]
            self.orders = [one for one in self.orders if one is not order]
            if not any(trade is one for one in joining):
                self.book(order, quantity, price, commission, slip * abs(quantity))
                continue
            crossed, traded = trade["crossed"], quantity - trade["crossed"]
            saved = (commission - trade["fee"], slip * abs(quantity) - trade["slip"] * abs(traded))
            if crossed:
                told = (True, traded, 0, 0) if traded else (True, 0, *saved)
                self.book(order, crossed, reference, 0, 0, told)
            if traded:
                paid = trade["fee"], trade["slip"] * abs(traded)
                self.book(order, traded, trade["price"], *paid, (False, 0, *saved))

    def joined(self, trades: list[dict[str, Any]], reference: int) -> list[dict[str, Any]]:
        """Divide what is netted, and say who takes part in it."""
        joining = list(trades)
        while joining:
            self.divide(joining, reference)
            # A reserve is never exceeded: who would do that in the net stays out of it.
            able = [trade for trade in joining if trade["outlay"] <= trade["order"]["reserve"] or not trade["alone"][1]]
            if len(able) == len(joining):
                break
            joining = able
        return joining

    def volume_left(self, symbol: str) -> int:
        """What orders of this account may still take of the last bar, in lots."""
        assert self.fill_model is not None
        place = [row[0] for row in self.bars[symbol]].index(self.seen[symbol][-1][0])
        lots = math.floor(Fraction(self.volumes[symbol][place]) / self.lot[symbol])
        return math.floor(lots * Fraction(self.fill_model["share"])) - self.taken.get((self.now, symbol), 0)

    def fill_parts(self, orders: list[dict[str, Any]], reference: int) -> None:
        """Orders for one symbol, the oldest first, each as far as the volume goes; then what is netted is netted."""
        symbol = orders[0]["symbol"]
        held = {name: self.held[name].get(symbol, 0) for name in self.players}
        trades: list[dict[str, Any]] = []
        ending = []
        for order in orders:
            who, side = order["who"], order["side"]
            alone = self.alone(order, held[who], reference)
            if alone is None:
                self.lapse(order, "too_small" if order["reserve"] else "no_position")
                continue
            lots = abs(alone[0])
            most = lots if self.is_over else max(min(lots, self.volume_left(symbol)), 0)
            if most < lots:
                closing = min(lots - alone[1], most)
                part = {**order, "close": side * closing, "open": side * (most - closing)}
                part["granted"] = order["granted"] if most > closing else 0
                alone = self.alone(part, held[who], reference) if most else None
            if alone is None:
                ending.append(order)
                continue
            if not self.is_over:
                self.taken[self.now, symbol] = self.taken.get((self.now, symbol), 0) + abs(alone[0])
            held[who] += alone[0]
            trades.append({"order": order, "alone": alone, "is_all": abs(alone[0]) == lots})
        joining = []
        if self.is_netted(symbol):
            trades.sort(key=lambda trade: list(self.players).index(trade["order"]["who"]))
            joining = self.joined(trades, reference)
        for trade in trades:
            if self.book_part(trade, reference, is_joining=any(trade is one for one in joining)):
                ending.append(trade["order"])
        for order in ending if self.fill_model and self.fill_model.get("rest") == "lapses" else []:
            self.lapse(order, "unfilled")

    def book_part(self, trade: dict[str, Any], reference: int, *, is_joining: bool) -> bool:
        """Post what an order trades now, each lot that it opens paid from its reserve; says whether more is to come."""
        order, (quantity, _, price, slip, commission) = trade["order"], trade["alone"]
        name, symbol, side = order["who"], order["symbol"], order["side"]
        legs = [(False, quantity, price, commission, slip * abs(quantity))]
        saved = (0, 0)
        if is_joining:
            traded = quantity - trade["crossed"]
            saved = (commission - trade["fee"], slip * abs(quantity) - trade["slip"] * abs(traded))
            legs = [
                (True, trade["crossed"], reference, 0, 0),
                (False, traded, trade["price"], trade["fee"], trade["slip"] * abs(traded)),
            ]
        said = []
        for is_crossed, lots, each, fee, slipped in legs:
            if not lots:
                continue
            held = self.held[name].get(symbol, 0)
            closing = min(abs(order["close"]), abs(held), abs(lots)) if held * side < 0 else 0
            opening = abs(lots) - closing
            spent = opening * each + fee if opening else 0
            closed, realised = self.post(name, symbol, lots, each, fee)
            order["close"] -= side * closing
            order["reserve"] -= spent
            if order["open"]:
                order["open"] -= side * opening
                order["granted"] = order["granted"] if order["open"] else 0
            order["granted"] = min(order["granted"], order["reserve"])
            said.append([lots, each, fee, slipped, closed, realised, spent, is_crossed])
        more = None if trade["is_all"] else self.alone(order, self.held[name].get(symbol, 0), reference)
        follows = more[0] if more else 0
        if not follows:
            said[-1][6] += order["reserve"]
            self.orders = [one for one in self.orders if one is not order]
        for place, fill in enumerate(said):
            is_last = place == len(said) - 1
            rest = follows if is_last else follows + said[-1][0]
            told = ("fill", self.now, name, symbol, *fill, rest, *(saved if is_last else (0, 0)))
            self.said.append(told)
        return bool(follows)

    def divide(self, trades: list[dict[str, Any]], reference: int) -> None:
        """Who crosses how much, and what each pays of what trading the rest costs."""
        net = sum(trade["alone"][0] for trade in trades)
        side = 1 if net > 0 else -1
        heavy = [trade for trade in trades if trade["alone"][0] * net > 0]
        rest = self.by_largest_remainder(abs(net), [abs(trade["alone"][0]) for trade in heavy])
        price, slip, commission = self.priced(abs(net), side, reference) if net else (reference, 0, 0)
        fees = self.by_largest_remainder(commission, rest)
        for trade in trades:
            trade |= {"crossed": trade["alone"][0], "fee": 0, "price": reference, "slip": 0}
        for trade, lots, fee in zip(heavy, rest, fees, strict=True):
            trade |= {"crossed": trade["alone"][0] - side * lots, "fee": fee, "price": price, "slip": slip}
        for trade in trades:
            # What closes goes first, and costs no capital.
            lots = [reference] * abs(trade["crossed"])
            lots += [trade["price"]] * abs(trade["alone"][0] - trade["crossed"])
            trade["outlay"] = sum(lots[len(lots) - trade["alone"][1] :]) + trade["fee"]

    @staticmethod
    def by_largest_remainder(total: int, parts: list[int]) -> list[int]:
        shares = [total * part // sum(parts) for part in parts]
        late = sorted(range(len(parts)), key=lambda place: -(total * parts[place] % sum(parts)))
        for place in late[: total - sum(shares)]:
            shares[place] += 1
        return shares

    def alone(self, order: dict[str, Any], held: int, reference: int) -> tuple[int, int, int, int, int] | None:
        """Lots, lots of them that open, price, slippage of each, and commission, were there no other order."""
        side, reserve = order["side"], order["reserve"]
        closing = min(abs(order["close"]), abs(held)) if held * side < 0 else 0
        most = reserve // reference if order["granted"] else 0
        if order["open"]:
            most = min(most, abs(order["open"]))
        # The largest number of lots that the reserve pays for, fees and slippage included.
        fewest, many = 0, most
        while fewest < many:
            middle = (fewest + many + 1) // 2
            price, _, commission = self.priced(closing + middle, side, reference)
            if middle * price + commission <= reserve:
                fewest = middle
            else:
                many = middle - 1
        quantity = side * (closing + fewest)
        return (quantity, fewest, *self.priced(abs(quantity), side, reference)) if quantity else None

    def book(
        self,
        order: dict[str, Any],
        quantity: int,
        price: int,
        commission: int,
        slippage: int,
        netted: tuple[bool, int, int, int] = (False, 0, 0, 0),
    ) -> None:
        """Post one fill of an order, and say it; while lots remain the reserve is kept."""
        name, symbol = order["who"], order["symbol"]
        closed, realised = self.post(name, symbol, quantity, price, commission)
        released = 0 if netted[1] else order["reserve"]
        self.said.append(
            (
                *("fill", self.now, name, symbol, quantity, price, commission),
                *(slippage, closed, realised, released, *netted),
            )
        )

    def post(self, name: str, symbol: str, quantity: int, price: int, commission: int) -> tuple[int, int]:
        """Average cost: an increase adds, a reduction realises against the average, through zero does both."""
        held, cost = self.held[name].get(symbol, 0), self.cost[name].get(symbol, 0)
        closed = realised = 0
        if held * quantity < 0:
            closed = quantity if abs(quantity) <= abs(held) else -held
            ended = half_even(Fraction(cost * abs(closed), abs(held)))
            realised = -closed * price - ended
            cost -= ended
        cost += (quantity - closed) * price
        held += quantity
        # Positions stand in the order in which they were opened; flat is forgotten.
        self.held[name][symbol], self.cost[name][symbol] = held, cost
        if not held:
            del self.held[name][symbol], self.cost[name][symbol]
        self.cash[name] -= quantity * price + commission
        self.realised[name] += realised
        self.fees[name] += commission
        return closed, realised
