"""
Exposure: what the books hold and what rests for them, valued at the last closes, to hold limits against.

Books are added up, not netted: a long of one strategy and a short of another are both there. What is granted
counts with all that it reserves, as if it were held already; what closes counts as held until it has filled.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ropewalk.arbiter.limits import (
    AccountUse,
    Bound,
    Limits,
    StrategyLimits,
    Use,
    account_bounds,
    narrowest,
    strategy_bounds,
)
from ropewalk.arbiter.own_limits import Ask, own_bounds
from ropewalk.bus import Bus, Phase
from ropewalk.events import RunStarted, Transfer, Turn
from ropewalk.money import divided_half_even
from ropewalk.reasons import COUNTED, Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ropewalk.arbiter.wishes import Wish
    from ropewalk.market.history import History
    from ropewalk.market.standing import Standing, Standings

NO_LIMITS = StrategyLimits()


class Exposure:
    """
    Sums over the books of some strategies, in micros, that grow with what an instant grants.

    `leaning_micros` has one entry a side: how far all books lean to it at worst, when all that buys for the one, or
    sells for the other, has filled and nothing else.
    """

    def __init__(self) -> None:
        self.equity_micros: dict[str, int] = {}
        self.gross_micros = 0
        self.long_micros = 0
        self.leaning_micros = {1: 0, -1: 0}
        self.symbols: dict[str, int] = {}
        self.positions: dict[tuple[str, str], int] = {}
        self.positions_of: dict[str, int] = {}

    def add(self, strategy: str, standing: Standing, history: History) -> None:
        """Add what one strategy holds, and what rests for it."""
        equity = standing.cash_micros
        for symbol, holding in standing.holdings.items():
            value = holding.quantity * (history.mark_micros(symbol) or 0)
            equity += value
            self.leaning_micros[1] += value
            self.leaning_micros[-1] -= value
            self._count(strategy, symbol, abs(value), max(value, 0))
        self.equity_micros[strategy] = equity
        for symbol, orders in standing.orders.items():
            mark = history.mark_micros(symbol) or 0
            for order in orders.values():
                self.close(order.side, abs(order.close_quantity) * mark)
                if order.granted_micros:
                    self.open(strategy, symbol, order.side, order.reserved_micros)

    def open(self, strategy: str, symbol: str, side: int, reserved_micros: int) -> None:
        """Add capital that was granted."""
        self.leaning_micros[side] += reserved_micros
        self._count(strategy, symbol, reserved_micros, reserved_micros)

    def close(self, side: int, micros: int) -> None:
        """Let the books lean to the side of a trade that closes; not the other way before it has filled."""
        self.leaning_micros[side] += micros

    def _count(self, strategy: str, symbol: str, micros: int, long_micros: int) -> None:
        self.gross_micros += micros
        self.long_micros += long_micros
        self.symbols[symbol] = self.symbols.get(symbol, 0) + micros
        position = strategy, symbol
        if position not in self.positions:
            self.positions_of[strategy] = self.positions_of.get(strategy, 0) + 1
        self.positions[position] = self.positions.get(position, 0) + micros


class Peaks:
    """
    The highest equity of some strategies, looked at once an instant, when its bars are in.

    Capital that comes or goes moves the peak in proportion, so that a transfer leaves a drawdown as it is.
    """

    def __init__(self, bus: Bus, history: History, standings: Mapping[str, Standing]) -> None:
        self._history = history
        self._standings = standings
        self.micros = dict.fromkeys(standings, 0)
        bus.subscribe(Turn, self.on_turn, phase=Phase.MARKET)
        bus.subscribe(Transfer, self.on_transfer, phase=Phase.MARKET)

    def on_turn(self, turn: Turn) -> None:
        """Look at every equity."""
        for strategy, standing in self._standings.items():
            self.micros[strategy] = max(self.micros[strategy], standing.value_micros(self._history)[0])

    def on_transfer(self, transfer: Transfer) -> None:
        """Follow capital; the standings have heard of it already."""
        for strategy, micros in ((transfer.giver, -transfer.micros), (transfer.taker, transfer.micros)):
            if strategy in self.micros:
                peak = self.micros[strategy]
                after = self._standings[strategy].value_micros(self._history)[0]
                before = after - micros
                # Who had nothing had no drawdown either that could be kept.
                is_kept = before > 0 and after >= 0
                self.micros[strategy] = divided_half_even(peak * after, before) if is_kept else peak + micros

    def begin_anew(self, strategy: str) -> None:
        """Take the equity of now for the highest."""
        self.micros[strategy] = self._standings[strategy].value_micros(self._history)[0]


class Fences:
    """
    The limits of a run, held against one batch of asks after the other.

    The books are valued once a batch; what closes in it counts first, all of it, then each ask is held against
    what is in use by then. `strategies` are all, in the order of the seats.
    """

    def __init__(
        self,
        bus: Bus,
        history: History,
        standings: Standings,
        *,
        strategies: Collection[str],
        limits: Limits,
        is_compounding: bool,
    ) -> None:
        self._history = history
        self._limits = limits
        self._is_compounding = is_compounding
        self._bus = bus
        # A limit of one's own is shown the account, too.
        self._has_account = bool(limits.own) or not limits.account.are_none
        # Without limits of the account the books of others are none of a strategy's business.
        self._standings = {
            name: standings[name] for name in strategies if self._has_account or name in limits.strategies
        }
        stopped = {
            name: standings[name]
            for name in strategies
            if limits.own or limits.strategies.get(name, NO_LIMITS).drawdown is not None
        }
        self._peaks = Peaks(bus, history, stopped) if stopped else None
        self._capital_micros = 0
        self._batch = 0
        self._exposure = Exposure()
        self._closed: dict[int, None] = {}
        self._account_micros = 0
        self._bound: Bound | None = None
        bus.subscribe(RunStarted, self.on_run_started, phase=Phase.ARBITER)

    def on_run_started(self, started: RunStarted) -> None:
        """Hear how much there is."""
        self._capital_micros = started.capital_micros

    def close(self, batch: int, wishes: Iterable[Wish]) -> None:
        """Count everything in the batch that closes: all of it does, whatever the policy."""
        self._value(batch)
        for wish in wishes:
            self._close(wish)

    def overrun(self, batch: int, wishes: Sequence[Wish]) -> Reason | None:
        """
        Name the limit of the account that wishes for one side of a symbol, all together, ask more of than it leaves.

        It is the narrowest in money, else that on positions; None when there is room for all.
        """
        entering = [wish for wish in wishes if wish.asked_micros]
        limits = self._limits.account
        if not entering or limits.are_none:
            return None
        self._value(batch)
        first, places = entering[0], self._exposure.positions
        bounds = account_bounds(limits, self._account_use(first.side, is_position=True), first.symbol)
        bound = narrowest(bounds, sum(wish.asked_micros for wish in entering))
        if bound is not None:
            return bound.reason
        new = dict.fromkeys(wish.strategy for wish in entering if (wish.strategy, wish.symbol) not in places)
        is_full = limits.positions is not None and new and len(places) + len(new) > limits.positions
        return "account_positions" if is_full else None

    @property
    def reason(self) -> Reason:
        """What an ask is told that got less than was left for it."""
        return "allocation" if self._bound is None else self._bound.reason

    def shown(self, limit_micros: int, used_micros: int) -> tuple[int, int, int, int, str]:
        """Say what a decision shows of the limit that bound, in the order of its fields; the allocation's are given."""
        bound = self._bound
        if bound is None:
            return limit_micros, used_micros, 0, 0, ""
        if bound.reason in COUNTED:
            return 0, 0, bound.limit, bound.used, ""
        return bound.limit, bound.used, 0, 0, bound.group

    def available(self, batch: int, wish: Wish, capital_micros: int, available_micros: int) -> int:
        """
        Say what all limits leave for an ask of which the allocation leaves `available_micros`.

        `capital_micros` is what may be at work in the strategy.
        """
        self._bound = bound = self._narrowest(batch, wish, capital_micros, available_micros)
        return available_micros if bound is None else bound.left_micros

    def _narrowest(self, batch: int, wish: Wish, capital_micros: int, available_micros: int) -> Bound | None:
        limits = self._limits.strategies.get(wish.strategy)
        own = self._limits.own
        if limits is None and not self._has_account:
            return None
        self._value(batch)
        if wish.number not in self._closed:
            self._close(wish)
        exposure, position = self._exposure, (wish.strategy, wish.symbol)
        is_position = position in exposure.positions
        bounds = []
        if limits is not None or own:
            equity = exposure.equity_micros[wish.strategy]
            peak = 0 if self._peaks is None else self._peaks.micros.get(wish.strategy, 0)
            held, count = exposure.positions.get(position, 0), exposure.positions_of.get(wish.strategy, 0)
            use = Use(capital_micros, equity, max(peak, equity), held, count, is_position)
            bounds += [] if limits is None else strategy_bounds(limits, use)
        if self._has_account:
            account = self._account_use(wish.side, is_position)
            bounds += account_bounds(self._limits.account, account, wish.symbol)
            if own:
                bounds += own_bounds(own, self._ask(wish, available_micros, use, account))
        return narrowest(bounds, available_micros)

    def _ask(self, wish: Wish, available_micros: int, use: Use, account: AccountUse) -> Ask:
        """Show an entry as limits of one's own see it: with nothing in it that they could change."""
        return Ask(
            at_us=self._bus.instant_us,
            strategy=wish.strategy,
            symbol=wish.symbol,
            side=wish.side,
            asked_micros=wish.asked_micros,
            open_lots=wish.open_lots,
            conviction=wish.conviction,
            mark_micros=wish.mark_micros,
            bar=self._history.bars(wish.symbol)[-1],
            available_micros=available_micros,
            strategy_use=use,
            account_use=account._replace(symbols=MappingProxyType(dict(account.symbols))),
        )

    def grant(self, wish: Wish, reserved_micros: int) -> None:
        """Count what was granted."""
        if wish.strategy in self._standings:
            self._exposure.open(wish.strategy, wish.symbol, wish.side, reserved_micros)

    def _close(self, wish: Wish) -> None:
        self._closed[wish.number] = None
        if wish.close_lots and wish.strategy in self._standings:
            self._exposure.close(wish.side, wish.close_lots * wish.mark_micros)

    def _account_use(self, side: int, is_position: bool) -> AccountUse:
        exposure, equity = self._exposure, self._account_micros
        return AccountUse(
            equity if self._is_compounding else min(self._capital_micros, equity),
            equity,
            exposure.gross_micros,
            exposure.leaning_micros[side],
            exposure.long_micros,
            exposure.symbols,
            len(exposure.positions),
            is_position,
        )

    def _value(self, batch: int) -> None:
        if self._batch == batch:
            return
        self._batch, self._exposure, self._closed = batch, Exposure(), {}
        pool = self._capital_micros
        for strategy, standing in self._standings.items():
            self._exposure.add(strategy, standing, self._history)
            pool -= standing.contributed_micros
        self._account_micros = pool + sum(self._exposure.equity_micros.values())
