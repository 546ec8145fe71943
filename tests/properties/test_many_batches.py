"""The command that holds ten thousand batches a policy, over a few of each."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from properties.many_batches import hold_runs, hold_wishes
from properties.test_policies import every_policy
from ropewalk.arbiter.arbiter import Arbiter


@every_policy
def test_seeded_batches_hold_every_property(typed: Any) -> None:
    """What is drawn is settled, trimmed and disputed, and holds; the same seed draws the same."""
    met = hold_runs(typed, 60, 3)
    assert hold_wishes(typed, 60, 3) == 60
    assert min(met[one] for one in ("conflicts", "refused", "trimmed")) > 0, met
    assert met["decisions"] > met["refused"] + met["trimmed"]
    assert hold_runs(typed, 10, 3) == hold_runs(typed, 10, 3)


def test_a_broken_rule_is_found_with_its_seed() -> None:
    """A check that cannot fail is a defect: conflicts that nobody settles are found, and the run can be drawn again."""
    with patch.object(Arbiter, "_settle_conflicts", lambda *_: {}), pytest.raises(AssertionError) as caught:
        hold_runs("cancel_both", 60, 3)
    assert "case_of(Random('3 " in caught.value.__notes__[0]
