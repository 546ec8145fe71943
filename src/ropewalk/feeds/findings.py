"""Findings: what is wrong with the data, each with its place, collected before anything is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np

from ropewalk.errors import FINDINGS_MAX, FeedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Place = Callable[[int, str], str]
    """Where a row's field stands, as a person finds it: `prices.csv:17:high`."""


def finding(code: str, place: str, wrong: str, *, expected: str, hint: str = "") -> str:
    """
    Word one finding. Codes are stable; they stand for kinds of fault, whatever the source.

    >>> finding("F12", "prices.csv:17:low", "0.0 is no price", expected="a number above zero")
    'F12 prices.csv:17:low: 0.0 is no price — expected a number above zero'
    """
    return f"{code} {place}: {wrong} — expected {expected}" + (f"; {hint}" if hint else "")


class Findings:
    """
    What was found in one source, in the order of its rows.

    Texts are kept for the first twenty only, but all are counted.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self.found = 0
        self._kept: list[tuple[int, str]] = []

    def add(self, text: str, *, row: int = -1) -> None:
        """Take one finding; one without a row stands before those with rows."""
        self.found += 1
        self._kept.append((row, text))

    def mark(self, mask: NDArray[np.bool_], tell: Callable[[int], str]) -> None:
        """Take one finding for each true row of a mask; `tell` words the few that are shown."""
        self.found += int(np.count_nonzero(mask))
        for row in np.flatnonzero(mask)[:FINDINGS_MAX].tolist():
            self._kept.append((row, tell(row)))

    def raise_any(self) -> None:
        """Raise FeedError with all findings, if there are any."""
        if self.found:
            raise self.error()

    def refuse(self, text: str) -> NoReturn:
        """Raise FeedError for a finding after which nothing further can be looked at."""
        self.add(text)
        raise self.error()

    def error(self) -> FeedError:
        """Make the error that tells all findings."""
        self._kept.sort(key=lambda kept: kept[0])
        many = "1 finding" if self.found == 1 else f"{self.found} findings"
        texts = [text for _, text in self._kept]
        return FeedError(f"no bars taken from {self.label}: {many}", texts, found=self.found)
