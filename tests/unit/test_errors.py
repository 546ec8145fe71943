"""One tree of errors, whose messages help."""

from __future__ import annotations

import re

import pytest

from ropewalk import errors
from ropewalk.errors import FINDINGS_MAX, ConfigError, FeedError, RopewalkError, RunFileError, clipped, did_you_mean


def test_the_tree_is_the_one_that_is_drawn() -> None:
    """The drawing in the module's docstring names every error, and each has the root above it."""
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    every = [name for name, one in vars(errors).items() if isinstance(one, type) and one.__name__.endswith("Error")]
    assert sorted(drawn) == sorted(set(every) - {"RopewalkError", "FindingsError"})
    assert all(issubclass(getattr(errors, name), RopewalkError) for name in drawn)


@pytest.mark.parametrize("kind", [ConfigError, FeedError, RunFileError])
def test_what_a_person_typed_wrong_is_a_value_error(kind: type) -> None:
    assert issubclass(kind, ValueError)


def test_findings_are_shown_at_once_but_not_without_end() -> None:
    """Twenty at most are shown; the message counts the others."""
    error = FeedError("prices.csv", [f"row {row}" for row in range(25)])
    assert len(error.findings) == FINDINGS_MAX
    assert error.found == 25
    assert str(error).splitlines()[0] == "prices.csv"
    assert str(error).splitlines()[-1] == "  … and 5 more"


def test_findings_may_be_counted_without_being_kept() -> None:
    assert str(FeedError("x", ["one"], found=3)).endswith("… and 2 more")
    assert str(FeedError("x")) == "x"


def test_long_values_are_clipped() -> None:
    assert clipped([1, 2]) == "[1, 2]"
    assert len(clipped("y" * 500)) == 80


def test_misspellings_are_offered() -> None:
    assert did_you_mean("trnd", ["trend", "mean"]) == "did you mean 'trend'?"
    assert did_you_mean("qqq", ["trend", "mean"]) == "known: trend, mean"
    assert did_you_mean("qqq", []) == "known: none"
