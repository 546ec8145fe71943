"""What came of checking a plugin."""

from __future__ import annotations

from typing import Any

import msgspec


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at, and what was seen; not passed and skipped, it was not looked at."""

    name: str
    is_passed: bool
    told: str
    is_skipped: bool = False

    def __str__(self) -> str:
        mark = "skipped" if self.is_skipped else "passed" if self.is_passed else "FAILED"
        first, *rest = self.told.split("\n")
        return "\n".join([f"  {mark:<8}{self.name}: {first}", *(f"            {line}" for line in rest)])


class Report(msgspec.Struct, frozen=True):
    """All that was looked at in one plugin."""

    kind: str
    name: str
    checks: tuple[Check, ...]

    @property
    def is_passed(self) -> bool:
        """Whether nothing failed."""
        return all(check.is_passed or check.is_skipped for check in self.checks)

    @property
    def exit_code(self) -> int:
        """0: passed. 1: not."""
        return 0 if self.is_passed else 1

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return {**told, "is_passed": self.is_passed, "exit_code": self.exit_code}

    def __str__(self) -> str:
        said = "passed" if self.is_passed else "FAILED"
        return "\n".join([f"{self.kind} {self.name}: {said}", *map(str, self.checks)])
