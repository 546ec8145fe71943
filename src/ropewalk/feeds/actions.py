"""The checks that a feed applies to corporate actions before one is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.errors import FeedError, clipped, did_you_mean
from ropewalk.events import Dividend, Split
from ropewalk.feeds.check import shown
from ropewalk.feeds.findings import finding
from ropewalk.market.actions import remade
from ropewalk.money import MICROS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ropewalk.market.series import Series

    Action = Split | Dividend

RATIO_MAX = 10_000
"""A ratio beyond ten thousand for one, or one for ten thousand, is taken for a slip."""


def checked_actions(actions: Iterable[Any], series: Sequence[Series], *, label: str) -> tuple[Action, ...]:
    """
    Check corporate actions against the bars they belong to, and put them in the order of their times.

    Raises FeedError for what is no action, for symbols and times without bars, and for one given twice.
    """
    by_symbol = {one.symbol: one for one in series}
    given = list(actions)
    findings: list[str] = []
    seen: dict[tuple[type, int, str], int] = {}
    for seat, action in enumerate(given):
        place = f"actions[{seat}]"
        if type(action) not in (Split, Dividend):
            findings.append(finding("F50", place, f"is {clipped(action)}", expected="a Split or a Dividend"))
            continue
        findings += _flaws(action, by_symbol, place)
        first = seen.setdefault((type(action), action.at_us, action.symbol), seat)
        if first != seat:
            twice = f"{_told(action)} was already given at actions[{first}]"
            findings.append(finding("F53", place, twice, expected="one split and one dividend a symbol and time"))
    if findings:
        many = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        raise FeedError(f"no corporate actions taken for {label}: {many}", findings)
    return tuple(sorted(given, key=_by_time))


def _by_time(action: Action) -> tuple[int, str, bool]:
    return action.at_us, action.symbol, type(action) is Dividend


def _told(action: Action) -> str:
    return f"{type(action).__name__.lower()} of {action.symbol} at {shown(action.at_us)}"


def _flaws(action: Action, by_symbol: dict[str, Series], place: str) -> Iterator[str]:
    numbers = [action.at_us]
    numbers += [action.per_share_micros] if isinstance(action, Dividend) else [action.numerator, action.denominator]
    if any(type(number) is not int for number in numbers):
        yield finding("F50", place, f"has {clipped(numbers)}", expected="whole numbers, int")
        return
    series = by_symbol.get(action.symbol)
    if series is None:
        yield finding("F51", place, clipped(action.symbol), expected=did_you_mean(str(action.symbol), by_symbol))
        return
    first, last = int(series.at_us[0]), int(series.at_us[-1])
    if not first <= action.at_us <= last:
        span = f"a time within the bars of {action.symbol}, {shown(first)} to {shown(last)}"
        yield finding("F52", place, _told(action), expected=span)
    if isinstance(action, Dividend):
        if not 0 < action.per_share_micros <= MICROS_MAX:
            yield finding("F54", place, f"pays {action.per_share_micros} micros", expected="a positive amount a share")
    else:
        yield from _split_flaws(action, series, place)


def _split_flaws(split: Split, series: Series, place: str) -> Iterator[str]:
    up, down = split.numerator, split.denominator
    if up < 1 or down < 1 or up == down or not up <= RATIO_MAX * down <= RATIO_MAX**2 * up:
        yield finding("F54", place, f"has the ratio {up}:{down}", expected="such as 2:1, 3:2 or 1:10")
        return
    # One bar of each class tells whether strategies can be shown the others in new shares.
    for bar in {type(bar): bar for bar in series.originals or ()}.values():
        try:
            remade(bar, split)
        except Exception as error:
            wrong = f"bars of {series.symbol} cannot be put in new shares: {error}"
            allowed = "HistoricalDataBar, a dataclass, a named tuple, or a class with __replace__"
            raise FeedError(f"no corporate actions taken: {finding('F55', place, wrong, expected=allowed)}") from error


def digested(actions: Sequence[Action]) -> bytes:
    """Write corporate actions for a digest; none are nothing, so that bars alone digest as ever."""
    lines = ["corporate actions 1: time kind symbol numbers"] if actions else []
    for action in actions:
        if isinstance(action, Split):
            lines.append(f"{action.at_us} split {action.symbol} {action.numerator} {action.denominator}")
        else:
            lines.append(f"{action.at_us} dividend {action.symbol} {action.per_share_micros}")
    return "".join(f"{line}\n" for line in lines).encode("ascii")
