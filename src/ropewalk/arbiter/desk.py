"""Desks: what the arbiter keeps of each strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ropewalk.arbiter.allocation import StrategyAllocation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.market.history import History
    from ropewalk.market.standing import Standing


class Desk:
    """One strategy at the arbiter: its seat, the symbols it may trade, where it stands and its capital."""

    __slots__ = ("allocation", "seat", "standing", "symbols", "valued_in")

    def __init__(self, seat: int, symbols: Sequence[str], standing: Standing) -> None:
        self.seat = seat
        self.symbols = dict.fromkeys(symbols)
        self.standing = standing
        self.allocation = StrategyAllocation(standing.strategy)
        self.valued_in = 0

    def valued(self, batch: int, history: History, marks: dict[str, int] | None) -> StrategyAllocation:
        """
        Value the allocation at the last closes, once a batch: within one, neither prices nor holdings change.

        An instant is no measure: a fill at its close may lie between two batches. `marks` are shared by all desks.
        """
        allocation = self.allocation
        if self.valued_in != batch:
            standing = self.standing
            equity, allocation.used_micros = standing.value_micros(history, marks)
            allocation.allocated_micros = standing.limit_micros(equity)
            allocation.reserved_micros = standing.reserved_micros
            self.valued_in = batch
        return allocation
