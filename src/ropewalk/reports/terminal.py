"""A result for the terminal: who earned what, what was wanted and refused, who met whom, and that it adds up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from ropewalk.events import Split
from ropewalk.money import currency
from ropewalk.reports.capital import capital, crossing
from ropewalk.reports.comparison import comparison
from ropewalk.reports.conflicts import conflicts
from ropewalk.reports.curves import drawdowns, equity
from ropewalk.reports.page.summary import least_equity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, RenderableType

    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.reasons import LapseReason, Reason

EXIT_WORDS = {"complete": "", "stopped": "stopped before the end of the data", "failed": "failed"}

REASONS: dict[Reason | LapseReason, str] = {
    "allocation": "not enough capital left",
    "symbol_share": "its share in the symbol",
    "strategy_positions": "its number of positions",
    "drawdown": "its drawdown",
    "gross_exposure": "gross exposure",
    "net_exposure": "net exposure",
    "symbol_exposure": "exposure to the symbol",
    "group_exposure": "exposure to a group",
    "leverage": "leverage",
    "account_positions": "the number of all positions",
    "cash_reserve": "the cash reserve",
    "own_limit": "a limit of one's own",
    "suspended": "the strategy was suspended",
    "policy": "by the conflict policy",
    "no_position": "nothing to close",
    "held_already": "target held already",
    "no_price": "no price yet",
    "not_its_symbol": "symbol of another seat",
    "unknown_symbol": "symbol not in the data",
    "bad_amount": "no usable amount",
    "end_of_data": "the data ended",
    "unfilled": "left by the fill model",
    "too_small": "less than one lot",
    "data_ended": "after the last cutoff",
}
"""The reasons of decisions and lapses, in words."""


def show(result: OrchestratorResult, console: Console, *, label: str, bars: int) -> None:
    """Print a result; `label` and `bars` say what it was made of."""
    console.print(_title(result, label, bars), highlight=False)
    console.print()
    console.print(comparison(result, console))
    console.print()
    told = Table.grid(padding=(0, 2, 0, 0))
    told.add_column(style="bold", no_wrap=True)
    told.add_column()
    told_of: dict[str, Iterable[RenderableType]] = {
        "Equity": [equity(result, console)],
        "Drawdown": [drawdowns(result, console)],
        "Intents": _settlement(result),
        "Conflicts": conflicts(result),
        "Crossing": map(escape, crossing(result)),
        "Capital": map(escape, capital(result)),
        "Actions": _actions(result),
        "Notes": _notes(result),
    }
    for title, parts in told_of.items():
        for seat, part in enumerate(parts):
            if told.row_count and not seat:
                told.add_row()
            told.add_row("" if seat else title, part)
    console.print(told, highlight=False)
    console.print()
    is_exact = " = " in result.reconciliation
    total = f"[bold {'green' if is_exact else 'red'}]{result.reconciliation}{', exactly' if is_exact else ''}[/]"
    console.print(total, highlight=False, soft_wrap=True)


def _actions(result: OrchestratorResult) -> Iterator[str]:
    """Say what splits and dividends there were, and what dividends came to."""
    if result.actions:
        splits = sum(isinstance(action, Split) for action in result.actions)
        received = sum(max(payment.micros, 0) for payment in result.payments)
        owed = sum(max(-payment.micros, 0) for payment in result.payments)
        yield (
            f"{splits:,} splits, {len(result.actions) - splits:,} dividends: {currency(received):,.2f} received, "
            f"{currency(owed):,.2f} paid on shorts"
        )


def _notes(result: OrchestratorResult) -> Iterator[str]:
    for fault in result.faults:
        where = f"{fault.source}: {fault.callback} at {fault.timestamp:%Y-%m-%d %H:%M}"
        yield f"[red]fault[/] in {escape(where)}: {escape(fault.error)} ({fault.action})"
    for owner, least in least_equity(result):
        yield f"{escape(owner)} lost everything: its equity fell to {least:,.2f}, and returns from nothing are zero"
    yield from (escape(note) for note in result.notes)


def _title(result: OrchestratorResult, label: str, bars: int) -> str:
    first, last = (f"{event.timestamp:%Y-%m-%d}" for event in (result.started, result.ended))
    symbols = result.started.symbols
    names = ", ".join(symbols) if len(symbols) <= 6 else f"{len(symbols)} symbols"
    ended = EXIT_WORDS[result.ended.status]
    parts = (f"{first} to {last}", _counted(result.ended.instants, "instant"), _counted(bars, "bar"))
    title = f"[bold]{escape(label)}[/] · {escape(names)} · {' · '.join(parts)}"
    return title + (f" · [red]{ended}[/]" if ended else "")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _settlement(result: OrchestratorResult) -> Iterator[str]:
    """Account for every intent, in numbers that add up."""
    decisions = result.decisions
    verdicts = Counter(decision.verdict for decision in decisions)
    yield (
        f"{_counted(len(result.intents), 'intent')} = {_counted(len(decisions), 'decision')}: "
        f"{verdicts['granted']:,} granted, {verdicts['trimmed']:,} trimmed, {verdicts['refused']:,} refused → "
        f"{_counted(len(result.fills), 'fill')}, {len(result.lapses):,} lapsed"
    )
    for verdict in ("trimmed", "refused"):
        reasons = Counter(decision.reason for decision in decisions if decision.verdict == verdict)
        if reasons:
            yield _reasons(verdict, reasons)
    lapsed = Counter(lapse.reason for lapse in result.lapses)
    if lapsed:
        yield _reasons("lapsed", lapsed)


def _reasons(what: str, reasons: Counter[Any]) -> str:
    return f"{what}: " + ", ".join(f"{times:,} × {REASONS[reason]}" for reason, times in reasons.most_common())
