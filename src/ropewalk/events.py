"""
The words of a run: what the stages say to each other, and all that they say.

Immutable values, one class each. Money is integer micros (millionths of the account currency), quantities are signed
integers in the instrument's lots, times are integer microseconds since 1970 UTC. The bus keeps numbers and causes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from ropewalk.capital import Period as Period
from ropewalk.capital import Reallocation as Reallocation
from ropewalk.capital import Rebalance as Rebalance
from ropewalk.capital import SuspendedBy as SuspendedBy
from ropewalk.capital import Suspension as Suspension
from ropewalk.capital import SuspensionAction as SuspensionAction
from ropewalk.event import Event as Event
from ropewalk.notation import timestamp
from ropewalk.reasons import LapseReason, Reason

if TYPE_CHECKING:
    from datetime import datetime

Action = Literal["buy", "sell", "close", "target"]
Unit = Literal["quantity", "notional", "fraction"]
Verdict = Literal["granted", "trimmed", "refused"]
ConflictKind = Literal["opposed", "crowded", "entry_against_exit", "against_position"]
RunStatus = Literal["complete", "stopped", "failed"]
FaultAction = Literal["stop", "suspend", "flatten", "detach"]


class RunStarted(Event, frozen=True, gc=False):
    """
    The first event of a run: the pot and who shares it.

    `allocated_micros` stands in the order of `strategies`; what is not allocated stays in the pool.
    """

    capital_micros: int
    strategies: tuple[str, ...]
    allocated_micros: tuple[int, ...]
    symbols: tuple[str, ...]
    data_digest: str


class RunEnded(Event, frozen=True, gc=False):
    """The last event of a run: why it ended and how much happened."""

    status: RunStatus
    reason: str
    instants: int
    intents: int
    decisions: int
    conflicts: int
    fills: int
    lapses: int


class Bar(msgspec.Struct, frozen=True, gc=False):
    """
    One symbol over one interval, known as a whole at `at_us`.

    Prices are floats per share, since strategies compute with floats; they become money in the ledger.
    `low <= open, close <= high` and `low > 0` hold for every bar that a feed lets through.
    """

    symbol: str
    at_us: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0

    @property
    def timestamp(self) -> datetime:
        """The instant as an aware datetime in UTC."""
        return timestamp(self.at_us)


class Turn(Event, frozen=True, gc=False):
    """The second beat of an instant: its bars are in, strategies may speak."""

    bars: tuple[Bar, ...]


class Split(Event, frozen=True, gc=False):
    """Each `denominator` shares have become `numerator`, before the bars of this instant: two for one is 2 and 1."""

    symbol: str
    numerator: int
    denominator: int


class Dividend(Event, frozen=True, gc=False):
    """
    What each share pays to whoever held it before this instant, its ex-date; whoever is short owes it.

    It is per share, not per lot, and per new share where the instant has a split, too.
    """

    symbol: str
    per_share_micros: int


class ExDate(Event, frozen=True, gc=False):
    """The beat before the bars, one a corporate action, now in the books; `given_us` is the time that the data give."""

    action: Split | Dividend
    given_us: int


class Cutoff(Event, frozen=True, gc=False):
    """The third beat of an instant: every intent is in, the arbiter settles."""


class DataEnded(Event, frozen=True, gc=False):
    """No bar will follow. What rests lapses; what is open is closed if the run says so."""


class Intent(Event, frozen=True, gc=False):
    """
    What one strategy wants for one symbol, before any rule touched it.

    `amount` is in lots, in micros, or in millionths of the strategy's capital, as `unit` says. It is positive for buy,
    sell and close, and signed for a target. `note` is the strategy's own. `flaw` says why an amount could not be used;
    the amount is zero then. `conviction` is in millionths, 0 where none was said.
    """

    strategy: str
    symbol: str
    action: Action
    unit: Unit
    amount: int
    note: str = ""
    flaw: str = ""
    conviction: int = 0


class Conflict(Event, frozen=True, gc=False):
    """
    Strategies in each other's way: several want the same symbol at once, or one against what another holds.

    The tuples stand in seat order, one entry an intent: its number, its strategy, the capital it asked, the capital
    the policy allowed, and the signed lots it asked to close and may close: all of them. `holders` hold the
    opposite, `held` lots, of what another's intent would open. `over_limit` is the account's limit that a crowd
    asks too much of.
    """

    symbol: str
    kind: ConflictKind
    policy: str
    intents: tuple[int, ...]
    strategies: tuple[str, ...]
    sides: tuple[int, ...]
    asked_micros: tuple[int, ...]
    allowed_micros: tuple[int, ...]
    asked_close: tuple[int, ...]
    allowed_close: tuple[int, ...]
    version: str = ""
    parameters: str = ""
    holders: tuple[str, ...] = ()
    held: tuple[int, ...] = ()
    over_limit: Reason | None = None

    @property
    def refused_micros(self) -> int:
        """The effect on money: capital that was asked and that the policy did not allow."""
        return sum(self.asked_micros) - sum(self.allowed_micros)


class Decision(Event, frozen=True, gc=False):
    """
    The one fate of one intent.

    Published after Cutoff. `granted_micros <= asked_micros` always holds, and a run has exactly as many decisions
    as intents, so the capital refused in a run is a plain sum. The part that closes a position (`close_quantity`)
    asks for no capital. `open_quantity` bounds what may be opened; `reserved_micros` is set aside until the fill,
    fees and slippage included, and exceeds `granted_micros` only by the headroom that keeps a quantity whole across
    a gap. `limit_…`, `used_…` and `group`, or own limit, are those that `reason` names, else the allocation, before it.
    """

    strategy: str
    symbol: str
    verdict: Verdict
    reason: Reason
    side: int
    asked_micros: int = 0
    granted_micros: int = 0
    reserved_micros: int = 0
    close_quantity: int = 0
    open_quantity: int = 0
    limit_micros: int = 0
    used_micros: int = 0
    limit_positions: int = 0
    used_positions: int = 0
    group: str = ""


class Fill(Event, frozen=True, gc=False):
    """
    An executed quantity, price and cost for one strategy.

    `price_micros` is per lot and includes slippage; `slippage_micros` and `commission_micros` are what the fill cost
    in all. `closed_quantity` is the part of `quantity` that reduced a position, `realised_micros` what that part earned
    before fees, `released_micros` the reserve it ends. Under `net`, `is_crossed` says that the other side was in the
    account, `remaining_quantity` what of the order follows, and its last fill what netting `saved_…` the order.
    """

    strategy: str
    symbol: str
    quantity: int
    price_micros: int
    commission_micros: int
    slippage_micros: int
    closed_quantity: int
    realised_micros: int
    released_micros: int
    is_crossed: bool = False
    remaining_quantity: int = 0
    saved_commission_micros: int = 0
    saved_slippage_micros: int = 0


class Lapse(Event, frozen=True, gc=False):
    """A granted order, or what was left of it, that ended unfilled."""

    strategy: str
    symbol: str
    reason: LapseReason
    released_micros: int


class Adjustment(Event, frozen=True, gc=False):
    """
    What a split did to one strategy's position; its cost changes by `realised_micros − cash_micros`.

    `cash_micros` is for the fraction of a lot that was left over, at the last close adjusted, and negative for shorts;
    `realised_micros` is what that fraction earned.
    """

    strategy: str
    symbol: str
    numerator: int
    denominator: int
    quantity_before: int
    quantity_after: int
    cash_micros: int
    realised_micros: int


class Payment(Event, frozen=True, gc=False):
    """The dividend of one strategy's position: `micros` in all on `quantity` lots, negative when shorts paid it."""

    strategy: str
    symbol: str
    quantity: int
    micros: int


class Transfer(Event, frozen=True, gc=False):
    """
    Capital moved between owners: strategies, or the pool, which is written as an empty name.

    A run begins with one from the pool to each strategy; each later one is part of the reallocation that is its cause.
    """

    giver: str
    taker: str
    micros: int


class Fault(Event, frozen=True, gc=False):
    """A strategy or an observer raised: which, where, and what was done about it."""

    source: str
    callback: str
    symbol: str
    error: str
    action: FaultAction


Record = (
    RunStarted | RunEnded | DataEnded | Split | Dividend | Intent | Conflict | Decision | Fill | Lapse
    | Adjustment | Payment | Transfer | Rebalance | Reallocation | Suspension | Fault
)  # fmt: skip
"""The events that are numbered; the bars of an instant share one number, its step's."""
