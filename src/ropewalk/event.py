"""What all words of a run have in common: `events` and `capital` are made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ropewalk.notation import on_the_wire, timestamp

if TYPE_CHECKING:
    from datetime import datetime


class Event(msgspec.Struct, frozen=True, gc=False, rename=on_the_wire, omit_defaults=True):
    """
    Something that happened at an instant.

    In JSON its fields have the names of `on_the_wire`, and those with their default are left out.
    """

    at_us: int

    @property
    def timestamp(self) -> datetime:
        """The instant as an aware datetime in UTC."""
        return timestamp(self.at_us)
