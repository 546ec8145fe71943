"""Breakout: buy what closes above everything of its last days, sell what closes below."""

from ropewalk import Settings, Strategy, target

ropewalk_api = 1


class BreakoutSettings(Settings):
    """What a run file may set: the `days` that are looked at, and the `fraction` of the capital for a symbol."""

    days: int = 50
    fraction: float = 0.2


class Breakout(Strategy):
    """In above the highest high of the last days, out below the lowest low."""

    def __init__(self, settings: BreakoutSettings | None = None):
        self.settings = settings or BreakoutSettings()

    def on_bar(self, bar, view):
        """Look at one symbol's bar; None is silence."""
        days, bars = self.settings.days, view.history(bar.symbol)
        if len(bars) <= days:
            return None
        if bar.close > bars.high[-days - 1 : -1].max():
            return target(bar.symbol, fraction=self.settings.fraction)
        if bar.close < bars.low[-days - 1 : -1].min():
            return target(bar.symbol, fraction=0)
        return None
