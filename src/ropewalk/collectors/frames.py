"""Frames: everything that a run came to, as polars frames with the columns of `schema.TABLES`."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from ropewalk.collectors.columns import POOL_NAME
from ropewalk.collectors.equity import EquityCurve
from ropewalk.collectors.postings import POOL
from ropewalk.collectors.rows import ROWS
from ropewalk.collectors.schema import TABLES
from ropewalk.errors import ConfigError, JournalError, clipped, did_you_mean
from ropewalk.money import MICROS
from ropewalk.reasons import COUNTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import polars

    from ropewalk.collectors.recorder import Recorder
    from ropewalk.collectors.result import OrchestratorResult
    from ropewalk.events import RunStarted

Money = Literal["micros", "decimal", "float"]
MONEY = ("micros", "decimal", "float")
SUFFIX = "_micros"


class Frames:
    """
    A run as frames, each made when it is first asked for: `frames.fills`, or `frames.get("fills", money="float")`.

    They are made of the record, so that a run and its journal give equal ones. Without a `result` (a journal of a run
    that has not ended, or without its bars) `missing` says why what needs bars cannot be had.
    """

    def __init__(
        self, record: Recorder, *, started: RunStarted, result: OrchestratorResult | None, missing: str = ""
    ) -> None:
        self.record = record
        self.started = started
        self.result = result
        self.missing = missing
        self._made: dict[str, polars.DataFrame] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the frames that can be had."""
        return tuple(name for name, table in TABLES.items() if self.result is not None or not table.needs_bars)

    def get(self, name: str, *, money: Money = "micros") -> polars.DataFrame:
        """
        Make a frame, or show it with other money: see `in_currency`.

        Raises ConfigError for a name that there is not, JournalError where the run's bars are needed and not at hand.
        """
        if money not in MONEY:
            raise ConfigError(f"money is {clipped(money)}; {did_you_mean(str(money), MONEY)}")
        if name not in TABLES:
            raise ConfigError(f"there is no table {clipped(name)}; {did_you_mean(str(name), TABLES)}")
        if name not in self._made:
            self._made[name] = self._make(name)
        made = self._made[name]
        return made if money == "micros" else in_currency(made, is_exact=money == "decimal")

    def empty(self, name: str) -> polars.DataFrame:
        """Make a frame with the columns of a table and without rows."""
        return framed(name, ())

    def to_pandas(self, name: str, *, money: Money = "micros") -> Any:
        """Make a pandas frame. Raises ConfigError where the extra `frames` is not installed."""
        _require("pandas", "pyarrow")
        return self.get(name, money=money).to_pandas()

    def to_arrow(self, name: str, *, money: Money = "micros") -> Any:
        """Make a pyarrow table. Raises ConfigError where the extra `frames` is not installed."""
        _require("pyarrow")
        return self.get(name, money=money).to_arrow()

    def _make(self, name: str) -> polars.DataFrame:
        if not TABLES[name].needs_bars:
            return framed(name, ROWS[name](self))
        if self.result is None:
            raise JournalError(f"there is no table {name!r} of this run: {self.missing}")
        return CURVES[name](self.result)

    def __getitem__(self, name: str) -> polars.DataFrame:
        return self.get(name)

    def __getattr__(self, name: str) -> polars.DataFrame:
        if name not in TABLES:
            raise AttributeError(f"there is no table {name!r}; {did_you_mean(name, TABLES)}")
        return self.get(name)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *TABLES]

    def __repr__(self) -> str:
        return f"<Frames {', '.join(self.names)}>"


def in_currency(frame: polars.DataFrame, *, is_exact: bool) -> polars.DataFrame:
    """
    Show money in units of currency: `…_micros` becomes `…`, a Decimal with six digits or else a float.

    Decimals are exact; a float is the nearest there is.
    """
    import polars as pl

    def shown(name: str) -> polars.Expr:
        units = (pl.col(name).cast(pl.Decimal(38, 6)) / MICROS).cast(pl.Decimal(38, 6))
        # Divided as a float it would not always be the nearest one.
        return (units if is_exact else units.cast(pl.Float64)).alias(name.removesuffix(SUFFIX))

    return frame.select(shown(name) if name.endswith(SUFFIX) else pl.col(name) for name in frame.columns)


def _require(*packages: str) -> None:
    lacking = [package for package in packages if find_spec(package) is None]
    if lacking:
        raise ConfigError(f"{' and '.join(lacking)} is not installed; `pip install 'ropewalk[frames]'` installs it")


def _schema(name: str) -> dict[str, Any]:
    import polars as pl

    types = {"integer": pl.Int64(), "text": pl.String(), "time": pl.Datetime("us", "UTC"), "number": pl.Float64()}
    return {column.name: types[column.type] for column in TABLES[name].columns}


def framed(name: str, rows: Sequence[Sequence[Any]]) -> polars.DataFrame:
    """Make a frame from rows; times are microseconds since 1970."""
    import polars as pl

    schema = _schema(name)
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    given = {
        column: pl.Series(column, list(values), dtype=pl.Int64() if isinstance(kind, pl.Datetime) else kind).cast(kind)
        for (column, kind), values in zip(schema.items(), columns, strict=True)
    }
    return pl.DataFrame(given)


# ── what needs bars ──────────────────────────────────────────────────────────────────────────────────────────────────


def _curve(curve: EquityCurve, owner: str | None) -> polars.DataFrame:
    import polars as pl

    frame = curve.to_frame().with_columns(pl.Series("drawdown", curve.drawdowns))
    return frame if owner is None else frame.select("timestamp", pl.lit(owner).alias("owner"), pl.exclude("timestamp"))


def _equity(result: OrchestratorResult) -> polars.DataFrame:
    import polars as pl

    names = {owner: POOL_NAME if owner == POOL else owner for owner in result.equity_curves}
    parts = [_curve(curve, names[owner]) for owner, curve in result.equity_curves.items()]
    return pl.concat(parts).sort("timestamp", maintain_order=True)


def _account(result: OrchestratorResult) -> polars.DataFrame:
    return _curve(result.equity_curve, None)


def _bars(result: OrchestratorResult) -> polars.DataFrame:
    import polars as pl

    fields = ("open", "high", "low", "close", "volume")
    at = pl.col("at_us").cast(pl.Datetime("us", "UTC")).alias("timestamp")
    parts = [
        pl.DataFrame({name: getattr(one, name) for name in ("at_us", *fields)}).select(
            at, pl.lit(one.symbol).alias("symbol"), *fields
        )
        for one in result.series
    ]
    return pl.concat(parts).sort("timestamp", "symbol")


def _positions(result: OrchestratorResult) -> polars.DataFrame:
    rows = [
        (book.owner or POOL_NAME, symbol, lots, book.marks_micros[symbol], lots * book.marks_micros[symbol])
        for book in result.books.values()
        for symbol, lots in book.quantities.items()
    ]
    return framed("positions", rows)


def _limits(result: OrchestratorResult) -> polars.DataFrame:
    rows = []
    for one in result.limit_use():
        in_use = (one.used, one.allowed)
        counted = (None, None, *in_use) if one.limit in COUNTED else (*in_use, None, None)
        place = (one.owner, one.limit, one.scope, one.setting, one.utilisation, one.at_us)
        rows.append((*place, *counted, one.closes_over, one.decided, one.bound))
    return framed("limits", rows)


CURVES: dict[str, Callable[[OrchestratorResult], polars.DataFrame]] = {
    "equity": _equity,
    "account": _account,
    "bars": _bars,
    "positions": _positions,
    "limits": _limits,
}
