"""The voice: turns what a strategy wants into intents on the bus, and its exceptions into faults."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import isfinite
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal, get_args

from ropewalk.bus import ERROR_MAX
from ropewalk.errors import PASSED_ON, Overdue, StrategyError, because, clipped, told, unusable, writable
from ropewalk.events import Action, Fault, Intent, Unit
from ropewalk.money import MICROS
from ropewalk.notation import timestamp
from ropewalk.strategies.protocol import Want

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ropewalk.bus import Bus
    from ropewalk.market.history import History
    from ropewalk.market.series import Series
    from ropewalk.market.standing import Standing
    from ropewalk.strategies.view import View

OnStrategyError = Literal["stop", "suspend", "flatten"]

WANTS_MAX = 100_000
AMOUNT_MAX = 2**53
TERMS_MAX = 1024
DIGITS_MAX = 40
TEXT_MAX = 4096
"""Characters that are kept of a note and of a symbol, as many as a journal keeps of a text."""

ACTIONS = get_args(Action)
UNITS = get_args(Unit)

Terms = tuple[str, Action, Unit, int, str, str, int]
"""What a want comes to, in the order of an intent's fields."""

RAISED = BaseException
"""What counts as a strategy's failure: leaving the process is no answer either, nor is the panic of a library."""


class Place:
    """Where a strategy sits: everything that its adapter needs to know of the house."""

    __slots__ = ("bus", "closes_at_end", "history", "on_error", "series", "standing", "symbols", "view")

    def __init__(
        self,
        bus: Bus,
        history: History,
        standing: Standing,
        view: View,
        *,
        series: Mapping[str, Series],
        on_error: OnStrategyError,
        closes_at_end: bool,
    ) -> None:
        self.bus = bus
        self.history = history
        self.standing = standing
        self.view = view
        self.symbols = view.symbols
        self.series = series
        self.on_error = on_error
        self.closes_at_end = closes_at_end


class Voice:
    """
    Speaks for one strategy.

    Once the strategy has failed under `suspend` or `flatten` it `is_silent`: it is not called again.
    """

    def __init__(self, place: Place) -> None:
        self.strategy = place.standing.strategy
        self.is_silent = False
        self._place = place
        self._bus = place.bus
        self._terms: dict[Want, tuple[type, type, Terms]] = {}

    def say(self, wants: Any) -> None:
        """
        Publish an intent for each want, in order.

        Raises StrategyError when a callback returned something that is not a want.
        """
        if type(wants) is Want:
            self._bus.publish(self.intent_of(wants))
            return
        if type(wants) not in (list, tuple):
            raise StrategyError(f"returned {unusable(wants)}; return None, a want such as buy(...), or a list of wants")
        if len(wants) > WANTS_MAX:
            raise StrategyError(f"returned {len(wants)} wants at once; at most {WANTS_MAX}")
        for want in wants:
            if type(want) is not Want:
                raise StrategyError(f"returned a list with {clipped(want)}; make wants with buy, sell, close or target")
        for want in wants:
            self._bus.publish(self.intent_of(want))

    def intent_of(self, want: Want) -> Intent:
        """
        Put a want into whole lots, micros or millionths; an unusable number becomes 0, with its flaw.

        Raises StrategyError for a symbol or a note that is no text, and for an action or unit there is not.
        """
        # Strategies want the same few things over and over. What a want comes to is the same all through a run; only
        # 1, 1.0 and True are equal and not the same.
        try:
            number, conviction, terms = self._terms[want]
        except KeyError:
            terms = self._learned(want)
        except TypeError:
            # What cannot be hashed is no number; its flaw is worded anew each time.
            terms = self._read(want)
        else:
            if number is not type(want.number) or conviction is not type(want.conviction):
                terms = self._learned(want)
        symbol, action, unit, amount, note, flaw, millionths = terms
        return Intent(self._bus.instant_us, self.strategy, symbol, action, unit, amount, note, flaw, millionths)

    def _learned(self, want: Want) -> Terms:
        terms = self._read(want)
        if len(self._terms) == TERMS_MAX:
            self._terms.clear()
        self._terms[want] = type(want.number), type(want.conviction), terms
        return terms

    def _read(self, want: Want) -> Terms:
        # A strategy may have put anything there; compiled code believes a declared type, and would raise instead.
        said: Any = want
        if type(said.symbol) is not str or type(said.note) is not str:
            raise StrategyError(f"returned {clipped(want)}; the symbol and the note of a want are texts")
        if said.action not in ACTIONS or said.unit not in UNITS:
            raise StrategyError(f"returned {clipped(want)}; make wants with buy, sell, close or target")
        amount, flaw = self._amount(want)
        conviction = exact_number(want.conviction)
        if conviction is None or not 0 <= conviction <= 1:
            amount, flaw = 0, flaw or f"conviction {clipped(want.conviction)} is no number from 0 to 1"
        millionths = 0 if flaw or conviction is None else int(conviction * MICROS)
        # Clipped here and not when it is written, so that a run, its journal and its replay say the same.
        symbol, note = (writable(text)[:TEXT_MAX] for text in (want.symbol, want.note))
        return symbol, want.action, want.unit, amount, note, flaw, millionths

    def _amount(self, want: Want) -> tuple[int, str]:
        number = want.number
        exact = exact_number(number)
        if exact is None:
            return 0, f"{want.unit} {clipped(number)} is not a finite number"
        amount, flaw = self._scaled(want, exact)
        if amount == 0 and want.action != "target" and not flaw:
            flaw = f"{want.unit} {clipped(number)} is nothing"
        if amount < 0 and want.action != "target":
            flaw = f"{want.unit} {clipped(number)} is negative; use the opposite action"
        if abs(amount) > AMOUNT_MAX:
            flaw = f"{want.unit} {clipped(number)} is beyond what is kept exactly"
        return (0 if flaw else amount), flaw

    def _scaled(self, want: Want, exact: Fraction) -> tuple[int, str]:
        if want.unit != "quantity":
            # Down, towards zero: never more than was asked.
            return int(exact * MICROS), ""
        instrument = self._place.history.instruments.get(want.symbol)
        lots = exact / Fraction(instrument.lot) if instrument is not None else exact
        if lots.denominator != 1:
            lot = instrument.lot if instrument is not None else 1
            return 0, f"quantity {clipped(want.number)} is not a multiple of the lot {lot}"
        return int(lots), ""

    def say_close(self, symbol: str) -> None:
        """Publish the intent to close all that is held of a symbol."""
        self._bus.publish(Intent(self._place.bus.instant_us, self.strategy, symbol, "close", "fraction", MICROS))

    def fail(self, error: BaseException, *, callback: str, symbol: str = "") -> None:
        """
        Put a strategy's exception on record and do what the run says about it.

        Raises StrategyError under `stop`; under `suspend` and `flatten` the strategy falls silent.
        """
        action = self._place.on_error
        bus = self._place.bus
        about = f" on {symbol}" if symbol else ""
        where = (
            f"strategy {self.strategy!r}: {callback}{about} at {timestamp(bus.instant_us).isoformat()} "
            f"(event {bus.number})"
        )
        if isinstance(error, Overdue):
            # How long it took is no part of a run, so that is no event, and nobody is suspended for it.
            late = StrategyError(f"{where} did not return, and the watchdog ended the run; mend it")
            raise because(late, error) from error
        if isinstance(error, PASSED_ON):
            raise error
        text = told(error)
        bus.fault(Fault(bus.instant_us, self.strategy, callback, symbol, text[:ERROR_MAX], action), error)
        if action == "stop":
            failure = StrategyError(
                f"{where} failed with {clipped(text, width=400)}; mend it, or set on_strategy_error to "
                "'suspend' or 'flatten' to run the others on"
            )
            raise because(failure, error) from error
        self.is_silent = True


def exact_number(number: Any) -> Fraction | None:
    """
    Read what a strategy gave as a number: int, float, Decimal, Fraction or numpy; None for anything else.

    A float counts as the shortest decimal that prints like it, so that 0.3 is three tenths.
    """
    if isinstance(number, bool):
        return None
    if isinstance(number, Decimal):
        # Beyond forty digits it is no amount, and writing it out could take all the memory there is.
        return Fraction(number) if number.is_finite() and abs(number.adjusted()) <= DIGITS_MAX else None
    if isinstance(number, Integral):
        return Fraction(int(number))
    if isinstance(number, Fraction):
        return number
    if isinstance(number, Real):
        plain = float(number)
        return Fraction(repr(plain)) if isfinite(plain) else None
    return None
