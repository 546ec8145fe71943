"""`ropewalk demo`: four strategies on the packaged real data, as one portfolio."""

from __future__ import annotations

from typing import Annotated

import typer

from ropewalk.cli.screen import present, say

INTRO = (
    "Four strategies share 100,000 in one account, over real daily prices. Each trades its own part of the capital; "
    "a tenth is given to none and stays in the pool. They do not know of each other: where several want the same "
    "symbol at once, that is a conflict, which is settled and recorded.\n"
)
NEXT = "\nYour own: write strategies and weights into a run file, then `ropewalk run FILE.toml`."


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
) -> None:
    """
    Run four strategies on the packaged real data.

    A fast and a slow trend follower, one that buys weakness, and one that just holds, with
    commissions and slippage. Takes about a second.
    """
    from ropewalk import BuyAndHold, MeanReversion, Momentum, OrchestratorConfig, StrategyOrchestrator, sample_feed

    if not as_json:
        say(INTRO)
    feed = sample_feed()
    orchestrator = StrategyOrchestrator(
        {
            "trend": (Momentum(short_window=20, long_window=50), "0.35"),
            "fast": (Momentum(short_window=5, long_window=20), "0.20"),
            "revert": (MeanReversion(window=7), "0.15"),
            "hold": (BuyAndHold(), "0.20"),
        },
        initial_capital=100_000,
        config=OrchestratorConfig.model_validate(
            {
                "commission": {"kind": "per_share", "amount": "0.005", "minimum": 1},
                "slippage": {"kind": "basis_points", "rate": 1},
            }
        ),
    )
    present(orchestrator.run(feed), feed, as_json=as_json)
    if not as_json:
        say(NEXT)
