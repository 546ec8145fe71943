"""Distributions as pip leaves them behind: a module and a dist-info folder with entry points."""

from __future__ import annotations

from pathlib import Path

STRATEGY = """
ropewalk_api = 1

class Own:
    def __init__(self, edge: float = 0.5):
        self.edge = edge

    def should_enter(self, bars):
        return True

    def should_exit(self, position, bars):
        return False
"""


def install(place: Path, name: str, entries: dict[str, str], code: str = STRATEGY, *, version: str = "1.0") -> Path:
    """
    Lay a distribution into a folder that is, or will be, on the path.

    `entries` are lines of entry points by group, without the prefix `ropewalk.`; the module is named like the
    distribution. Returns the file of its code.
    """
    place.mkdir(parents=True, exist_ok=True)
    module = place / f"{name.replace('-', '_')}.py"
    module.write_text(code, encoding="utf-8")
    about = place / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    groups = (f"[ropewalk.{group}]\n{lines}\n" for group, lines in entries.items())
    (about / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
    return module
