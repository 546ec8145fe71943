"""
How capital moves between strategies, and who is on paper: the oracle's half that knows it. It imports nothing of ours.

Written from the guide to rebalancing and suspension: everything recomputed from scratch, in dicts, ints and Fractions.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
BILLION = 10**9


def half_even(number: Fraction) -> int:
    return round(number)


def largest_remainder(total: int, parts: list[Fraction]) -> list[int]:
    whole = sum(parts)
    exact = [total * part / whole for part in parts]
    shares = [math.floor(one) for one in exact]
    late = sorted(range(len(parts)), key=lambda place: (shares[place] - exact[place], place))
    for place in late[: total - sum(shares)]:
        shares[place] += 1
    return shares


class Shares:
    """
    What of a run's capital is whose, beside `oracle`, which has the books.

    `sharing` is the table of a rebalancer, None for none; `suspends` are tables of suspensions.
    """

    def __init__(self, oracle: Any, sharing: dict[str, Any] | None, suspends: list[dict[str, Any]]) -> None:
        self.oracle = oracle
        self.sharing = sharing
        self.suspends = [{**one, "is_on": False, "until": None} for one in suspends]
        self.weights = {name: Fraction(player.weight) for name, player in oracle.players.items()}
        self.top = {place: dict(oracle.given) for place in ("limits", "rebalance", "suspend")}
        self.earning = dict(oracle.given)
        self.returns: dict[str, list[int]] = {name: [] for name in oracle.players}
        self.parked = 0
        self.due: dict[str, int] = {}
        self.paper: list[str] = []
        self.last_day: Any = None
        self.moves: list[tuple[str, str, int]] = []
        self.anew: dict[str, int] = {}

    # ── before anybody speaks ─────────────────────────────────────────────────────────────────────

    def look(self) -> None:
        for top in self.top.values():
            for name in top:
                top[name] = max(top[name], self.oracle.worth(name))
        self.suspend()
        if self.sharing is not None:
            self.share()

    def suspend(self) -> None:
        before, held, ended, seen = list(self.paper), {}, {}, {}
        for rule in self.suspends:
            name, was = rule["strategy"], rule["is_on"]
            by = "drawdown" if "drawdown" in rule else "schedule"
            if by == "schedule":
                rule["is_on"] = rule.get("start_us", 0) <= self.oracle.now <= rule.get("end_us", 2**62)
            else:
                if was and (rule["until"] is None or self.oracle.now < rule["until"]):
                    held.setdefault(name, by)
                    continue
                if was:
                    self.top["suspend"][name] = self.oracle.worth(name)
                peak, worth = self.top["suspend"][name], self.oracle.worth(name)
                rule["is_on"] = peak - worth >= math.floor(max(peak, 0) * Fraction(rule["drawdown"]))
                if rule["is_on"]:
                    days = rule.get("days")
                    rule["until"] = None if days is None else self.oracle.now + days * DAY
                    seen[name] = (peak, worth)
            if rule["is_on"]:
                held.setdefault(name, by)
            elif was:
                ended[name] = by
        for name, by in held.items():
            if name not in before:
                told = seen.get(name, (0, 0)) if by == "drawdown" else (0, 0)
                self.oracle.said.append(("suspension", self.oracle.now, name, "suspend", by, *told))
        for name, by in ended.items():
            if name not in held:
                self.oracle.said.append(("suspension", self.oracle.now, name, "resume", by, 0, 0))
        self.paper = list(held)

    # ── rebalancing ───────────────────────────────────────────────────────────────────────────────

    def begins(self, every: str) -> bool:
        """Whether this instant is the first of a new period; the first of a run is not."""
        day = EPOCH.date() + timedelta(days=self.oracle.now // DAY)
        last, self.last_day = self.last_day, day
        named = {
            "instant": lambda one: self.oracle.now,
            "week": lambda one: one.isocalendar()[:2],
            "month": lambda one: (one.year, one.month),
            "quarter": lambda one: (one.year, (one.month - 1) // 3),
        }[every]
        return every == "instant" or (last is not None and named(last) != named(day))

    def share(self) -> None:
        for name in self.weights:
            worth, base = self.oracle.worth(name), self.earning[name]
            self.returns[name].append(half_even(Fraction((worth - base) * BILLION, base)) if base > 0 else 0)
            self.earning[name] = worth
        every = self.sharing.get("every", "instant" if self.sharing["kind"] == "threshold" else "month")
        is_due = self.begins(every)
        if self.due and (every == "instant" or not is_due):
            self.go_on()
            return
        if not is_due:
            return
        worth = {name: self.oracle.worth(name) for name in self.weights}
        whole, there = sum(self.weights.values()), self.parked + sum(worth.values())
        if there <= 0:
            self.due = {}
            return
        wanted = self.wanted(worth, whole, there)
        if wanted is None:
            if self.due:
                self.go_on()
            return
        *targets, in_pool = largest_remainder(there, [*wanted.values(), whole - sum(wanted.values())])
        due = {name: target - worth[name] for name, target in zip(worth, targets, strict=True)}
        self.due = {**due, "": in_pool - self.parked} if any(due.values()) else {}
        if not self.due:
            return
        said = ("rebalance", self.oracle.now, self.sharing["kind"], every, tuple(worth), tuple(worth.values()))
        self.oracle.said.append((*said, tuple(targets), self.parked, in_pool))
        self.anew = dict(worth)
        self.pay()
        for name in self.weights:
            self.sell(name, -self.due[name])
        if not any(self.due.values()):
            self.due = {}

    def wanted(self, worth: dict[str, int], whole: Fraction, there: int) -> dict[str, Fraction] | None:
        table, kind = self.sharing, self.sharing["kind"]
        has = {name: whole * Fraction(one, there) for name, one in worth.items()}
        if kind == "threshold":
            tests = {key: Fraction(table[key]) for key in ("absolute", "relative") if key in table}
            for name, weight in self.weights.items():
                away = abs(has[name] - weight)
                if away >= tests.get("absolute", away + 1) or away >= tests.get("relative", 10**9) * weight:
                    return self.weights
            return None
        if kind == "inverse_volatility":
            seen = {name: kept[-table["lookback"] :] for name, kept in self.returns.items()}
            if any(len(kept) < table["lookback"] for kept in seen.values()):
                return None
            moving = [name for name, kept in seen.items() if min(kept) != max(kept)]
            if not moving:
                return None
            inverse = {}
            for name in moving:
                count, kept = len(seen[name]), seen[name]
                spread = count * sum(one * one for one in kept) - sum(kept) ** 2
                inverse[name] = Fraction(1, math.isqrt(spread * 10**24))
            left = sum(self.weights[name] for name in moving)
            total = sum(inverse.values())
            return {name: left * inverse[name] / total if name in inverse else self.weights[name] for name in worth}
        if kind == "drawdown_scaled":
            cut = {}
            for name, weight in self.weights.items():
                peak = max(self.top["rebalance"][name], worth[name])
                fall = Fraction(peak - worth[name], peak) if peak > 0 else Fraction(0)
                floor = Fraction(table["floor"])
                cut[name] = weight * (1 - (1 - floor) * min(fall / Fraction(table["drawdown"]), 1))
            return cut
        return self.weights

    def go_on(self) -> None:
        self.pay()
        if not any(due < 0 and name and self.resting(name) for name, due in self.due.items()):
            self.due = {}

    def resting(self, name: str) -> bool:
        return any(order["who"] == name for order in self.oracle.orders)

    def pay(self) -> None:
        """Whoever has too much gives what is free; it is shared among those who have too little."""
        free = {}
        for name in self.weights:
            left = self.oracle.worth(name) - self.oracle.at_work(name) - self.oracle.reserved(name)
            free[name] = max(left, 0)
        free[""] = max(self.parked, 0)
        given = {name: min(-due, free[name]) for name, due in self.due.items() if due < 0}
        takers = {name: due for name, due in self.due.items() if due > 0}
        total = sum(given.values())
        if not total:
            return
        taken = dict(zip(takers, largest_remainder(total, [Fraction(due) for due in takers.values()]), strict=True))
        moved = {name: taken.get(name, 0) - given.get(name, 0) for name in self.due}
        worth = tuple(self.oracle.worth(name) for name in self.weights)
        own = tuple(moved[name] for name in self.weights)
        self.oracle.said.append(("reallocation", self.oracle.now, tuple(self.weights), worth, own, moved[""]))
        self.due = {name: due - moved[name] for name, due in self.due.items()}
        gives = [[name, -micros] for name, micros in moved.items() if micros < 0]
        takes = [[name, micros] for name, micros in moved.items() if micros > 0]
        while gives:
            part = min(gives[0][1], takes[0][1])
            self.moves.append((gives[0][0], takes[0][0], part))
            gives[0][1] -= part
            takes[0][1] -= part
            gives = [one for one in gives if one[1]]
            takes = [one for one in takes if one[1]]

    def sell(self, name: str, short: int) -> None:
        """Part of every position, so that what is missing comes in; what is being closed already counts as coming."""
        closing = {
            symbol: sum(one["close"] for one in self.oracle.resting(name, symbol)) for symbol in self.oracle.bars
        }
        left = {symbol: lots + closing[symbol] for symbol, lots in sorted(self.oracle.held[name].items())}
        value = {symbol: abs(lots) * self.oracle.mark(symbol) for symbol, lots in left.items()}
        coming = self.oracle.at_work(name) - sum(value.values())
        short = min(short - coming, sum(value.values()))
        if short <= 0:
            return
        parts = largest_remainder(short, [Fraction(one) for one in value.values()])
        for (symbol, lots), part in zip(left.items(), parts, strict=True):
            sold = min(-(-part // self.oracle.mark(symbol)), abs(lots))
            if sold:
                self.oracle.forced.append((name, symbol, "close", "quantity", sold, True))

    # ── once everybody has spoken ─────────────────────────────────────────────────────────────────

    def move(self) -> None:
        """Money changes hands after the turn and before anything is settled."""
        for name, worth in self.anew.items():
            self.oracle.base[name] = worth
        self.anew = {}
        for giver, taker, micros in self.moves:
            for owner, change in ((giver, -micros), (taker, micros)):
                if not owner:
                    self.parked += change
                    continue
                self.oracle.cash[owner] += change
                self.oracle.base[owner] += change
                self.oracle.given[owner] += change
                self.earning[owner] += change
                after = self.oracle.worth(owner)
                before = after - change
                for top in self.top.values():
                    kept = before > 0 and after >= 0
                    top[owner] = half_even(Fraction(top[owner] * after, before)) if kept else top[owner] + change
            self.oracle.said.append(("transfer", self.oracle.now, giver, taker, micros))
        self.moves = []
