"""
Adapters: let a strategy of any kind be heard.

Each asks its strategy in that strategy's own language, and speaks for it. Which adapter fits is seen
from the methods a strategy has.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ropewalk.bus import Phase
from ropewalk.errors import ConfigError, StrategyError, unusable
from ropewalk.events import DataEnded, ExDate, Fill, Intent, Split, Transfer, Turn
from ropewalk.money import MICROS, currency
from ropewalk.strategies.protocol import Strategy
from ropewalk.strategies.view import available_micros, position_of
from ropewalk.strategies.voice import AMOUNT_MAX, RAISED, Place, Voice, exact_number

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ropewalk.events import Bar
    from ropewalk.strategies.view import View


class Adapter:
    """
    What all adapters do: close what is open at the end if asked, and wind a failed strategy down.

    `hear` is what to call with each bar and the view, where that is all the strategy listens to; the
    wants it returns are to be said. None means that the whole turn has to be heard. `times` are those at which a
    strategy that is foretold speaks, once the run has started.
    """

    def __init__(self, strategy: Any, place: Place) -> None:
        self.strategy = strategy
        self.view = place.view
        self.hear: Callable[[Bar, View], Any] | None = None
        self.times: Collection[int] = ()
        self._place = place
        self._voice = Voice(place)
        self.say = self._voice.say
        place.bus.subscribe(DataEnded, self.on_data_ended, phase=Phase.STRATEGIES)

    def on_turn(self, turn: Turn) -> None:
        """Let the strategy speak."""
        if not self._voice.is_silent:
            self.speak(turn)
        elif self._place.on_error == "flatten":
            # Orders that rested when the strategy failed may have filled since.
            orders = self._place.standing.orders
            for symbol in self._place.standing.holdings:
                if symbol not in orders:
                    self._voice.say_close(symbol)

    def speak(self, turn: Turn) -> None:
        """Ask the strategy what it wants this turn."""
        raise NotImplementedError

    def fail(self, error: BaseException, bar: Bar) -> None:
        """Put an exception that `hear` let out on record."""
        raise NotImplementedError

    def on_data_ended(self, ended: DataEnded) -> None:
        """Close what is open if the run says so."""
        if self._place.closes_at_end:
            for symbol in self._place.standing.holdings:
                self._voice.say_close(symbol)


class AskingAdapter(Adapter):
    """Asks an `IStrategy`, symbol by symbol, whether to be in or out."""

    def __init__(self, strategy: Any, place: Place) -> None:
        super().__init__(strategy, place)
        self._history = place.history
        self._standing = place.standing
        self._orders, self._holdings = place.standing.orders, place.standing.holdings
        self._symbols = dict.fromkeys(place.symbols)
        self._share = MICROS // len(place.symbols)
        self._size = getattr(strategy, "position_size", None)
        self._callback = ""
        self.hear = self.ask

    def speak(self, turn: Turn) -> None:
        """Ask about each bar."""
        for bar in turn.bars:
            if self._voice.is_silent:
                break
            try:
                self.ask(bar, self.view)
            except RAISED as error:
                self.fail(error, bar)

    def ask(self, bar: Bar, view: View) -> None:
        """Ask `should_exit` of what is held, `should_enter` of what is not, unless an order rests there."""
        symbol = bar.symbol
        if symbol in self._orders or symbol not in self._symbols:
            return
        bars = self._history.originals(symbol)
        if symbol in self._holdings:
            self._callback = "should_exit"
            position = position_of(self._standing, self._history, symbol, as_given=True)
            answer = self.strategy.should_exit(position, bars)
            if answer is not False and is_yes(answer):
                self._voice.say_close(symbol)
        else:
            self._callback = "should_enter"
            answer = self.strategy.should_enter(bars)
            if answer is not False and is_yes(answer):
                self._callback = "position_size"
                self._enter(symbol, bars[-1].close)

    def fail(self, error: BaseException, bar: Bar) -> None:
        """Put an exception on record with the callback that was asked."""
        self._voice.fail(error, callback=self._callback, symbol=bar.symbol)

    def _enter(self, symbol: str, price: Any) -> None:
        bus, strategy = self._place.bus, self._voice.strategy
        if self._size is None:
            bus.publish(Intent(bus.instant_us, strategy, symbol, "buy", "fraction", self._share))
            return
        capital: Any = currency(available_micros(self._standing, self._history))
        answer = self._size(capital if isinstance(price, Decimal) else float(capital), price)
        shares = exact_number(answer)
        lots = 0 if shares is None else int(shares // Fraction(self._history.instruments[symbol].lot))
        flaw = "" if 0 < lots <= AMOUNT_MAX else f"position_size answered {unusable(answer)}"
        bus.publish(Intent(bus.instant_us, strategy, symbol, "buy", "quantity", 0 if flaw else lots, "", flaw))


class CallingAdapter(Adapter):
    """Calls a `Strategy` and says what it returns; only callbacks that it overrides are called."""

    def __init__(self, strategy: Any, place: Place) -> None:
        super().__init__(strategy, place)
        self._on_bar = _overridden(strategy, "on_bar")
        self._on_turn = _overridden(strategy, "on_turn")
        self._is_started = False
        self._symbols = None if place.symbols == place.history.symbols else dict.fromkeys(place.symbols)
        if self._on_turn is None and self._symbols is None:
            self.hear = self._on_bar
        if _overridden(strategy, "on_start") is not None:
            place.bus.subscribe(Transfer, self.on_transfer, phase=Phase.STRATEGIES)
        if _overridden(strategy, "on_fill") is not None:
            place.bus.subscribe(Fill, self.on_fill, phase=Phase.STRATEGIES)
        if _overridden(strategy, "on_split") is not None or _overridden(strategy, "on_dividend") is not None:
            place.bus.subscribe(ExDate, self.on_ex_date, phase=Phase.STRATEGIES)

    def speak(self, turn: Turn) -> None:
        """Call `on_bar` for each bar, then `on_turn`."""
        on_bar, on_turn, view, symbols = self._on_bar, self._on_turn, self._place.view, self._symbols
        bar: Bar | None = None
        try:
            if on_bar is not None:
                for bar in turn.bars:
                    if symbols is None or bar.symbol in symbols:
                        wants = on_bar(bar, view)
                        if wants is not None:
                            self._voice.say(wants)
                bar = None
            if on_turn is not None:
                wants = on_turn(view)
                if wants is not None:
                    self._voice.say(wants)
        except RAISED as error:
            callback, symbol = ("on_turn", "") if bar is None else ("on_bar", bar.symbol)
            self._voice.fail(error, callback=callback, symbol=symbol)

    def fail(self, error: BaseException, bar: Bar) -> None:
        """Put an exception of `on_bar` on record."""
        self._voice.fail(error, callback="on_bar", symbol=bar.symbol)

    def on_transfer(self, transfer: Transfer) -> None:
        """Call `on_start` when the strategy is given its first capital."""
        if transfer.taker == self._voice.strategy and not self._is_started:
            self._is_started = True
            self._call("on_start", "", self.view)

    def on_fill(self, fill: Fill) -> None:
        """Call `on_fill` with the strategy's own fills."""
        if fill.strategy == self._voice.strategy:
            self._call("on_fill", fill.symbol, fill, self._place.view)

    def on_ex_date(self, ex_date: ExDate) -> None:
        """Call `on_split` or `on_dividend` for the symbols that the strategy is shown."""
        action = ex_date.action
        callback = "on_split" if isinstance(action, Split) else "on_dividend"
        if action.symbol in self._place.symbols and _overridden(self.strategy, callback) is not None:
            self._call(callback, action.symbol, action, self._place.view)

    def on_data_ended(self, ended: DataEnded) -> None:
        """Call `on_end`, then close what is open if the run says so."""
        if _overridden(self.strategy, "on_end") is not None:
            self._call("on_end", "", self._place.view, may_want=False)
        super().on_data_ended(ended)

    def _call(self, callback: str, symbol: str, *arguments: Any, may_want: bool = True) -> None:
        if self._voice.is_silent:
            return
        try:
            wants = getattr(self.strategy, callback)(*arguments)
            if wants is None:
                return
            if not may_want:
                raise StrategyError(f"returned {unusable(wants)}; the data are over, so return None")
            self._voice.say(wants)
        except RAISED as error:
            self._voice.fail(error, callback=callback, symbol=symbol)


def is_yes(answer: Any) -> bool:
    """
    Read the answer of a `should_…` method: a bool, Python's or numpy's.

    Raises StrategyError for anything else: a coroutine, a list or None is no answer, and a truthy one
    would trade.
    """
    if answer is True or answer is False:
        return bool(answer)
    if type(answer).__module__ == "numpy" and type(answer).__name__ in ("bool", "bool_"):
        return bool(answer)
    raise StrategyError(f"answered {unusable(answer)}; return True or False")


def _overridden(strategy: Any, name: str) -> Any:
    method = getattr(strategy, name, None)
    if method is None or getattr(type(strategy), name, None) is getattr(Strategy, name):
        return None
    return method


def adapter_of(strategy: Any, place: Place) -> Adapter:
    """
    Seat a strategy by the methods it has.

    Raises ConfigError when it has none of the three kinds' methods, naming what is missing.
    """
    if is_asked(strategy):
        return AskingAdapter(strategy, place)
    if is_foretold(strategy):
        # numpy is loaded only for those who use it.
        from ropewalk.strategies.signals import SignalAdapter

        return SignalAdapter(strategy, place)
    if _overridden(strategy, "on_bar") is not None or _overridden(strategy, "on_turn") is not None:
        return CallingAdapter(strategy, place)
    raise ConfigError(
        f"strategy {place.standing.strategy!r} ({type(strategy).__name__}) is no strategy: it needs should_enter(bars) "
        "and should_exit(position, bars), or signals(history), or on_bar(bar, view) or on_turn(view)"
    )


def is_asked(strategy: Any) -> bool:
    """Tell an `IStrategy`."""
    return callable(getattr(strategy, "should_enter", None)) and callable(getattr(strategy, "should_exit", None))


def is_foretold(strategy: Any) -> bool:
    """Tell a `SignalStrategy`: when it speaks is known before the first bar."""
    return callable(getattr(strategy, "signals", None)) and not is_asked(strategy)


CALLBACKS = (
    *("should_enter", "should_exit", "position_size", "signals"),
    *("on_start", "on_bar", "on_turn", "on_fill", "on_split", "on_dividend", "on_end"),
)
"""What an adapter may call of a strategy, whatever its kind."""


def callbacks_of(strategy: Any) -> list[str]:
    """List the callbacks that a strategy has of its own, in the order of `CALLBACKS`."""
    inherited = vars(Strategy)
    return [
        name
        for name in CALLBACKS
        if (_overridden(strategy, name) if name in inherited else getattr(strategy, name, None)) is not None
    ]
