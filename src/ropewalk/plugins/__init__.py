"""
What is plugged in: found by the name that a person wrote, imported only then, and made with the settings beside it.

A plugin is one small class. `POINTS` lists where one may be plugged in, `Catalog` finds it.
"""

from __future__ import annotations

from ropewalk.plugins.catalog import Catalog
from ropewalk.plugins.found import Found
from ropewalk.plugins.plugged import plugin
from ropewalk.plugins.points import API, POINTS, Point

__all__ = ["API", "POINTS", "Catalog", "Found", "Point", "plugin"]
