"""The signal lane: targets for a whole sample, spoken bar by bar like everyone else's wants."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import TYPE_CHECKING, Any

import numpy as np

from ropewalk.bus import Phase
from ropewalk.errors import StrategyError, unusable
from ropewalk.events import Intent, RunStarted, Turn
from ropewalk.money import MICROS
from ropewalk.strategies.adapters import Adapter
from ropewalk.strategies.voice import RAISED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ropewalk.events import Action
    from ropewalk.market.series import Series
    from ropewalk.strategies.voice import Place


class SignalAdapter(Adapter):
    """
    Computes a `SignalStrategy`'s targets once and publishes an intent whenever one changes.

    From flat it buys or sells, to flat it closes, between two positions of one side it sets a target: the
    same intents as a strategy that is asked bar by bar and decides alike. Through flat it takes two
    bars: one to close, one to open the other side.
    """

    def __init__(self, strategy: Any, place: Place) -> None:
        super().__init__(strategy, place)
        self._changes: dict[int, list[tuple[str, Action, int]]] = {}
        self.times = self._changes.keys()
        place.bus.subscribe(RunStarted, self.on_run_started, phase=Phase.STRATEGIES)

    def on_run_started(self, started: RunStarted) -> None:
        """Compute the targets of each symbol."""
        share = MICROS // len(self._place.symbols)
        symbol = ""
        try:
            for symbol in self._place.symbols:
                series = self._place.series[symbol]
                self._note_changes(series, amounts_of(self.strategy.signals(series), length=len(series), share=share))
        except RAISED as error:
            self._changes.clear()
            self._voice.fail(error, callback="signals", symbol=symbol)

    def _note_changes(self, series: Series, amounts: NDArray[np.int64]) -> None:
        is_change = amounts != np.concatenate(([0], amounts[:-1]))
        is_after_change = np.concatenate(([False], is_change[:-1]))
        rows = np.flatnonzero(is_change | is_after_change)
        changes, symbol, held = self._changes, series.symbol, 0
        for at_us, wanted in zip(series.at_us[rows].tolist(), amounts[rows].tolist(), strict=True):
            if wanted == held:
                continue
            if held * wanted < 0:
                # The other side needs the capital that this side still holds: it has its turn once this one is closed.
                wanted = 0
            action: Action = "target"
            amount = wanted
            if wanted == 0:
                action, amount = "close", MICROS
            elif held == 0:
                action, amount = ("buy" if wanted > 0 else "sell"), abs(wanted)
            held = wanted
            changes.setdefault(at_us, []).append((symbol, action, amount))

    def speak(self, turn: Turn) -> None:
        """Publish the changes of this instant."""
        changes = self._changes.get(turn.at_us)
        if changes is not None:
            publish, strategy = self._place.bus.publish, self._voice.strategy
            for symbol, action, amount in changes:
                publish(Intent(turn.at_us, strategy, symbol, action, "fraction", amount))


def amounts_of(targets: Any, *, length: int, share: int) -> NDArray[np.int64]:
    """
    Turn targets into millionths of a strategy's capital, carrying the last one over NaN.

    Raises StrategyError when they are not one finite or NaN number a bar.
    """
    if isinstance(targets, (Generator, Coroutine)):
        raise StrategyError(f"signals returned {unusable(targets)}; return one number for each of the {length} bars")
    column = np.ma.filled(targets.astype(np.float64), np.nan) if np.ma.isMA(targets) else np.asarray(targets)
    if column.shape != (length,):
        raise StrategyError(f"signals has shape {column.shape}; return one number for each of the {length} bars")
    if column.dtype.kind not in "bifu":
        raise StrategyError(f"signals is an array of {column.dtype}; return numbers")
    values = column.astype(np.float64)
    if np.isinf(values).any():
        raise StrategyError(
            f"signals is infinite at bar {int(np.flatnonzero(np.isinf(values))[0])}; return finite targets"
        )
    scaled = np.rint(values * share)
    known = np.where(np.isnan(scaled), 0, np.arange(1, length + 1))
    last = np.maximum.accumulate(known)
    filled = np.concatenate(([0.0], scaled))[last]
    if length and np.abs(filled).max() > 2**53:
        raise StrategyError("signals has a target beyond what is kept exactly; 1.0 is fully invested")
    return filled.astype(np.int64)
