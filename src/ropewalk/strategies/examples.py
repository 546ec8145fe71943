"""Strategies that ship: written once each, the way a user would write them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.strategies.protocol import Position


class BuyAndHold:
    """Buy at the first opportunity and never sell."""

    def should_enter(self, bars: Sequence[Any]) -> bool:
        """Always."""
        return True

    def should_exit(self, position: Position, bars: Sequence[Any]) -> bool:
        """Never."""
        return False


class Momentum:
    """
    Moving-average crossover: hold while the short average of closes is above the long one.

    Both averages are simple means; `short_window` and `long_window` are counts of bars.
    """

    def __init__(self, short_window: int = 20, long_window: int = 50) -> None:
        _check_windows(short_window, long_window)
        self.short_window = short_window
        self.long_window = long_window

    def is_rising(self, bars: Sequence[Any]) -> bool:
        """Compare the averages; False until there are enough bars for the long one."""
        if len(bars) < self.long_window:
            return False
        is_above: bool = _average(bars[-self.short_window :]) > _average(bars[-self.long_window :])
        return is_above

    def should_enter(self, bars: Sequence[Any]) -> bool:
        """Enter when the trend is up."""
        return self.is_rising(bars)

    def should_exit(self, position: Position, bars: Sequence[Any]) -> bool:
        """Leave when it no longer is."""
        return not self.is_rising(bars)


class MomentumSignals:
    """`Momentum` as a `SignalStrategy`: the same intents, computed for the whole sample at once."""

    def __init__(self, short_window: int = 20, long_window: int = 50) -> None:
        _check_windows(short_window, long_window)
        self.short_window = short_window
        self.long_window = long_window

    def signals(self, history: Any) -> Any:
        """Return 1.0 for each bar on which the short average is above the long one, else 0.0."""
        close = history.close
        targets = 0.0 * close
        if len(close) >= self.long_window:
            short = self._averages(close, self.short_window)[self.long_window - self.short_window :]
            targets[self.long_window - 1 :] = short > self._averages(close, self.long_window)
        return targets

    @staticmethod
    def _averages(close: Any, window: int) -> Any:
        # Added up oldest first, like Momentum does: the same floats, so the same answers on a tie.
        count = len(close) - window + 1
        total = 0.0 + close[:count]
        for offset in range(1, window):
            total = total + close[offset : offset + count]
        return total / window


class MeanReversion:
    """
    Buy weakness and sell strength, by the relative strength index of closes.

    RSI = 100 · gains / (gains + losses) over the last `window` changes, as plain sums (Cutler's
    form of Wilder's index): it depends on these bars only, not on where the data begin. Enter
    below `oversold`, leave above `overbought`.
    """

    def __init__(self, window: int = 14, oversold: float = 30.0, overbought: float = 70.0) -> None:
        if window < 1:
            raise ValueError(f"window is {window}; it counts bars, so at least 1")
        if not 0 <= oversold < overbought <= 100:
            raise ValueError(
                f"oversold {oversold} and overbought {overbought} must satisfy 0 ≤ oversold < overbought ≤ 100"
            )
        self.window = window
        self.oversold = oversold
        self.overbought = overbought

    def strength(self, bars: Sequence[Any]) -> float | None:
        """Return the index, from 0 to 100, or None before `window` changes are known; 50 if nothing moved."""
        if len(bars) <= self.window:
            return None
        gains = losses = 0.0
        recent = bars[-self.window - 1 :]
        for before, after in pairwise(recent):
            change = float(after.close) - float(before.close)
            if change > 0:
                gains += change
            else:
                losses -= change
        return 100.0 * gains / (gains + losses) if gains + losses else 50.0

    def should_enter(self, bars: Sequence[Any]) -> bool:
        """Enter when the symbol is oversold."""
        strength = self.strength(bars)
        return strength is not None and strength < self.oversold

    def should_exit(self, position: Position, bars: Sequence[Any]) -> bool:
        """Leave when it is overbought."""
        strength = self.strength(bars)
        return strength is not None and strength > self.overbought


def _check_windows(short_window: int, long_window: int) -> None:
    if not 1 <= short_window < long_window:
        raise ValueError(
            f"windows are {short_window} and {long_window}; they must satisfy 1 ≤ short_window < long_window"
        )


def _average(bars: Sequence[Any]) -> Any:
    total: Any = 0
    for bar in bars:
        total += bar.close
    return total / len(bars)
