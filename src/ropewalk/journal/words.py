"""Words: amounts, times and reasons as a person reads them, one sentence for each reason there is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ropewalk.money import MICROS, currency
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ropewalk.events import FaultAction, Intent, RunStatus
    from ropewalk.reasons import LapseReason, Reason

DAY_US = 86_400_000_000
CENT = MICROS // 100

REASONS: dict[Reason, str] = {
    "in_full": "nothing stood in the way",
    "allocation": "its limit left too little room: its capital was at work, reserved, or smaller than the ask",
    "symbol_share": "it had its share of capital in the symbol",
    "strategy_positions": "it had as many positions as it may have",
    "drawdown": "it had lost as much from its highest equity as it may",
    "gross_exposure": "all books together held as much as they may, longs and shorts added up",
    "net_exposure": "all books together leaned as far to that side as they may",
    "symbol_exposure": "all books together held as much of the symbol as they may",
    "group_exposure": "all books together held as much of a group of symbols as they may",
    "leverage": "all books together held as many times the account's equity as they may",
    "account_positions": "all books together had as many positions as they may have",
    "cash_reserve": "what was left of the account's cash is to stay there",
    "own_limit": "a limit of one's own left too little room",
    "suspended": "the strategy was suspended: it thought on paper, could close, and opened nothing",
    "policy": "the conflict policy allowed less than was asked",
    "too_small": "it asked for less than one lot costs",
    "no_position": "there was nothing left to close",
    "held_already": "the target was held already, or would be once what rested was filled",
    "no_price": "the symbol had had no bar yet, so an ask for capital had no size",
    "not_its_symbol": "the strategy's seat is restricted to other symbols",
    "unknown_symbol": "no data of this run have the symbol",
    "bad_amount": "its amount was no usable number, or worth more than is kept exactly",
    "data_ended": "the last cutoff of the run had passed",
}
"""Why a decision is as it is."""

LIMITED: dict[Reason, str] = {
    "symbol_share": "its share of capital in one symbol",
    "gross_exposure": "gross exposure",
    "net_exposure": "net exposure to that side",
    "symbol_exposure": "exposure to the symbol",
    "group_exposure": "exposure to the group",
    "leverage": "leverage",
    "cash_reserve": "spending, which keeps the cash reserve,",
}
"""What the limits are on that are held against what is granted, other than the allocation."""

LAPSES: dict[LapseReason, str] = {
    "end_of_data": "no further bar of the symbol came",
    "too_small": "less than one lot was left of it, at the price of the fill or after a split",
    "no_position": "what was to be closed had been closed already",
    "unfilled": "its bar did not fill it, and what a bar leaves is let go",
}
"""Why a granted order ended unfilled."""

FAULTS: dict[FaultAction, str] = {
    "stop": "the run was stopped",
    "suspend": "the strategy was suspended: it was not asked again, and kept what it held",
    "flatten": "the strategy was suspended, and what it held was closed",
    "detach": "the observer was detached; the run went on as if it had not been there",
}
"""What was done about an exception."""

ENDS: dict[RunStatus, str] = {
    "complete": "the run went to the end of its data",
    "stopped": "the run was stopped between two instants",
    "failed": "the run failed",
}
"""How a run ended."""


def money(micros: int, *, signed: bool = False) -> str:
    """
    Show an amount of currency: two decimals, or all six where less than a cent would be lost.

    >>> money(1_234_567_890_000), money(-400), money(5_000_000, signed=True)
    ('1,234,567.89', '-0.000400', '+5.00')
    """
    digits = 2 if abs(micros) >= CENT or not micros else 6
    return f"{currency(micros):{'+' if signed and micros else ''},.{digits}f}"


def price(micros: int) -> str:
    """
    Show a price: exactly, with at least two decimals.

    >>> price(4_080_727), price(73_500_000)
    ('4.080727', '73.50')
    """
    whole, _, rest = f"{currency(micros):,.6f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


def quoted(value: float) -> str:
    """
    Show a bar's price as the data have it.

    >>> quoted(130.3125), quoted(98.0)
    ('130.3125', '98.0')
    """
    return f"{value:,.10g}" if value % 1 else f"{value:,.1f}"


def moment(at_us: int) -> str:
    """
    Show a time in UTC: a date for a midnight, else with the time of day.

    >>> moment(0), moment(5_400_000_000)
    ('1970-01-01', '1970-01-01 01:30')
    """
    at = timestamp(at_us)
    if not at_us % DAY_US:
        return f"{at:%Y-%m-%d}"
    form = "%Y-%m-%d %H:%M" if not at_us % 60_000_000 else "%Y-%m-%d %H:%M:%S"
    return at.strftime(form) + (f".{at.microsecond:06d}" if at.microsecond else "")


def share(millionths: int) -> str:
    """
    Show a fraction as per cent.

    >>> share(200_000), share(333_333)
    ('20 %', '33.3333 %')
    """
    return f"{(Decimal(millionths) / 10_000).normalize():f} %"


def listed(names: Iterable[str]) -> str:
    """
    Join names as a sentence does.

    >>> listed(["trend", "fast", "hold"])
    'trend, fast and hold'
    """
    *first, last = [*names] or ["nobody"]
    return f"{', '.join(first)} and {last}" if first else last


def counted(count: int, noun: str) -> str:
    """
    Show how many of something there are.

    >>> counted(1, "intent"), counted(1_200, "fill")
    ('1 intent', '1,200 fills')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def lots_of(symbol: str, lots: int, lot: str = "1") -> str:
    """
    Show a number of lots; where a lot is one share, that is a number of shares.

    >>> lots_of("AAPL", 1200), lots_of("BTC", -3, "0.001")
    ('1,200 AAPL', '-3 lots of 0.001 BTC')
    """
    if lot == "1":
        return f"{lots:,} {symbol}"
    return f"{lots:,} lot{'' if abs(lots) == 1 else 's'} of {lot} {symbol}"


def wanted(intent: Intent, lot: str = "1") -> str:
    """Say what an intent wants, as an infinitive: to buy, to sell, to close or to hold."""
    symbol, amount = intent.symbol, intent.amount
    sizes = {
        "quantity": lots_of(symbol, abs(amount), lot),
        "notional": f"{symbol} for {money(abs(amount))}",
        "fraction": f"{symbol} for {share(abs(amount))} of its capital",
    }
    if intent.action == "close":
        if intent.unit == "fraction":
            return f"to close {'all' if amount == MICROS else share(amount)} of its {symbol}"
        return f"to close {sizes[intent.unit]}"
    if intent.action == "target":
        if not amount:
            return f"to hold no {symbol}"
        return f"to {'hold' if amount > 0 else 'be short of'} {sizes[intent.unit]}"
    return f"to {intent.action} {sizes[intent.unit]}"


def plainly(said: dict[str, Any]) -> str:
    """Show fields for which there are no words of their own."""
    return ", ".join(f"{name} {value}" for name, value in said.items() if value not in ("", None))
