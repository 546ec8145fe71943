"""Contrast: recorded runs side by side, figure by figure, and which of them differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ropewalk.collectors.tables import AGGREGATE, comparison_rows
from ropewalk.errors import ConfigError
from ropewalk.journal.figures import figures_of
from ropewalk.journal.input_words import told_inputs
from ropewalk.notation import timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ropewalk.journal.figures import Figures
    from ropewalk.journal.reader import Source

Unit = Literal["text", "money", "fraction", "ratio", "count"]

FIGURES: dict[str, tuple[str, Unit]] = {
    "initial_capital": ("start capital", "money"),
    "final_equity": ("final equity", "money"),
    "total_return": ("return", "fraction"),
    "annual_return": ("CAGR", "fraction"),
    "annual_volatility": ("volatility", "fraction"),
    "sharpe": ("Sharpe", "ratio"),
    "sortino": ("Sortino", "ratio"),
    "max_drawdown": ("max drawdown", "fraction"),
    "calmar": ("Calmar", "ratio"),
    "time_in_market": ("time in market", "fraction"),
    "turnover": ("turnover a year", "ratio"),
    "round_trips": ("round trips", "count"),
    "win_rate": ("win rate", "fraction"),
    "profit_factor": ("profit factor", "ratio"),
    "intents": ("intents", "count"),
    "refused": ("refused", "count"),
    "fills": ("fills", "count"),
    "conflicts": ("conflicts", "count"),
    "costs": ("costs", "money"),
}
"""Of the comparison's figures, those that are set side by side, with their titles and units."""

OF_A_STRATEGY = ("weight", "final_equity", "total_return", "sharpe", "max_drawdown", "fills", "costs")


class Line(NamedTuple):
    """One figure of every run, in the order of the runs; None is no value."""

    section: str
    name: str
    unit: Unit
    values: tuple[Any, ...]

    @property
    def is_different(self) -> bool:
        """Whether not all runs have the same."""
        return any(value != self.values[0] for value in self.values[1:])


class Contrast(NamedTuple):
    """
    Runs side by side.

    `lines` are what of the inputs differs, how the runs went, and the figures of the account and of each strategy.
    `notes` say which figures cannot be had, and why.
    """

    runs: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            "runs": list(self.runs),
            "lines": [
                {**line._asdict(), "values": list(line.values), "differs": line.is_different} for line in self.lines
            ],
            "notes": list(self.notes),
        }


def contrast(sources: Sequence[Source]) -> Contrast:
    """
    Set two or more recorded runs side by side.

    Raises ConfigError for fewer than two, JournalError for a journal that cannot be read or believed.
    """
    if len(sources) < 2:
        raise ConfigError(f"{len(sources)} run given; comparing takes two or more")
    every = [figures_of(source) for source in sources]
    names = _names(every)
    lines = [*_inputs(every), *_course(every), *_figures(every)]
    notes = [
        f"{name} has no curves and no metrics: {one.frames.missing}"
        for name, one in zip(names, every, strict=True)
        if one.frames.result is None
    ]
    return Contrast(names, tuple(lines), tuple(notes))


def _names(every: Sequence[Figures]) -> tuple[str, ...]:
    """Name runs by their folders, else by their ids; what is given twice is counted."""
    names = [one.journal.run_id if one.journal.path is None else one.journal.path.parent.name for one in every]
    return tuple(f"{name} ({seat + 1})" if names.count(name) > 1 else name for seat, name in enumerate(names))


def _inputs(every: Sequence[Figures]) -> list[Line]:
    """What of the inputs is not the same in all runs."""
    told = told_inputs([one.journal for one in every])
    names = dict.fromkeys(name for one in told for name in one)
    lines = [Line("inputs that differ", name, "text", tuple(one.get(name) for one in told)) for name in names]
    return [line for line in lines if line.is_different]


def _course(every: Sequence[Figures]) -> list[Line]:
    def of(name: str, values: list[Any], unit: Unit = "text") -> Line:
        return Line("run", name, unit, tuple(values))

    data = [one.journal.inputs.data for one in every]
    return [
        of("state", [one.state.status for one in every]),
        of("first bar", [f"{timestamp(min(each.first for each in one)):%Y-%m-%d}" if one else None for one in data]),
        of("last bar", [f"{timestamp(max(each.last for each in one)):%Y-%m-%d}" if one else None for one in data]),
        of("bars", [sum(each.rows for each in one) if one else None for one in data], "count"),
        of("records", [one.state.records for one in every], "count"),
    ]


def _figures(every: Sequence[Figures]) -> list[Line]:
    tables: list[dict[str, dict[str, Any]]] = [
        {} if one.frames.result is None else {row["strategy"]: row for row in comparison_rows(one.frames.result)}
        for one in every
    ]
    strategies = dict.fromkeys(name for one in every for name in one.frames.started.strategies)
    sections = {AGGREGATE: ("account", tuple(FIGURES))} | {name: (name, OF_A_STRATEGY) for name in strategies}
    titles: dict[str, tuple[str, Unit]] = {"weight": ("weight", "fraction"), **FIGURES}
    return [
        Line(section, *titles[name], values=tuple(table.get(owner, {}).get(name) for table in tables))
        for owner, (section, names) in sections.items()
        for name in names
    ]
