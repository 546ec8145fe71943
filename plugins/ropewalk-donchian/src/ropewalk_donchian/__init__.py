"""
Donchian: follow what breaks out of the range of its last bars.

The channel of a bar is the highest high and the lowest low of the bars before it. A close above the channel of
`entry_bars` is bought; it is held until a close below the shorter channel of `exit_bars`. With `shorts` the same is
done downwards, mirrored. Richard Donchian's rule of 1960, with the shorter exit of the Turtles.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ropewalk import Bar, Settings, Strategy, View, Want, target

ropewalk_api = 1
"""The version of ropewalk's plug-in API that this is written for."""

Count = Annotated[int, Field(ge=1)]
Part = Annotated[float, Field(gt=0, le=1)]


class DonchianSettings(Settings):
    """
    What a run file may set.

    `fraction` is the part of the strategy's capital that a symbol gets; without it all symbols get equal parts.
    """

    entry_bars: Count = 20
    exit_bars: Count = 10
    fraction: Part | None = None
    shorts: bool = False


class Donchian(Strategy):
    """In above the highest high of the last bars, out below the lowest low of fewer; silent unless that changes."""

    def __init__(self, settings: DonchianSettings | None = None) -> None:
        self.settings = settings or DonchianSettings()

    def on_bar(self, bar: Bar, view: View) -> Want | None:
        """Look at one symbol's bar; None is silence."""
        asked, symbol = self.settings, bar.symbol
        bars = view.history(symbol)
        if len(bars) <= max(asked.entry_bars, asked.exit_bars) or view.open_orders(symbol):
            return None
        held = view.quantity(symbol)
        side = (held > 0) - (held < 0)
        high, low = bars.high, bars.low
        wanted = side
        # The bar itself is no part of its channel.
        if (side > 0 and bar.close < low[-asked.exit_bars - 1 : -1].min()) or (
            side < 0 and bar.close > high[-asked.exit_bars - 1 : -1].max()
        ):
            wanted = 0
        if wanted <= 0 and bar.close > high[-asked.entry_bars - 1 : -1].max():
            wanted = 1
        elif wanted >= 0 and asked.shorts and bar.close < low[-asked.entry_bars - 1 : -1].min():
            wanted = -1
        if wanted == side:
            return None
        fraction = 1 / len(view.symbols) if asked.fraction is None else asked.fraction
        return target(symbol, fraction=wanted * fraction)
