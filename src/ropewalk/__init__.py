"""
ropewalk runs many trading strategies as one portfolio, on one event stream.

The walk: a **clock** publishes bars onto a **bus**; **strategies** say what they want; the **arbiter**
settles it, with an answer for every intent; the **ledger** fills and posts it to the micro;
**collectors** turn what happened into results.

    from ropewalk import Momentum, StrategyOrchestrator, sample_feed

    orchestrator = StrategyOrchestrator({"trend": (Momentum(), "0.5")}, initial_capital="100000")
    result = orchestrator.run(sample_feed())
    print(result.comparison_table)

Names are loaded when first used, so importing ropewalk is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ropewalk.arbiter.allocation import StrategyAllocation as StrategyAllocation
    from ropewalk.arbiter.own_limits import Ask as Ask
    from ropewalk.arbiter.own_limits import Limit as Limit
    from ropewalk.arbiter.own_limits import Room as Room
    from ropewalk.arbiter.policies import ConflictPolicy as ConflictPolicy
    from ropewalk.arbiter.policies import Outcome as Outcome
    from ropewalk.arbiter.rebalancers import Member as Member
    from ropewalk.arbiter.rebalancers import Rebalancer as Rebalancer
    from ropewalk.collectors.metrics import Metrics as Metrics
    from ropewalk.collectors.result import OrchestratorResult as OrchestratorResult
    from ropewalk.collectors.strategy_result import StrategyResult as StrategyResult
    from ropewalk.collectors.trades import RoundTrip as RoundTrip
    from ropewalk.config import OrchestratorConfig as OrchestratorConfig
    from ropewalk.config import Settings as Settings
    from ropewalk.errors import ConfigError as ConfigError
    from ropewalk.errors import FeedError as FeedError
    from ropewalk.errors import JournalError as JournalError
    from ropewalk.errors import LedgerError as LedgerError
    from ropewalk.errors import PluginError as PluginError
    from ropewalk.errors import RopewalkError as RopewalkError
    from ropewalk.errors import StrategyError as StrategyError
    from ropewalk.events import Adjustment as Adjustment
    from ropewalk.events import Bar as Bar
    from ropewalk.events import Conflict as Conflict
    from ropewalk.events import Cutoff as Cutoff
    from ropewalk.events import DataEnded as DataEnded
    from ropewalk.events import Decision as Decision
    from ropewalk.events import Dividend as Dividend
    from ropewalk.events import ExDate as ExDate
    from ropewalk.events import Fault as Fault
    from ropewalk.events import Fill as Fill
    from ropewalk.events import Intent as Intent
    from ropewalk.events import Lapse as Lapse
    from ropewalk.events import Payment as Payment
    from ropewalk.events import Reallocation as Reallocation
    from ropewalk.events import Rebalance as Rebalance
    from ropewalk.events import RunEnded as RunEnded
    from ropewalk.events import RunStarted as RunStarted
    from ropewalk.events import Split as Split
    from ropewalk.events import Suspension as Suspension
    from ropewalk.events import Transfer as Transfer
    from ropewalk.events import Turn as Turn
    from ropewalk.feeds.anything import feed_of as feed_of
    from ropewalk.feeds.corporate import dividend_of as dividend_of
    from ropewalk.feeds.corporate import split_of as split_of
    from ropewalk.feeds.csv import csv_feed as csv_feed
    from ropewalk.feeds.feed import Feed as Feed
    from ropewalk.feeds.frames import frame_feed as frame_feed
    from ropewalk.feeds.historical import HistoricalDataBar as HistoricalDataBar
    from ropewalk.feeds.parquet import parquet_feed as parquet_feed
    from ropewalk.feeds.sample import sample_feed as sample_feed
    from ropewalk.feeds.synthetic import synthetic_feed as synthetic_feed
    from ropewalk.ledger.costs import BasisPointCommission as BasisPointCommission
    from ropewalk.ledger.costs import BasisPointSlippage as BasisPointSlippage
    from ropewalk.ledger.costs import Commission as Commission
    from ropewalk.ledger.costs import FixedCommission as FixedCommission
    from ropewalk.ledger.costs import FixedSlippage as FixedSlippage
    from ropewalk.ledger.costs import PerShareCommission as PerShareCommission
    from ropewalk.ledger.costs import PerShareSlippage as PerShareSlippage
    from ropewalk.ledger.costs import Slippage as Slippage
    from ropewalk.ledger.fill_models import FillModel as FillModel
    from ropewalk.ledger.fill_models import OpenOrder as OpenOrder
    from ropewalk.ledger.fill_models import VolumeShare as VolumeShare
    from ropewalk.market.instrument import Instrument as Instrument
    from ropewalk.money import exact_shares as exact_shares
    from ropewalk.observers.observer import EVENTS as EVENTS
    from ropewalk.observers.observer import observer as observer
    from ropewalk.observers.worth import Worth as Worth
    from ropewalk.orchestrator import Profile as Profile
    from ropewalk.orchestrator import StrategyOrchestrator as StrategyOrchestrator
    from ropewalk.plugins import plugin as plugin
    from ropewalk.reports.page.sections import Section as Section
    from ropewalk.strategies.examples import BuyAndHold as BuyAndHold
    from ropewalk.strategies.examples import MeanReversion as MeanReversion
    from ropewalk.strategies.examples import Momentum as Momentum
    from ropewalk.strategies.examples import MomentumSignals as MomentumSignals
    from ropewalk.strategies.protocol import IStrategy as IStrategy
    from ropewalk.strategies.protocol import Position as Position
    from ropewalk.strategies.protocol import SignalStrategy as SignalStrategy
    from ropewalk.strategies.protocol import Strategy as Strategy
    from ropewalk.strategies.protocol import Want as Want
    from ropewalk.strategies.protocol import buy as buy
    from ropewalk.strategies.protocol import close as close
    from ropewalk.strategies.protocol import sell as sell
    from ropewalk.strategies.protocol import target as target
    from ropewalk.strategies.view import View as View

_HOMES = {
    "arbiter.allocation": ("StrategyAllocation",),
    "arbiter.own_limits": ("Ask", "Limit", "Room"),
    "arbiter.policies": ("ConflictPolicy", "Outcome"),
    "arbiter.rebalancers": ("Member", "Rebalancer"),
    "collectors.metrics": ("Metrics",),
    "collectors.result": ("OrchestratorResult",),
    "collectors.strategy_result": ("StrategyResult",),
    "collectors.trades": ("RoundTrip",),
    "config": ("OrchestratorConfig", "Settings"),
    "errors": (
        "ConfigError",
        "FeedError",
        "JournalError",
        "LedgerError",
        "PluginError",
        "RopewalkError",
        "StrategyError",
    ),
    "events": (
        "Adjustment",
        "Bar",
        "Conflict",
        "Cutoff",
        "DataEnded",
        "Decision",
        "Dividend",
        "ExDate",
        "Fault",
        "Fill",
        "Intent",
        "Lapse",
        "Payment",
        "Reallocation",
        "Rebalance",
        "RunEnded",
        "RunStarted",
        "Split",
        "Suspension",
        "Transfer",
        "Turn",
    ),
    "feeds": (
        "Feed",
        "HistoricalDataBar",
        "csv_feed",
        "dividend_of",
        "feed_of",
        "frame_feed",
        "parquet_feed",
        "sample_feed",
        "split_of",
        "synthetic_feed",
    ),
    "ledger.costs": (
        "BasisPointCommission",
        "BasisPointSlippage",
        "Commission",
        "FixedCommission",
        "FixedSlippage",
        "PerShareCommission",
        "PerShareSlippage",
        "Slippage",
    ),
    "ledger.fill_models": ("FillModel", "OpenOrder", "VolumeShare"),
    "market.instrument": ("Instrument",),
    "money": ("exact_shares",),
    "observers.observer": ("EVENTS", "observer"),
    "observers.worth": ("Worth",),
    "orchestrator": ("Profile", "StrategyOrchestrator"),
    "plugins": ("plugin",),
    "reports.page.sections": ("Section",),
    "strategies.examples": ("BuyAndHold", "MeanReversion", "Momentum", "MomentumSignals"),
    "strategies.protocol": (
        "IStrategy",
        "Position",
        "SignalStrategy",
        "Strategy",
        "Want",
        "buy",
        "close",
        "sell",
        "target",
    ),
    "strategies.view": ("View",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"
__all__ = sorted(_HOME_OF)  # noqa: PLE0605 -- the table above is the one list of names


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'ropewalk' has no attribute {name!r}")
    return getattr(import_module(f"ropewalk.{home}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
