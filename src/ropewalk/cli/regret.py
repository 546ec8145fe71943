"""`ropewalk regret`: what the capital that a run refused would have earned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.cli.places import AsJson, JournalPlace, PluginFolders, journal_at
from ropewalk.cli.replay import RunFile, remaking_of, way_out
from ropewalk.cli.screen import answer
from ropewalk.cli.soundness import soundness_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ropewalk.journal import Regret, Rule


def regret(
    folder: JournalPlace, run_file: RunFile = None, plugins: PluginFolders = None, as_json: AsJson = False
) -> None:
    """
    List what limits and policies refused, and what it would have earned.

    A line for each limit and each policy: the capital, and the profit or loss that it would have made at the same
    prices and costs. Ends with 1 when the journal is damaged, with 3 when the run has not ended.
    """
    from ropewalk.journal import regret as regretted

    place = journal_at(folder)
    with soundness_told(place, as_json=as_json), way_out(run_file):
        given = remaking_of(run_file, plugins or ())
        found = regretted(place, **{name: given[name] for name in ("data", "config", "plugins") if name in given})
    answer(_shown(found), found.to_dict(), as_json=as_json)


def _shown(found: Regret) -> Any:
    from rich.console import Group
    from rich.text import Text

    if not found.rules:
        return Text("nothing was refused or trimmed")
    return Group(_table(found), Text(), *map(Text, _sentences(found)))


def _table(found: Regret) -> Any:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    table.add_column("rule", overflow="fold")
    for title in ("decisions", "refused", "asked again", "no lot", "bought for", "of these open", "profit"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in found.rules:
        table.add_row(escape(one.rule), *_row(one))
    return table


def _row(one: Rule) -> Iterator[str]:
    yield f"{one.decisions:,}"
    yield f"{one.refused_micros / 1e6:,.2f}"
    yield f"{one.repeats:,}"
    yield f"{one.unfilled:,}"
    yield f"{one.invested_micros / 1e6:,.2f}"
    yield f"{one.open:,} of {one.shadows:,}"
    yield f"{one.profit_micros / 1e6:+,.2f}"


def _sentences(found: Regret) -> Iterator[str]:
    for one in found.rules:
        whose = ", ".join(f"{name} {micros / 1e6:+,.2f}" for name, micros in one.strategies.items())
        yield f"{one.rule}: {whose or 'nothing was bought'}"
    yield ""
    yield "assumed:"
    yield from (f"  {told}" for told in found.assumptions)
