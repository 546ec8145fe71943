"""Copies for a second run: like deepcopy's, and the originals stay as quick as they were."""

from __future__ import annotations

import gc
import sys
from collections import deque
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.strategies.copying import attributes_of, untouched_copy


class Node:
    """An object of a plain class."""

    def __init__(self, label: Any) -> None:
        self.label = label
        self.links: list[Any] = []

    def add(self, other: Any) -> None:
        self.links.append(other)


class Leaf(Node):
    """A subclass with an attribute of its own and a default of its class."""

    depth = 0

    def __init__(self, label: Any) -> None:
        super().__init__(label)
        self.extra = (label, {"of": label})


class Slotted:
    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Counted(list[Any]):
    def __init__(self, *items: Any) -> None:
        super().__init__(items)
        self.count = len(items)


class Own:
    """A class with an opinion about being copied."""

    def __init__(self) -> None:
        self.copies = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> Own:
        copied = Own()
        copied.copies = self.copies + 1
        return copied


def shape(value: Any, seen: dict[int, int]) -> Any:
    """Describe a value by its types, contents and who is who in it."""
    if id(value) in seen:
        return f"#{seen[id(value)]}"
    if isinstance(value, (list, tuple, deque)):
        seen[id(value)] = len(seen)
        own = dict(vars(value)) if hasattr(value, "__dict__") else {}
        return type(value).__name__, [shape(one, seen) for one in value], own
    if isinstance(value, dict):
        seen[id(value)] = len(seen)
        return [(key, shape(one, seen)) for key, one in value.items()]
    if isinstance(value, Slotted):
        seen[id(value)] = len(seen)
        return "Slotted", shape(value.value, seen)
    if hasattr(value, "__dict__"):
        seen[id(value)] = len(seen)
        return type(value).__name__, [(name, shape(one, seen)) for name, one in sorted(vars(value).items())]
    return value


LEAVES = st.one_of(st.none(), st.integers(), st.text(max_size=3))


def made_of(kind: str, other: Any, value: Any) -> Any:
    match kind:
        case "node":
            return Node(value)
        case "leaf":
            return Leaf(value)
        case "slotted":
            return Slotted(other)
        case "counted":
            return Counted(other, value)
        case "own":
            return Own()
        case "deque":
            return deque([other, value], 3)
        case _:
            return {"other": other, "value": value}


@st.composite
def graphs(draw: st.DrawFn) -> Any:
    """Objects of all kinds that hold each other, in circles, too."""
    made: list[Any] = [Node(0)]
    for label in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["node", "leaf", "slotted", "counted", "own", "deque", "dict"]))
        other = draw(st.sampled_from(made))
        value = draw(LEAVES)
        new = made_of(kind, other, value)
        if isinstance(new, Node):
            new.add(other)
            if draw(st.booleans()):
                setattr(new, f"later_{label}", other)
            if isinstance(new, Leaf) and draw(st.booleans()):
                new.depth = 3
        if isinstance(other, Node):
            other.add(new)
        made.append(new)
    return made


@given(graphs())
def test_copies_are_those_that_deepcopy_makes(graph: Any) -> None:
    """Same types, same contents, the same objects shared, and nothing shared with the original."""
    before = shape(graph, {})
    copied = untouched_copy(graph)
    assert shape(copied, {}) == shape(deepcopy(graph), {})
    assert shape(graph, {}) == before
    copied[0].add("new")
    assert shape(graph, {}) == before


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="reading __dict__ slows nothing there")
def test_an_original_keeps_its_attributes_beside_it() -> None:
    """A plain object has its attributes, no dict, among what it refers to, and its copy has, too."""
    node, leaf = Node("a"), Leaf("b")
    node.add(leaf)
    copied = untouched_copy({"strategy": node})["strategy"]
    for one in (node, leaf, copied, copied.links[0]):
        assert not any(isinstance(part, dict) and "label" in part for part in gc.get_referents(one)), one
    assert copied.links[0].extra == ("b", {"of": "b"})


def test_reading_attributes_leaves_an_object_as_it_is() -> None:
    """All of them, of plain objects and of others, and no dict that was not there before."""
    node, counted = Node("a"), Counted(1, 2)
    assert attributes_of(node) == {"label": "a", "links": []}
    assert attributes_of(counted) == {"count": 2}
    assert not any(isinstance(part, dict) for part in gc.get_referents(node))
    assert attributes_of(3) == {}


def test_attributes_that_no_method_speaks_of_are_copied() -> None:
    """What somebody else hung on an object comes along."""
    node = Node("a")
    node.hung = [1]  # type: ignore[attr-defined]
    copied = untouched_copy(node)
    assert copied.hung == [1]
    assert copied.hung is not node.hung  # type: ignore[attr-defined]


def test_what_cannot_be_copied_says_so() -> None:
    """The error is that of deepcopy."""
    node = Node(memoryview(b"no"))
    with pytest.raises(TypeError, match="memoryview"):
        untouched_copy(node)
