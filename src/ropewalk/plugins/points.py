"""
Plug-in points: where something of one's own may stand, as one table.

A row says how plugins of a kind are found, what they have to have, and where a run names them.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

API = 1
"""The version of what plugins are written against. A plugin says `ropewalk_api = 1`; one that says nothing means 1."""

PREFIX = "ropewalk."


class Point(NamedTuple):
    """
    One plug-in point.

    `folder` is both the entry point group without its prefix and the name of the subfolder in a plugin folder. A
    plugin has all methods of one of the `ways`; `needed` words them. `named_in` is where a run names one. `shipped` are
    those that come with ropewalk.
    """

    kind: str
    folder: str
    ways: tuple[tuple[str, ...], ...]
    needed: str
    named_in: str
    shipped: Mapping[str, str] = MappingProxyType({})

    @property
    def group(self) -> str:
        """The entry point group."""
        return PREFIX + self.folder


POINTS: Mapping[str, Point] = MappingProxyType(
    {
        point.kind: point
        for point in (
            Point(
                "strategy",
                "strategies",
                (("should_enter", "should_exit"), ("signals",), ("on_bar",), ("on_turn",)),
                "should_enter(bars) and should_exit(position, bars), or signals(history), or on_bar(bar, view) or "
                "on_turn(view)",
                "strategies.NAME.use",
                MappingProxyType(
                    {
                        "buy-and-hold": "ropewalk.strategies.examples:BuyAndHold",
                        "momentum": "ropewalk.strategies.examples:Momentum",
                        "momentum-signals": "ropewalk.strategies.examples:MomentumSignals",
                        "mean-reversion": "ropewalk.strategies.examples:MeanReversion",
                    }
                ),
            ),
            Point("policy", "policies", (("settle",),), "name and settle(wishes)", "settings.conflict_policy.use"),
            Point("limit", "limits", (("room",),), "room(ask)", "limits.own.NAME.use"),
            Point(
                "rebalancer",
                "rebalancers",
                (("targets",),),
                "name, every and targets(members)",
                "settings.rebalance.use",
            ),
            Point(
                "commission",
                "commissions",
                (("commission_micros",),),
                "commission_micros(quantity, price_micros)",
                "settings.commission.use",
            ),
            Point(
                "slippage",
                "slippages",
                (("slippage_micros",),),
                "slippage_micros(quantity, reference_micros)",
                "settings.slippage.use",
            ),
            Point("fill model", "fill_models", (("fill",),), "fill(order, bar)", "settings.fill_model.use"),
            Point("feed", "feeds", (("bars",),), "bars(folder)", "data.source"),
            Point(
                "observer",
                "observers",
                (("__call__",),),
                "@observer(Fill, ...) above it, and to be called with (event, number, cause)",
                "observers.use",
                MappingProxyType(
                    {
                        "ticker": "ropewalk.observers.ticker:Ticker",
                        "tap": "ropewalk.observers.tap:Tap",
                    }
                ),
            ),
            Point("metric", "metrics", (("__call__",),), "to be called with (owner)", "metrics.use"),
            Point("report section", "report_sections", (("__call__",),), "to be called with (result)", "sections.use"),
        )
    }
)
"""All of them, by the word for what is plugged in there."""
