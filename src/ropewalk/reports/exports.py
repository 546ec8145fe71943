"""Exports: a run's tables as files that other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ropewalk.errors import ConfigError, clipped, did_you_mean
from ropewalk.reports.database import write_database

if TYPE_CHECKING:
    import polars

    from ropewalk.collectors.frames import Frames

FORMATS = ("parquet", "csv", "duckdb")
DATABASE = "run.duckdb"


class Written(NamedTuple):
    """One file that was written, and its rows; of a database, the rows of all its tables."""

    path: Path
    rows: int


def write_tables(frames: Frames, folder: Path | str, *, to: str, over: bool = False) -> tuple[Written, ...]:
    """
    Write every table that can be had: a file each as Parquet or CSV, all of them into one as DuckDB.

    Nothing that is there is written over unless `over` says so, and no file is seen half written. Raises ConfigError
    for a format that there is not, for files in the way, and for a folder that cannot be written to.
    """
    if to not in FORMATS:
        raise ConfigError(f"there is no format {clipped(to)}; {did_you_mean(to, FORMATS)}")
    place = Path(folder)
    names = [DATABASE] if to == "duckdb" else [f"{name}.{to}" for name in frames.names]
    there = [name for name in names if (place / name).exists()]
    if there and not over:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        verb = "are" if more else "is"
        raise ConfigError(f"{place / there[0]}{more} {verb} there already; give another folder, or --force to replace")
    try:
        place.mkdir(parents=True, exist_ok=True)
        if to == "duckdb":
            return (_write_database(frames, place / DATABASE),)
        return tuple(_write(frames.get(name), place / f"{name}.{to}", to) for name in frames.names)
    except OSError as error:
        raise ConfigError(f"{place} cannot be written to: {error.strerror or error}") from error


def _write(frame: polars.DataFrame, path: Path, to: str) -> Written:
    part = path.with_name(f"{path.name}.part")
    if to == "csv":
        frame.write_csv(part, datetime_format="%Y-%m-%dT%H:%M:%S%.fZ")
    else:
        frame.write_parquet(part)
    part.replace(path)
    return Written(path, len(frame))


def _write_database(frames: Frames, path: Path) -> Written:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    write_database(frames, part)
    part.replace(path)
    return Written(path, sum(len(frames.get(name)) for name in frames.names))
