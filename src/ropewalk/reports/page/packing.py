"""
Packing: what a page carries for its charts and tables, small, and unpacked by the browser itself.

JSON, then columns of numbers as bytes, compressed and in base64, so that nothing in it can end a script element.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from typing import Any

import msgspec
import numpy as np

ALIGNMENT = 8
TYPES = {"f8": np.float64, "f4": np.float32, "i4": np.int32, "u2": np.uint16, "u1": np.uint8}


class Pack:
    """A tree for JSON whose columns are kept beside it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def column(self, values: Any, kind: str) -> dict[str, Any]:
        """Keep a column as `f8`, `f4`, `i4`, `u2` or `u1`; returns what stands for it in the tree."""
        content = np.ascontiguousarray(values, dtype=TYPES[kind]).astype(f"<{kind}", copy=False).tobytes()
        place = {"column": kind, "from": self._size, "rows": len(content) // int(kind[1])}
        padding = -len(content) % ALIGNMENT
        self._parts += [content, b"\0" * padding]
        self._size += len(content) + padding
        return place

    def packed(self, tree: Any) -> str:
        """Put the tree and its columns into one text."""
        head = msgspec.json.encode(tree)
        head += b" " * (-len(head) % ALIGNMENT)
        return compressed(b"".join([len(head).to_bytes(ALIGNMENT, "little"), head, *self._parts]))


def compressed(content: bytes) -> str:
    """Compress bytes (zlib, as browsers can read it) and write them in base64."""
    return b64encode(zlib.compress(content, 6)).decode()
