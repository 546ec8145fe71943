"""The bar that people construct by hand or by their own loader."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec


class HistoricalDataBar(msgspec.Struct, frozen=True, gc=False):
    """
    One symbol over one interval, in the types that a person has at hand.

    Prices are Decimals, floats or ints, per share. `timestamp` is an aware datetime, or a date, which
    means its midnight in UTC. A strategy written for lists of these sees these very objects.
    Nothing is checked here: the feed checks all bars at once and says where each fault is.
    """

    symbol: str
    timestamp: datetime | date
    open: Decimal | float
    high: Decimal | float
    low: Decimal | float
    close: Decimal | float
    volume: Decimal | float = 0
