"""
The database: a run's tables in DuckDB, for questions in SQL and for files.

A question can read the tables and nothing else: no file, no network, no setting, and nothing is written.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ropewalk.collectors.schema import TABLES
from ropewalk.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    import polars

    from ropewalk.collectors.frames import Frames

CLOSED = (
    "SET TimeZone = 'UTC'",
    "SET temp_directory = ''",
    "SET python_enable_replacements = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
"""What shuts the outside out, and the door after it."""

CURRENCY = "CREATE MACRO currency(micros) AS (micros::DECIMAL(31, 0) * 0.000001::DECIMAL(7, 6))::DECIMAL(38, 6)"
"""Exact: an integer of micros as a decimal of currency."""

READING = ("SELECT", "EXPLAIN")
INDIRECT = re.compile(r"\bquery(_table)?\s*\(", re.IGNORECASE)


def query(frames: Frames, sql: str) -> polars.DataFrame:
    """
    Answer one question in SQL about a run's tables.

    `currency(column)` shows micros as an exact decimal. Raises ConfigError when DuckDB is not installed, for what is
    not one reading statement, and with DuckDB's words for what it cannot answer.
    """
    duckdb = _duckdb()
    connection = duckdb.connect(":memory:")
    try:
        _check_reading(duckdb, sql)
        for name in _there(frames, sql):
            connection.register(name, _wanted(frames, name, sql))
        connection.execute(CURRENCY)
        for setting in CLOSED:
            connection.execute(setting)
        answer: polars.DataFrame = connection.sql(sql).pl()
    except duckdb.Error as error:
        raise ConfigError(f"the SQL cannot be answered: {error}\ntables: {', '.join(frames.names)}") from error
    finally:
        connection.close()
    return answer


def write_database(frames: Frames, path: Path) -> None:
    """Write every table into a new DuckDB file, its columns with their meanings as comments."""
    duckdb = _duckdb()
    with duckdb.connect(str(path)) as connection:
        connection.execute(CURRENCY)
        for name in frames.names:
            connection.register("given", frames.get(name))
            connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given')
            connection.unregister("given")
            connection.execute(f'COMMENT ON TABLE "{name}" IS {_quoted("a row: " + TABLES[name].row)}')
            for column in TABLES[name].columns:
                connection.execute(f'COMMENT ON COLUMN "{name}"."{column.name}" IS {_quoted(column.meaning)}')


def _duckdb() -> Any:
    # DuckDB takes frames, and gives them, through pyarrow.
    lacking = [package for package in ("duckdb", "pyarrow") if find_spec(package) is None]
    if lacking:
        raise ConfigError(f"{' and '.join(lacking)} is not installed; `pip install 'ropewalk[sql]'` installs it")
    import duckdb

    return duckdb


def _check_reading(duckdb: Any, sql: str) -> None:
    statements = duckdb.extract_statements(sql)
    kinds = [statement.type.name for statement in statements]
    if len(kinds) != 1:
        raise ConfigError(f"{len(kinds)} statements found; give one SELECT")
    if kinds[0] not in READING:
        raise ConfigError(
            f"found {kinds[0]}, and only reading is allowed: SELECT, WITH, SHOW TABLES, DESCRIBE, SUMMARIZE, EXPLAIN"
        )


def _there(frames: Frames, sql: str) -> list[str]:
    """List the tables that can be had, and of the others those that are asked for, so that it is said why not."""
    return [name for name in TABLES if name in frames.names or _is_named(name, sql)]


def _is_named(name: str, sql: str) -> bool:
    return re.search(rf"\b{name}\b", sql, re.IGNORECASE) is not None


def _wanted(frames: Frames, name: str, sql: str) -> polars.DataFrame:
    """Give the table; without its rows when the question does not name it, since making them all can take long."""
    return frames.get(name) if _is_named(name, sql) or INDIRECT.search(sql) else frames.empty(name)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
