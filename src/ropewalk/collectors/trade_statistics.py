"""Trade statistics: what the round trips of one owner have in common."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

from ropewalk.collectors.figures import Figures, Is
from ropewalk.collectors.trade_metrics import expectancy_micros, profit_factor, win_rate
from ropewalk.money import divided_half_even

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ropewalk.collectors.excursions import Excursion
    from ropewalk.collectors.trades import RoundTrip

NO_TRIP = "no round trip"
NO_WIN = "no winner"
NO_LOSS = "no loser"


class TradeStatistics(Figures, frozen=True, kw_only=True):
    """
    What the closed round trips of one owner came to; money is net of fees unless it says otherwise.

    A winner earned something, a loser lost something, and `wins + losses + evens = round_trips`. Streaks are runs of
    winners or losers in the order of closing; one that came out even ends both.
    """

    round_trips: Annotated[int, Is("count", "flat to flat", "closed round trips")]
    open_round_trips: Annotated[int, Is("count", "not flat at the end", "round trips still open, in no other figure")]
    longs: Annotated[int, Is("count", "direction = +1", "that began with a purchase")]
    shorts: Annotated[int, Is("count", "direction = −1", "that began with a sale")]
    wins: Annotated[int, Is("count", "net > 0", "winners")]
    losses: Annotated[int, Is("count", "net < 0", "losers")]
    evens: Annotated[int, Is("count", "net = 0", "neither")]
    win_rate: Annotated[float | None, Is("fraction", "wins/round trips", "how often it won", NO_TRIP)]
    gross_micros: Annotated[int, Is("micros", "Σ realised", "earned before fees")]
    commission_micros: Annotated[int, Is("micros", "Σ commission", "fees")]
    slippage_micros: Annotated[int, Is("micros", "Σ slippage", "in the prices already")]
    net_micros: Annotated[int, Is("micros", "gross − commission", "earned")]
    expectancy_micros: Annotated[int | None, Is("micros", "Σ net/round trips", "mean of all", NO_TRIP)]
    median_micros: Annotated[int | None, Is("micros", "median(net)", "half earned more than this", NO_TRIP)]
    win_mean_micros: Annotated[int | None, Is("micros", "Σ net won/wins", "mean winner", NO_WIN)]
    loss_mean_micros: Annotated[int | None, Is("micros", "Σ net lost/losses", "mean loser, negative", NO_LOSS)]
    best_micros: Annotated[int | None, Is("micros", "max(net)", "the best", NO_TRIP)]
    worst_micros: Annotated[int | None, Is("micros", "min(net)", "the worst", NO_TRIP)]
    profit_factor: Annotated[float | None, Is("1", "Σ net won/abs(Σ net lost)", "won per lost", NO_LOSS)]
    payoff_ratio: Annotated[
        float | None, Is("1", "mean winner/abs(mean loser)", "size of a winner per loser", "no winner or no loser")
    ]
    holding_mean_us: Annotated[int | None, Is("microseconds", "mean(closed − opened)", "how long held", NO_TRIP)]
    holding_median_us: Annotated[int | None, Is("microseconds", "median(closed − opened)", "half held longer", NO_TRIP)]
    holding_min_us: Annotated[int | None, Is("microseconds", "min(closed − opened)", "the shortest", NO_TRIP)]
    holding_max_us: Annotated[int | None, Is("microseconds", "max(closed − opened)", "the longest", NO_TRIP)]
    win_streak_max: Annotated[int, Is("count", "longest run of winners", "wins in a row")]
    loss_streak_max: Annotated[int, Is("count", "longest run of losers", "losses in a row")]
    adverse_mean_micros: Annotated[int | None, Is("micros", "mean(MAE)", "how far against it, in the mean", NO_TRIP)]
    adverse_worst_micros: Annotated[int | None, Is("micros", "min(MAE)", "the furthest against", NO_TRIP)]
    favorable_mean_micros: Annotated[int | None, Is("micros", "mean(MFE)", "how far for it, in the mean", NO_TRIP)]
    favorable_best_micros: Annotated[int | None, Is("micros", "max(MFE)", "the furthest for it", NO_TRIP)]


def trade_statistics(
    trips: Sequence[RoundTrip], *, excursions: Iterable[Excursion], open_round_trips: int
) -> TradeStatistics:
    """Compute the statistics of closed round trips, in the order they closed, and of the excursions of the same."""
    nets = [trip.net_micros for trip in trips]
    won, lost = [net for net in nets if net > 0], [net for net in nets if net < 0]
    holdings = [trip.holding_us for trip in trips]
    measured = list(excursions)
    adverse, favorable = [one.adverse_micros for one in measured], [one.favorable_micros for one in measured]
    return TradeStatistics(
        round_trips=len(trips),
        open_round_trips=open_round_trips,
        longs=sum(trip.direction > 0 for trip in trips),
        shorts=sum(trip.direction < 0 for trip in trips),
        wins=len(won),
        losses=len(lost),
        evens=len(nets) - len(won) - len(lost),
        win_rate=win_rate(trips),
        gross_micros=sum(trip.gross_micros for trip in trips),
        commission_micros=sum(trip.commission_micros for trip in trips),
        slippage_micros=sum(trip.slippage_micros for trip in trips),
        net_micros=sum(nets),
        expectancy_micros=expectancy_micros(trips),
        median_micros=_median(nets),
        win_mean_micros=_mean(won),
        loss_mean_micros=_mean(lost),
        best_micros=max(nets, default=None),
        worst_micros=min(nets, default=None),
        profit_factor=profit_factor(trips),
        payoff_ratio=sum(won) * len(lost) / (-sum(lost) * len(won)) if won and lost else None,
        holding_mean_us=_mean(holdings),
        holding_median_us=_median(holdings),
        holding_min_us=min(holdings, default=None),
        holding_max_us=max(holdings, default=None),
        win_streak_max=_streak(nets, sign=1),
        loss_streak_max=_streak(nets, sign=-1),
        adverse_mean_micros=_mean(adverse),
        adverse_worst_micros=min(adverse, default=None),
        favorable_mean_micros=_mean(favorable),
        favorable_best_micros=max(favorable, default=None),
    )


def _mean(values: Sequence[int]) -> int | None:
    return divided_half_even(sum(values), len(values)) if values else None


def _median(values: Sequence[int]) -> int | None:
    """The middle value, or the mean of the middle two, rounded half to even."""
    if not values:
        return None
    ranked = sorted(values)
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else divided_half_even(ranked[half - 1] + ranked[half], 2)


def _streak(nets: Iterable[int], *, sign: int) -> int:
    """The longest run of nets of one sign."""
    return max((len(list(run)) for is_run, run in groupby(nets, lambda net: net * sign > 0) if is_run), default=0)
