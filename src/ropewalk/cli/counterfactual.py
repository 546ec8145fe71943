"""`ropewalk counterfactual`: what a recorded run would have come to under other settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ropewalk.cli.places import AsJson, JournalPlace, PluginFolders, journal_at
from ropewalk.cli.prints import LINES_MAX, bounded_prints
from ropewalk.cli.recorded import Prints, Watchdog, watchdog_of
from ropewalk.cli.replay import RunFile, remaking_of, way_out
from ropewalk.cli.screen import answer, reserved_stdout
from ropewalk.cli.soundness import soundness_told
from ropewalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Group

    from ropewalk.journal import Counterfactual, WhatIf
    from ropewalk.journal.case_figures import CaseFigures

CHANGES_SHOWN = 5
NAME_WIDTH = 19
NO_VALUE = "—"
AS_RECORDED = "as recorded"

Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="[CASE:]KEY=VALUE",
        help="What to change, by its key in a run file's settings: conflict_policy=priority, commission.amount=0, "
        "limits.gross_exposure=0.8; also capital=50000, strategies.NAME.weight=0.2; none takes a key out. Those with "
        "one CASE before a colon belong together; those without are one case.",
        show_default=False,
    ),
]
Policies = Annotated[
    str | None,
    typer.Option(
        "--policies",
        metavar="all|NAMES",
        help="A case for each conflict policy: all that ship, or some, with commas between them.",
        show_default=False,
    ),
]
Live = Annotated[bool, typer.Option("--live", help="Run the strategies and let them react; else no strategy is asked.")]
Kept = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="DIR", help="Keep each case's journal in a folder of its own in this one."),
]


def counterfactual(
    folder: JournalPlace,
    sets: Sets = None,
    policies: Policies = None,
    live: Live = False,
    output: Kept = None,
    run_file: RunFile = None,
    plugins: PluginFolders = None,
    watchdog: Watchdog = None,
    prints: Prints = LINES_MAX,
    as_json: AsJson = False,
) -> None:
    """
    Ask what a run would have come to under other settings.

    The intents on record are settled and filled again (frozen), or with --live the strategies are run again and react.
    All cases stand beside the run in one table. Ends with 1 when the journal is damaged, or when nothing was changed
    and yet something differs; with 3 when the run has not ended.
    """
    from ropewalk.journal import Journal, policy_cases, what_if

    place = journal_at(folder)
    cases = _cases(sets or [])
    with soundness_told(place, as_json=as_json), reserved_stdout(is_wanted=as_json), way_out(run_file):
        if policies is not None:
            cases |= policy_cases(policies, Journal(place).header.event.strategies)
        given = remaking_of(run_file, plugins or ())
        dog = watchdog_of(watchdog, given.get("config"))
        with bounded_prints(prints):
            found = what_if(place, cases or {AS_RECORDED: {}}, live=live, into=output, watchdog=dog, **given)
        told = found.to_dict() if as_json else _shown(found)
    answer(told, told, as_json=as_json, exit_code=found.exit_code)


def _cases(sets: list[str]) -> dict[str, dict[str, Any]]:
    """Sort what was set into cases; what names none belongs to one that is named by what it sets."""
    from ropewalk.journal.overrides import read_override

    named: dict[str, dict[str, Any]] = {}
    texts: dict[str, list[str]] = {}
    for text in sets:
        left, sign, _ = text.partition("=")
        case, colon, key = left.partition(":")
        name, rest = (case.strip(), text[len(case) + 1 :]) if colon and sign else ("", text)
        key, value = read_override(rest)
        overrides = named.setdefault(name, {})
        if key in overrides:
            raise ConfigError(f"--set {key} stands there twice; give it once, or two cases: --set CASE:{key}=VALUE")
        overrides[key] = value
        texts.setdefault(name, []).append(rest)
    return {name or ", ".join(texts[name]): overrides for name, overrides in named.items()}


def _shown(found: WhatIf) -> Group:
    from rich.console import Group
    from rich.text import Text

    return Group(_figures(found), Text(), _strategies(found), *map(Text, _sentences(found)))


def _columns() -> dict[str, Any]:
    def metric(name: str, show: Any) -> Any:
        def shown(one: CaseFigures) -> str:
            value = getattr(one.metrics, name)
            return NO_VALUE if value is None else str(show(value))

        return shown

    return {
        "equity": lambda one: f"{one.equity_micros / 1e6:,.2f}",
        "return": metric("total_return", "{:+.2%}".format),
        "Sharpe": metric("sharpe", "{:.3f}".format),
        "max\ndrawdown": metric("max_drawdown", "{:.2%}".format),
        "costs": lambda one: f"{one.costs_micros / 1e6:,.2f}",
        "con-\nflicts": lambda one: f"{one.conflicts:,}",
        "trim-\nmed": lambda one: f"{one.trimmed:,}",
        "re-\nfused": lambda one: f"{one.refused:,}",
        "fills": lambda one: f"{one.fills:,}",
    }


def _rows(found: WhatIf) -> Iterator[tuple[str, CaseFigures, str]]:
    yield "the run", found.parent.figures, ""
    for case in found.cases:
        difference = case.difference
        first = "never" if difference is None else f"{difference.number:,}"
        yield case.name, case.figures, first


def _figures(found: WhatIf) -> Any:
    from rich.markup import escape

    columns = _columns()
    table = _table("live" if found.is_live else "frozen", *columns, "differs\nat")
    for name, figures, first in _rows(found):
        table.add_row(escape(name), *(show(figures) for show in columns.values()), first)
    return table


def _strategies(found: WhatIf) -> Any:
    from rich.markup import escape

    owners = list(found.parent.figures.strategies)
    table = _table("equity of", *(owner or "pool" for owner in owners))
    for name, figures, _ in _rows(found):
        table.add_row(escape(name), *(f"{figures.strategies[owner] / 1e6:,.2f}" for owner in owners))
    return table


def _table(title: str, *columns: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0)
    table.add_column(title, overflow="fold", vertical="bottom", min_width=NAME_WIDTH)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True, vertical="bottom")
    return table


def _sentences(found: WhatIf) -> Iterator[str]:
    is_alone = len(found.cases) == 1
    for case in found.cases:
        yield ""
        yield f"{case.name}: {_changes(case)}"
        if is_alone:
            yield from (f"  {one.told}" for one in case.changed_fills[:CHANGES_SHOWN])
            if len(case.changed_fills) > CHANGES_SHOWN:
                yield f"  … and {len(case.changed_fills) - CHANGES_SHOWN:,} more; --json has them all"
        yield from (f"  {told}" for told in case.assumptions[0 if is_alone else 1 :])
        if case.journal.path is not None:
            yield f"  journal {case.journal.path.parent}  sha256 {case.journal.digest}"
    if not is_alone:
        yield ""
        yield found.cases[0].assumptions[0]


def _changes(case: Counterfactual) -> str:
    if case.difference is None:
        return "the same happened, record by record"
    first = case.difference
    whys = [one.why for one in case.changed_fills]
    direct = sum(one.why == "decision" and one.after_fill is None for one in case.changed_fills)
    counted = {
        "by a decision that came out otherwise": direct,
        "by a decision on a strategy that stood otherwise": whys.count("decision") - direct,
        "by price or costs": whys.count("price"),
        "by an intent that only one of them has": whys.count("intent"),
    }
    traced = ", ".join(f"{count:,} {how}" for how, count in counted.items() if count)
    fills = f"{len(whys):,} fills are others: {traced}" if whys else "no fill is another"
    return f"first differs at number {first.number}, a {first.kind}; {fills}"
