"""
Where the plugins of this tree are tested together, the processes that check them begin warm: see tests/warm.py.

A plugin that is tested by itself does not see this file.
"""

from __future__ import annotations

import sys

import pytest

from warm import interpreter


@pytest.fixture(autouse=True)
def warm_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", interpreter())
