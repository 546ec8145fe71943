"""
Copying: deep copies that leave their originals as quick as they were.

Reading an object's `__dict__`, as `copy.deepcopy` does, makes CPython 3.11 and 3.12 find its attributes through that
dict from then on, which is slower, and calls of its methods much slower. A run's strategies are called at every bar,
so the objects of plain classes are copied attribute by attribute instead; everything else is left to `deepcopy`.
"""

from __future__ import annotations

import gc
from collections import deque
from contextlib import suppress
from copy import deepcopy
from copyreg import dispatch_table
from sys import getrefcount
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTAINERS = (list, tuple, dict, set, frozenset, deque)
HOOKS = frozenset(
    (
        *("__copy__", "__deepcopy__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__"),
        *("__new__", "__getnewargs__", "__getnewargs_ex__", "__hash__", "__del__"),
    )
)
"""What a class may have to do with copying; one that defines any of these, but for no hash at all, is not plain."""
OWN_AND_OURS = 3
"""References to a dict that only its object has: the object's, our name for it, and getrefcount's argument."""


class _Plain:
    """What objects without slots and without anything beneath Python look like."""


def untouched_copy(value: Any) -> Any:
    """
    Copy a value deeply, as `copy.deepcopy` does. Raises whatever that raises.

    >>> untouched_copy({"a": [1]})
    {'a': [1]}
    """
    known = list(_plain_objects(value))
    memo: dict[int, Any] = {id(one): object.__new__(type(one)) for one, _ in known}
    for one, state in known:
        for name, part in state:
            object.__setattr__(memo[id(one)], name, deepcopy(part, memo))
    copied = deepcopy(value, memo)
    # deepcopy keeps what it has copied itself in a list, behind the memo's own number.
    touched = memo.get(id(memo), [])
    memo.clear()
    known.clear()
    for one in touched:
        if hasattr(one, "__dict__"):
            _quicken(one)
    return copied


def attributes_of(one: Any) -> dict[str, Any]:
    """Read an object's attributes by name, slots left out, and leave it as quick as it was."""
    state = _state(one) if _is_plain(type(one)) else None
    return dict(getattr(one, "__dict__", {})) if state is None else dict(state)


def _plain_objects(value: Any) -> Iterator[tuple[Any, list[tuple[str, Any]]]]:
    """Find the objects of plain classes in a value, each once, with all their attributes."""
    seen: dict[int, Any] = {}
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if type(one) in CONTAINERS:
            waiting += one
            if isinstance(one, dict):
                waiting += one.values()
        elif _is_plain(type(one)):
            state = _state(one)
            if state is not None:
                yield one, state
                waiting += [part for _, part in state]


def _is_plain(kind: type) -> bool:
    if kind.__basicsize__ != _Plain.__basicsize__ or kind.__itemsize__ or kind in dispatch_table:
        return False
    return not any(
        vars(ancestor).get(hook) is not None
        for ancestor in kind.__mro__[:-1]
        for hook in HOOKS
        if hook in vars(ancestor)
    )


def _state(one: Any) -> list[tuple[str, Any]] | None:
    """
    Read all attributes of an object, in the order of their names, without its `__dict__`; None where some stay unknown.

    The names are those that its classes' methods speak of; whether these are all is told by the number of objects
    that it refers to, its class among them.
    """
    state = []
    for name in sorted(_names(type(one))):
        with suppress(AttributeError):
            state.append((name, object.__getattribute__(one, name)))
    return state if len(gc.get_referents(one)) == len(state) + 1 else None


def _names(kind: type) -> dict[str, None]:
    """Collect the names that methods use and that are nobody's but an object's own."""
    names: dict[str, None] = {}
    waiting: list[Any] = [
        getattr(getattr(part, "__func__", part), "__code__", None)
        for ancestor in kind.__mro__
        for part in vars(ancestor).values()
    ]
    while waiting:
        code = waiting.pop()
        if isinstance(code, CodeType):
            names |= dict.fromkeys(code.co_names)
            waiting += code.co_consts
    for ancestor in kind.__mro__:
        for name in vars(ancestor):
            names.pop(name, None)
    return names


def _quicken(one: Any) -> None:
    # A dict of its own is nearly as quick as none; but one that somebody else holds, too, is shared on purpose.
    held = one.__dict__
    if type(held) is dict and held is not one and getrefcount(held) <= OWN_AND_OURS:
        with suppress(AttributeError, TypeError):
            object.__setattr__(one, "__dict__", dict(held))
