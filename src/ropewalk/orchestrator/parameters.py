"""
Parameters: what an object was set to, told in plain values.

A run's id is made of them, so whatever tells two objects apart should show, and nothing that differs from process
to process may: no addresses, no order of sets.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Mapping
from enum import Enum
from functools import partial
from hashlib import sha256
from math import isfinite
from typing import Any

from ropewalk.errors import without_addresses, writable
from ropewalk.money import MICROS_MAX
from ropewalk.recording.inputs import canonical
from ropewalk.strategies.copying import attributes_of

DEPTH_MAX = 4
SIZE_MAX = 2048
"""Bytes up to which a parameter is written out; of a longer one its digest is."""


def parameters_of(one: Any) -> dict[str, Any]:
    """Tell an object's attributes, by name; of what is long, its SHA-256."""
    return {name: _short(_plain(value, DEPTH_MAX)) for name, value in sorted(_attributes(one).items())}


def _attributes(one: Any) -> dict[str, Any]:
    attributes = attributes_of(one)
    # Classes with slots, structs among them, keep theirs elsewhere.
    slots = [name for kind in type(one).__mro__ for name in _slots_of(kind)]
    attributes |= {name: getattr(one, name) for name in slots if hasattr(one, name)}
    return {str(name): value for name, value in attributes.items()}


def _slots_of(kind: type) -> list[str]:
    return [
        name for name, value in vars(kind).items() if inspect.ismemberdescriptor(value) and not name.startswith("__")
    ]


def _plain(value: Any, depth: int) -> Any:
    if value is None or type(value) is bool:
        return value
    if type(value) is str:
        return writable(value)
    if type(value) is int:
        return value if abs(value) <= MICROS_MAX else str(value)
    if type(value) is float:
        return value if isfinite(value) else str(value)
    if isinstance(value, type) or inspect.isroutine(value):
        return f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', '')}"
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if not depth:
        return type(value).__qualname__
    deeper = partial(_plain, depth=depth - 1)
    if isinstance(value, Mapping):
        return {writable(without_addresses(str(key))): deeper(kept) for key, kept in value.items()}
    if isinstance(value, (list, tuple, deque)):
        return [deeper(kept) for kept in value]
    if isinstance(value, (set, frozenset)):
        return sorted((deeper(kept) for kept in value), key=canonical)
    if hasattr(value, "tobytes") and hasattr(value, "dtype"):
        return f"{value.dtype} {getattr(value, 'shape', ())} {sha256(value.tobytes()).hexdigest()}"
    attributes = _attributes(value)
    if attributes:
        told = {name: deeper(kept) for name, kept in sorted(attributes.items())}
        return {"class": type(value).__qualname__, **told}
    # Decimals, fractions, dates: what has no attributes says what it is when it is written.
    return writable(without_addresses(str(value)))


def _short(told: Any) -> Any:
    written = canonical(told)
    return told if len(written) <= SIZE_MAX else f"sha256 {sha256(written).hexdigest()}"
