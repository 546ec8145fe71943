"""
Pairs: two symbols that move together, long one and short the other while their ratio is unusual.

The ratio is the logarithm of one close by the other; how unusual it is, is its distance from its mean over the last
`window` instants, in standard deviations (z). Equal parts of capital go long and short, so what the two do together
cancels out. The rule is that of Gatev, Goetzmann and Rouwenhorst (2006) on a rolling window.
"""

from __future__ import annotations

from math import fsum, log, sqrt
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ropewalk import Settings, Strategy, View, Want, close, target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk import Bar

ropewalk_api = 1
"""The version of ropewalk's plug-in API that this is written for."""


class PairsSettings(Settings):
    """
    What a run file may set.

    `first` and `second` are symbols; without them the first two that the strategy may trade. It goes in at `enter_z`
    standard deviations and out within `exit_z`. Each leg gets `fraction` of the strategy's capital.
    """

    first: str | None = None
    second: str | None = None
    window: Annotated[int, Field(ge=3)] = 60
    enter_z: Annotated[float, Field(gt=0)] = 2.0
    exit_z: Annotated[float, Field(ge=0)] = 0.5
    fraction: Annotated[float, Field(gt=0, le=0.5)] = 0.4


class Pairs(Strategy):
    """Both legs or none: a leg whose other was refused is closed at the next turn."""

    def __init__(self, settings: PairsSettings | None = None) -> None:
        self.settings = asked = settings or PairsSettings()
        if asked.exit_z >= asked.enter_z:
            raise ValueError(f"exit_z {asked.exit_z} is not below enter_z {asked.enter_z}: it would never stay in")
        if asked.first is not None and asked.first == asked.second:
            raise ValueError(f"first and second are both {asked.first!r}: a pair has two symbols")

    def on_start(self, view: View) -> None:
        """Hear which symbols there are."""
        asked, symbols = self.settings, view.symbols
        for name in (asked.first, asked.second):
            if name is not None and name not in symbols:
                raise ValueError(f"the pair's {name!r} is none of the symbols it may trade: {', '.join(symbols)}")
        first = asked.first or next((one for one in symbols if one != asked.second), None)
        second = asked.second or next((one for one in symbols if one != first), None)
        if first is None or second is None:
            raise ValueError(f"a pair needs two symbols, and may trade {', '.join(symbols)}")
        self.pair = first, second

    def on_turn(self, view: View) -> list[Want] | None:
        """Look at both symbols at once; None is silence."""
        first, second = self.pair
        if any(not view.history(one) or view.history(one)[-1].at_us != view.at_us for one in self.pair):
            return None
        if view.open_orders(first) or view.open_orders(second):
            return None
        held = [one for one in self.pair if view.quantity(one)]
        if len(held) == 1:
            return [close(held[0], note="the other leg is missing")]
        z = unusualness(view.history(first), view.history(second), self.settings.window)
        if z is None:
            return None
        note = f"z {z:+.2f}"
        if held:
            # Long the first leg was bought at a low z, and the other way round.
            away = -z if view.quantity(first) > 0 else z
            return [close(one, note=note) for one in self.pair] if away <= self.settings.exit_z else None
        if abs(z) < self.settings.enter_z:
            return None
        fraction = self.settings.fraction if z < 0 else -self.settings.fraction
        return [target(first, fraction=fraction, note=note), target(second, fraction=-fraction, note=note)]


def unusualness(first: Sequence[Bar], second: Sequence[Bar], window: int) -> float | None:
    """
    Say how many standard deviations the ratio is from its mean, over the last `window` instants that both have.

    None while there are fewer, and where the ratio did not move. The deviation is that of the population.
    """
    ratios: list[float] = []
    ours, theirs = len(first) - 1, len(second) - 1
    while len(ratios) < window:
        if ours < 0 or theirs < 0:
            return None
        one, other = first[ours], second[theirs]
        if one.at_us == other.at_us:
            ratios.append(log(one.close / other.close))
        ours -= one.at_us >= other.at_us
        theirs -= other.at_us >= one.at_us
    # Exact sums: the same on every machine.
    mean = fsum(ratios) / window
    deviation = sqrt(fsum((ratio - mean) ** 2 for ratio in ratios) / window)
    return (ratios[0] - mean) / deviation if deviation > 0 else None
