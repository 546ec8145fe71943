"""Which column of a source is which: names as people write them, or as the caller declares them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from ropewalk.errors import clipped, did_you_mean
from ropewalk.feeds.check import PRICES
from ropewalk.feeds.findings import finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.feeds.findings import Findings

ALIASES = {
    "symbol": ("symbol", "ticker", "instrument", "asset"),
    "timestamp": ("timestamp", "datetime", "date", "time", "date_time"),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "vol", "v"),
}
"""Our names, and what else they are called, whatever the case; spaces and hyphens count as underscores."""

REQUIRED = ("timestamp", *PRICES)


class Header(NamedTuple):
    """Where each of our columns stands, by position, and the names of the columns that are not used."""

    positions: dict[str, int]
    ignored: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of a result should know about columns that were left out."""
        if not self.ignored:
            return ()
        names = ", ".join(clipped(name) for name in self.ignored[:20])
        more = f" and {len(self.ignored) - 20} more" if len(self.ignored) > 20 else ""
        return (f"ignored columns: {names}{more}",)


class Reading(NamedTuple):
    """
    How the caller wants a source to be read.

    `symbol` names the one symbol of a source without a symbol column, `stem` the one to assume when
    there is neither; `columns` declares names of the source by ours.
    """

    symbol: str | None = None
    columns: Mapping[str, str] | None = None
    stem: str | None = None


def header_of(names: Sequence[str], place: str, findings: Findings, reading: Reading) -> Header:
    """
    Find our columns among a source's. What is missing or ambiguous goes to the findings.

    Declared columns go before any alias. The symbol column may be missing only when the reading
    names a symbol.
    """
    symbol, columns = reading.symbol, reading.columns or {}
    positions = _declared(names, place, findings, columns)
    worded = [name.strip().casefold().replace(" ", "_").replace("-", "_") for name in names]
    for ours, aliases in ALIASES.items():
        if ours in columns:
            continue
        matches = [seat for seat, word in enumerate(worded) if word in aliases and seat not in positions.values()]
        if len(matches) > 1:
            both = " and ".join(clipped(names[seat]) for seat in matches)
            hint = f"say which: columns={{{ours!r}: …}}, or rename one"
            findings.add(finding("F07", place, f"{both} both name the {ours}", expected="one column each", hint=hint))
        if matches:
            positions[ours] = matches[0]
        elif ours in REQUIRED or (ours == "symbol" and symbol is None and reading.stem is None):
            _missing(ours, names, place, findings)
    if symbol is not None and "symbol" in positions:
        wrong = f"has the column {clipped(names[positions['symbol']])}, and symbol={symbol!r} was given too"
        findings.add(finding("F07", place, wrong, expected="one of them"))
    used = positions.values()
    return Header(positions, tuple(name for seat, name in enumerate(names) if seat not in used))


def _declared(names: Sequence[str], place: str, findings: Findings, columns: Mapping[str, str]) -> dict[str, int]:
    positions: dict[str, int] = {}
    for ours, theirs in columns.items():
        if ours not in ALIASES:
            wrong = f"columns has the key {clipped(ours)}"
            findings.add(finding("F06", place, wrong, expected="our names", hint=did_you_mean(str(ours), ALIASES)))
        elif theirs not in names:
            wrong = f"has no column {clipped(theirs)}, declared as the {ours}"
            findings.add(finding("F06", place, wrong, expected="a column's name", hint=did_you_mean(theirs, names)))
        else:
            positions[ours] = names.index(theirs)
    return positions


def _missing(ours: str, names: Sequence[str], place: str, findings: Findings) -> None:
    lowered = {name.casefold(): name for name in names}
    close = get_close_matches(ours, lowered, n=1)
    hints = [f"did you mean {lowered[close[0]]!r}? Then columns={{{ours!r}: {lowered[close[0]]!r}}}"] if close else []
    if ours == "symbol":
        hints.append("for bars of one symbol give symbol='…'")
    found = ", ".join(clipped(name) for name in names[:20]) or "none"
    wrong = f"has no column {ours!r} (found {found})"
    findings.add(finding("F06", place, wrong, expected=" or ".join(ALIASES[ours]), hint="; ".join(hints)))
