"""`ropewalk demo`: four strategies on the packaged real data, as one portfolio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ropewalk.cli.places import RUNS
from ropewalk.cli.recorded import JournalFolder, JournalMode, NoJournal, check_options, ended, walk
from ropewalk.cli.screen import present, say

if TYPE_CHECKING:
    from ropewalk.recording.writer import Mode

INTRO = (
    "Four strategies share 100,000 in one account, over real daily prices. Each trades its own part of the capital; "
    "a tenth is given to none and stays in the pool. They do not know of each other: where several want the same "
    "symbol at once, that is a conflict, which is settled and recorded.\n"
)
NEXT = "\nYour own: write strategies and weights into a run file, then `ropewalk run FILE.toml`."

SEATS: dict[str, tuple[str, dict[str, int], str]] = {
    "trend": ("momentum", {"short_window": 20, "long_window": 50}, "0.35"),
    "fast": ("momentum", {"short_window": 5, "long_window": 20}, "0.20"),
    "revert": ("mean-reversion", {"window": 7}, "0.15"),
    "hold": ("buy-and-hold", {}, "0.20"),
}
"""By their names, as a run file has them, so that the journal says how to make them again."""

SETTINGS = {
    "commission": {"kind": "per_share", "amount": "0.005", "minimum": 1},
    "slippage": {"kind": "basis_points", "rate": 1},
}


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
    journal: JournalFolder = None,
    no_journal: NoJournal = False,
    journal_mode: JournalMode = None,
) -> None:
    """
    Run four strategies on the packaged real data.

    A fast and a slow trend follower, one that buys weakness, and one that just holds, with
    commissions and slippage. Takes about a second. The run is recorded, so that it can be explained.
    """
    from ropewalk import OrchestratorConfig, StrategyOrchestrator, sample_feed
    from ropewalk.recording.recording import Origin, Recording, recording_of
    from ropewalk.registry import make_strategy, strategy_class

    check_options(journal, journal_mode, is_off=no_journal)
    recording = None
    if not no_journal:
        origins = {name: Origin(use, settings) for name, (use, settings, _) in SEATS.items()}
        mode = cast("Mode", journal_mode or "process")
        recording = recording_of(Recording(journal or RUNS, mode, again=True, origins=origins))
    if not as_json:
        say(INTRO)
    feed = sample_feed()
    strategies = {
        name: (make_strategy(strategy_class(use, folder=Path()), settings), weight)
        for name, (use, settings, weight) in SEATS.items()
    }
    orchestrator = StrategyOrchestrator(
        strategies, initial_capital=100_000, config=OrchestratorConfig.model_validate(SETTINGS)
    )
    result, warning = walk(orchestrator, feed, recording)
    present(result, feed, as_json=as_json, closing=NEXT)
    ended(result, warning)
