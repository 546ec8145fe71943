"""Reasons: the words in which a decision and a lapse say why they came out as they did."""

from __future__ import annotations

from typing import Literal

Reason = Literal[
    "in_full",  # nothing stood in the way
    "allocation",  # the strategy's capital is at work, reserved, or smaller than the ask
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
LapseReason = Literal[
    "end_of_data",  # no further bar of the symbol came
    "too_small",  # less than one lot is left of it: at the fill price, or after a split
    "no_position",  # what was to be closed is closed already
]
