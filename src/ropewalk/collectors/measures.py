"""Measures: metrics of one's own, taken of every strategy and of the account once a run is over."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ropewalk.collectors.sessions import session_returns
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.errors import ConfigError, PluginError, clipped, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.collectors.equity import EquityCurve, Float64s
    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.collectors.trades import RoundTrip
    from ropewalk.events import Fill


class Owner(NamedTuple):
    """
    Whose figures are taken: a strategy, or `aggregate`, which is the account.

    `returns` are simple returns from session end to session end, net of flows.
    """

    name: str
    equity_curve: EquityCurve
    returns: Float64s
    round_trips: tuple[RoundTrip, ...]
    fills: tuple[Fill, ...]


class OwnMetric(Protocol):
    """A metric of one's own: a function, or an object that is called."""

    def __call__(self, owner: Owner) -> float | None:
        """Return the figure, or None where there is no value."""
        ...


def measure(result: OrchestratorResult, name: str, metric: OwnMetric) -> None:
    """
    Add a metric to what is reported of each strategy and of the account.

    Raises PluginError when it raises, or answers with what is neither a number nor None; ConfigError for a name that
    another figure has.
    """
    taken = [*result.aggregate_metrics.to_dict(), "strategy", "weight", "final_equity", "fills", "costs"]
    if name in taken:
        raise ConfigError(f"metric {name!r}: a figure of this name is reported already; give it another name")
    result.measures[name] = {owner.name: _figure(name, metric, owner) for owner in _owners(result)}


def _owners(result: OrchestratorResult) -> Iterator[Owner]:
    for name, one in result.strategy_results.items():
        curve = one.equity_curve
        yield Owner(name, curve, session_returns(curve), one.round_trips, one.fills)
    curve = result.equity_curve
    yield Owner(AGGREGATE, curve, session_returns(curve), result.round_trips, result.fills)


def _figure(name: str, metric: OwnMetric, owner: Owner) -> float | None:
    try:
        answer: Any = metric(owner)
        figure = None if answer is None else float(answer)
    except (Exception, SystemExit) as error:
        raise PluginError(f"metric {name!r}, asked about {owner.name}, raised {told(error)}") from error
    if isinstance(answer, (str, bool)):
        raise PluginError(f"metric {name!r} answered {clipped(answer)}; return a number, or None where there is none")
    # No value is None, never NaN or infinity.
    return figure if figure is not None and isfinite(figure) else None
