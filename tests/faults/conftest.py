"""A folder with a run file whose strategy does what a test plans for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fault_runs import RUN


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.toml").write_text(RUN, encoding="utf-8")
    return tmp_path
