"""How many examples a test draws: a measure of its own, times what the profile asks of every test."""

from __future__ import annotations

from hypothesis import settings

IS_DEEP = not settings.default.derandomize
"""Whether this session goes looking for new examples, and has time for it: `--hypothesis-profile=deep`."""
MEASURE = 100
"""The examples of a profile with which each test draws as many as it says."""


def examples(count: int) -> int:
    """Scale a number of examples: with the profile `deep` twenty times as many, in CI fewer."""
    return max(count * settings.default.max_examples // MEASURE, 5)
