"""
Figures: values that carry their own explanation, and rows of them that show themselves as frames.

A field says what it is where it stands: `Annotated[float | None, Is("1/year", "std(r)·√N", "…")]`. The reference pages,
and the reasons why a figure has no value, are made from that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints, overload

import msgspec

from ropewalk.errors import did_you_mean

if TYPE_CHECKING:
    import polars

OURS = "ropewalk"
"""The source of a definition that is our own."""


class Is(msgspec.Struct, frozen=True):
    """What a field is; `missing` says when it has no value and is empty for one that always has."""

    unit: str
    formula: str
    meaning: str
    missing: str = ""
    source: str = OURS


class Metric(msgspec.Struct, frozen=True):
    """One figure explained, with its name and its source."""

    name: str
    unit: str
    formula: str
    meaning: str
    missing: str
    source: str


@cache
def described(kind: type) -> tuple[Metric, ...]:
    """Explain the figures of a kind, in the order of its fields; fields that say nothing are labels."""
    hints = get_type_hints(kind, include_extras=True)
    said = {name: getattr(hints[name], "__metadata__", ()) for name in kind.__struct_fields__}  # type: ignore[attr-defined]
    return tuple(
        Metric(name, one.unit, one.formula, one.meaning, one.missing, one.source)
        for name, notes in said.items()
        for one in notes
        if isinstance(one, Is)
    )


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """
    Figures by name; None where there is no value, never NaN or infinity.

    `missing` tells the reason of each None; `described(type(figures))` explains every field.
    """

    def __getitem__(self, name: str) -> Any:
        """Return one figure by name. Raises KeyError, which lists the names, for an unknown one."""
        if name not in self.__struct_fields__:
            raise KeyError(f"there is no metric {name!r}; {did_you_mean(name, self.__struct_fields__)}")
        return getattr(self, name)

    def to_dict(self) -> dict[str, Any]:
        """List the figures by name, in the order of their fields."""
        return msgspec.structs.asdict(self)

    @property
    def missing(self) -> dict[str, str]:
        """Why figures have no value: the reason of each that is None, by its name."""
        return {one.name: one.missing for one in described(type(self)) if getattr(self, one.name) is None}


Row = TypeVar("Row", bound=Figures)


class Rows(Sequence[Row], Generic[Row]):
    """
    Rows of one kind, in an order that their maker names; they never change.

    `missing` says why there are none, and is empty where there are some.
    """

    __slots__ = ("_rows", "kind", "missing")

    def __init__(self, kind: type[Row], rows: Iterable[Row], *, missing: str = "") -> None:
        self.kind = kind
        self._rows = tuple(rows)
        self.missing = "" if self._rows else missing

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, seat: int) -> Row: ...
    @overload
    def __getitem__(self, seat: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, seat: int | slice) -> Row | tuple[Row, ...]:
        return self._rows[seat]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and (self.kind, self._rows) == (other.kind, other._rows)

    def __repr__(self) -> str:
        return f"<{len(self._rows)} {self.kind.__name__}{f': {self.missing}' if self.missing else ''}>"

    def _repr_html_(self) -> str:
        return str(self.to_frame()._repr_html_())

    def to_dicts(self) -> list[dict[str, Any]]:
        """List the rows as dicts, ready for JSON."""
        return [row.to_dict() for row in self._rows]

    def to_frame(self) -> polars.DataFrame:
        """Show the rows as a frame: times in UTC, money in exact micros, no value as null."""
        import polars as pl

        types = {int: pl.Int64, float: pl.Float64, str: pl.String, bool: pl.Boolean}
        columns = []
        for name, hint in get_type_hints(self.kind).items():
            if name not in self.kind.__struct_fields__:
                continue
            values = [getattr(row, name) for row in self._rows]
            if name.endswith("at_us"):
                shown = "timestamp" if name == "at_us" else name.removesuffix("_us")
                columns.append(pl.Series(shown, values, pl.Int64).cast(pl.Datetime("us", "UTC")))
            else:
                columns.append(pl.Series(name, values, types[_plain(hint)]))
        return pl.DataFrame(columns)


def _plain(hint: Any) -> type:
    """The type of a field's values where there are any; words are text."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
    return str if get_origin(hint) is Literal else hint
