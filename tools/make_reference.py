"""
Write docs/reference from the code: events, reasons, metrics and tables, as they are.

    python tools/make_reference.py

A test compares the pages with what this makes, so that they cannot fall behind.
"""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
from pathlib import Path
from typing import Any, get_args

import msgspec

from ropewalk import capital, events, reasons
from ropewalk.collectors.benchmark_comparison import BenchmarkComparison
from ropewalk.collectors.bootstrap import Confidence
from ropewalk.collectors.calendar_returns import MonthlyReturn, SessionReturn, YearlyReturn
from ropewalk.collectors.capital import Capital, CapitalByReason
from ropewalk.collectors.conflict_pairs import ConflictPair
from ropewalk.collectors.contributions import Contribution
from ropewalk.collectors.correlations import Correlation
from ropewalk.collectors.drawdowns import DatedDrawdown
from ropewalk.collectors.excursions import Excursion
from ropewalk.collectors.exposure import Exposure
from ropewalk.collectors.figures import Figures, described
from ropewalk.collectors.limit_use import LimitUse
from ropewalk.collectors.metrics import Metrics
from ropewalk.collectors.omissions import Omission
from ropewalk.collectors.rolling import RollingFigures
from ropewalk.collectors.schema import TABLES
from ropewalk.collectors.sharpe_evidence import SharpeEvidence
from ropewalk.collectors.trade_statistics import TradeStatistics
from ropewalk.collectors.trades import OpenRoundTrip, RoundTrip
from ropewalk.collectors.trading_costs import TradingCosts

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"
MADE = "<!-- Made by tools/make_reference.py; change the code, not this page. -->\n\n"

WORDS = {
    "Action": "What an intent wants.",
    "Unit": "What an intent's amount counts.",
    "Verdict": "The fate of an intent.",
    "ConflictKind": "How strategies met.",
    "RunStatus": "How a run ended.",
    "FaultAction": "What was done about an exception.",
    "Period": "How often a rebalancer is asked.",
    "SuspensionAction": "Whether a strategy goes on paper or comes back.",
    "SuspendedBy": "What suspended it.",
}
"""The sets of words that events use, beside the reasons, which have a page of their own."""


def events_page() -> str:
    """Describe every event: what it says, its fields and their types."""
    of_capital = [kind for kind in vars(capital).values() if _is_event(kind)]
    kinds = [kind for kind in vars(events).values() if _is_event(kind) and kind not in of_capital]
    place = kinds.index(events.Transfer) + 1
    kinds[place:place] = of_capital
    lines = [
        "# Events\n",
        "Everything the stages of a run say to each other. All values are immutable. Money is integer micros",
        "(millionths of the account currency), quantities are signed integers in the instrument's lots, times are",
        "integer microseconds since 1970 UTC; `event.timestamp` shows the time as a datetime.\n",
        "A recorded event has a number and a cause beside it: `result.record.entries`. `Bar`, `Turn` and `Cutoff`, the",
        "clock's three beats, are not recorded one by one: an instant takes one number, its step, when something",
        "follows from it. Who publishes what stands in",
        "[the architecture](../ARCHITECTURE.md#the-events-and-who-says-them); the reasons have",
        "[a page of their own](reasons.md).\n",
        *(f"- [{kind.__name__}](#{kind.__name__.lower()}): {_first_sentence(kind)}" for kind in kinds),
        "",
    ]
    for kind in kinds:
        lines += [f"## {kind.__name__}\n", _text(kind), "", *_fields(kind), ""]
    lines += ["## Words\n", "| set | words | for |", "| --- | --- | --- |"]
    for name, meaning in WORDS.items():
        words = ", ".join(f"`{word}`" for word in get_args(getattr(events, name)))
        lines.append(f"| `{name}` | {words} | {meaning} |")
    return MADE + "\n".join(lines) + "\n"


def reasons_page() -> str:
    """List the reasons of decisions and of lapses with the comments that stand beside them."""
    lines = [
        "# Reasons\n",
        "Every decision and every lapse carries one of these.\n",
        "## Of decisions\n",
        "A `Decision` is `granted` when nothing stood in the way, `trimmed` when a part was granted, `refused` when",
        "nothing was. Its `reason` is what bound.\n",
        *_commented("Reason"),
        "\n## Of lapses\n",
        "A `Lapse` is a granted order that ended unfilled.\n",
        *_commented("LapseReason"),
    ]
    return MADE + "\n".join(lines) + "\n"


def metrics_page() -> str:
    """Explain every figure of a result, and the round trips that some rest on."""
    lines = [
        "# Metrics\n",
        "`result.metrics(owner)` has the figures of the first table, in this order. An owner is a strategy's id, or",
        "`aggregate`, the default: the account with all strategies and the pool. A figure without a value is `None`,",
        "never NaN; `figures.missing` tells why, in the words of the last column. Where that is empty there is always",
        "a value.\n",
        "`r` are simple returns from session end to session end, net of capital that came or went; a session is a date",
        "in UTC. `n` is how many there are, `N` how many make a year, inferred from the dates. `W` is compounded",
        "wealth, `q` a quantity, `b` the benchmark's returns (`OrchestratorConfig(benchmark=...)`). The risk-free rate",
        "`rf` and the minimum acceptable return `mar` are 0 in a run's results.\n",
        "Sources: `empyrical.…` is a function of empyrical-reloaded with which ours agrees to 1e-12, as tests say and",
        "[a table](../metrics-compared.md) shows; `ropewalk` is our own definition. The [guide](../guide/metrics.md)",
        "has examples.\n",
        *_figures(Metrics),
    ]
    for how, kind in FIGURES.items():
        lines += [f"\n## {kind.__name__}\n", f"`{how}`\n", _text(kind), "", *_figures(kind)]
        lines += _properties(kind)
    for trip in (RoundTrip, OpenRoundTrip):
        lines += [f"\n## {trip.__name__}\n", _text(trip), "", *_fields(trip), *_properties(trip)]
    return MADE + "\n".join(lines) + "\n"


FIGURES: dict[str, type[Figures]] = {
    "result.returns(owner)": SessionReturn,
    "result.drawdowns(owner)": DatedDrawdown,
    "result.monthly_returns(owner)": MonthlyReturn,
    "result.yearly_returns(owner)": YearlyReturn,
    "result.rolling(owner, sessions=63, against=None)": RollingFigures,
    "result.benchmark(against, owner)": BenchmarkComparison,
    "result.confidence(owner)": Confidence,
    "result.evidence(owner, trials=None)": SharpeEvidence,
    "result.trade_statistics(owner)": TradeStatistics,
    "result.excursions(owner)": Excursion,
    "result.exposure(owner)": Exposure,
    "result.capital()": Capital,
    "result.capital_by_reason()": CapitalByReason,
    "result.limit_use()": LimitUse,
    "result.conflict_pairs()": ConflictPair,
    "result.costs()": TradingCosts,
    "result.correlations()": Correlation,
    "result.contributions()": Contribution,
    "result.omissions()": Omission,
}
"""What a result can be asked for, and what its answer is made of."""


def tables_page() -> str:
    """List the tables of a run with their columns."""
    lines = [
        "# Tables\n",
        "`result.frames` has these as polars frames; `ropewalk export` writes them, `ropewalk sql` asks them. Columns",
        "that end in `_micros` are exact integers: millionths of the account currency. In Python",
        '`frames.get(name, money="decimal")`, in SQL `currency(column)` shows them as decimals. Times are in UTC and',
        "say so. An *integer* has 64 bits, a *number* is a float; null stands only where it is said.\n",
        "Tables marked with * need the run's bars, so a journal of a run that has not ended does not have them.\n",
        "| table | a row for each |",
        "| --- | --- |",
        *(
            f"| [`{name}`](#{name}){' *' if table.needs_bars else ''} | {_cell(table.row)} |"
            for name, table in TABLES.items()
        ),
    ]
    for name, table in TABLES.items():
        lines += [f"\n## {name}\n", "| column | type | what |", "| --- | --- | --- |"]
        lines += [f"| `{one.name}` | {one.type} | {_cell(one.meaning)} |" for one in table.columns]
    return MADE + "\n".join(lines) + "\n"


PAGES = {"events.md": events_page, "reasons.md": reasons_page, "metrics.md": metrics_page, "tables.md": tables_page}


def _figures(kind: type[Figures]) -> list[str]:
    """Make a table of what the fields of some figures are; fields that say nothing are labels and listed before."""
    explained = described(kind)
    labels = [name for name in kind.__struct_fields__ if name not in [one.name for one in explained]]
    return [
        *([f"By {', '.join(f'`{name}`' for name in labels)}:\n"] if labels else []),
        "| metric | unit | formula | meaning | source | no value when |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| `{one.name}` | {_cell(one.unit)} | {_cell(one.formula)} | {_cell(one.meaning)} | {_cell(one.source)} "
            f"| {_cell(one.missing)} |"
            for one in explained
        ),
    ]


def _properties(kind: type) -> list[str]:
    """List what a kind has beyond its fields and what all figures have."""
    members = inspect.getmembers(kind, lambda member: isinstance(member, property))
    own = [(name, member) for name, member in members if name not in vars(Figures)]
    return ["", *(f"- `{name}`: {inspect.getdoc(member)}" for name, member in own)] if own else []


def _is_event(kind: Any) -> bool:
    homes = (events.__name__, capital.__name__)
    is_ours = isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__module__ in homes
    return is_ours and kind is not events.Event


def _text(kind: type) -> str:
    return inspect.getdoc(kind) or ""


def _first_sentence(kind: type) -> str:
    return " ".join(_text(kind).partition("\n\n")[0].split())


def _fields(kind: Any) -> list[str]:
    """Make a table of a struct's fields; the annotations are shown as they are written."""
    written: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        written |= {name: str(text) for name, text in vars(one).get("__annotations__", {}).items()}
    rows = ["| field | type | default |", "| --- | --- | --- |"]
    for field in msgspec.structs.fields(kind):
        default = "" if field.required else f"`{field.default!r}`"
        rows.append(f"| `{field.name}` | `{_cell(written[field.name])}` | {default} |")
    return rows if len(rows) > 2 else []


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _commented(name: str) -> list[str]:
    """Make a table of a set of words and the comment beside each."""
    source = inspect.getsource(reasons)
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    (given,) = [
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name
    ]
    words = [node for node in ast.walk(given) if isinstance(node, ast.Constant)]
    assert [word.value for word in words] == list(get_args(getattr(reasons, name)))
    return ["| reason | means |", "| --- | --- |", *(f"| `{word.value}` | {comments[word.lineno]} |" for word in words)]


def main() -> None:
    """Write the pages."""
    REFERENCE.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
