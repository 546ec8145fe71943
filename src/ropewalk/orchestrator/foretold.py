"""Foretold: what the clock asks of those who say beforehand when they speak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Foretold(Protocol):
    """Who speaks at times that are known before the first bar; `is_waiting` is for another turn, whenever it is."""

    @property
    def times(self) -> Sequence[int]:
        """The instants at which something is to be said."""
        ...

    @property
    def is_waiting(self) -> bool:
        """Whether something that is due has not been said."""
        ...

    def has_word(self, at_us: int) -> bool:
        """Say whether a turn of that time may make it speak."""
        ...
