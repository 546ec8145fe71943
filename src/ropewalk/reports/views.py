"""
Views: what `ropewalk show` pages through, as filtered frames and the columns to show of them.

A view's frame has the columns of `schema.TABLES`, money in exact micros; `trades` has those of closed and open round
trips together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.collectors.columns import POOL_NAME
from ropewalk.collectors.frames import framed
from ropewalk.collectors.rows import costs_of
from ropewalk.collectors.tables import AGGREGATE
from ropewalk.errors import ConfigError, clipped, did_you_mean
from ropewalk.events import Fill
from ropewalk.notation import timestamp
from ropewalk.reports.listing import Field, amount, moment, price, whole

if TYPE_CHECKING:
    import polars

    from ropewalk.collectors.frames import Frames


class Filters(NamedTuple):
    """What a person wants to see of a view; None and nothing leave nothing out. Times are in microseconds, included."""

    strategy: str | None = None
    symbol: str | None = None
    reason: str | None = None
    from_us: int | None = None
    to_us: int | None = None

    def __str__(self) -> str:
        told = [f"{name} {value}" for name, value in self._asdict().items() if value and name in NAMED]
        told += [
            f"{name} {moment(timestamp(at_us))}"
            for name, at_us in (("from", self.from_us), ("to", self.to_us))
            if at_us is not None
        ]
        return ", ".join(told)


NAMED = ("strategy", "symbol", "reason")


class Shown(NamedTuple):
    """A view of a run: its filtered frame, the columns to show, and how many rows there were before filtering."""

    frame: polars.DataFrame
    fields: tuple[Field, ...]
    total: int
    what: str


TIME = Field("timestamp", "time", moment, is_text=True)
NUMBER = Field("number", "number", whole, 1)
STRATEGY = Field("strategy", "strategy", str, is_text=True)
SYMBOL = Field("symbol", "symbol", str, is_text=True)


def _side(side: int) -> str:
    return {1: "buy", -1: "sell"}.get(side, "")


def _percent(part: float) -> str:
    # What rounds to nothing has no side.
    told = f"{part:.1%}"
    return "0.0%" if told == "-0.0%" else told


CURVE = (
    TIME,
    Field("equity_micros", "equity", amount),
    Field("drawdown", "drawdown", _percent),
    Field("cash_micros", "cash", amount, 1),
    Field("gross_exposure_micros", "gross exposure", amount, 2),
    Field("net_exposure_micros", "net exposure", amount, 3),
)
TRADES = (
    Field("opened_at", "opened", moment, is_text=True),
    Field("closed_at", "closed", moment, is_text=True),
    STRATEGY,
    SYMBOL,
    Field("direction", "side", lambda side: "long" if side > 0 else "short", is_text=True),
    Field("quantity_max", "lots", whole, 2),
    Field("entry_price_micros", "in at", price, 1),
    Field("exit_price_micros", "out at", price, 1),
    Field("commission_micros", "commission", amount, 3),
    Field("net_micros", "net", amount, is_gain=True),
)
DECISIONS = (
    NUMBER,
    TIME,
    STRATEGY,
    SYMBOL,
    Field("side", "side", _side, 3, is_text=True),
    Field("verdict", "verdict", str, is_text=True),
    Field("reason", "reason", str, is_text=True),
    Field("asked_micros", "asked", amount, 4),
    Field("granted_micros", "granted", amount, 2),
    Field("close_quantity", "to close", whole, 5),
    Field("limit_micros", "limit", amount, 6),
    Field("used_micros", "used", amount, 6),
)
CONFLICTS = (
    NUMBER._replace(rank=2),
    TIME,
    SYMBOL,
    Field("kind", "kind", str, 1, is_text=True),
    Field("strategies", "who", str, is_text=True),
    Field("holders", "held by", str, 4, is_text=True),
    Field("asked_micros", "asked", amount, 3),
    Field("allowed_micros", "allowed", amount, 3),
    Field("policy", "policy", str, 4, is_text=True),
)
COSTS = (
    STRATEGY,
    SYMBOL,
    Field("fills", "fills", whole),
    Field("traded_micros", "traded", amount, 1),
    Field("commission_micros", "commission", amount),
    Field("slippage_micros", "slippage", amount),
    Field("cost_micros", "cost", amount),
)
LIMITS = (
    Field("owner", "whose", str, is_text=True),
    Field("limit", "limit", str, is_text=True),
    Field("scope", "in", str, 2, is_text=True),
    Field("utilisation", "closest", _percent),
    Field("timestamp", "when", moment, is_text=True),
    Field("used_micros", "used", amount, 3),
    Field("allowed_micros", "limit then", amount, 3),
    Field("used_positions", "positions", whole, 4),
    Field("allowed_positions", "at most", whole, 4),
    Field("closes_over", "closes over", whole, 1),
    Field("bound", "bound", whole),
)


def view(frames: Frames, name: str, filters: Filters) -> Shown:
    """
    Take a view of a run.

    Raises ConfigError for a view, strategy, symbol or reason that there is not, and for a filter that a view cannot
    have; JournalError where the run's bars are needed and not at hand.
    """
    if name not in VIEWS:
        raise ConfigError(f"there is no view {clipped(name)}; {did_you_mean(name, VIEWS)}")
    make, filtered = VIEWS[name]
    for option in NAMED:
        if getattr(filters, option) is not None and option not in filtered:
            raise ConfigError(f"--{option} is not for {name}; it filters {_that_filter(option)}")
    check_filters(frames, filters)
    shown: Shown = make(frames, filters)
    return shown


def check_filters(frames: Frames, filters: Filters) -> None:
    """Raise ConfigError for what the run does not have, so that a misspelling is not taken for nothing found."""
    strategies = (*frames.started.strategies, POOL_NAME)
    if filters.strategy is not None and filters.strategy not in strategies:
        raise ConfigError(
            f"the run has no strategy {clipped(filters.strategy)}; it has: {', '.join(frames.started.strategies)}"
        )
    symbols = frames.started.symbols
    if filters.symbol is not None and filters.symbol not in symbols:
        raise ConfigError(f"the run has no symbol {clipped(filters.symbol)}; {did_you_mean(filters.symbol, symbols)}")
    if filters.reason is not None:
        reasons = sorted(frames.decisions["reason"].unique().to_list())
        if filters.reason not in reasons:
            told = ", ".join(reasons) or "no decisions"
            raise ConfigError(f"no decision of the run has the reason {clipped(filters.reason)}; it has: {told}")
    if filters.from_us is not None and filters.to_us is not None and filters.from_us > filters.to_us:
        raise ConfigError("--from is later than --to; turn them around")


def _that_filter(option: str) -> str:
    return " and ".join(name for name, (_, filtered) in VIEWS.items() if option in filtered)


def _kept(frame: polars.DataFrame, filters: Filters) -> polars.DataFrame:
    import polars as pl

    for name in NAMED:
        wanted = getattr(filters, name)
        if wanted is not None and name in frame.columns:
            frame = frame.filter(pl.col(name) == wanted)
    return _between(frame, filters, "timestamp", "timestamp")


def _between(frame: polars.DataFrame, filters: Filters, first: str, last: str) -> polars.DataFrame:
    """Keep what was there at some time of the span; what has not ended is still there."""
    import polars as pl

    if filters.from_us is not None:
        frame = frame.filter((pl.col(last) >= timestamp(filters.from_us)) | pl.col(last).is_null())
    if filters.to_us is not None:
        frame = frame.filter(pl.col(first) <= timestamp(filters.to_us))
    return frame


def _equity(frames: Frames, filters: Filters) -> Shown:
    import polars as pl

    if filters.strategy is not None:
        own = frames.equity.filter(pl.col("owner") == filters.strategy)
        return Shown(_kept(own, filters._replace(strategy=None)), CURVE, len(own), "instants")
    owners = (*frames.started.strategies, POOL_NAME)
    curves = [frames.equity.filter(pl.col("owner") == owner)["equity_micros"].alias(owner) for owner in owners]
    account = frames.account
    total = account["equity_micros"].alias(AGGREGATE)
    wide = pl.DataFrame([account["timestamp"], *curves, total, account["drawdown"]])
    # Strategies are left out where there is no room, from the last seat on; never the account.
    parts = [Field(owner, owner, amount, 1 + seat) for seat, owner in enumerate(owners)]
    fields = (TIME, *parts, Field(AGGREGATE, AGGREGATE, amount), Field("drawdown", "drawdown", _percent))
    return Shown(_kept(wide, filters), fields, len(wide), "instants")


def _trades(frames: Frames, filters: Filters) -> Shown:
    import polars as pl

    trips = pl.concat([frames.round_trips, frames.open_round_trips], how="diagonal")
    kept = _between(_kept_by_name(trips, filters), filters, "opened_at", "closed_at")
    return Shown(kept, TRADES, len(trips), "round trips")


def _kept_by_name(frame: polars.DataFrame, filters: Filters) -> polars.DataFrame:
    return _kept(frame, filters._replace(from_us=None, to_us=None))


def _decisions(frames: Frames, filters: Filters) -> Shown:
    return Shown(_kept(frames.decisions, filters), DECISIONS, len(frames.decisions), "decisions")


def _conflicts(frames: Frames, filters: Filters) -> Shown:
    import polars as pl

    kept = _kept(frames.conflicts, filters)
    if filters.strategy is not None:
        parts = pl.concat([part.select("conflict", "strategy") for part in _parts(frames)])
        own = parts.filter(pl.col("strategy") == filters.strategy)["conflict"].unique().to_list()
        kept = kept.filter(pl.col("number").is_in(own))
    return Shown(kept, CONFLICTS, len(frames.conflicts), "conflicts")


def _parts(frames: Frames) -> tuple[polars.DataFrame, ...]:
    """Who took part in conflicts: by an intent, or by a position that stood in the way."""
    return frames.conflict_sides, frames.conflict_holders


def _costs(frames: Frames, filters: Filters) -> Shown:
    first, last = filters.from_us, filters.to_us
    fills = [
        fill
        for fill in frames.record.events(Fill)
        if (first is None or fill.at_us >= first) and (last is None or fill.at_us <= last)
    ]
    summed = framed("costs", costs_of(fills, frames.started.strategies))
    return Shown(_kept_by_name(summed, filters), COSTS, len(frames.costs), "pairs of strategy and symbol with fills")


def _limits(frames: Frames, filters: Filters) -> Shown:
    import polars as pl

    kept = frames.limits
    if filters.strategy is not None:
        kept = kept.filter(pl.col("owner") == filters.strategy)
    return Shown(_kept(kept, filters._replace(strategy=None)), LIMITS, len(frames.limits), "limits")


VIEWS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "equity": (_equity, ("strategy",)),
    "trades": (_trades, ("strategy", "symbol")),
    "decisions": (_decisions, ("strategy", "symbol", "reason")),
    "conflicts": (_conflicts, ("strategy", "symbol")),
    "costs": (_costs, ("strategy", "symbol")),
    "limits": (_limits, ("strategy",)),
}
"""What makes each view, and what it can be filtered by besides time."""
