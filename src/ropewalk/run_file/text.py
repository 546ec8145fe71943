"""The text of a run file: read whole, parsed as TOML, every fault with its line and column."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ropewalk.errors import ConfigError, RunFileError, clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

BYTES_MAX = 1_000_000
AT = re.compile(r" \(at line (\d+), column (\d+)\)$")
KEY = re.compile(r"\s*([^=\s]+)\s*=")
NOT_TOML = {"yes": "true", "on": "true", "no": "false", "off": "false", "none": "nothing: leave the key out"}


def document(path: Path) -> dict[str, Any]:
    """
    Parse a run file; its numbers with a point are Decimals, so that 0.1 is a tenth.

    Raises RunFileError.
    """
    text = _text(path)
    try:
        parsed = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        _refuse_syntax(path, text, str(error))
    except (ValueError, RecursionError) as error:
        _refuse(path, f"C44 {path}: cannot be read as TOML ({type(error).__name__}: {clipped(str(error))})")
    if not parsed:
        _refuse(path, f"C44 {path}:1:1: the file is empty — expected [data] and [strategies.…]")
    return parsed


def pairs_of(texts: Sequence[str]) -> dict[str, Any]:
    """
    Read `key=value` as command lines write settings; a value that TOML cannot read is text.

    Raises ConfigError for what is no pair.

    >>> pairs_of(["window=20", "mode=fast", "edges=[1, 2]"])
    {'window': 20, 'mode': 'fast', 'edges': [1, 2]}
    """
    pairs: dict[str, Any] = {}
    for text in texts:
        key, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not key:
            raise ConfigError(f"{clipped(text)}: write KEY=VALUE")
        try:
            pairs[key] = tomllib.loads(f"value = {value}", parse_float=Decimal)["value"]
        except tomllib.TOMLDecodeError:
            pairs[key] = value
    return pairs


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except OSError as error:
        near = sorted(one.name for one in path.parent.glob("*.toml")) if path.parent.is_dir() else []
        wrong = (
            "there is no such file" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        )
        hint = did_you_mean(path.name, near) if near else f"there is no .toml file in {path.parent}"
        _refuse(path, f"C44 {path}: {wrong} — expected a TOML file; {hint} (working folder {Path.cwd()})")
    if len(data) > BYTES_MAX:
        _refuse(path, f"C44 {path}: is longer than {BYTES_MAX} bytes — expected a run file, which is short")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _refuse(path, f"C44 {path}:{line}: byte {error.start} is 0x{data[error.start]:02x} — expected UTF-8 text")


def _refuse_syntax(path: Path, text: str, message: str) -> NoReturn:
    lines = text.splitlines()
    at = AT.search(message)
    line, column = (int(at[1]), int(at[2])) if at else (max(len(lines), 1), len(lines[-1]) + 1 if lines else 1)
    said = AT.sub("", message).removesuffix(" (at end of document)")
    shown = lines[line - 1] if line <= len(lines) else ""
    hint = _first_of_two(lines, line) if "overwrite" in said or "twice" in said else _other_language(shown)
    finding = f"{'C55' if 'first' in hint else 'C44'} {path}:{line}:{column}: {said}, in {clipped(shown.strip())}"
    _refuse(path, finding + (f"; {hint}" if hint else ""))


def _first_of_two(lines: list[str], line: int) -> str:
    """Say where a key or a table that stands twice stood first."""
    repeated = lines[line - 1].strip()
    key = KEY.match(repeated)
    for number in range(line - 1, 0, -1):
        earlier = lines[number - 1].strip()
        if key and earlier.startswith("["):
            break
        same = KEY.match(earlier)
        if (key and same and same[1] == key[1]) or (not key and earlier.split("#")[0].strip() == repeated):
            return f"first on line {number}; keep one of the two"
    return "it is set twice; keep one of the two"


def _other_language(shown: str) -> str:
    value = shown.partition("=")[2].split("#")[0].strip()
    if value.lower() in NOT_TOML:
        return f"for {value} TOML writes {NOT_TOML[value.lower()]}"
    if value in ("True", "False"):
        return f"TOML writes {value.lower()}"
    if re.fullmatch(r"[A-Za-z][\w./:-]*", value):
        return f'text stands in quotes: "{value}"'
    return ""


def _refuse(path: Path, finding: str) -> NoReturn:
    raise RunFileError(f"{path} cannot be run", [finding])
