"""A strategy that wants nothing: what a run costs without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ropewalk.strategies.view import View


class Silent:
    """Hears every turn and says nothing."""

    def on_turn(self, view: View) -> None:
        """Nothing."""
