"""Whose frame an object is, told by its class's name, so that no library is imported to ask."""

from __future__ import annotations

MAKERS = {
    ("polars", "DataFrame"): "polars frame",
    ("polars", "LazyFrame"): "polars frame",
    ("pandas", "DataFrame"): "pandas frame",
    ("pyarrow", "Table"): "arrow table",
    ("pyarrow", "RecordBatch"): "arrow table",
}


def kind_of(data: object) -> str:
    """Say whose frame it is, or nothing when it is none."""
    for kind in type(data).__mro__:
        label = MAKERS.get((kind.__module__.partition(".")[0], kind.__name__))
        if label:
            return label
    return ""
