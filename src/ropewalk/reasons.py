"""Reasons: the words in which a decision and a lapse say why they came out as they did."""

from __future__ import annotations

from typing import Literal

Reason = Literal[
    "in_full",  # nothing stood in the way
    "allocation",  # the strategy's capital is at work, reserved, or smaller than the ask
    "symbol_share",  # the strategy has its share of capital in the symbol
    "strategy_positions",  # the strategy has as many positions as it may have
    "drawdown",  # the strategy has lost as much from its highest equity as it may
    "gross_exposure",  # all books together hold as much as they may, longs and shorts added up
    "net_exposure",  # all books together lean as far to the side of the ask as they may
    "symbol_exposure",  # all books together hold as much of the symbol as they may
    "group_exposure",  # all books together hold as much of a group of symbols as they may
    "leverage",  # all books together hold as many times the account's equity as they may
    "account_positions",  # all books together have as many positions as they may have
    "cash_reserve",  # what is left of the account's cash is to stay there
    "own_limit",  # a limit of one's own, which the decision's `group` names, leaves less
    "suspended",  # the strategy is on paper: it may close, and open nothing
    "policy",  # the conflict policy allowed less than was asked
    "too_small",  # less than one lot was asked
    "no_position",  # there is nothing left to close
    "held_already",  # the target is held already, or will be once what rests is filled
    "no_price",  # the symbol has had no bar yet, so an ask for capital has no size
    "not_its_symbol",  # the strategy's seat is restricted to other symbols
    "unknown_symbol",  # no data set of this run has the symbol
    "bad_amount",  # not a usable number, as the intent's flaw says, or worth more than is kept exactly
    "data_ended",  # the last cutoff of the run has passed
]
LIMITS: tuple[Reason, ...] = (
    "allocation",
    "symbol_share",
    "strategy_positions",
    "drawdown",
    "gross_exposure",
    "net_exposure",
    "symbol_exposure",
    "group_exposure",
    "leverage",
    "account_positions",
    "cash_reserve",
    "own_limit",
)
"""The reasons that are limits, in the order in which they are evaluated."""
SHARED: tuple[Reason, ...] = LIMITS[LIMITS.index("gross_exposure") : LIMITS.index("own_limit")]
"""The limits that all strategies share, and that a crowd can be over."""
COUNTED: tuple[Reason, ...] = ("strategy_positions", "account_positions")
"""The limits that count positions; all others are in micros."""
LapseReason = Literal[
    "end_of_data",  # no further bar of the symbol came
    "too_small",  # less than one lot is left of it: at the fill price, or after a split
    "no_position",  # what was to be closed is closed already
    "unfilled",  # the fill model left it unfilled on its bar, and lets what it leaves lapse
]
