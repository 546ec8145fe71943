"""What a person says about a run's journal: where it goes, how soon it is written, and how its strategies are made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ropewalk.errors import ConfigError, clipped
from ropewalk.recording.writer import MODES, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping


class Origin(NamedTuple):
    """
    How something that was plugged in can be made again: the name it is found by, and its settings.

    `version` is the distribution that it is part of and its version, `source` the SHA-256 of its source; both are
    empty for what is no plugin.
    """

    use: str
    settings: Mapping[str, Any]
    version: str = ""
    source: str = ""


SYMBOLS_FROM = 3
"""The seat of the first policy of a symbol, in the order of symbols; policy and cost models are before it."""


def rule_of(role: str, name: str = "") -> str:
    """Name the place of a rule among origins, of a symbol's policy or a limit by its name; no strategy is called so."""
    return f"[{role}{name and ' '}{name}]"


class Recording(NamedTuple):
    """
    How a run is recorded.

    The journal goes into a folder named by the run's id under `folder`; with mode `memory` there is no
    folder and the bytes are in the result. `again` lets a run be recorded where one of the same inputs was; if the
    bytes are others, the earlier journal is kept in the run's quarantine. `origins` are the strategies, and
    by `rule_of` the policies, cost models and limits, that can be made again from their names.
    """

    folder: Path | None = Path("runs")
    mode: Mode = "process"
    again: bool = False
    origins: Mapping[str, Origin] = {}


def recording_of(journal: Any) -> Recording | None:
    """
    Read what was given as `journal`: None, a folder, or a Recording.

    Raises ConfigError for anything else, and for a mode that there is not.
    """
    if journal is None:
        return None
    if isinstance(journal, (str, Path)):
        journal = Recording(journal)  # type: ignore[arg-type]
    if not isinstance(journal, Recording):
        raise ConfigError(f"journal is {clipped(journal)}; give a folder such as 'runs', or a Recording")
    if journal.mode not in MODES:
        raise ConfigError(f"journal mode {clipped(journal.mode)}; modes are {', '.join(MODES)}")
    if journal.mode == "memory":
        return journal._replace(folder=None)
    if journal.folder is None:
        raise ConfigError(f"journal mode {journal.mode} needs a folder; only memory has none")
    folder: Any = journal.folder
    if not isinstance(folder, (str, Path)) or not str(folder).strip() or "\0" in str(folder):
        raise ConfigError(f"journal folder {clipped(folder)}; give a folder such as 'runs'")
    return journal._replace(folder=Path(folder))
