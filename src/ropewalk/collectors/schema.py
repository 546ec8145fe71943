"""
The tables of a run: which there are, and what stands in each column.

Frames, exports, SQL and the reference page are all made from `TABLES`, so that they cannot differ. Money is integer
micros, in columns that end in `_micros`; times are in UTC; `number` and `cause` are those of the journal.
"""

from __future__ import annotations

from ropewalk.collectors.columns import CURVE, EVENT, POOL_NAME, TRIP, TRIP_MONEY, WHO, Table, columns

TABLES: dict[str, Table] = {
    "equity": Table(
        "instant and owner: the strategies in their order, then the pool. The owners of an instant sum to `account`",
        columns("timestamp at the instant", f"owner t strategy, or `{POOL_NAME}`", *CURVE),
        needs_bars=True,
    ),
    "account": Table("instant: the whole account", columns("timestamp at the instant", *CURVE), needs_bars=True),
    "bars": Table(
        "bar that the run saw; prices per share, as strategies see them",
        columns(
            "timestamp at the instant",
            "symbol t which symbol",
            "open f first price",
            "high f highest",
            "low f lowest",
            "close f last",
            "volume f shares that changed hands",
        ),
        needs_bars=True,
    ),
    "positions": Table(
        "position held at the end",
        columns(
            "owner t whose it is",
            "symbol t which symbol",
            "quantity i signed lots",
            "mark_micros i last close of a lot",
            "value_micros i quantity · mark",
        ),
        needs_bars=True,
    ),
    "limits": Table(
        "limit of the run: each allocation, then all others; what is in use is measured at the closes of all instants",
        columns(
            "owner t strategy, or `aggregate`",
            "limit t its name, which is the reason of what it cuts down",
            "scope t the symbol or group; of a limit for each symbol the one that came closest; else empty",
            "setting f share of capital, multiple of equity, or positions",
            "utilisation f the largest part of it in use at a close, what rests left out; null where it left nothing",
            "timestamp at when that was, for the first time",
            "used_micros i in use then; null for positions",
            "allowed_micros i the limit then; null for positions",
            "used_positions i in use then, where it counts positions",
            "allowed_positions i the limit then, where it counts positions",
            "closes_over i closes at which more was in use",
            "decided f the largest part in use after a decision that shows this limit, what rests included",
            "bound i decisions that it cut down",
        ),
        needs_bars=True,
    ),
    "strategies": Table(
        "strategy, in the order of the seats",
        columns("seat i from 0", "strategy t its id", "allocated_micros i capital it began with"),
    ),
    "intents": Table(
        "intent: what a strategy wanted, before any rule touched it",
        columns(
            *EVENT,
            *WHO,
            "action t buy, sell, close or target",
            "unit t what `amount` counts: quantity, notional or fraction",
            "amount i lots, micros, or millionths of the capital, as `unit` says",
            "note t the strategy's own words",
            "flaw t what was wrong with an amount that could not be used",
            "conviction i in millionths; 0 where none was said",
        ),
    ),
    "decisions": Table(
        "decision, one an intent; `cause` is the intent",
        columns(
            *EVENT,
            *WHO,
            "verdict t granted, trimmed or refused",
            "reason t what bound, see reasons",
            "side i 1 buy, −1 sell, 0 neither",
            "asked_micros i capital asked for",
            "granted_micros i capital granted, never more than asked",
            "reserved_micros i set aside until the fill, fees and slippage included",
            "close_quantity i signed lots to close, which ask for no capital",
            "open_quantity i lots that may be opened at most",
            "limit_micros i the limit that bound, else the allocation",
            "used_micros i how much of it was used before",
            "limit_positions i that limit, where it counts positions",
            "used_positions i how many there were before",
            "group t of which group the limit is; empty for none",
        ),
    ),
    "conflicts": Table(
        "conflict: strategies in each other's way in one symbol at one instant",
        columns(
            *EVENT,
            "symbol t in which symbol",
            "kind t opposed, crowded, entry_against_exit or against_position",
            "policy t what settled it",
            "version t the policy's; empty for one's own",
            "parameters t the policy's",
            "strategies t who wanted something, in seat order, with commas between",
            "holders t whose positions stood in the way, with commas between",
            "over_limit t the account's limit that a crowd asked more of than was left; null for none",
            "intents i how many intents",
            "asked_micros i capital asked for by all",
            "allowed_micros i capital the policy allowed",
        ),
    ),
    "conflict_sides": Table(
        "intent that was part of a conflict",
        columns(
            "conflict i number of the conflict",
            "intent i number of the intent",
            "timestamp at the instant",
            *WHO,
            "kind t opposed, crowded, entry_against_exit or against_position",
            "side i 1 buy, −1 sell",
            "asked_micros i capital asked for",
            "allowed_micros i capital the policy allowed",
            "asked_close i signed lots asked to close",
            "allowed_close i signed lots that may be closed",
        ),
    ),
    "conflict_holders": Table(
        "position that stood in the way of an intent that was part of a conflict",
        columns(
            "conflict i number of the conflict",
            "timestamp at the instant",
            *WHO,
            "kind t opposed, crowded, entry_against_exit or against_position",
            "held i signed lots",
        ),
    ),
    "fills": Table(
        "fill; `cause` is the decision",
        columns(
            *EVENT,
            *WHO,
            "quantity i signed lots",
            "price_micros i per lot, slippage included",
            "commission_micros i commission in all",
            "slippage_micros i slippage in all",
            "closed_quantity i the part of `quantity` that reduced a position",
            "realised_micros i what that part earned before fees",
            "released_micros i the reserve that it ends",
            "is_crossed i 1 where the other side was in the account, else 0",
            "remaining_quantity i signed lots of the order that follow in its next fill",
            "saved_commission_micros i commission that netting saved the order, said by its last fill",
            "saved_slippage_micros i slippage that netting saved the order, said by its last fill",
        ),
    ),
    "lapses": Table(
        "order, or rest of one, that ended unfilled; `cause` is the decision",
        columns(*EVENT, *WHO, "reason t why, see reasons", "released_micros i the reserve that it ends"),
    ),
    "round_trips": Table(
        "round trip, from flat to flat, in the order they closed",
        columns(
            *WHO,
            *TRIP,
            "closed_at at when it was flat again",
            "entry_price_micros i average per lot over what was opened",
            "exit_price_micros i average per lot over what was closed",
            *TRIP_MONEY,
            "holding_us i how long it lasted, in microseconds",
        ),
    ),
    "open_round_trips": Table(
        "round trip that was not flat at the end",
        columns(
            *WHO,
            *TRIP,
            "quantity i signed lots held",
            "entry_price_micros i average per lot over what was opened",
            *TRIP_MONEY,
        ),
    ),
    "costs": Table(
        "strategy and symbol that had fills",
        columns(
            *WHO,
            "fills i how many",
            "traded_micros i Σ |quantity · price|",
            "commission_micros i commissions",
            "slippage_micros i slippage",
            "cost_micros i both together",
        ),
    ),
    "transfers": Table(
        "transfer of capital",
        columns(
            *EVENT,
            f"giver t strategy, or `{POOL_NAME}`",
            f"taker t strategy, or `{POOL_NAME}`",
            "amount_micros i how much",
        ),
    ),
    "rebalances": Table(
        "rebalance and owner: the strategies in their order, then the pool where it has a part",
        columns(
            *EVENT,
            "rebalancer t whose shares they are",
            "version t the rebalancer's; empty for one's own",
            "every t how often it is asked",
            f"owner t strategy, or `{POOL_NAME}`: what rebalances leave there",
            "equity_micros i worth at the closes, before",
            "target_micros i what it is to be worth",
            "moved_micros i what moved of the difference, by then and later",
            "share_before f part of what all are worth together",
            "share_target f part that it is to have",
        ),
    ),
    "reallocations": Table(
        "reallocation and owner: what of a rebalance could be paid at an instant; `cause` is the rebalance",
        columns(
            *EVENT,
            f"owner t strategy, or `{POOL_NAME}`",
            "before_micros i worth at the closes, before; null for the pool",
            "moved_micros i what it took, negative for what it gave",
            "after_micros i both together; null for the pool",
        ),
    ),
    "suspensions": Table(
        "suspension of a strategy, or its end",
        columns(
            *EVENT,
            "strategy t whose it is",
            "action t suspend or resume",
            "by t schedule or drawdown",
            "peak_micros i highest equity, where a drawdown suspended it, else 0",
            "equity_micros i equity then, else 0",
        ),
    ),
    "actions": Table(
        "corporate action",
        columns(
            *EVENT,
            "symbol t which symbol",
            "kind t split or dividend",
            "numerator i shares that `denominator` shares became; null for dividends",
            "denominator i null for dividends",
            "per_share_micros i what each share pays; null for splits",
        ),
    ),
    "adjustments": Table(
        "position that a split changed; `cause` is the split",
        columns(
            *EVENT,
            *WHO,
            "numerator i shares that `denominator` shares became",
            "denominator i see numerator",
            "quantity_before i lots before",
            "quantity_after i lots after",
            "cash_micros i for the fraction of a lot that was left over",
            "realised_micros i what that fraction earned",
        ),
    ),
    "payments": Table(
        "dividend of a position; `cause` is the dividend",
        columns(*EVENT, *WHO, "quantity i lots held", "amount_micros i received, or negative: paid by a short"),
    ),
    "faults": Table(
        "exception of a strategy or an observer",
        columns(
            *EVENT,
            "source t who raised",
            "callback t in which of its functions",
            "symbol t over which symbol; empty for none",
            "error t what it said",
            "action t what was done about it",
        ),
    ),
}
"""Every table by its name, in the order in which they are shown."""
