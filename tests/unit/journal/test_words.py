"""What is wanted, asked and shown has one wording each."""

from __future__ import annotations

import pytest

from ropewalk import Intent
from ropewalk.journal.words import listed, plainly, quoted, wanted


@pytest.mark.parametrize(
    ("action", "unit", "amount", "said"),
    [
        ("buy", "quantity", 1200, "to buy 1,200 GLD"),
        ("sell", "notional", 2_500_000_000, "to sell GLD for 2,500.00"),
        ("buy", "fraction", 333_333, "to buy GLD for 33.3333 % of its capital"),
        ("close", "fraction", 1_000_000, "to close all of its GLD"),
        ("close", "fraction", 500_000, "to close 50 % of its GLD"),
        ("close", "quantity", 3, "to close 3 GLD"),
        ("close", "notional", 10_000_000, "to close GLD for 10.00"),
        ("target", "fraction", 500_000, "to hold GLD for 50 % of its capital"),
        ("target", "quantity", -7, "to be short of 7 GLD"),
        ("target", "notional", 0, "to hold no GLD"),
    ],
)
def test_every_action_in_every_unit_has_words(action: str, unit: str, amount: int, said: str) -> None:
    assert wanted(Intent(0, "trend", "GLD", action, unit, amount)) == said  # type: ignore[arg-type]


def test_small_things_are_shown_plainly() -> None:
    """Lists of nobody, prices as the data have them, fields without words of their own."""
    assert listed([]) == "nobody"
    assert quoted(0.00012345) == "0.00012345"
    assert plainly({"symbol": "GLD", "note": "", "factor": 2}) == "symbol GLD, factor 2"
