"""
Partial fills: orders under a fill model, which fill as far as the model lets a bar fill them.

What is left of an order rests on, or lapses. Of what was reserved for it, a fill gives back what its lots cost, and the
last one everything. After the data there is no bar to share, so what is closed then fills whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from ropewalk.bus import Bus, Phase
from ropewalk.errors import LedgerError, PluginError, clipped, told
from ropewalk.events import Bar, DataEnded, Decision, Fill
from ropewalk.ledger.crossing import Crossing
from ropewalk.ledger.execution import execute
from ropewalk.ledger.fill_models import OpenOrder
from ropewalk.market.resting import closed_and_opened, left_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ropewalk.ledger.crossing import Counterparts
    from ropewalk.ledger.execution import Costs, Execution, Order
    from ropewalk.ledger.fill_models import FillModel
    from ropewalk.ledger.netting import Share
    from ropewalk.market.history import History

    Leg = tuple[int, int, int, int, bool]


def filler_of(
    bus: Bus,
    history: History,
    ledger: Counterparts,
    *,
    costs: Costs,
    netted: Iterable[str],
    model: FillModel | None,
) -> Crossing | None:
    """Seat who fills the orders that do not fill by themselves and whole; None, and nobody seated, without any."""
    symbols = tuple(netted)
    if model is not None:
        return PartialFills(bus, history, ledger, costs=costs, netted=symbols, model=model)
    return Crossing(bus, ledger, costs=costs, symbols=symbols) if symbols else None


class Part(NamedTuple):
    """What fills of one order on one bar, before netting, and the price that it starts from."""

    number: int
    decision: Decision
    execution: Execution
    price_micros: int


class PartialFills(Crossing):
    """
    Fills orders for all symbols as far as a model lets them, those that were granted first before all others.

    Where orders for a symbol are netted, each trades what it would trade alone, and what is opposite crosses, so
    netting still changes costs and no quantities. Orders that the model fills at different prices are not netted.
    """

    def __init__(
        self,
        bus: Bus,
        history: History,
        ledger: Counterparts,
        *,
        costs: Costs,
        netted: Iterable[str],
        model: FillModel,
    ) -> None:
        super().__init__(bus, ledger, costs=costs, symbols=history.symbols)
        self._history = history
        self._model = model
        self._lapses = getattr(model, "rest", "stays") == "lapses"
        self._netted = dict.fromkeys(netted)
        self._taken: dict[str, tuple[int, int]] = {}
        self._ending: list[Order] = []
        self._ended: dict[int, None] = {}
        self._is_over = False
        bus.subscribe(DataEnded, self.on_data_ended, phase=Phase.LEDGER)

    def on_data_ended(self, ended: DataEnded) -> None:
        """Hear that no bar follows."""
        self._is_over = True

    def fill(self, orders: Iterable[Order], reference_micros: int) -> None:
        """Fill what the bar fills of orders for one symbol, say so, and let the rest wait or lapse."""
        ordered = sorted(orders, key=_number)
        is_netted = bool(ordered) and ordered[0][1].symbol in self._netted
        for batch in [ordered] if is_netted else [[one] for one in ordered]:
            for group in self._groups(self._parts(batch, reference_micros)):
                alone = [((one.number, one.decision), (one.execution, one.decision.reserved_micros)) for one in group]
                self.settle(alone, group[0].price_micros)
            ending, self._ending, self._ended = self._ending, [], {}
            for number, decision in ending:
                self._ledger.lapse(number, decision, "unfilled")

    def _groups(self, parts: Sequence[Part]) -> list[list[Part]]:
        """Divide what fills into what is netted together: all of it, or where prices differ each order by itself."""
        if len(dict.fromkeys(one.price_micros for one in parts)) != 1:
            return [[one] for one in parts]
        seats = {strategy: seat for seat, strategy in enumerate(self._ledger.books)}
        return [sorted(parts, key=lambda one: (seats[one.decision.strategy], one.number))]

    def _parts(self, orders: Iterable[Order], reference_micros: int) -> list[Part]:
        """Ask how much of each order fills, those before it filled; what does not rests on or ends."""
        held: dict[str, int] = {}
        found = []
        for number, decision in orders:
            strategy, symbol = decision.strategy, decision.symbol
            before = held.get(strategy, self._ledger.books[strategy].quantity(symbol))
            whole = execute(decision, before, reference_micros, self._costs)
            if whole is None:
                self._ledger.lapse(number, decision, "too_small" if decision.reserved_micros else "no_position")
                continue
            part = self._part(number, decision, before, whole, reference_micros)
            if part is None:
                self._leave(number, decision)
            else:
                held[strategy] = before + part.execution[0]
                found.append(part)
        return found

    def _part(self, number: int, decision: Decision, held: int, whole: Execution, reference: int) -> Part | None:
        if self._is_over:
            self._ended[number] = None
            return Part(number, decision, whole, reference)
        symbol = decision.symbol
        bar = self._history.bars(symbol)[-1]
        at_us, taken = self._taken.get(symbol, (0, 0))
        taken = taken if at_us == bar.at_us else 0
        order = self._shown(decision, bar, abs(whole[0]), taken, reference)
        answer = self._asked(order, bar)
        if answer is None:
            return None
        lots, price = answer
        execution = whole
        if lots < order.lots or price != reference:
            limited = execute(_limited(decision, held, lots), held, price, self._costs)
            if limited is None:
                return None
            execution = limited
        self._taken[symbol] = bar.at_us, taken + abs(execution[0])
        if execution[0] == whole[0]:
            self._ended[number] = None
        return Part(number, decision, execution, price)

    def _shown(self, decision: Decision, bar: Bar, lots: int, taken: int, reference: int) -> OpenOrder:
        instrument = self._history.instruments[bar.symbol]
        return OpenOrder(
            strategy=decision.strategy,
            symbol=bar.symbol,
            side=decision.side,
            lots=lots,
            reference_micros=reference,
            low_micros=instrument.price_micros(bar.low),
            high_micros=instrument.price_micros(bar.high),
            volume_lots=instrument.whole_lots(bar.volume),
            taken_lots=taken,
            granted_at_us=decision.at_us,
        )

    def _asked(self, order: OpenOrder, bar: Bar) -> tuple[int, int] | None:
        """Ask the model. Raises PluginError for an answer that is none, LedgerError for one that may not be."""
        name = type(self._model).__name__
        try:
            answer = self._model.fill(order, bar)
        except Exception as error:
            raise PluginError(f"fill model {name}, asked about {order.symbol}, raised {told(error)}") from error
        if answer is None:
            return None
        if type(answer) is not tuple or [type(one) for one in answer] != [int, int]:
            raise PluginError(
                f"fill model {name}, asked about {order.symbol}, answered {clipped(answer)}; return whole lots and the "
                "micros of one as a tuple of two int, or None"
            )
        lots, price = answer
        where = f"after event {self._bus.number}: fill model {name}"
        if not 0 <= lots <= order.lots:
            raise LedgerError(f"{where} fills {lots} of {order.lots} lots of {order.symbol}")
        if not order.low_micros <= price <= order.high_micros:
            raise LedgerError(
                f"{where} fills {order.symbol} at {price} micros, outside [{order.low_micros}, {order.high_micros}]"
            )
        return answer if lots else None

    def _leave(self, number: int, decision: Decision) -> None:
        """Let an order, or what is left of it, rest on, or end it behind what is being said."""
        if self._lapses:
            self._ending.append((number, decision))
        else:
            self._ledger.rest(number, decision)

    def fills_of(self, number: int, decision: Decision, share: Share, reference_micros: int) -> Iterator[Fill]:
        """Post what crosses and what is traded of an order, and see what is left of it; of all that it wanted, none."""
        crossed, traded, price, commission, slippage, fee_saved, slip_saved = share
        crossing, trading = (crossed, reference_micros, 0, 0, True), (traded, price, commission, slippage, False)
        rest, fills = decision, []
        for leg in (crossing, trading):
            if leg[0]:
                rest, fill = self._posted(number, rest, leg)
                fills.append(fill)
        held = self._ledger.books[decision.strategy].quantity(decision.symbol)
        more = None if number in self._ended else execute(rest, held, reference_micros, self._costs)
        remaining = 0 if more is None else more[0]
        if remaining:
            self._leave(number, rest)
        else:
            fills[-1] = replace(fills[-1], released_micros=fills[-1].released_micros + rest.reserved_micros)
            self._ledger.books[decision.strategy].release(rest.reserved_micros)
        for seat, fill in enumerate(fills):
            is_last = seat == len(fills) - 1
            yield replace(
                fill,
                remaining_quantity=remaining + (0 if is_last else traded),
                saved_commission_micros=fee_saved if is_last else 0,
                saved_slippage_micros=slip_saved if is_last else 0,
            )

    def _posted(self, number: int, order: Decision, leg: Leg) -> tuple[Decision, Fill]:
        """Post some lots of an order and release what those that open have cost; returns what is left of it."""
        quantity, price, commission, slippage, is_crossed = leg
        strategy, symbol = order.strategy, order.symbol
        book = self._ledger.books[strategy]
        held = book.quantity(symbol)
        opened = closed_and_opened(order, quantity, held)[1]
        spent = opened * price + commission if opened else 0
        if spent > order.reserved_micros:
            raise LedgerError(
                f"decision {number}: {opened} lots of {symbol} at {price} and {commission} of fees exceed the "
                f"{order.reserved_micros} micros reserved"
            )
        closed, realised = book.post(symbol, quantity, price, commission)
        book.release(spent)
        if not is_crossed:
            self._ledger.post_outside(number, symbol, quantity, price, commission)
        fill = Fill(
            *(self._bus.instant_us, strategy, symbol, quantity, price, commission, slippage, closed, realised, spent),
            is_crossed=is_crossed,
        )
        return left_of(order, quantity, held, spent), fill


def _number(order: Order) -> int:
    return order[0]


def _limited(decision: Decision, held: int, lots: int) -> Decision:
    """Bound an order to some lots, of which those come first that close."""
    closing, opening = closed_and_opened(decision, lots, held)
    return replace(
        decision,
        close_quantity=decision.side * closing,
        open_quantity=decision.side * opening,
        granted_micros=decision.granted_micros if opening else 0,
    )
