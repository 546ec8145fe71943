"""
Limits of one's own: what the arbiter asks about each entry once the limits that ship have answered.

A limit is asked only where something would be opened, so no answer of it can hold back an exit. It answers how much it
allows and how much of that is used, as those that ship do, so that a decision can show it; the narrowest of all binds,
and of equals the one that stands first, here as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import msgspec

from ropewalk.arbiter.limits import AccountUse, Bound, Use
from ropewalk.errors import PluginError, clipped, told
from ropewalk.events import Bar
from ropewalk.money import MICROS_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping


class Ask(msgspec.Struct, frozen=True):
    """
    An entry that waits for its grant, and what is in use before it.

    `side` is +1 to buy and −1 to sell; `asked_micros` is what it asks for, `open_lots` the lots, unsigned, and 0 where
    it asks for capital, whatever that buys. `bar` is the last of the symbol and `mark_micros` one lot at its close.
    `available_micros` is what the allocation leaves. `strategy_use` and `account_use` count what is held at the last
    closes, and all that is granted and rests; what is granted within the instant counts for the next ask.
    """

    at_us: int
    strategy: str
    symbol: str
    side: int
    asked_micros: int
    open_lots: int
    conviction: int
    mark_micros: int
    bar: Bar
    available_micros: int
    strategy_use: Use
    account_use: AccountUse


class Room(NamedTuple):
    """What a limit allows and how much of that is used, in micros, each 0 or more; the difference may be granted."""

    limit_micros: int
    used_micros: int = 0


@runtime_checkable
class Limit(Protocol):
    """What bounds entries; it must answer the same when the same is asked."""

    def room(self, ask: Ask) -> Room | None:
        """Say how much there is room for; None where the limit has nothing to say."""
        ...


def own_bounds(limits: Mapping[str, Limit], ask: Ask) -> list[Bound]:
    """
    Hold limits of one's own against an ask, in their order.

    Raises PluginError when one raises, or answers with anything but a Room of whole micros or None.
    """
    return [bound for name, limit in limits.items() if (bound := _bound(name, limit, ask)) is not None]


def _bound(name: str, limit: Limit, ask: Ask) -> Bound | None:
    try:
        room = limit.room(ask)
    except Exception as error:
        raise PluginError(
            f"limit {name!r}, asked about {ask.strategy} and {ask.symbol}, raised {told(error)}"
        ) from error
    if room is None:
        return None
    if type(room) is not Room or any(type(one) is not int or not 0 <= one <= MICROS_MAX for one in room):
        raise PluginError(
            f"limit {name!r}, asked about {ask.strategy} and {ask.symbol}, answered {clipped(room)}; return a Room of "
            f"whole micros from 0 to {MICROS_MAX}, or None where it has nothing to say"
        )
    return Bound("own_limit", room.limit_micros, room.used_micros, max(room.limit_micros - room.used_micros, 0), name)
