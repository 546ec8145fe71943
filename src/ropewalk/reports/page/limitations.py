"""
The limitations that apply to a run, in the words of docs/LIMITATIONS.md; a test holds the two together.

Each stands with a rule that says whether a run is touched by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.events import Adjustment, Dividend, Fill, Split

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.reports.page.subject import Subject

DAY_US = 86_400_000_000


class Limitation(NamedTuple):
    """What is assumed, what that does to results, and whether a run is touched by it."""

    assumption: str
    impact: str
    applies: Callable[[Subject], bool]


def _setting(name: str, wanted: Any) -> Callable[[Subject], bool]:
    return lambda subject: bool(subject.settings.get(name) == wanted)


def _always(_: Subject) -> bool:
    return True


def _has(event_type: type) -> Callable[[Subject], bool]:
    return lambda subject: any(isinstance(entry.event, event_type) for entry in subject.record.actions)


def _is_sample(subject: Subject) -> bool:
    return subject.is_sample


def _went_short(subject: Subject) -> bool:
    held: dict[tuple[str, str], int] = {}
    for entry in subject.record.entries:
        event = entry.event
        if isinstance(event, Fill):
            key = (event.strategy, event.symbol)
            held[key] = held.get(key, 0) + event.quantity
            if held[key] < 0:
                return True
        elif isinstance(event, Adjustment):
            held[event.strategy, event.symbol] = event.quantity_after
    return False


def _borrows(subject: Subject) -> bool:
    return sum(subject.started.allocated_micros) > subject.started.capital_micros


def _is_shared(subject: Subject) -> bool:
    policy = subject.settings.get("conflict_policy")
    kind = policy.get("kind") if isinstance(policy, dict) else policy
    return len(subject.started.strategies) > 1 and kind == "independent"


def _fills_whole(subject: Subject) -> bool:
    return subject.settings.get("fill_at") == "next_open" and "fill_model" not in subject.settings


def _shares_volume(subject: Subject) -> bool:
    return bool((subject.settings.get("fill_model") or {}).get("kind") == "volume_share")


def _has_limits(subject: Subject) -> bool:
    return bool(subject.settings.get("limits"))


def _drifts(subject: Subject) -> bool:
    return subject.settings.get("capital_base") == "compounding" and not subject.settings.get("rebalance")


def _is_rebalanced(subject: Subject) -> bool:
    return bool(subject.settings.get("rebalance"))


def _suspends(subject: Subject) -> bool:
    return bool(subject.settings.get("suspend"))


def _is_intraday(subject: Subject) -> bool:
    return any(entry.event.at_us % DAY_US for entry in subject.record.fills)


def _has_benchmark(subject: Subject) -> bool:
    return subject.settings.get("benchmark") is not None


def _is_weighed(subject: Subject) -> bool:
    return subject.result is not None and len(subject.started.strategies) > 1


def _has_signals(subject: Subject) -> bool:
    return any("signals" in str(one.get("use", "")).lower() for one in subject.plugins)


LIMITATIONS = (
    Limitation(
        "Five shares stand for a market.",
        "Anything that was long of them looks good.",
        _is_sample,
    ),
    Limitation("The data go on.", "Nothing is said about later markets.", _is_sample),
    Limitation(
        '`fill_at="close"`: what is decided on a close fills at that close.',
        "Optimistic; the result carries a note.",
        _setting("fill_at", "close"),
    ),
    Limitation("An order fills at the next open, whole.", "Large orders look too good.", _fills_whole),
    Limitation(
        "A bar's volume goes to the oldest order first, of one instant to the earlier seat.",
        "Later seats wait longer where volume is short.",
        _shares_volume,
    ),
    Limitation(
        "A share of the volume is known at the open, whose order it bounds.",
        "Large orders fill sooner on busy bars than anyone could plan.",
        _shares_volume,
    ),
    Limitation(
        "Weights above 1 (`validate_weights=False`) borrow from the pool.",
        "The pool goes below zero, free of interest and without limit; the result carries a note.",
        _borrows,
    ),
    Limitation(
        "Holding costs nothing.",
        "Shorts and leverage look too good, idle cash too bad.",
        _always,
    ),
    Limitation(
        "A losing short goes on.",
        "A short may take a strategy's equity, and its book, below zero; nothing closes it by force.",
        _went_short,
    ),
    Limitation(
        "Limits are held when something is asked.",
        "A price can move a book over a limit; nothing is sold for it, only nothing more is granted.",
        _has_limits,
    ),
    Limitation(
        "Strategies are islands.",
        "With `independent`, one may be long while another is short, and both pay costs. Opposite orders are not "
        "crossed.",
        _is_shared,
    ),
    Limitation(
        '`capital_base="compounding"`: the limit is the strategy\'s own equity.',
        "Winners trade larger, losers smaller; weights drift unless they are rebalanced.",
        _drifts,
    ),
    Limitation(
        "A rebalance is decided at the closes and sold for at the next opens.",
        "What the sales bring short of the plan is not made up for before the next rebalance.",
        _is_rebalanced,
    ),
    Limitation(
        "Capital that a rebalance gives waits until its strategy asks for it.",
        "A winner is sold at once, a loser buys when it next wants something; meanwhile there is more cash.",
        _is_rebalanced,
    ),
    Limitation(
        "A suspended strategy thinks on paper, from the book that it has.",
        "What it says there is no track record: it never held what it was refused.",
        _suspends,
    ),
    Limitation(
        "Dividends are paid on the ex-date, gross.",
        "Cash is there too early, and too much of it.",
        _has(Dividend),
    ),
    Limitation(
        "A split's fraction of a lot is cashed at the last close, adjusted.",
        "Small: less than a lot.",
        _has(Split),
    ),
    Limitation(
        "A round trip is what was traded.",
        "Win rate, profit factor and expectancy leave dividends out; equity, returns and `dividends` have them.",
        _has(Dividend),
    ),
    Limitation(
        "A `SignalStrategy` uses rows up to i for entry i.",
        "A slip is look-ahead, and a run does not notice.",
        _has_signals,
    ),
    Limitation(
        "A benchmark is its prices.",
        "With prices as traded, beta and alpha are against a benchmark without its dividends; its splits do not show.",
        _has_benchmark,
    ),
    Limitation(
        "A session is a date in UTC.",
        "Intraday curves are sampled at UTC midnights before annual metrics.",
        _is_intraday,
    ),
    Limitation(
        "Only the run's strategies were tried.",
        "The deflated Sharpe ratio believes too much.",
        _is_weighed,
    ),
    Limitation(
        "A drawn run is like the run.",
        "Bootstrap intervals tell the luck of the draw alone: they are too narrow where the future is another.",
        _is_weighed,
    ),
    Limitation(
        "`without` takes trades out.",
        "Exact with `independent` and no shared limits, else an approximation.",
        _is_weighed,
    ),
    Limitation("The risk-free rate is 0.", "Sharpe, Sortino and alpha are against zero.", _always),
    Limitation("One account currency.", "Mixed currencies are added up as if they were one.", _always),
)
"""In the order in which they weigh."""


def limitations(subject: Subject) -> list[Limitation]:
    """List those that touch a run."""
    return [one for one in LIMITATIONS if one.applies(subject)]
